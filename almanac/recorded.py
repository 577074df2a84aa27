"""Recorded pages: a page beside what it says.

A person checks it by eye, and a test holds the reader to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from almanac.commands.read import claim_json
from almanac.out import plain
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.page import Page


def reading(body: Path) -> base.Reading:
    """Return what the reader of a recorded page, `SOURCE/DATE/body`, gives."""
    said = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
    source = base.source(body.parent.parent.name)
    return base.read_page(
        source, Page(source.name, said["url"], body.read_bytes(), utc(said["fetched_at"]))
    )


def as_checked(read: base.Reading) -> dict[str, Any]:
    """Return claims and refusals in the shape of `claims.json`."""
    claims = json.loads(json.dumps([claim_json(c) for c in read.claims], default=plain))
    refused = [
        {"reason": r.reason, "printed": r.printed, "locator": r.locator} for r in read.refusals
    ]
    return {"claims": claims, "refused": refused}


def write(body: Path) -> int:
    """Write `claims.json` as the reader sees the page now, one claim a line.

    Return how many claims it holds.
    """
    found = as_checked(reading(body))
    lines = [
        ",\n".join("  " + json.dumps(c, ensure_ascii=False) for c in found[k])
        for k in ("claims", "refused")
    ]
    text = f'{{"claims": [\n{lines[0]}\n],\n"refused": [\n{lines[1]}\n]}}\n'
    body.with_name("claims.json").write_text(text, encoding="utf-8")
    return len(found["claims"])
