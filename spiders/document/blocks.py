"""Blocks of a page: what holds figures, with the headings, notes and tabs around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

LineKind = Literal["heading", "text", "item", "code", "term", "definition"]
UNTOLD = "?"
"""The label of a tab that cannot be told from the page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: the headings over it and the tabs it is shown under, nearest first."""

    headings: tuple[str, ...] = ()
    tabs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: a heading, a paragraph, an item of a list, an id in code."""

    text: str
    kind: LineKind
    place: Place
    locator: str
    level: int = 0
    """Of a heading 1 to 6; of an item how deep its list is in others."""
    owner: str = ""
    """The nearest line above an item's list, which says what the list is of."""
    shape: str = ""
    """What elements it stands in: siblings of one shape are records."""
    links: tuple[str, ...] = ()
    """Addresses it links to."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its own row and column on the page, however the grid is turned."""

    text: str = ""
    row: int = 0
    column: int = 0
    head: bool = False
    codes: tuple[str, ...] = ()
    """Texts in it that are set as code."""
    links: tuple[str, ...] = ()
    """Addresses it links to."""
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: head lines, and rows of as many cells as the head has.

    `ragged` are rows of another count, which stand under no head.
    """

    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    place: Place
    locator: str
    notes: tuple[str, ...] = ()
    """Texts before it, nearest first, up to a heading or another grid."""
    after: tuple[str, ...] = ()
    """Texts behind it, nearest first, up to a heading or another grid."""
    ragged: tuple[tuple[Cell, ...], ...] = ()
    turned: bool = False

    @property
    def width(self) -> int:
        return len(self.head[0]) if self.head else len(self.rows[0]) if self.rows else 0

    def heads(self) -> tuple[str, ...]:
        """Return the head of each column: its head lines joined, a text that spans them once."""
        return tuple(
            "\n".join(dict.fromkeys(line[i].text for line in self.head if line[i].text))
            for i in range(self.width)
        )

    def heads_line(self) -> tuple[Cell, ...]:
        """Return one cell for the head of each column."""
        if not self.head:
            return ()
        last = self.head[-1]
        return tuple(
            replace(cell, text=text) for cell, text in zip(last, self.heads(), strict=True)
        )

    def where(self, cell: Cell, label: str = "") -> str:
        """Return the locator of a cell; rows of the page's table count from 1 below its head."""
        row = f"{self.locator} row {cell.row + 1}" if cell.row >= 0 else f"{self.locator} head"
        return f"{row} column {' '.join(label.split())}" if label else row


@dataclass(frozen=True, slots=True)
class Record:
    """An object of keys and values: JSON, YAML, TOML, front matter, a literal in a script."""

    value: Any
    place: Place
    locator: str
    kind: str = ""
    """The name under which it stood: `model`, `props`."""


Block = Grid | Line | Record


@dataclass(slots=True)
class Document:
    """The blocks of a page in its order."""

    blocks: list[Block] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """What could not be made a block: (why, locator)."""
    is_html: bool = False
    """Whether the page is HTML, and no text that was made into it."""

    def grids(self) -> Iterator[Grid]:
        return (b for b in self.blocks if isinstance(b, Grid))

    def lines(self) -> Iterator[Line]:
        return (b for b in self.blocks if isinstance(b, Line))

    def records(self) -> Iterator[Record]:
        return (b for b in self.blocks if isinstance(b, Record))


MOST_NOTES = 6
LONGEST_NOTE = 600
"""Characters of a text beside a grid that is looked at."""


def with_notes(blocks: list[Block]) -> list[Block]:
    """Return blocks with the texts before and behind each grid put beside it."""
    result: list[Block] = []
    before: list[str] = []
    open_grid = -1
    for block in blocks:
        if isinstance(block, Grid):
            block = replace(block, notes=tuple(before[: -MOST_NOTES - 1 : -1]))
            before, open_grid = [], len(result)
        elif isinstance(block, Line):
            if block.kind == "heading":
                before, open_grid = [], -1
            elif len(block.text) <= LONGEST_NOTE:
                before.append(block.text)
                if open_grid >= 0:
                    result[open_grid] = _with_after(result[open_grid], block.text)
        result.append(block)
    return result


def _with_after(grid: Block, text: str) -> Block:
    if isinstance(grid, Grid) and len(grid.after) < MOST_NOTES:
        return replace(grid, after=(*grid.after, text))
    return grid
