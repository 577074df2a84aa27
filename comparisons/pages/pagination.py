"""Long lists in parts: a page stays below 200 KB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from almanac.comparisons.pages.errors import Missing

PART = 150
"""Rows of a list on one page."""
T = TypeVar("T")
Query = Mapping[str, str]
"""The words of a query string."""


def part(rows: Sequence[T], number: str | None) -> tuple[Sequence[T], int, int]:
    """Return (the rows of a part, its number, how many parts there are).

    Raises Missing for none.
    """
    page, pages = int(number or 1), max(1, -(-len(rows) // PART))
    if not 1 <= page <= pages or number == "1":
        raise Missing("there is no such part of this list")
    return rows[(page - 1) * PART : page * PART], page, pages


def part_paths(rows: int, base: str) -> Iterator[str]:
    """Yield the paths of the parts of a list of so many rows."""
    for number in range(1, max(1, -(-rows // PART)) + 1):
        yield f"{base}{f'~p{number}' if number > 1 else ''}.html"
