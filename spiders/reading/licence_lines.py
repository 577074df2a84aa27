"""Lines that give models a licence: `A, B and C are under L`, or a list of models under one."""

from __future__ import annotations

import re

from almanac.schemas import catalogue
from almanac.spiders.document.blocks import Line
from almanac.spiders.parsers.row_checks import no_name
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.words import fold

_GIVEN = (
    r"(?:(?:licen[sc]ed|released|available|distributed|published|provided|made available)\s{1,3})?"
    r"under\s{1,3}(?:(?:the|an?)\s{1,3})?(?P<licence>\S.{0,120}?)"
)
_SENTENCE = re.compile(rf"(?P<names>\S.{{0,300}}?)\s{{1,3}}(?:is|are)\s{{1,3}}{_GIVEN}\s?\.?")
_OWNER = re.compile(rf"(?:[^.]{{0,200}}?\s)?{_GIVEN}\s?[:：]", re.I)
_NAMED = re.compile(r"[A-Z][\w.:-]*(?:\s+[A-Z0-9(][\w.:()-]*){0,5}|[a-z]+[\w./:-]*\d[\w.:-]*")
_APART = re.compile(r",\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+")
_GENERIC = re.compile(r"(?:The|This|These|All|Our|Its?|Other|Every|Each|Some|Both|Code|Content)\b")
_LICENCE = re.compile(r"[^,;]{2,70}\b(?:licen[cs]e|agreement|terms)(?:\s+v?\d[\d.]*)?", re.I)
_OTHERWISE = re.compile(r"\b(?:and|or|except|unless|but|if|for|with)\b|[,;]", re.I)
LONGEST = 500
"""Characters of a line that is looked at."""


def read_licences(context: Context, line: Line) -> bool:
    """Claim the licence that a line gives to the models it names. False for another line."""
    if len(line.text) > LONGEST or line.kind == "heading" or context.declared.is_card:
        return False  # a card's sentences speak of its own model
    licence, models = _given(line)
    if not licence or not models or not (_numbered(models, line) or _about_licences(line)):
        return False
    for model in models:
        context.say("licence", licence, printed=licence, locator=line.locator, model=model)
    return True


def _given(line: Line) -> tuple[str, list[str]]:
    """Return the licence that a line gives, or the title of its list, and to what."""
    text = " ".join(line.text.split())
    if m := _SENTENCE.fullmatch(text):
        return licence_of(m["licence"]), _models(m["names"])
    m = _OWNER.fullmatch(line.owner.strip()) if line.kind == "item" else None
    return (licence_of(m["licence"]), _models(text)) if m else ("", [])


def licence_of(text: str) -> str:
    """Return the licence that a whole text names; nothing for another text, or for two.

    >>> licence_of("Apache 2 License"), licence_of("Acme Research License v1.2"), licence_of("NDA")
    ('Apache 2', 'Acme Research License v1.2', '')
    >>> licence_of("MIT, except for its weights")
    ''
    """
    plain = text.strip(" .*`")
    known = catalogue.vocabulary("licences")
    bare = re.sub(r"\s+licen[cs]e$", "", plain, flags=re.I)
    for name in (plain, bare):
        if name.lower() in known:
            return name
    whole = _LICENCE.fullmatch(plain) and not _OTHERWISE.search(plain)
    return plain if whole else ""


def _models(text: str) -> list[str]:
    """Return the models that a text lists; none where one of them is no name."""
    parts = [part.strip(" .*`") for part in _APART.split(text) if part.strip(" .*`")]
    named = all(_NAMED.fullmatch(p) and not _GENERIC.match(p) and not no_name(p) for p in parts)
    return parts if named else []


def _numbered(models: list[str], line: Line) -> bool:
    """Whether the names are those of models by their numbers: one of a list, each of a text."""
    numbers = [bool(re.search(r"\d", model)) for model in models]
    return any(numbers) if line.kind == "item" else all(numbers)


def _about_licences(line: Line) -> bool:
    """Whether an item stands under a title that is about licences."""
    titles = (line.owner, *line.place.headings[:1]) if line.kind == "item" else ()
    return any(label(t).name == "licence" or "licens" in fold(t) for t in titles)
