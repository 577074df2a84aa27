"""Lines that print a unit in words: it holds for what stands under the same headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from almanac.schemas.money import printed_unit
from almanac.spiders.document.blocks import Line

_PRICES = re.compile(r"\b(?:prices?|pricing|costs?|billed)\b|价格|计费|单价", re.I)
_AMOUNT = re.compile(r"\s*[$€£¥￥]\s*\d")
"""What begins with a price is one, and prints no unit for others."""
LONGEST = 300
"""Characters of a line that may print the unit of a page's prices."""


@dataclass(frozen=True, slots=True)
class PricedLines:
    """Texts with a unit, by the headings that they stand under."""

    texts: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """Of several under one heading the first; none where they print several units."""
    only: str = ""
    """The first of a page that prints but one unit: it prints it for all of it."""

    @classmethod
    def of(cls, lines: Iterable[Line]) -> PricedLines:
        """Return the lines of a page that speak of prices and print a denominator."""
        printed: dict[tuple[str, ...], dict[str, str]] = {}
        for line in lines:
            if not _speaks(line.text):
                continue
            if unit := _unit(line.text):
                printed.setdefault(line.place.headings, {}).setdefault(unit, line.text)
        units = {unit: text for texts in reversed(printed.values()) for unit, text in texts.items()}
        return cls(
            {above: next(iter(t.values())) for above, t in printed.items() if len(t) == 1},
            next(iter(units.values())) if len(units) == 1 else "",
        )

    def over(self, headings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts that hold under some headings, the nearest first."""
        aboves = (headings[start:] for start in range(len(headings) + 1))
        here = [text for above in aboves if (text := self.texts.get(above))]
        return (*here, self.only) if self.only else tuple(here)


def _speaks(text: str) -> bool:
    """Whether a line speaks of prices, and is not one itself."""
    return len(text) < LONGEST and bool(_PRICES.search(text)) and not _AMOUNT.match(text)


def _unit(text: str) -> str:
    try:
        return printed_unit(text).words
    except ValueError:
        return ""
