"""Set phrases in sentences, each about the model it names, or with whose name a line last began."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.set_phrase import SetPhrase

LONGEST_LINE = 2_000


def read_phrases(context: Context, lines: Sequence[Line]) -> None:
    """Read the phrases that a source declares."""
    if not context.declared.phrases:
        return
    ways = list(_ways(context))
    for model, line in _about(context, lines):
        for phrase, pattern, name in ways:
            if name or model:
                _read(context, phrase, pattern, name or model, line)


def _ways(context: Context) -> Iterator[tuple[SetPhrase, re.Pattern[str], str]]:
    """Yield phrases as patterns, each with the model that it names, if it names one."""
    for phrase in context.declared.phrases:
        for name in context.names if "{model}" in phrase.words else ("",):
            yield phrase, phrase.pattern(name), name


def _read(
    context: Context, phrase: SetPhrase, pattern: re.Pattern[str], model: str, line: Line
) -> None:
    for m in pattern.finditer(line.text):
        given = m.groupdict()
        value = given.get("value") if phrase.value is None else phrase.value
        content = f"{phrase.bound} {value}" if phrase.bound else value
        listed = re.split(r",\s*(?:and\s+)?|\s+and\s+", given.get("providers") or "")
        for provider in listed:
            context.say(
                phrase.field,
                content,
                printed=m[0],
                locator=line.locator,
                model=model,
                provider=provider.strip() or None,
            )


def _about(context: Context, lines: Sequence[Line]) -> Iterator[tuple[str, Line]]:
    """Yield sentences with the model that each is about: one that says none is of the last."""
    begins = [
        (name, re.compile(re.escape(name) + r"(?:,| is\b)"))
        for name in sorted(context.names, key=len, reverse=True)
    ]
    current = context.subject
    for line in paced(lines):
        current = next((name for name, begin in begins if begin.match(line.text)), current)
        if line.kind != "heading" and len(line.text) <= LONGEST_LINE:
            yield current, line
