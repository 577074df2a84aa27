"""Commands about releases: the list of them, and `retain`, which lets go of old ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from almanac import clock, out
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import opened

if TYPE_CHECKING:
    from almanac.warehouse import Warehouse
    from almanac.warehouse.read.reader import Release


@app.command()
def releases(
    verify: Annotated[
        bool, typer.Option("--verify", help="Compute every digest again from what is stored.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the releases, newest first, with their counts.

    Example: almanac releases --verify
    """
    snapshot = opened()
    rows = snapshot.releases()
    verdicts = {r.id: _verdict(snapshot, r) for r in rows} if verify else {}
    if as_json:
        _print_json(rows, verdicts)
    else:
        _print_table(rows, verdicts)
    if broken := [str(number) for number, verdict in verdicts.items() if verdict == BROKEN]:
        raise out.Refused(
            f"release {', '.join(broken)}: what is stored is not what its digest was taken of"
        )


BROKEN = "BROKEN"
"""What stands by a release whose figures are not those that its digest was taken of."""
COUNTED = ("models", "offers", "figures", "conflicts", "refusals")


def _verdict(snapshot: Warehouse, release: Release) -> str:
    """Return whether what is stored of a release is what its digest was taken of."""
    from almanac.warehouse.read.release_diff import verify

    if release.retired_at:
        return "let go"
    return "holds" if verify(snapshot, release.id) else BROKEN


def _print_json(rows: Iterable[Release], verdicts: Mapping[int, str]) -> None:
    out.as_json(
        [
            {
                "release": release.id,
                "created_at": release.created_at,
                "parent": release.parent,
                "code": release.code_version,
                "digest": release.digest,
                "counts": release.counts,
                "stale": release.stale,
                "diff": release.diff,
                "quarantined": release.validation.get("quarantined", 0),
                "sources": release.sources,
                "retired_at": release.retired_at,
                **({"verified": verdicts[release.id]} if verdicts else {}),
            }
            for release in rows
        ]
    )


def _print_table(rows: Iterable[Release], verdicts: Mapping[int, str]) -> None:
    heads = [
        "release",
        "created",
        *COUNTED,
        "new / changed / corrected / gone",
        "digest",
    ]
    out.table(
        [*heads, "verified"] if verdicts else heads,
        [[*_release_row(r), *([verdicts[r.id]] if verdicts else [])] for r in rows],
    )


def _release_row(release: Release) -> list[object]:
    changes = (str(release.diff.get(kind, 0)) for kind in ("new", "change", "correction", "gone"))
    return [
        release.id,
        release.created_at,
        *(f"{release.counts[kind]:,}" for kind in COUNTED),
        " / ".join(changes),
        release.digest[:12],
    ]


@app.command()
def retain(
    days: Annotated[
        int, typer.Option(metavar="DAYS", help="Keep every release of so many days.")
    ] = 90,
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be let go of, and change nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let go of old releases but for the last of each month.

    Evidence is never deleted: no capture, no claim, no spell.

    What only those releases said is deleted; their digests, counts and differences stay, and asking
    for one says so.

    Example: almanac retain --days 90 --dry-run
    """
    from datetime import timedelta

    from almanac.warehouse.write.store import Store

    if days < 1:
        raise ValueError("--days must be at least 1")
    store = Store()
    try:
        now = clock.now()
        gone, figures = store.retain(now - timedelta(days=days), now, dry)
    finally:
        store.close()
    if as_json:
        out.as_json({"releases": gone, "figures": figures, "dry_run": dry})
    elif gone:
        noun, pronoun = ("releases", "they") if len(gone) > 1 else ("release", "it")
        print(
            f"{'would let go' if dry else 'let go'} of {noun} {', '.join(map(str, gone))}:"
            f" {figures:,} figures that only {pronoun} said"
        )
    else:
        print(f"every release is younger than {days} days, or the last of its month")
