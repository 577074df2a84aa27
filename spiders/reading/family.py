"""Tables of a family: a name over several sizes, blanks that continue it, sizes said twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from almanac.schemas.quantity import is_missing
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.names import names
from almanac.spiders.vocabulary.words import fold

_SIZE = re.compile(r"(?P<size>\d+(?:\.\d+)?\s?[BbMm])(?:\s*\((?P<again>[\d.]+\s?[BbMm])\))?")
_GIVEN = re.compile(r"\s*\((?:text[ -]only|multimodal|vision)\)$", re.I)
"""What a name says of its media, where a column of the table says it again or a size follows."""


def family_of(context: Context, grid: Grid) -> Grid:
    """Return the table of a family with each member named by family and size; others as they are.

    The members, and the family itself, are the models of which the page's labelled lines speak.
    """
    at = _sizes_at(grid)
    if at is None or not _is_family(grid, at):
        if at and context.declared.family:
            context.members |= dict.fromkeys(_names(grid))
        return grid
    rows = _whole(grid)
    named = [_with_size(row, at) for row in rows]
    families = dict.fromkeys(_family(row) for row in rows if _size(row[at].text))
    context.families |= families
    context.members |= dict.fromkeys(row[0].text for row in named if row[0].text)
    head = tuple((replace(line[0], text="Model"), *line[1:]) for line in grid.head[-1:])
    return replace(grid, head=head, rows=tuple(named))


def _whole(grid: Grid) -> list[tuple[Cell, ...]]:
    """Return the rows of a table, those without a name filled from the one that they continue."""
    rows: list[tuple[Cell, ...]] = []
    for row in grid.rows:
        above = rows[-1] if rows and is_missing(row[0].text) else None
        rows.append(_continued(row, above))
    return rows


def _names(grid: Grid) -> Iterator[str]:
    """Yield the names of a table whose first column tells its members apart."""
    for row in grid.rows:
        with suppress(ValueError):
            yield from (name.text for name in names(row[0].text))


def _sizes_at(grid: Grid) -> int | None:
    heads = grid.heads()
    return next((j for j, head in enumerate(heads) if label(head).name == "parameters"), None)


def _is_family(grid: Grid, at: int) -> bool:
    """Whether the first column names a family and the sizes tell its members apart."""
    names = [fold(row[0].text) for row in grid.rows]
    sized = [row for row in grid.rows if _size(row[at].text)]
    if at == 0 or not sized or any(_SIZE.search(name) for name in names):
        return False
    head = fold(grid.heads()[0])
    repeated = len(set(filter(None, names))) < len(names)
    return bool(names[0]) and (head in ("", names[0]) or repeated)


def _continued(row: tuple[Cell, ...], above: Sequence[Cell] | None) -> tuple[Cell, ...]:
    """Return a row with its blanks filled from the row that it continues."""
    if above is None:
        return row
    return tuple(
        replace(cell, text=over.text) if not cell.text.strip() else cell
        for cell, over in zip(row, above, strict=True)
    )


def _family(row: Sequence[Cell]) -> str:
    return _GIVEN.sub("", " ".join(row[0].text.split()))


def _size(text: str) -> str:
    """Return a size, once, that a cell prints alone or with itself in more digits in brackets."""
    m = _SIZE.fullmatch(text.strip())
    if not m:
        return ""
    if m["again"] and not _says_again(m["size"], m["again"]):
        return ""
    return m["size"].replace(" ", "")


def _says_again(size: str, again: str) -> bool:
    """Whether two sizes of one unit differ by less than the last digit of the first."""
    if size[-1].lower() != again[-1].lower():
        return False
    digits = len(size[:-1].strip().partition(".")[2])
    return bool(abs(float(size[:-1]) - float(again[:-1])) < 0.1**digits)


def _with_size(row: tuple[Cell, ...], at: int) -> tuple[Cell, ...]:
    size = _size(row[at].text)
    if not size or not _family(row):
        return row
    named = replace(row[0], text=f"{_family(row)} {size}")
    return tuple(
        named if j == 0 else replace(cell, text=size) if j == at else cell
        for j, cell in enumerate(row)
    )
