"""Recorded pages, broken a thousand ways: a reader refuses or reads, and never raises."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from schemas.dates import utc
from spiders import base
from spiders.page import Page
from tests.recorded import RECORDED

SMALL = [b for b in RECORDED if b.stat().st_size < 40_000]
CELL = re.compile(rb"<td[^>]*>.*?</td>|\|[^|\n]*(?=\|)", re.S)
NUMBER = re.compile(rb"\d+(?:\.\d+)?")


def broken(body: bytes, rng: random.Random) -> bytes:
    """Return a body with a cell dropped, a word renamed, a tail cut, another encoding, or something injected."""
    at = rng.randrange(len(body))
    match rng.randrange(6):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + body[at + rng.randrange(1, 60) :]
        case 2:
            spans = [m.span() for m in CELL.finditer(body)] or [(at, at + 1)]
            start, end = rng.choice(spans)
            return body[:start] + body[end:]
        case 3:
            return body.replace(rng.choice([b"input", b"Input", b"Output", b"Model", b"price", b"limit", b"Context"]), b"zzz")
        case 4:
            return body.decode("utf-8").encode(rng.choice(["utf-16", "latin-1", "cp1251"]), "replace")
    spans = [m.span() for m in NUMBER.finditer(body)] or [(at, at)]
    start, end = rng.choice(spans)
    return body[:start] + rng.choice([b"1e400", b"1e9991048576", b"9" * 40, b"-1", b"null", b"NaN", b"<script>", b"\x00"]) + body[end:]


@pytest.mark.parametrize("body", SMALL, ids=lambda b: "/".join(b.parts[-3:-1]))
def test_no_damage_makes_a_reader_raise(body: Path) -> None:
    rng = random.Random(str(body.parts[-3:]))
    said = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
    source = base.source(body.parent.parent.name)
    whole = body.read_bytes()
    for _ in range(40):
        reading = base.read_page(source, Page(source.name, said["url"], broken(whole, rng), utc(said["fetched_at"])))
        assert reading.claims or reading.refusals
