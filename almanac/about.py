"""What the pages are told of sources and of the archive.

Who speaks, how often each is right, the bytes of a capture.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from almanac.warehouse import Warehouse


def sources(snapshot: Warehouse | None) -> dict[str, dict[str, Any]]:
    """Return what is known of every source.

    Its title, publisher, kind, licence and notes, and how often it was right, by group of fields.
    """
    from almanac.flows.reconciliation.source_reliability import from_json, shipped
    from almanac.spiders import base

    document = snapshot.learned() if snapshot else ""
    learned = from_json(document) if document else shipped()
    shares: dict[str, dict[str, float]] = {}
    for (source, group), share in sorted(learned.right.items()):
        shares.setdefault(source, {})[group] = share
    cards = ((name, base.card(name)) for name in base.names())
    return {
        name: {
            "title": c.title,
            "publisher": c.publisher,
            "kind": c.kind,
            "licence": c.licence,
            "notes": c.notes,
            "right": shares.get(name, {}),
        }
        for name, c in cards
    }


def archived(home: Path) -> Callable[[str, str, int], bytes]:
    """Return what reads an archived body from its digest and its place.

    It raises OSError or ValueError for one that is not there, or damaged.
    """
    from almanac.spiders.archive.looks import BodyPlace
    from almanac.spiders.archive.warc import Archive
    from almanac.warehouse.paths import archive_url

    return lambda digest, file, offset: Archive.over(
        home / "captures", archive_url(), {digest: BodyPlace(file, offset)}
    ).body(digest)
