"""Tables of HTML and Markdown as headed grids.

Spans are laid out, and every row is kept to its head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from almanac.spiders.bounds import (
    LONGEST_MARKUP,
    LONGEST_NOTE,
    MOST_CELLS,
    MOST_COLUMNS,
    PacedTuple,
    TooMuch,
    characters,
    clipped,
    on_time,
)

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class PageTable:
    """A headed grid.

    Rows whose cell count differs from the head's are in `ragged`, never among `rows`.

    Whoever loops over either is asked for the time at every row.
    """

    heading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ragged: tuple[tuple[str, ...], ...]
    locator: str
    before: tuple[str, ...] = ()
    """Texts before the table, nearest first, up to the table before it.

    Units, tiers and regions of a whole table stand there.
    """
    element: Any = field(default=None, compare=False, repr=False)
    """The table's element, where it came from HTML."""
    headings: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """The elements of the three nearest headings before it, nearest first, where it came from HTML.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", PacedTuple(self.rows))
        object.__setattr__(self, "ragged", PacedTuple(self.ragged))

    def row(self, i: int) -> str:
        return f"{self.locator} row {i + 1}"


def cell_text(cell: Tag) -> str:
    """Return what a cell shows a reader: text, or the label of its picture.

    Footnote marks are left out.
    """
    from bs4 import NavigableString

    on_time()
    parts: list[str] = []

    def shown(tag: Tag) -> None:
        for node in tag.children:
            if isinstance(node, NavigableString):
                parts.append(str(node))
                continue
            if node.name in ("img", "svg", "i"):
                parts.append(
                    str(node.get("alt") or node.get("aria-label") or node.get("title") or "")
                )
            elif node.name in ("br", "p", "li"):
                parts.append("\n")
            if node.name not in ("sup", "style", "script", "svg"):
                shown(node)

    shown(cell)
    spaced = re.sub(r"[ \t\xa0\u200b\ufeff]+", " ", characters("".join(parts)))
    return "\n".join(line.strip() for line in spaced.split("\n") if line.strip())


class Once(Generic[Answer]):
    """What is read of an element, read once.

    A heading that thousands of tables stand under is not read for each.

    Elements are told apart by their ids, since their own hash is that of all they hold.
    """

    def __init__(self, read: Callable[[Any], Answer]) -> None:
        self._read = read
        self._known: dict[int, tuple[Any, Answer]] = {}

    def __call__(self, element: Any) -> Answer:
        if id(element) not in self._known:
            self._known[id(element)] = (element, self._read(element))
        return self._known[id(element)][1]


@dataclass
class _Place:
    """Where in a document a table stands."""

    table: Tag
    headings: tuple[Tag, ...]
    """The last headings before it, nearest first."""
    before: tuple[str, ...]
    nested: bool = False
    """Whether another table stands in it."""


def html_tables(soup: BeautifulSoup | Tag) -> Iterator[PageTable]:
    """Yield every table of a document in order, row and column spans laid out.

    The head is the leading rows of header cells, group heads first; a table without header cells
    takes its first row. Some widgets draw head and body as two tables: those are joined. The
    heading is the nearest heading element before the table. Raises TooMuch for tables of more
    columns or cells than any page has.
    """
    waiting: tuple[str, ...] = ()
    cells = _Cells()
    title = Once(cell_text)
    for n, place in enumerate(_places(soup)):
        if place.nested:
            continue
        grid, heads = _grid(place.table, cells)
        if not grid:
            continue
        if waiting and not heads and len(grid[0]) == len(waiting):
            head, body = waiting, grid
        else:
            count = heads or 1
            while (
                count < len(grid)
                and len(grid[count]) == len(grid[0])
                and grid[count][0] == grid[0][0]
            ):
                count += 1  # a second head row, under a cell that spans both
            head = tuple(
                " ".join(dict.fromkeys(part for part in column if part))
                for column in zip(*grid[:count], strict=False)
            )
            body = grid[count:]
        waiting = head if heads and not body else ()
        if waiting:
            continue
        caption = place.table.find("caption")
        rows = [tuple(row) for row in body]
        yield PageTable(
            title(place.headings[0]) if place.headings else "",
            head,
            tuple(row for row in rows if len(row) == len(head)),
            tuple(row for row in rows if len(row) != len(head)),
            f"table {n + 1}",
            ((cell_text(caption),) if caption else ()) + place.before,
            place.table,
            place.headings,
        )


def _places(root: BeautifulSoup | Tag, most: int = 6) -> list[_Place]:
    """Return every table in order.

    The document is walked once, whatever number of tables it has.

    `before` are the texts before a table in reading order, nearest first; another table or a
    heading ends them.
    """
    from bs4 import NavigableString

    places: dict[int, _Place] = {}
    within: set[int] = set()  # elements that stand in a table, and tables
    headings: list[Tag] = []
    trail: list[Any] = []  # texts and headings since the last text of a table
    for node in root.descendants:
        parent = node.parent
        if isinstance(node, NavigableString):
            if id(parent) in within:
                trail = []
            elif (
                parent is not None
                and parent.name not in ("script", "style")
                and (text := re.sub(r"[\s\u200b\ufeff]+", " ", str(node)).strip())
            ):
                trail.append(text[:LONGEST_NOTE])
            continue
        if node.name == "table":
            on_time()
            places[id(node)] = _Place(node, tuple(headings[:-4:-1]), _texts(trail, node, most))
            for outer in node.parents if id(parent) in within else ():
                if id(outer) in places:
                    places[id(outer)].nested = True
        if node.name == "table" or id(parent) in within:
            within.add(id(node))
        if re.fullmatch(r"h[1-6]", node.name):
            headings.append(node)
            trail.append(node)
    return list(places.values())


def _texts(trail: list[Any], table: Tag, most: int) -> tuple[str, ...]:
    """Return the last texts of a trail, nearest first.

    They go back to a heading that does not hold the table.
    """
    found: list[str] = []
    outer = {id(p) for p in table.parents}
    for item in reversed(trail):
        if isinstance(item, str):
            found.append(item)
        elif id(item) not in outer:
            break
        if len(found) == most:
            break
    return tuple(found)


@dataclass
class _Cells:
    """How many cells the tables of a page have so far, those that spans draw counted."""

    count: int = 0

    def add(self, cells: int) -> None:
        self.count += cells
        if self.count > MOST_CELLS:
            raise TooMuch(f"tables of more than {MOST_CELLS:,} cells")


def _columns(count: int) -> None:
    if count > MOST_COLUMNS:
        raise TooMuch(f"a table of {count:,} columns, more than {MOST_COLUMNS}")


def _grid(table: Tag, counted: _Cells) -> tuple[list[list[str]], int]:
    grid: list[list[str]] = []
    carried: dict[tuple[int, int], str] = {}
    heads, in_head = 0, True
    lines = table.find_all("tr")
    for y, tr in enumerate(lines):
        row: list[str] = []
        # A rowspan of 0 is drawn hidden under a span.
        cells = [c for c in tr.children if c.name in ("td", "th") and c.get("rowspan") != "0"]
        for cell in cells:
            while (y, len(row)) in carried:
                row.append(carried[(y, len(row))])
            text = clipped(cell_text(cell))
            across, down = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(lines) - y)
            _columns(len(row) + across)
            counted.add(across * down)
            for _dx in range(across):
                for dy in range(1, down):
                    carried[(y + dy, len(row))] = text
                row.append(text)
        while (y, len(row)) in carried:
            row.append(carried[(y, len(row))])
        if not row:
            continue
        in_head = in_head and (tr.parent.name == "thead" or all(c.name == "th" for c in cells))
        heads += in_head
        grid.append(row)
    return grid, heads


def _span(cell: Tag, name: str) -> int:
    raw = str(cell.get(name) or "1")
    return max(1, min(int(raw), MOST_COLUMNS)) if raw.isdecimal() and len(raw) < 10 else 1


_DASHES = re.compile(r":?-{2,}:?")


def markdown_tables(text: str) -> Iterator[PageTable]:
    """Yield every pipe table of a Markdown text, with the heading it stands under.

    Raises TooMuch for tables of more columns or cells than any page has.
    """
    heading, lines = "", text.splitlines()
    before: list[str] = []
    cells = _Cells()
    n = i = 0
    while i < len(lines):
        line = lines[i]
        on_time()
        if m := re.match(r"#{1,6}\s+", line.lstrip()):
            heading, before = plain(line.lstrip()[m.end() :].rstrip().rstrip("#").rstrip()), []
        elif "|" in line and i + 1 < len(lines) and _is_rule(lines[i + 1]):
            head = tuple(_row(line, cells))
            rows: list[tuple[str, ...]] = []
            ragged: list[tuple[str, ...]] = []
            n, i = n + 1, i + 2
            while i < len(lines) and (
                lines[i].lstrip().startswith("|") or lines[i].count("|") == len(head) - 1 > 1
            ):
                row = tuple(_row(lines[i], cells))
                (rows if len(row) == len(head) else ragged).append(row)
                i += 1
            yield PageTable(
                heading,
                head,
                tuple(rows),
                tuple(ragged),
                f"table {n}",
                tuple(plain(text)[:LONGEST_NOTE] for text in before[:-7:-1]),
            )
            before = []
            continue
        elif line.strip():
            before.append(line)
        i += 1


def _is_rule(line: str) -> bool:
    """Whether a line parts a head from its rows: dashes between pipes."""
    line = line.strip()
    return "|" in line and all(
        _DASHES.fullmatch(part.strip())
        for part in line.removeprefix("|").removesuffix("|").split("|")
    )


def _row(line: str, counted: _Cells) -> list[str]:
    _columns(line.count("|") - 1)
    cells = [clipped(plain(c)) for c in _cells(line)]
    counted.add(len(cells))
    return cells


def _cells(line: str) -> list[str]:
    body = line.strip()
    body = body[1:] if body.startswith("|") else body
    body = body[:-1] if body.endswith("|") and not body.endswith("\\|") else body
    return [c.replace("\\|", "|").strip() for c in re.split(r"(?<!\\)\|", body)]


_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]{0,500}\]){0,1000})\]\([^)]*\)")


_MARKED = re.compile(r"[<\[\\*`_]")
"""What all of Markdown's inline marks have one of."""


def plain(markup: str) -> str:
    """Return Markdown inline text without its markup: links keep their words, footnote marks go.

    A text longer than any cell or title (`LONGEST_MARKUP`) comes as it is.
    """
    on_time()
    if len(markup) > LONGEST_MARKUP or not _MARKED.search(markup):
        return markup.strip()
    text = _until(markup, "</sup>", re.compile(r"<sup>.*?</sup>", re.S), "")
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = _until(text, ")", _LINK, r"\1")
    text = _until(text, ">", re.compile(r"<[^>]+>"), "")
    text = re.sub(r"\\([\\`*_{}\[\]()#+.!$~@|-])", r"\1", text)
    return re.sub(r"[*`]+|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)", "", text).strip()


def _until(text: str, end: str, pattern: re.Pattern[str], by: str) -> str:
    """Return a text with a pattern replaced that ends with `end`.

    It is looked for up to the last `end` and no further.

    What opens and is never closed is else looked at to the end of the text, from every place
    where it opens.
    """
    cut = text.rfind(end) + len(end)
    return pattern.sub(by, text[:cut]) + text[cut:] if cut >= len(end) else text
