"""What one page may ask of its reader: size, depth, parts, claims, time.

A page that asks for more is refused whole.

Real pages are the measure: 860 captures of 49 sources. Most bounds are ten times what the greatest
of them asks for. They are counts, so that a page is refused on every machine or on none; time is
the last resort, for what no count foresaw.
"""

from __future__ import annotations

import functools
import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

LARGEST_PAGE = 32 * 2**20
"""Bytes of a body that is read: ten times the largest real page (3.2 MB).

A body of 120 MB took 86 s and 1.4 GB.

None larger is taken in, wherever it comes from: a crawl, a saved file, a repository, a package, a
web archive of others.
"""
LONGEST_URL = 2_000
"""Characters of an address, in which readers look for a model's name; browsers take as many."""
SECONDS = 60.0
"""Processor seconds a page may take: the slowest real one takes 6.

Counted by thread, so that a busy machine changes nothing.
"""
SELDOM = 20_000
"""Objects made between two looks for garbage while pages are read.

What a page gives is kept until its end: looked for after every 700, garbage took a quarter of the
time of a page of many claims.
"""
MOST_CLAIMS = 250_000
"""Claims of a page: four times the fullest real one (55,286), and 400 MB of memory."""
MOST_REFUSALS = 2_500
"""Refusals of a page that are kept; of the rest only the number is. The worst real page has 251."""
MOST_TAGS = 300_000
"""Elements of an HTML page: thirteen times the fullest real one (22,406)."""
DEEPEST = 200
"""Elements within each other: five times the deepest real page (38)."""
MOST_VALUES = 2_000_000
"""Brackets and commas of a JSON page: thirteen times the fullest real one (154,343)."""
MOST_COLUMNS = 200
"""Columns of a table: fourteen times the widest real one (14)."""
MOST_CELLS = 100_000
"""Cells of all tables of a page, spans laid out: thirteen times the fullest real page (7,465)."""
LONGEST_CELL = 500
"""Characters of a table's cell that are kept; what is longer is description.

No figure or name is so long.
"""
LONGEST_LINE = 8_000
"""Characters of a line or block in which a figure is looked for: the longest real one has 6,356."""
LONGEST_NOTE = 1_000
"""Characters of a text before a table that are looked at for its unit.

The longest real one has 724.
"""
LONGEST_MARKUP = 10_000
"""Characters of a line whose Markdown is taken off."""
MOST_CHARACTERS = 2 * LARGEST_PAGE
"""Characters of all cells and lines that are read of a page.

They are more than it is long only where elements stand within others.
"""


class Unreadable(Exception):
    """The body is not what the source serves.

    It is empty, cut off, of another media type, or beyond all bounds.
    """


class TooMuch(Unreadable):
    """The page asks for more than a page may.

    Nothing catches it but who reads the page as a whole.
    """


@dataclass
class _Spent:
    """What the page that is being read has asked for so far."""

    seconds: float
    wall: float = field(default_factory=time.monotonic)
    work: float = field(default_factory=time.thread_time)
    characters: int = 0


Item = TypeVar("Item")
Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")
_SPENT: ContextVar[_Spent | None] = ContextVar("spent", default=None)


@contextmanager
def reading(seconds: float) -> Iterator[None]:
    """Count what is asked for while one page is read. Every thread counts for itself."""
    if 0 < gc.get_threshold()[0] < SELDOM:
        gc.set_threshold(SELDOM)
    token = _SPENT.set(_Spent(seconds))
    try:
        yield
    finally:
        _SPENT.reset(token)


def on_time() -> None:
    """Raise TooMuch when the page that is being read has taken all the time it may.

    Nothing can interrupt a pattern at work, so this is asked between cells, rows and lines,
    which are short.
    """
    spent = _SPENT.get()
    if spent is None or time.monotonic() - spent.wall < spent.seconds:
        # No thread works longer than the clock runs.
        return
    if time.thread_time() - spent.work > spent.seconds:
        raise TooMuch(f"takes longer than {spent.seconds:g} s to read")


def paced(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items, one at a time for as long as there is time."""
    spent, clock = _SPENT.get(), time.monotonic
    if spent is None:
        yield from items
        return
    for item in items:
        if clock() - spent.wall >= spent.seconds:
            on_time()
        yield item


class PacedList(list[Item]):
    """A list that asks for the time at every item.

    So whoever loops over it need not think of it.
    """

    def __iter__(self) -> Iterator[Item]:
        return paced(super().__iter__())


class PacedTuple(tuple[Item, ...]):
    """The same as a tuple."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Item]:
        return paced(super().__iter__())


def asking(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Return the function made to ask for the time before it works.

    It is a source's own, and called for every table or row.
    """

    @functools.wraps(function)
    def asked(*args: Asked.args, **more: Asked.kwargs) -> Answer:
        on_time()
        return function(*args, **more)

    return asked


def characters(text: str) -> str:
    """Return a text that was put together from a page's elements.

    Raises TooMuch when they come to more than any page holds.
    """
    spent = _SPENT.get()
    if spent is not None:
        spent.characters += len(text)
        if spent.characters > MOST_CHARACTERS:
            raise TooMuch(
                "its elements, each with what stands in it,"
                f" hold more than {MOST_CHARACTERS:,} characters"
            )
    return text


def clipped(cell: str) -> str:
    """Return a cell's text, clipped where it is longer than any figure or name.

    Of a longer one it is the beginning, still too long to be taken for one.
    """
    return (
        cell
        if len(cell) <= LONGEST_CELL
        else f"{cell[:LONGEST_CELL]} … and {len(cell) - LONGEST_CELL:,} characters more"
    )
