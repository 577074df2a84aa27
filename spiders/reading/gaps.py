"""Rows of tables as text that may have lost an empty cell: whose figure is whose cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Cell, Grid
from almanac.spiders.reading.context import Context

LOST = (
    "an empty cell was lost, so the rest may have moved left: whose figure this is cannot be told"
)


def without_gaps(context: Context, blocks: Sequence[Block]) -> list[Block]:
    """Return blocks, each grid without its rows that have a gap: these are refused."""
    return [_whole(context, b) if isinstance(b, Grid) else b for b in paced(blocks)]


def _whole(context: Context, grid: Grid) -> Grid:
    for row in grid.rows:
        if _has_gap(row):
            context.refuse(LOST, " | ".join(cell.text for cell in row), grid.where(row[0]))
    return replace(grid, rows=tuple(row for row in grid.rows if not _has_gap(row)))


def _has_gap(row: Sequence[Cell]) -> bool:
    """Whether some cells behind a row's label are empty; a title's are all."""
    shown = [bool(cell.text.strip()) for cell in row[1:]]
    return any(shown) and not all(shown)
