"""Pages of one thing over and over: alone, after a recorded page, and in the middle of one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from almanac.spiders import base
from almanac.spiders.page import Page

ATOMS = (
    *("1", " ", "1,", "(", "$1 / ", "<td", "|", "-", "a-", "9.", "\n", "[", "[a](", "[![", "<"),
    *("# ", "# a\n", "- a\n", "|a", "|-", "<td>", "<tr>", "<h2>a", "<b>", "<p>", "{{", "[1,"),
    *("tokens", "\u3000", "\r", "a b. ", "<table><tr><td>1"),
)
LARGE, SMALL = 16_000, 4_000
"""Characters of the two pages that are compared."""
FLOOR = 0.4
"""Processor seconds of the large one below which nothing is said."""
MOST = 2 * LARGE / SMALL
"""How many times as long the large one may take: twice what its length asks."""


def slow(source: base.Source, body: Path, atoms: Sequence[str] = ATOMS) -> Iterator[str]:
    """Yield, in words, each page of one thing whose reading grows faster than the page."""
    whole = body.read_text(encoding="utf-8")
    url = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))["url"]
    for atom in atoms:
        texts = zip(_texts(whole, atom, LARGE), _texts(whole, atom, SMALL), strict=True)
        for large, small in texts:
            if words := _odd(source, url, large, small):
                yield f"{source.name} {atom!r}: {words}"


def _texts(whole: str, atom: str, size: int) -> tuple[str, str, str]:
    pump, half = atom * (size // len(atom)), len(whole) // 2
    return pump, f"{whole}\n{pump}", f"{whole[:half]}{pump}{whole[half:]}"


def _odd(source: base.Source, url: str, large: str, small: str) -> str:
    """Return what is wrong with the reading of the large one; it is slow if it is so twice."""
    for _ in range(2):
        reading, took = _read(source, url, large)
        if "RecursionError" in reading.failed or not (reading.claims or reading.failed):
            return reading.failed or "neither read nor refused"
        if took < FLOOR or took < MOST * (short := _read(source, url, small)[1]):
            return ""
    return f"{short:.2f} s, then {took:.2f} s"


def _read(source: base.Source, url: str, text: str) -> tuple[base.Reading, float]:
    """Return the reading of a text as a page of a source, and its processor seconds."""
    page = Page(source.name, url, text.encode(), datetime(2026, 5, 1, tzinfo=UTC))
    started = time.process_time()
    reading = base.read_page(source, page)
    return reading, time.process_time() - started
