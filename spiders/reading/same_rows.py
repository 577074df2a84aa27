"""Columns without heads, told by a row that another table of the page has under its heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Grid
from almanac.spiders.document.grids import turned
from almanac.spiders.vocabulary.words import fold

_Row = tuple[str, frozenset[str]]
"""A row by its label and its cells, which all differ."""


def with_heads_told(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks, each grid without heads with those that a row of another grid tells.

    One of which no row tells them, or two tell others, is left: its rows name no model.
    """
    if not any(isinstance(b, Grid) and (_bare(b) or _unnamed(b)) for b in blocks):
        return list(blocks)
    witnesses: dict[_Row, list[Mapping[str, str]]] = defaultdict(list)
    for block in paced(blocks):
        for way in _ways(block) if isinstance(block, Grid) else ():
            heads = way.heads()
            for key, cells in _rows(way) if all(heads) else ():
                witnesses[key].append(dict(zip(cells, heads[1:], strict=True)))
    return [_told(b, witnesses) if isinstance(b, Grid) else b for b in paced(blocks)]


def _ways(grid: Grid) -> tuple[Grid, ...]:
    """Return a grid as it stands and, if it has heads, turned."""
    return (grid, turned(grid)) if len(grid.head) == 1 and any(grid.heads()[1:]) else (grid,)


def _bare(grid: Grid) -> bool:
    """Whether only the first column has a head."""
    return len(grid.head) == 1 and grid.width > 2 and not any(grid.heads()[1:])


def _unnamed(grid: Grid) -> bool:
    """Whether no row has a first cell: turned, its columns have no heads."""
    return len(grid.head) == 1 and len(grid.rows) > 1 and not any(r[0].text for r in grid.rows)


def _rows(grid: Grid) -> Iterator[tuple[_Row, tuple[str, ...]]]:
    """Yield the rows with a label whose cells all differ."""
    for row in grid.rows:
        cells = tuple(cell.text for cell in row[1:])
        if row[0].text and len(set(cells)) == len(cells):
            yield (fold(row[0].text), frozenset(cells)), cells


def _told(grid: Grid, witnesses: Mapping[_Row, Sequence[Mapping[str, str]]]) -> Grid:
    for way in _ways(grid) if _bare(grid) or _unnamed(grid) else ():
        if _bare(way):
            heads = {
                tuple(over[cell] for cell in cells)
                for key, cells in _rows(way)
                for over in witnesses.get(key, ())
            }
            return _with_heads(way, heads.pop()) if len(heads) == 1 else grid
    return grid


def _with_heads(grid: Grid, heads: Sequence[str]) -> Grid:
    first, *others = grid.head[0]
    head = [first, *(replace(cell, text=text) for cell, text in zip(others, heads, strict=True))]
    return replace(grid, head=(tuple(head),))
