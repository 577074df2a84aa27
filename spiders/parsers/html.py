"""HTML parsed and walked within bounds.

They are how many elements, how deep in each other, and how long it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.builder import LXMLTreeBuilder, ParserRejectedMarkup
from bs4.element import PageElement
from lxml import etree  # type: ignore[import-untyped]

from almanac.schemas.text import unfit
from almanac.spiders.bounds import DEEPEST, MOST_TAGS, TooMuch, Unreadable, on_time, paced

_CHUNK = 2**16
"""Characters given to the parser at a time.

It goes on to the end of a chunk when it is told to stop, and an end tag that ends nothing costs it
a look at every open element: a page of unclosed elements must not reach it whole.
"""


def parsed(markup: str) -> BeautifulSoup:
    """Return the document.

    Raises TooMuch for more elements, or deeper in each other, than any page has; Unreadable for
    what is no markup at all.
    """
    if unfit(markup):
        markup = markup.encode("utf-8", "replace").decode()
    try:
        return _Soup(markup, builder=_Builder(), element_classes={Tag: _Element})
    except ParserRejectedMarkup as error:
        raise Unreadable("no document that the parser of markup takes") from error


class _Element(Tag):  # type: ignore[misc]
    """An element that asks for the time at every step of a walk.

    What is looked for in a document (`find_all`, `find_parent`, `get_text` …) is found by one of
    these walks, so that a reader which looks for something at every table is stopped, though it
    forgot to ask.
    """

    @property
    def descendants(self) -> Iterator[PageElement]:
        return paced(super().descendants)

    @property
    def parents(self) -> Iterator[Tag]:
        return paced(super().parents)

    @property
    def next_elements(self) -> Iterator[PageElement]:
        return paced(super().next_elements)

    @property
    def previous_elements(self) -> Iterator[PageElement]:
        return paced(super().previous_elements)

    @property
    def next_siblings(self) -> Iterator[PageElement]:
        return paced(super().next_siblings)

    @property
    def previous_siblings(self) -> Iterator[PageElement]:
        return paced(super().previous_siblings)

    def select(self, *args: Any, **more: Any) -> Any:
        on_time()
        return super().select(*args, **more)


class _Soup(BeautifulSoup, _Element):  # type: ignore[misc]
    elements: int = 0

    def handle_starttag(self, *args: Any, **more: Any) -> Any:
        self.elements += 1
        if self.elements > MOST_TAGS:
            raise TooMuch(f"more than {MOST_TAGS:,} elements")
        if len(self.tagStack) > DEEPEST:
            raise TooMuch(f"elements nested deeper than {DEEPEST}")
        return super().handle_starttag(*args, **more)


class _Builder(LXMLTreeBuilder):  # type: ignore[misc]
    def feed(self, markup: str | bytes) -> None:
        """Give the document to the parser, a part at a time."""
        parser = self.parser_for(self.soup.original_encoding)
        self.parser = parser
        try:
            for start in range(0, len(markup), _CHUNK):
                on_time()
                parser.feed(markup[start : start + _CHUNK])
            parser.close()
        except (UnicodeDecodeError, LookupError, etree.LxmlError) as error:
            raise ParserRejectedMarkup(error) from error
