"""A saved page as a new source reads it: what was met, which names are linked, what to cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from almanac.new_source.answers import models_in
from almanac.new_source.draft import DraftSource, ModelList
from almanac.new_source.excerpt import Cutter
from almanac.new_source.excerpt_markup import cut_markup
from almanac.new_source.excerpt_text import cut_answer, cut_lines, without_sentences
from almanac.new_source.meaning import unit_words
from almanac.new_source.met import MetPlace, met_on
from almanac.out import Refused
from almanac.schemas.money import printed_unit
from almanac.schemas.record_keys import unit_of
from almanac.spiders.base import Reading, Source, read_page
from almanac.spiders.page import LayoutChanged, Page, Unreadable
from almanac.spiders.parsers.listed import is_answer
from almanac.spiders.reading.declared import Declared


@dataclass(frozen=True, slots=True)
class PageLesson:
    """What a source makes of a saved page."""

    source: Source
    page: Page
    reading: Reading
    places: tuple[MetPlace, ...]
    models: ModelList | None = None

    @property
    def names(self) -> list[str]:
        """The models that are named, in order."""
        return list(dict.fromkeys(claim.model for claim in self.reading.claims))


@dataclass(frozen=True, slots=True)
class PageExcerpt:
    """What is recorded of a page, and the sentences of others that are still in it."""

    text: str
    reading: Reading
    sentences: tuple[str, ...]


def lesson_of(name: str, url: str, body: bytes, moment: datetime, declared: Declared) -> PageLesson:
    """Return what a new source that declares something makes of a page.

    Raises ValueError for a declared unit that is none, Unreadable for a body that is no text.
    """
    page = Page(name, url, body, moment)
    listed = models_in(page, declared) if _parses(page) else None
    _check_unit(declared.unit, in_table=listed is not None)
    if listed is not None:
        models, place = listed
        draft = DraftSource(name, url, declared, models)
        return PageLesson(draft, page, read_page(draft, page), (place,), models)
    draft = DraftSource(name, url, declared)
    reading = read_page(draft, page)
    return PageLesson(draft, page, reading, tuple(_met(page, reading, declared)))


def lesson_again(source: Source, url: str, body: bytes, moment: datetime) -> PageLesson:
    """Return what a source that has its files makes of a page."""
    page = Page(source.name, url, body, moment)
    reading = read_page(source, page)
    places = [] if source.declared is None else _met(page, reading, source.declared)
    models = None
    if is_answer(page) and (listed := models_in(page, Declared(""))):
        models = listed[0]
    return PageLesson(source, page, reading, tuple(places), models)


def _met(page: Page, reading: Reading, declared: Declared) -> Sequence[MetPlace]:
    """Return what was met on a page; nothing on one of which no blocks can be made."""
    try:
        return met_on(page, reading, declared)
    except LayoutChanged:
        return []


def _parses(page: Page) -> bool:
    """Whether a page is JSON; a page of Markdown may begin with a bracket, too."""
    if not is_answer(page):
        return False
    try:
        return isinstance(page.json, (dict, list))
    except Unreadable:
        return False


def _check_unit(unit: str, in_table: bool) -> None:
    if not unit:
        return
    if in_table:
        unit_of(unit)
    elif not (stated := printed_unit(unit)).currency or not stated.words:
        raise ValueError(f"no unit of a price: {unit!r} (as in 'USD per 1M tokens')")


def excerpt_of(lesson: PageLesson) -> PageExcerpt:
    """Return the smallest page that says of some rows what the whole one says.

    Raises Refused for a page of which no part is read as the whole is.
    """
    cutter = Cutter.of(lesson.source, lesson.page, lesson.reading)
    text: str = lesson.page.text
    sentences: list[str] = []
    if lesson.models is not None:
        text = cut_answer(cutter, text, lesson.models)
    else:
        text = cut_markup(cutter, text) if _is_markup(text) else cut_lines(cutter, text)
        text, sentences = without_sentences(cutter, text, _units(lesson.reading))
    if not cutter.agrees(text):
        raise Refused(
            "no part of the page is read as the whole: write a page of its structure, with some of"
            " its figures, and give that as --page"
        )
    page = lesson.page
    part = Page(page.source, page.url, text.encode(), page.fetched_at)
    return PageExcerpt(text, read_page(lesson.source, part), tuple(sentences))


def _is_markup(text: str) -> bool:
    return text.lstrip()[:1] == "<"


def _units(reading: Reading) -> list[str]:
    """Return sentences of ours that say the units of a page's prices."""
    units = dict.fromkeys(c.unit for c in reading.claims if c.field == "price")
    return [f"Prices in {unit_words(unit)}." for unit in units]
