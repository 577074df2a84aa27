"""Lines that print a unit in words: it holds for what stands under the same headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from almanac.schemas.money import printed_unit
from almanac.spiders.document.blocks import Line

_PRICES = re.compile(r"\b(?:prices?|pricing|costs?|billed)\b|价格|计费|单价", re.I)
LONGEST = 300
"""Characters of a line that may print the unit of a page's prices."""


@dataclass(frozen=True, slots=True)
class PricedLines:
    """Texts with a unit, each under its headings, nearest first."""

    lines: tuple[tuple[tuple[str, ...], str], ...] = field(default=())

    @classmethod
    def of(cls, lines: Iterable[Line]) -> PricedLines:
        """Return the lines of a page that speak of prices and print a denominator."""
        spoken = (b for b in lines if len(b.text) < LONGEST and _PRICES.search(b.text))
        return cls(tuple((b.place.headings, b.text) for b in spoken if _unit(b.text)))

    def over(self, headings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts that hold under some headings, the nearest first.

        Of texts under one heading that print several units none holds; a page that prints but one
        unit prints it for all of it.
        """
        texts: list[str] = []
        for start in range(len(headings) + 1):
            here = [text for above, text in self.lines if above == headings[start:]]
            if len({_unit(text) for text in here}) == 1:
                texts.append(here[0])
        if len({_unit(text) for _, text in self.lines}) == 1:
            texts.append(self.lines[0][1])
        return tuple(texts)


def _unit(text: str) -> str:
    try:
        return printed_unit(text).words
    except ValueError:
        return ""
