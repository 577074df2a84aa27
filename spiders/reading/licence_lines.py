"""Sentences that give one licence to the models they list: `A 7B, A Nemo and B are under X.`"""

from __future__ import annotations

import re
from collections.abc import Iterable

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.subject import may_name

LONGEST = 300
_UNDER = re.compile(
    r"(?P<names>[^.:;!?]*(?:\.\d[^.:;!?]*)*?)\s+(?:is|are)\s+(?:all\s+|both\s+)?"
    r"(?:released|licen[cs]ed|available|distributed|open[- ]sourced)?\s*under\s+(?:the\s+|an?\s+)?"
    r"(?P<licence>[A-Z][\w.+() -]{1,60}?)\.?"
)
_PARTED = re.compile(r",\s*(?:and\s+)?|\s+and\s+|、|，")
_GENERIC = re.compile(r"\b(?:all|other|our|these|following|models?|weights|code|this)\b", re.I)


def read_licences(context: Context, lines: Iterable[Line]) -> None:
    """Claim the licence of each model that a line names beside it; a doubt refuses the line."""
    for line in paced(lines):
        m = _UNDER.fullmatch(line.text.strip()) if len(line.text) <= LONGEST else None
        if not m:
            continue
        names = [name.strip() for name in _PARTED.split(m["names"]) if name.strip()]
        if not all(_is_name(context, name) for name in names):
            context.refuse(
                "a licence of models that are not named one by one",
                line.text,
                line.locator,
                name="licence",
            )
            continue
        for name in names:
            context.say(
                "licence",
                _bare(m["licence"]),
                printed=m["licence"],
                locator=line.locator,
                model=name,
            )


def _is_name(context: Context, text: str) -> bool:
    return may_name(text, context.declared) and not _GENERIC.search(text) and text[:1].isupper()


def _bare(licence: str) -> str:
    """Return a licence without the word behind a name that has a number of its own."""
    return re.sub(r"(?<=\d) licen[cs]e$", "", licence, flags=re.I)
