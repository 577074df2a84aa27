"""A head alone in one table and its body in the next, as component libraries draw them: joined."""

from __future__ import annotations

from dataclasses import replace

from almanac.spiders.document.blocks import Block, Cell, Grid


def with_joined(blocks: list[Block]) -> list[Block]:
    """Return blocks in which a grid without rows is the head of the next, if widths agree."""
    result: list[Block] = []
    for block in blocks:
        last = result[-1] if result else None
        if isinstance(block, Grid) and isinstance(last, Grid) and _is_head_of(last, block):
            rows = (*block.head, *block.rows) if not _marked(block) else block.rows
            result[-1] = replace(
                block, head=last.head, rows=_counted(rows), notes=last.notes, place=last.place
            )
        else:
            result.append(block)
    return result


def _is_head_of(head: Grid, body: Grid) -> bool:
    return bool(head.head) and not head.rows and not head.ragged and head.width == body.width


def _marked(grid: Grid) -> bool:
    return bool(grid.head) and all(cell.head for line in grid.head for cell in line)


def _counted(rows: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(replace(c, row=n) for c in row) for n, row in enumerate(rows))
