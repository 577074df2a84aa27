"""Lines that cards alone have: labels set in bold without a colon, and set phrases of one model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from almanac.schemas.dates import read_date
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.licences import licence_of
from almanac.spiders.vocabulary.media import media_of

LONGEST_LINE = 2_000
_TAKES = re.compile(
    r"(?:(?P<in>input)\W+models? (?:input|accept|take)s?"
    r"|(?P<out>output)\W+models? (?:generate|output|produce)s?)\s+(?P<media>[\w ,]+?)(?: only)?\.?",
    re.I,
)
_WORDS = re.compile(r"\S+(?:\s+\S+){0,3}?(?=\s)")
_DATED_SIZE = re.compile(
    r"(?P<size>\d+(?:\.\d+)?[BbMm])(?: (?P<edition>[A-Z][a-z]+))?\s*:\s*(?P<day>\w+ \d{1,2}, \d{4})"
)
_WINDOW = re.compile(
    r"(?:^|\btrained with an? )(?P<n>\d+(?:\.\d+)?[kKmM]) context window\b(?!\s*[-–(]?\s*\d)", re.I
)
_SIZED = (
    (
        "parameters",
        re.compile(
            r"\b(?:is an?|about an?|with|has|resulting in) (?P<n>\d+(?:\.\d+)?\s?"
            r"(?:[BM]|billion|million))(?: total)?(?: and \d[\d.]*[BM] active)?[ -]parameters?\b"
        ),
    ),
    ("parameters", re.compile(r"\bhas (?P<n>\d+(?:\.\d+)?[BM]) total parameters")),
    (
        "active_parameters",
        re.compile(
            r"\b(?:only uses|and) (?P<n>\d+(?:\.\d+)?[BM])(?: active)? parameters"
            r"(?: per token| chosen)"
        ),
    ),
)
_LICENSED = re.compile(
    r"(?:^|(?<=[.\n]))[^.\n]{0,80}?\b(?:is licensed under|is made available under"
    r"|released[^.\n]{0,40} under|license for [\w-]+ is) the (?P<n>[A-Z][\w .-]{0,80}?) licen[sc]e",
    re.I,
)


def read_card_lines(context: Context, lines: Sequence[Line]) -> None:
    """Read what only lines of cards say; a phrase that says two things says nothing."""
    phrases: dict[str, dict[str, tuple[str, str, Line]]] = {}
    for line in paced(lines):
        text = " ".join(line.text.split())
        if line.kind == "heading" or len(text) > LONGEST_LINE:
            continue
        _media(context, text, line)
        _labelled(context, text, line, lines)
        _dated_size(context, text, line)
        for name, value, printed in _phrases(context, text):
            same = value.replace(" ", "").lower()
            phrases.setdefault(name, {}).setdefault(same, (value, printed, line))
    if context.subject and not context.members:
        for name, values in phrases.items():
            _phrase(context, name, list(values.values()))


def _phrase(context: Context, name: str, stated: Sequence[tuple[str, str, Line]]) -> None:
    """Claim what set phrases say of the card's model; two that differ are refused."""
    for value, printed, line in stated:
        if len(stated) == 1:
            _say(context, name, value, printed, line, [context.subject])
        else:
            reason = "sentences of the page say several values"
            context.refuse(reason, printed, line.locator, context.subject, name)


def _say(
    context: Context, name: str, value: object, printed: str, line: Line, models: Sequence[str]
) -> None:
    for model in models:
        context.say(name, value, printed=printed, locator=line.locator, model=model)


def _media(context: Context, text: str, line: Line) -> None:
    """Claim what media models take or give, of the members and of the family that they are."""
    m = _TAKES.fullmatch(text)
    if m and (media := media_of(m["media"])):
        name = "input_modalities" if m["in"] else "output_modalities"
        models = [*context.families, *context.models]
        _say(context, name, media, text, line, list(dict.fromkeys(models)))


def _labelled(context: Context, text: str, line: Line, lines: Sequence[Line]) -> None:
    """Read a licence or a day whose label stands before it without a colon."""
    for words in range(1, 5):
        label, value = " ".join(text.split(" ")[:words]), " ".join(text.split(" ")[words:])
        if value and value[0] not in ":=" and ":" not in label:
            _stated(context, context.declared.label(label), value, line, lines)


def _stated(context: Context, stated: Label, value: str, line: Line, lines: Sequence[Line]) -> None:
    if stated.role != "field":
        return
    if stated.name == "licence" and value[:2] in ("A ", "Th") and (named := licence_of(value)):
        own = _own_licence(context, lines) if named.startswith("custom") else None
        licence, at = own or (named, line)
        _say(context, "licence", licence, licence, at, context.models)
    elif stated.name == "release_date" and (day := _day(value)):
        _say(context, "release_date", day, value, line, context.models)


def _own_licence(context: Context, lines: Sequence[Line]) -> tuple[str, Line] | None:
    """Return the one licence of the page that bears the family's name, and where it stands."""
    found = {
        m[0]: line
        for family in context.families
        for line in lines
        if (m := re.search(rf"\b{re.escape(family)} Community Licen[cs]e\b", line.text))
    }
    return next(iter(found.items())) if len(found) == 1 else None


def _day(text: str) -> str:
    try:
        day = read_date(text.strip(" ."))
    except ValueError:
        return ""
    return day.value if day.is_whole else ""


def _dated_size(context: Context, text: str, line: Line) -> None:
    """Read the day of one size, and edition, of the family under a date's label."""
    m = _DATED_SIZE.fullmatch(text.strip(" *"))
    if not m or context.declared.label(line.owner.strip(" :*")).name != "release_date":
        return
    size = m["size"].lower()
    for member in context.members:
        if member.lower().endswith(f" {size}"):
            name = f"{member} {m['edition']}" if m["edition"] else member
            _say(context, "release_date", m["day"], m["day"], line, [name])


def _phrases(context: Context, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (field, value, printed) of set phrases in a sentence."""
    if m := _WINDOW.search(text):
        yield "context_window", m["n"], m[0]
    if not context.declared.sentences:
        return
    for name, pattern in _SIZED:
        yield from ((name, m["n"], m[0]) for m in pattern.finditer(text))
    yield from (("licence", m["n"].strip(), m[0]) for m in _LICENSED.finditer(text))
