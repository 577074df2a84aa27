"""Set phrases in sentences, each about the model with whose name a line last began."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context

LONGEST_LINE = 2_000


def read_phrases(context: Context, lines: Sequence[Line]) -> None:
    """Read the phrases that a source declares."""
    if not context.declared.phrases:
        return
    for model, line in _about(context, lines):
        for phrase in context.declared.phrases:
            for m in phrase.pattern.finditer(line.text):
                value = m["value"] if phrase.value is None else phrase.value
                content = f"{phrase.bound} {value}" if phrase.bound else value
                context.say(phrase.field, content, printed=m[0], locator=line.locator, model=model)


def _about(context: Context, lines: Sequence[Line]) -> Iterator[tuple[str, Line]]:
    """Yield sentences with the model that each is about: one that says none is of the last."""
    begins = [
        (name, re.compile(re.escape(name) + r"(?:,| is\b)"))
        for name in sorted(context.names, key=len, reverse=True)
    ]
    current = context.subject
    for line in paced(lines):
        current = next((name for name, begin in begins if begin.match(line.text)), current)
        if current and line.kind != "heading" and len(line.text) <= LONGEST_LINE:
            yield current, line
