"""Recorded pages: where they are, and their claims as a person checked them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from almanac.do import claim_json
from almanac.out import plain
from schemas.dates import utc
from spiders import base
from spiders.page import Page

CAPTURES = Path(__file__).parent / "captures"
RECORDED = sorted(CAPTURES.glob("*/*/body"))


def reading(body: Path) -> base.Reading:
    """Return what the reader of a recorded page gives."""
    said = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
    source = base.source(body.parent.parent.name)
    return base.read_page(source, Page(source.name, said["url"], body.read_bytes(), utc(said["fetched_at"])))


def as_checked(read: base.Reading) -> dict[str, Any]:
    """Return claims and refusals in the shape of `claims.json`."""
    claims = json.loads(json.dumps([claim_json(c) for c in read.claims], default=plain))
    refused = [{"reason": r.reason, "printed": r.printed, "locator": r.locator} for r in read.refusals]
    return {"claims": claims, "refused": refused}


def write(body: Path) -> None:
    """Write `claims.json` as the reader sees it now, one claim a line, for a person to check against the page."""
    found = as_checked(reading(body))
    lines = [",\n".join("  " + json.dumps(c, ensure_ascii=False) for c in found[k]) for k in ("claims", "refused")]
    text = f'{{"claims": [\n{lines[0]}\n],\n"refused": [\n{lines[1]}\n]}}\n'
    body.with_name("claims.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        write(Path(folder) / "body")
