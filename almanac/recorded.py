"""Recorded pages: a page beside what it says.

A person checks it by eye, and a test holds the reader to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from almanac.commands.read import ClaimJson, claim_json
from almanac.out import plain
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.page import Page


def reading(body: Path) -> base.Reading:
    """Return what the reader of a recorded page, `SOURCE/DATE/body`, gives."""
    capture = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
    source = base.source(body.parent.parent.name)
    return base.read_page(
        source, Page(source.name, capture["url"], body.read_bytes(), utc(capture["fetched_at"]))
    )


class CheckedClaims(TypedDict):
    """What a recorded page says, as `claims.json` beside it holds it."""

    claims: list[ClaimJson]
    refused: list[dict[str, str]]


def as_checked(read: base.Reading) -> CheckedClaims:
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
    read = reading(body)
    body.with_name("claims.json").write_text(text_of(read), encoding="utf-8")
    return len(read.claims)


def text_of(read: base.Reading) -> str:
    """Return the text of `claims.json`: one claim a line."""
    checked = as_checked(read)
    claims, refused = _lines(checked["claims"]), _lines(checked["refused"])
    return f'{{"claims": [\n{claims}\n],\n"refused": [\n{refused}\n]}}\n'


def _lines(entries: Iterable[Mapping[str, object]]) -> str:
    return ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries)
