"""What stands around a grid: terms of its headings, tabs and notes, and texts with its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from almanac.spiders.document.blocks import UNTOLD, Grid
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.model_section import ModelSection
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import Kind, fold, scan

LONGEST_TITLE = 50
"""Characters of a heading or note that is a title; longer ones are sentences."""
_SENTENCE = re.compile(r"[：，。;；!?]|[:.](?:\s|$)")
_PERIODS = re.compile(r"peak|高峰|峰时|优惠时段", re.I)
_WINDOW = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~至到]\s*(\d{1,2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Terms of all figures of a grid; texts that may print its unit, nearest first."""

    terms: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()
    subject: str = ""
    """The model its figures are of, where no axis of it names one."""
    section: ModelSection | None = None
    """The section it stands in, under the heading of a model."""
    refused: str = ""
    """Why none of its figures can be believed."""


def surroundings(grid: Grid, context: Context) -> Surroundings:
    """Return what stands around a grid."""
    if UNTOLD in grid.place.tabs:
        return Surroundings(refused="which tab it stands under cannot be told")
    terms: dict[str, str] = {}
    section = context.sections.get(grid.locator)
    tab = section.tab_of(grid.locator) if section else ""
    for text in (*grid.place.tabs, tab, *_title(grid.notes), *grid.place.headings):
        for name, value in title_terms(text).items():
            terms.setdefault(name, value)
    texts = (
        *_units(grid),
        *grid.place.tabs,
        *grid.place.headings,
        *context.priced.over(grid.place.headings),
    )
    subject = _subject(grid, context, section)
    return Surroundings(tuple(sorted(terms.items())), texts, subject, section)


def _title(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the nearest of some notes that is no sentence: the title of what it stands over."""
    return tuple(note for note in notes[:3] if not is_sentence(note))[:1]


def is_sentence(text: str) -> bool:
    plain = " ".join(text.split())
    return len(plain) > LONGEST_TITLE or bool(_SENTENCE.search(plain))


def _units(grid: Grid) -> tuple[str, ...]:
    """Return the notes that may print a unit: those that are short or speak of prices."""
    return tuple(
        note
        for note in (*grid.notes, *grid.after)
        if len(note) <= 120 or re.search(r"pric|cost|bill|usd|\$|价|计费|元", note, re.I)
    )


_TITLE: frozenset[Kind] = frozenset(("term",))


def title_terms(text: str) -> dict[str, str]:
    """Return the conditions that a title names: a tier, a region, a mode; a sentence names none.

    >>> title_terms("Batch API pricing"), title_terms("Requests may be sent in a batch, too.")
    ({'tier': 'batch'}, {})
    """
    if is_sentence(text):
        return {}
    plain = " ".join(text.split())
    if region := region_of(plain):
        return {"region": region}
    stated = label(plain)
    if stated.role in ("terms", "price"):
        tuned = {"use": "fine-tuned"} if "training" in stated.parts else {}
        return tuned | dict(stated.terms)
    named = [e for w in scan(fold(plain), _TITLE) if (e := w.get("term"))]
    return {e.name: e.value for e in named if e.value and e.name in ("tier", "mode")}


def _subject(grid: Grid, context: Context, section: ModelSection | None) -> str:
    """Return the model of a grid: by the ids of its section, the nearest text, else the page's."""
    if section is not None and section.ids:
        return section.subject
    named = (_only_name(text, context) for text in (*grid.notes[:2], *grid.place.headings[:1]))
    own = next(filter(None, named), "") or context.subject or context.only_id
    return own or (section.subject if section else "")


def _only_name(text: str, context: Context) -> str:
    """Return the one model of the page that a text names; a longer name beats its beginning."""
    folded = fold(text)
    named = [n for n in context.names if _stands_in(fold(n), folded)]
    longest = [n for n in named if not any(n != o and fold(n) in fold(o) for o in named)]
    return longest[0] if len(longest) == 1 else ""


def _stands_in(name: str, text: str) -> bool:
    return name in text and bool(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\d)", text))
