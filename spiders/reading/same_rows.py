"""Columns without heads, told by a row that another table of the page has under its heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Grid
from almanac.spiders.document.grids import turned
from almanac.spiders.vocabulary.words import fold

_Witnesses = Mapping[tuple[str, frozenset[str]], Mapping[str, str]]
"""The head over each cell of a row, by the row's label and its cells, which all differ."""


def with_heads_told(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks, each grid without heads with those that a row of another grid tells.

    One of which no row tells them, or two tell others, is left: its rows name no model.
    """
    if not any(_bare(way) for b in blocks if isinstance(b, Grid) for way in _ways(b)):
        return list(blocks)
    witnesses: dict[tuple[str, frozenset[str]], dict[str, str]] = {}
    for block in paced(blocks):
        for way in _ways(block) if isinstance(block, Grid) else ():
            if all(way.heads()):
                witnesses |= {
                    key: dict(zip(cells, way.heads()[1:], strict=True)) for key, cells in _rows(way)
                }
    return [_told(b, witnesses) if isinstance(b, Grid) else b for b in paced(blocks)]


def _ways(grid: Grid) -> tuple[Grid, ...]:
    """Return a grid as it stands and, if it has heads, turned."""
    return (grid, turned(grid)) if len(grid.head) == 1 and any(grid.heads()[1:]) else (grid,)


def _bare(grid: Grid) -> bool:
    return len(grid.head) == 1 and grid.width > 2 and not any(grid.heads()[1:])


def _rows(grid: Grid) -> Iterator[tuple[tuple[str, frozenset[str]], tuple[str, ...]]]:
    """Yield the rows whose cells all differ."""
    for row in grid.rows:
        cells = tuple(cell.text for cell in row[1:])
        if len(set(cells)) == len(cells):
            yield (fold(row[0].text), frozenset(cells)), cells


def _told(grid: Grid, witnesses: _Witnesses) -> Grid:
    for way in _ways(grid):
        if _bare(way):
            heads = {
                tuple(witnesses[key][cell] for cell in cells)
                for key, cells in _rows(way)
                if key in witnesses
            }
            return _with_heads(way, heads.pop()) if len(heads) == 1 else grid
    return grid


def _with_heads(grid: Grid, heads: Sequence[str]) -> Grid:
    first, *others = grid.head[0]
    head = [first, *(replace(cell, text=text) for cell, text in zip(others, heads, strict=True))]
    return replace(grid, head=(tuple(head),))
