"""Tables of HTML and Markdown as headed grids, with spans laid out and every row kept to its head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag


@dataclass(frozen=True, slots=True)
class Table:
    """A headed grid. Rows whose cell count differs from the head's are in `ragged`, never among `rows`."""

    heading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ragged: tuple[tuple[str, ...], ...]
    locator: str
    before: tuple[str, ...] = ()
    """Texts before the table, nearest first, up to the table before it: units, tiers and regions of a whole table stand there."""
    element: Any = field(default=None, compare=False, repr=False)
    """The table's element, where it came from HTML."""

    def row(self, i: int) -> str:
        return f"{self.locator} row {i + 1}"


def cell_text(cell: Tag) -> str:
    """Return what a cell shows a reader: text, or the label of its picture. Footnote marks are left out."""
    from bs4 import NavigableString

    parts: list[str] = []

    def shown(tag: Tag) -> None:
        for node in tag.children:
            if isinstance(node, NavigableString):
                parts.append(str(node))
                continue
            if node.name in ("img", "svg", "i"):
                parts.append(str(node.get("alt") or node.get("aria-label") or node.get("title") or ""))
            elif node.name in ("br", "p", "li"):
                parts.append("\n")
            if node.name not in ("sup", "style", "script", "svg"):
                shown(node)

    shown(cell)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[ \t\xa0\u200b\ufeff]+", " ", "".join(parts))).strip()


def html_tables(soup: BeautifulSoup | Tag) -> Iterator[Table]:
    """Yield every table of a document in order, row and column spans laid out.

    The head is the leading rows of header cells, group heads first; a table without header cells takes its
    first row. Some widgets draw head and body as two tables: those are joined. The heading is the nearest
    heading element before the table.
    """
    waiting: tuple[str, ...] = ()
    for n, table in enumerate(soup.find_all("table")):
        if table.find("table"):
            continue
        grid, heads = _grid(table)
        if not grid:
            continue
        if waiting and not heads and len(grid[0]) == len(waiting):
            head, body = waiting, grid
        else:
            count = heads or 1
            while count < len(grid) and len(grid[count]) == len(grid[0]) and grid[count][0] == grid[0][0]:
                count += 1  # a second head row, under a cell that spans both
            head = tuple(" ".join(dict.fromkeys(part for part in column if part)) for column in zip(*grid[:count], strict=False))
            body = grid[count:]
        waiting = head if heads and not body else ()
        if waiting:
            continue
        before = table.find_previous(re.compile(r"^h[1-6]$"))
        caption = table.find("caption")
        rows = [tuple(row) for row in body]
        yield Table(
            cell_text(before) if before else "",
            head,
            tuple(row for row in rows if len(row) == len(head)),
            tuple(row for row in rows if len(row) != len(head)),
            f"table {n + 1}",
            ((cell_text(caption),) if caption else ()) + _before(table),
            table,
        )


def _before(table: Tag, most: int = 6) -> tuple[str, ...]:
    """Return the texts before a table in reading order, nearest first; another table or a heading ends them."""
    from bs4 import NavigableString, Tag

    found: list[str] = []
    inside = {id(p) for p in table.parents}
    for node in table.previous_elements:
        if isinstance(node, NavigableString) and node.find_parent("table") is not None:
            break
        if isinstance(node, Tag) and re.fullmatch(r"h[1-6]", node.name) and id(node) not in inside:
            break
        if isinstance(node, NavigableString) and node.parent is not None and node.parent.name not in ("script", "style"):
            text = re.sub(r"[\s\u200b\ufeff]+", " ", str(node)).strip()
            if text:
                found.append(text)
                if len(found) == most:
                    break
    return tuple(found)


def _grid(table: Tag) -> tuple[list[list[str]], int]:
    grid: list[list[str]] = []
    carried: dict[tuple[int, int], str] = {}
    heads, in_head = 0, True
    for y, tr in enumerate(table.find_all("tr")):
        row: list[str] = []
        cells = [c for c in tr.children if c.name in ("td", "th") and c.get("rowspan") != "0"]  # 0: drawn hidden under a span
        for cell in cells:
            while (y, len(row)) in carried:
                row.append(carried[(y, len(row))])
            text = cell_text(cell)
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
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
    return max(1, min(int(raw), 200)) if raw.isdigit() else 1


_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")


def markdown_tables(text: str) -> Iterator[Table]:
    """Yield every pipe table of a Markdown text, with the heading it stands under."""
    heading, lines = "", text.splitlines()
    before: list[str] = []
    n = i = 0
    while i < len(lines):
        line = lines[i]
        if m := re.match(r"^\s*#{1,6}\s+(.*?)\s*#*\s*$", line):
            heading, before = plain(m[1]), []
        elif "|" in line and i + 1 < len(lines) and _RULE.match(lines[i + 1]) and "|" in lines[i + 1]:
            head = tuple(plain(c) for c in _cells(line))
            rows: list[tuple[str, ...]] = []
            ragged: list[tuple[str, ...]] = []
            n, i = n + 1, i + 2
            while i < len(lines) and (lines[i].lstrip().startswith("|") or lines[i].count("|") == len(head) - 1 > 1):
                row = tuple(plain(c) for c in _cells(lines[i]))
                (rows if len(row) == len(head) else ragged).append(row)
                i += 1
            yield Table(heading, head, tuple(rows), tuple(ragged), f"table {n}", tuple(reversed(before))[:6])
            before = []
            continue
        elif line.strip():
            before.append(plain(line))
        i += 1


def _cells(line: str) -> list[str]:
    body = line.strip()
    body = body[1:] if body.startswith("|") else body
    body = body[:-1] if body.endswith("|") and not body.endswith("\\|") else body
    return [c.replace("\\|", "|").strip() for c in re.split(r"(?<!\\)\|", body)]


def plain(markup: str) -> str:
    """Return Markdown inline text without its markup: links keep their words, footnote marks go."""
    text = re.sub(r"<sup>.*?</sup>", "", markup, flags=re.S)
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = re.sub(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]+>", "", text)
    text = re.sub(r"\\([\\`*_{}\[\]()#+.!$~@|-])", r"\1", text)
    return re.sub(r"[*`]+|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)", "", text).strip()
