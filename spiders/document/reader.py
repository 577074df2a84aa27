"""A page's text as a document, by what it is: HTML, Markdown, MDX."""

from __future__ import annotations

import re
from collections.abc import Callable

from bs4 import BeautifulSoup

from almanac.spiders.document.blocks import Block, Document, Place, Record, with_notes
from almanac.spiders.document.html import html_blocks
from almanac.spiders.document.joined import with_joined
from almanac.spiders.document.markdown import as_html
from almanac.spiders.document.tab_lines import with_tab_lines

_HTML = re.compile(
    r"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype html|html|head|body|main|article|title)\b",
    re.I | re.S,
)
_MARKUP = re.compile(r"\s*<(?:div|table|section|p|h\d)\b", re.I)
_MARKDOWN = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+\S|\|?[ \t]*:?-{2,}:?[ \t]*\|)", re.M)


def document(text: str, parse: Callable[[str], BeautifulSoup]) -> Document:
    """Return the blocks of a page's text; `parse` makes a bounded tree of markup.

    Raises TooMuch for more elements or cells than any page has.
    """
    if _is_html(text):
        return Document(_complete(html_blocks(parse(text))), is_html=True)
    markup, cuts = as_html(text)
    result = Document(_complete(html_blocks(parse(markup))))
    for cut in cuts:
        at = f"line {cut.line}"
        if cut.problem:
            result.problems.append((cut.problem, at))
        else:
            result.blocks.append(Record(cut.value, Place(), at, cut.name))
    return result


def _is_html(text: str) -> bool:
    """Whether a text is HTML; Markdown may begin with an element, too."""
    fragment = _MARKUP.match(text) and not _MARKDOWN.search(text)
    return bool(_HTML.match(text) or fragment)


def _complete(blocks: list[Block]) -> list[Block]:
    return with_tab_lines(with_notes(with_joined(blocks)))
