"""Pieces of real pages said over and over.

A page four times as long may take four times as long to read, not sixteen.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from almanac.spiders import base
from almanac.spiders.page import Page
from tests.support.recorded import RECORDED

SMALL, LARGE = 20_000, 80_000
"""Characters of the two pages that are compared."""
FLOOR = 0.25
"""Processor seconds of the large one below which nothing is said.

What is quadratic there takes 40 s for a megabyte.
"""
MOST = 1.7 * LARGE / SMALL
"""How many times as long the large one may take."""
LONGEST = 3_000
"""Characters of a piece: a record of a page, or a few."""
_BEGINS = re.compile(r"<(?=[a-z])|^(?=\S)|\{", re.M)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)\b[^>]*?(/?)>")


def pieces(text: str, most: int) -> list[tuple[int, str]]:
    """Return up to `most` (place, piece) from all over a page, always the same.

    Pieces are elements, JSON objects and runs of lines.
    """
    places: dict[str, int] = {}
    for m in _BEGINS.finditer(text):
        for piece in _at(text, m.start()):
            if 4 < len(piece) <= LONGEST:
                places.setdefault(piece, m.start())
    pieces = [(place, piece) for piece, place in places.items()]
    step = max(1, len(pieces) // most)
    return pieces[step // 2 :: step][:most]


def _at(text: str, place: int) -> Iterator[str]:
    """Yield the pieces that begin at a place."""
    if text[place] == "{":
        yield _object(text, place)
        return
    if text[place] == "<":
        yield _element(text, place)
    lines = text[place : place + LONGEST].split("\n")
    yield from ("\n".join(lines[:count]) + "\n" for count in (3, 12) if len(lines) > count)


def _element(text: str, place: int) -> str:
    """Return the element that begins at a place, nothing for one that is never closed."""
    opened = _TAG.match(text, place)
    depth = 0
    for m in _TAG.finditer(text, place, place + LONGEST) if opened else ():
        if opened and m[2] == opened[2] and not m[3]:
            depth += -1 if m[1] else 1
            if not depth:
                return text[place : m.end()]
    return ""


def _object(text: str, place: int) -> str:
    try:
        return text[place : json.JSONDecoder().raw_decode(text, place)[1]] + ","
    except ValueError:
        return ""


def grown(source: base.Source, body: Path, most: int) -> Iterator[str]:
    """Yield, in words, each piece of a recorded page whose repetition is slow to read.

    Its reading grows faster than the page.
    """
    text = body.read_text(encoding="utf-8", errors="replace")
    url = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))["url"]
    for place, piece in pieces(text, most):
        for _ in range(2):  # what is slow once may be the machine's
            large = _seconds(source, url, _longer(text, place, piece, LARGE))
            if large < FLOOR:
                break
            small = _seconds(source, url, _longer(text, place, piece, SMALL))
            if large < MOST * small:
                break
        else:
            yield (
                f"{source.name} {body.parent.name}:"
                f" {small:.2f} s, then {large:.2f} s: {piece[:100]!r}"
            )


def _longer(text: str, place: int, piece: str, size: int) -> str:
    return text[:place] + piece * (size // len(piece)) + text[place:]


def _seconds(source: base.Source, url: str, text: str) -> float:
    page = Page(source.name, url, text.encode(), datetime(2026, 5, 1, tzinfo=UTC), seconds=10)
    started = time.process_time()
    base.read_page(source, page)
    return time.process_time() - started


def all_grown(most: int) -> Iterator[str]:
    """Yield the same for the recorded pages of all sources."""
    for body in RECORDED:
        yield from grown(base.source(body.parent.parent.name), body, most)
