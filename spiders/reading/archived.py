"""Text as web archives keep it: an item of a list is one line, a table lines with bars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from almanac.spiders.bounds import on_time
from almanac.spiders.document.blocks import Block, Cell, Grid, Line, Place

_ITEM = re.compile(r"^[ \t]{0,20}[-*+][ \t]+(?=\S)", re.M)
_RULE = re.compile(r"\|(?:\s*:?-{2,}:?\s*\|)+")


def without_lists(text: str) -> str:
    """Return text whose items of lists are lines: in Markdown one goes on to the next blank line.

    >>> without_lists("- cheap")
    '• cheap'
    """
    return _ITEM.sub("• ", text)


def with_piped(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks, all lines with bars in grids, each under its own head, and no other lines.

    Without a blank line a table goes on in what stands below it: lines, and further tables. A head
    may stand behind other text of its line.
    """
    blocks = [part for b in blocks for part in (_parted(b) if isinstance(b, Grid) else [b])]
    result: list[Block] = []
    i = 0
    while i < len(blocks):
        on_time()
        grid = _grid(blocks, i, f"table in lines {len(result) + 1}")
        if grid is None:
            result.append(blocks[i])
            i += 1
            continue
        before, table = grid
        result += [before, table] if before.text else [table]
        i += 2 + len(table.rows) + len(table.ragged)
    return result


def _parted(grid: Grid) -> Iterator[Block]:
    """Yield the tables of which a grid is made, with the lines behind each."""
    heads = [i - 1 for i, row in enumerate(grid.rows) if i and all(map(_is_rule, row))]
    starts = [0, *(i + 2 for i in heads)]
    above = [grid.head, *((grid.rows[i],) for i in heads)]
    for head, start, end in zip(above, starts, [*heads, len(grid.rows)], strict=True):
        rows = list(grid.rows[start:end])
        behind: list[Line] = []
        while rows and not any(cell.text for cell in rows[-1][1:]):
            cell = rows.pop()[0]
            behind.append(Line(cell.text, "text", grid.place, grid.where(cell)))
        yield replace(grid, head=head, rows=tuple(rows))
        yield from reversed(behind)


def _is_rule(cell: Cell) -> bool:
    return bool(re.fullmatch(r":?-{2,}:?", cell.text))


def _grid(lines: Sequence[Block], at: int, locator: str) -> tuple[Line, Grid] | None:
    """Return what stands before a table on the line of its head, and the table."""
    head, rule = lines[at], lines[at + 1] if at + 1 < len(lines) else None
    if not isinstance(head, Line) or not isinstance(rule, Line) or "|" not in head.text:
        return None
    before, _, _ = head.text.partition("|")
    names = _cells(head.text[len(before) :], -1)
    if not _RULE.fullmatch(rule.text.strip()) or len(names) != rule.text.strip().count("|") - 1:
        return None
    rows: list[tuple[Cell, ...]] = []
    while (line := _piped(lines, at + 2 + len(rows))) is not None:
        rows.append(_cells(line.text, len(rows)))
    whole = tuple(row for row in rows if len(row) == len(names))
    ragged = tuple(row for row in rows if len(row) != len(names))
    place = Place(head.place.headings, head.place.tabs)
    return replace(head, text=before.strip()), Grid((names,), whole, place, locator, ragged=ragged)


def _piped(lines: Sequence[Block], at: int) -> Line | None:
    """Return the line at a place if it is a row; None for another."""
    line = lines[at] if at < len(lines) else None
    return line if isinstance(line, Line) and line.text.strip().startswith("|") else None


def _cells(text: str, row: int) -> tuple[Cell, ...]:
    texts = text.strip().removeprefix("|").removesuffix("|").split("|")
    return tuple(Cell(t.strip(), row, i, head=row < 0) for i, t in enumerate(texts))
