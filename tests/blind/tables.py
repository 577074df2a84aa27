"""Tables of a page taken out of its text and put back in another form."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bs4 import BeautifulSoup, Tag

from almanac.spiders.document.markdown import cells_in

PIPES = re.compile(r"(?:^[ \t]*\|.*\|[ \t]*\n){3,}", re.M)
RULE = re.compile(r"[\s|:-]+")
WORD = re.compile(r"[A-Za-z\u4e00-\u9fff]")


@dataclass(frozen=True)
class Table:
    """A plain table: one line of heads, rows as wide; cells are markup as they stood."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def named_by(self) -> int | None:
        """Return the first column whose cells are all there, all different, and have letters."""
        for i in range(len(self.head)):
            cells = [row[i] for row in self.rows]
            if len(set(cells)) == len(cells) > 0 and all(WORD.search(c) for c in cells):
                return i
        return None

    def turned(self) -> Table:
        return Table(
            (self.head[0], *(row[0] for row in self.rows)),
            tuple((name, *(row[i] for row in self.rows)) for i, name in enumerate(self.head) if i),
        )

    def with_heads(self, change: Callable[[str], str]) -> Table:
        return replace(self, head=tuple(map(change, self.head)))


class Form(Protocol):
    """How tables, cards, lists and notes are written in a kind of page."""

    def table(self, table: Table, merged: bool = False) -> str: ...
    def card(self, name: str, pairs: list[tuple[str, str]]) -> str: ...
    def item(self, name: str, pairs: list[tuple[str, str]]) -> str: ...
    def note(self, text: str) -> str: ...
    def rewrite(self, text: str, change: Callable[[Table, Form], str | None]) -> str: ...


class Markdown:
    """Pipe tables, headings, nested bullets."""

    def table(self, table: Table, merged: bool = False) -> str:
        rows = [list(row) for row in table.rows]
        lines = [table.head, ["---"] * len(table.head), *(rows)]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def card(self, name: str, pairs: list[tuple[str, str]]) -> str:
        return f"#### {name}\n\n" + "".join(f"{label}: {value}\n\n" for label, value in pairs)

    def item(self, name: str, pairs: list[tuple[str, str]]) -> str:
        return f"- **{name}**\n" + "".join(f"  - {label}: {value}\n" for label, value in pairs)

    def note(self, text: str) -> str:
        return f"{text}\n\n"

    def rewrite(self, text: str, change: Callable[[Table, Form], str | None]) -> str:
        def written(match: re.Match[str]) -> str:
            lines = match[0].splitlines()
            if not RULE.fullmatch(lines[1]) or len({cells_in(line) for line in lines}) > 1:
                return match[0]
            head, _, *rows = [_piped(line) for line in lines]
            return change(Table(head, tuple(rows)), self) or match[0]

        return PIPES.sub(written, text if text.endswith("\n") else text + "\n")


def _piped(line: str) -> tuple[str, ...]:
    cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
    return tuple(" ".join(cell.split()) for cell in cells)


class Html:
    """Elements of tables, of cards by `div`, of nested lists."""

    def table(self, table: Table, merged: bool = False) -> str:
        heads = "".join(f"<th>{cell}</th>" for cell in table.head)
        rows = []
        for n, row in enumerate(table.rows):
            cells = []
            for i, cell in enumerate(row):
                above = n and table.rows[n - 1][i] == cell
                if not (merged and above and i):
                    deep = _depth(table, n, i) if merged and i else 1
                    span = f' rowspan="{deep}"' if deep > 1 else ""
                    cells.append(f"<td{span}>{cell}</td>")
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"

    def card(self, name: str, pairs: list[tuple[str, str]]) -> str:
        lines = "".join(f"<p>{label}: {value}</p>" for label, value in pairs)
        return f'<div class="card"><h4>{name}</h4>{lines}</div>'

    def item(self, name: str, pairs: list[tuple[str, str]]) -> str:
        lines = "".join(f"<li>{label}: {value}</li>" for label, value in pairs)
        return f"<ul><li><strong>{name}</strong><ul>{lines}</ul></li></ul>"

    def note(self, text: str) -> str:
        return f"<p>{html.escape(text)}</p>"

    def rewrite(self, text: str, change: Callable[[Table, Form], str | None]) -> str:
        soup = BeautifulSoup(text, "lxml")
        for element in soup.find_all("table"):
            table = _plain(element)
            if table and (written := change(table, self)):
                element.replace_with(BeautifulSoup(written, "html.parser"))
        return str(soup)


def _depth(table: Table, row: int, column: int) -> int:
    deep = 1
    while (
        row + deep < len(table.rows) and table.rows[row + deep][column] == table.rows[row][column]
    ):
        deep += 1
    return deep


def _plain(element: Tag) -> Table | None:
    """Return a table without spans, and all of whose rows are as wide; None for another."""
    if _headed_above(element) or element.find("table"):
        return None
    lines = [tr.find_all(["td", "th"], recursive=False) for tr in element.find_all("tr")]
    spans = any(c.get("rowspan") or c.get("colspan") for line in lines for c in line)
    if spans or len(lines) < 2 or len(set(map(len, lines))) > 1:
        return None
    head, *rows = [tuple(" ".join(c.decode_contents().split()) for c in line) for line in lines]
    return Table(head, tuple(rows)) if len(head) > 1 else None


def _headed_above(element: Tag) -> bool:
    """Whether the heads of a table stand in one of their own before it."""
    above = element.find_previous("table")
    return above is not None and len(above.find_all("tr")) == 1
