"""The blocks of Markdown and MDX: rendered to HTML once, and walked as HTML is."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from almanac.spiders.bounds import MOST_CELLS, MOST_COLUMNS, TooMuch, on_time
from almanac.spiders.document.objects import Cut, cut_out


@cache
def _parser() -> MarkdownIt:
    # Indented code is off: in real pages an indented line is an item's, or a mistake.
    return (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("code")
    )


def as_html(text: str) -> tuple[str, list[Cut]]:
    """Return a Markdown text as HTML, and the objects cut out of it (front matter, MDX literals).

    Each element that opens a block carries the line of the text it came from as `data-line`; a row
    of a table with another count of cells than its head carries `data-ragged`. Raises TooMuch for
    tables that no page has.
    """
    _bound(text)
    body, cuts = cut_out(_ATTRIBUTES.sub("", text))
    tokens = _parser().parse(body)
    lines = body.split("\n")
    for token in tokens:
        on_time()
        if token.map and token.nesting >= 0:
            token.attrSet("data-line", str(token.map[0] + 1))
    _mark_rows(tokens, lines)
    return str(_parser().renderer.render(tokens, _parser().options, {})), cuts


_ATTRIBUTES = re.compile(r"(?<=[)\w])\{:?\s?[.#][\w.# -]{0,200}\}")
"""Classes that some writers of Markdown give to a link or heading, as in `[A](b){ .button }`."""


def _bound(text: str) -> None:
    """Raise TooMuch for tables with more columns or cells than any page has, before they are."""
    cells = 0
    for line in text.split("\n"):
        bars = line.count("|")
        if bars > MOST_COLUMNS and line.lstrip().startswith("|"):
            raise TooMuch(f"a table of {bars:,} columns, more than {MOST_COLUMNS}")
        cells += max(0, bars - 1)
    if cells > MOST_CELLS:
        raise TooMuch(f"tables of more than {MOST_CELLS:,} cells")


def _mark_rows(tokens: list[Token], lines: list[str]) -> None:
    """Mark the rows whose text has another count of cells than the head.

    The parser drops what is over and fills what is missing.
    """
    width = 0
    for token in tokens:
        if token.type == "table_open" and token.map:
            width = cells_in(lines[token.map[0]])
        elif token.type == "tr_open" and token.map and width:
            cells = _cells(lines[token.map[0]])
            if len(cells) > width or (len(cells) < width and not _is_title(cells, width)):
                token.attrSet("data-ragged", "1")


_PER = re.compile(r"\s*(?:per\b|/|每)", re.I)


def _is_title(cells: list[str], width: int) -> bool:
    """Whether a shorter row is a title for those below it: it has no figure but in a unit.

    Of two cells, one that is missing is rather lost than a title's.
    """
    bare = all(_PER.match(cell) or not re.search(r"\d", cell) for cell in cells[1:])
    return bare and (width > 2 or not cells[0].strip())


def cells_in(line: str) -> int:
    """Return how many cells a line of a pipe table has."""
    return len(_cells(line))


def _cells(line: str) -> list[str]:
    body = line.strip().removeprefix("|")
    body = body[:-1] if body.endswith("|") and not body.endswith("\\|") else body
    return re.split(r"(?<!\\)\|", body)
