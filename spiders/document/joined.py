"""A head alone in one table and its body in the next, as component libraries draw them: joined."""

from __future__ import annotations

import re
from dataclasses import replace

from almanac.spiders.document.blocks import Block, Cell, Grid


def with_joined(blocks: list[Block]) -> list[Block]:
    """Return blocks in which a grid without rows is the head of the next, if widths agree."""
    result: list[Block] = []
    for block in blocks:
        last = result[-1] if result else None
        if isinstance(block, Grid) and isinstance(last, Grid) and _is_head_of(last, block):
            rows = (*block.head, *block.rows) if not _marked(block) else block.rows
            result[-1] = replace(block, head=last.head or last.rows, rows=_counted(rows))
        else:
            result.append(block)
    return result


def _is_head_of(head: Grid, body: Grid) -> bool:
    alone = len(head.head) + len(head.rows) == 1 and not head.ragged
    cells = [cell.text for line in (*head.head, *head.rows) for cell in line]
    return alone and head.width == body.width and not any(re.search(r"\d", t) for t in cells)


def _marked(grid: Grid) -> bool:
    return bool(grid.head) and all(cell.head for line in grid.head for cell in line)


def _counted(rows: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(replace(c, row=n) for c in row) for n, row in enumerate(rows))
