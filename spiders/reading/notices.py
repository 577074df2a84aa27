"""Notices that say of a model in them on which day it is deprecated, retired or shut down."""

from __future__ import annotations

import re
from collections.abc import Sequence

from almanac.schemas.dates import read_date
from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context

_DAY = r"(?:[A-Z][a-z]+ \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]+ \d{4}|\d{4}-\d\d-\d\d)"
_ABOUT = re.compile(
    r"\b(?P<what>deprecated|retire[ds]?|shut ?down|discontinued)\b(?:\s+(?:on|as of|from))?\s+"
    rf"(?P<day>{_DAY})"
    rf"|(?:[Aa]s of|[Oo]n|[Ff]rom)\s+(?P<since>{_DAY}),?\s(?:(?!\.\s).)*?"
    r"\b(?:is|are|was|will be)\s+(?P<now>deprecated|retired|discontinued)"
)
_DATES = {"deprecated": "deprecation_date"}


def read_notices(context: Context, lines: Sequence[Line]) -> None:
    """Claim the days that a notice about an id in it states: deprecated, retired, shut down."""
    for line in lines:
        if len(line.text) > 600 or not _ABOUT.search(line.text):
            continue
        named = [
            n
            for n in context.names
            if n in line.text and re.search(rf"(?<![\w.-]){re.escape(n)}(?![\w.-]*\w)", line.text)
        ]
        if len(named) != 1:
            continue
        for m in _ABOUT.finditer(line.text):
            what, day = (m["what"] or m["now"]).lower(), m["day"] or m["since"]
            name = _DATES.get(what, "retirement_date")
            context.say(name, read_date(day), printed=m[0], locator=line.locator, model=named[0])
