"""An HTML table as a grid: spans laid out, head lines told from rows, every cell at its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress

from bs4 import Tag

from almanac.spiders.bounds import MOST_CELLS, MOST_COLUMNS, TooMuch, clipped
from almanac.spiders.document.blocks import Cell, Grid, Place
from almanac.spiders.document.text import inline


@dataclass
class Counted:
    """How many cells the tables of a page have so far, those that spans draw counted."""

    count: int = 0

    def add(self, cells: int) -> None:
        self.count += cells
        if self.count > MOST_CELLS:
            raise TooMuch(f"tables of more than {MOST_CELLS:,} cells")


def grid_of(table: Tag, place: Place, locator: str, counted: Counted) -> Grid | None:
    """Return the grid of a table; None for one without a row of two cells."""
    lines, heads, uneven = _laid_out(table, counted)
    if max(map(len, lines), default=0) < 2:
        return None
    heads = heads or _head_lines(lines)
    width = max(map(len, lines[:heads] or lines))
    lines = [_as_wide(line, width) for line in lines]
    if any(len(line) < width for line in lines[1:heads]):
        uneven = set(range(len(lines)))
    for line in lines[:heads]:
        line += [Cell(head=True)] * (width - len(line))
    placed = [_placed(line, n - heads) for n, line in enumerate(lines)]
    head, rows = tuple(placed[:heads]), placed[heads:]
    whole = [len(row) == width and n not in uneven for n, row in enumerate(rows, heads)]
    kept, ragged = compress(rows, whole), compress(rows, (not w for w in whole))
    return Grid(head, tuple(kept), place, locator, ragged=tuple(ragged))


def _head_lines(lines: list[list[Cell]]) -> int:
    """Return how many lines are the head of a table that marks none: the first and its spans."""
    if len(lines) < 2:
        return 0
    deep = max(cell.down for cell in lines[0])
    wide = any(cell.across > 1 for cell in lines[0])
    return deep if wide and deep < len(lines) and any(c.down < deep for c in lines[0]) else 1


def _as_wide(line: list[Cell], width: int) -> list[Cell]:
    """A row of one cell drawn over all of it is a group; a shorter one lacks its last cells."""
    if len(line) == 1 and width > 1:
        return [
            replace(line[0], across=width),
            *(replace(line[0], text="") for _ in range(width - 1)),
        ]
    return line


def _placed(line: list[Cell], row: int) -> tuple[Cell, ...]:
    return tuple(replace(cell, row=row, column=i) for i, cell in enumerate(line))


def _laid_out(table: Tag, counted: Counted) -> tuple[list[list[Cell]], int, set[int]]:
    """Return the lines of a table with spans laid out, how many are head, which are uneven."""
    lines: list[list[Cell]] = []
    carried: dict[tuple[int, int], Cell] = {}
    heads = 0
    uneven: set[int] = set()
    rows = [tr for tr in table.find_all("tr") if tr.find_parent("table") is table]
    for y, tr in enumerate(rows):
        cells = _drawn(tr)
        line = _line(cells, y, len(rows), carried, counted)
        if not line:
            continue
        heads += heads == len(lines) and _is_head(tr, cells)
        if tr.get("data-ragged"):
            uneven.add(len(lines))
        lines.append(line)
    return lines, heads, uneven


def _drawn(tr: Tag) -> list[Tag]:
    """Return the cells of a row; one with a rowspan of 0 is drawn hidden under a span."""
    cells = (c for c in tr.children if isinstance(c, Tag) and c.name in ("td", "th"))
    return [c for c in cells if c.get("rowspan") != "0"]


def _is_head(tr: Tag, cells: list[Tag]) -> bool:
    in_head = tr.parent is not None and tr.parent.name == "thead"
    return in_head or all(c.name == "th" for c in cells)


def _line(
    cells: list[Tag], y: int, count: int, carried: dict[tuple[int, int], Cell], counted: Counted
) -> list[Cell]:
    line: list[Cell] = []

    def fill() -> None:
        while (y, len(line)) in carried:
            line.append(carried[(y, len(line))])

    for tag in cells:
        fill()
        across, down = _span(tag, "colspan"), min(_span(tag, "rowspan"), count - y)
        if len(line) + across > MOST_COLUMNS:
            raise TooMuch(f"a table of {len(line) + across:,} columns, more than {MOST_COLUMNS}")
        counted.add(across * down)
        cell = _cell(tag, across, down)
        for _ in range(across):
            carried |= {(y + dy, len(line)): cell for dy in range(1, down)}
            line.append(cell)
    fill()
    return line


def _cell(tag: Tag, across: int, down: int) -> Cell:
    inner = [element for element in tag.descendants if isinstance(element, Tag)]
    return Cell(
        clipped(inline(tag)),
        head=tag.name == "th",
        codes=tuple(code.get_text(strip=True) for code in inner if code.name == "code"),
        links=tuple(str(a["href"]) for a in inner if a.name == "a" and a.has_attr("href")),
        across=across,
        down=down,
    )


def _span(cell: Tag, name: str) -> int:
    raw = str(cell.get(name) or "1")
    return max(1, min(int(raw), MOST_COLUMNS)) if raw.isdecimal() and len(raw) < 10 else 1


def turned(grid: Grid) -> Grid:
    """Return a grid with its rows as columns; every cell keeps its place on the page.

    The cells before the first that is not of the row's label are joined to one head.
    """
    stubs = stub_columns(grid)
    lines = [line for line in (grid.heads_line(), *grid.rows) if line]
    columns = list(zip(*lines, strict=True))
    head = tuple(_joined(cells) for cells in zip(*columns[:stubs], strict=True)) if stubs else ()
    return replace(
        grid, head=(head,), rows=tuple(tuple(c) for c in columns[stubs:]), turned=not grid.turned
    )


def _joined(cells: tuple[Cell, ...]) -> Cell:
    text = "\n".join(dict.fromkeys(cell.text for cell in cells if cell.text))
    return replace(cells[-1], text=text)


def stub_columns(grid: Grid) -> int:
    """Return how many first columns label the rows: those under the same or an empty head.

    Where only the first has a head, the others do not label the rows: their heads are lost.
    """
    heads = grid.heads()
    count = 1
    while any(heads[1:]) and count < len(heads) - 1 and heads[count] in ("", heads[0]):
        count += 1
    return count
