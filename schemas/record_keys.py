"""What each key of a source's keyed records says: a field, a price, or nothing of interest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from almanac.schemas.fields import FIELDS, METERS

Paths = list[str]
_UNIT = re.compile(
    r"(?P<currency>USD|EUR|CNY|US cents) per (?P<count>1K |1M |100M )?"
    r"(?P<per>token|character|image|second|minute|hour|request|search|page|session|month)(?:e?s)?"
)
_COUNTS = {
    None: Decimal(1),
    "1K ": Decimal(1000),
    "1M ": Decimal(1_000_000),
    "100M ": Decimal(10**8),
}
_BY_THE_MILLION = {"token": "mtok", "character": "mchar"}


class RecordKeys(BaseModel):
    """A table from the keys of one kind of record to what they say.

    A path is keys with `/` between them; `*` stands for any part of a key, or any place in a list.
    A container that is named stands for all in it but what is named deeper.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    facts: dict[str, str] = Field(default_factory=dict)
    """A path to a field: of the offer, or `FIELD of model`."""
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    """A path to the words of its list, each with the field it says yes to.

    `*` is why all others are of no interest; without it they are refused.
    """
    prices: dict[str, dict[str, str]] = Field(default_factory=dict)
    """A path to a meter with its unit, and the terms it is bought on.

    `zero: not charged` where a 0 says only that there is no such charge.
    """
    rules: dict[str, str] = Field(default_factory=dict)
    """A path to the source's own rule that reads it."""
    ignored: dict[str, Paths] = Field(default_factory=dict)
    """Why a key is of no interest, and its paths."""
    refused: dict[str, Paths] = Field(default_factory=dict)
    """Why a figure is not taken, and its paths."""

    @model_validator(mode="after")
    def _legal(self) -> Self:
        if twice := [path for path, times in Counter(self._paths()).items() if times > 1]:
            raise ValueError(f"named twice: {', '.join(sorted(twice))}")
        if unknown := {name for name in self._fields() if field_of(name) not in FIELDS}:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        for path, price in self.prices.items():
            meters = [key for key in price if key in METERS]
            if len(meters) != 1:
                raise ValueError(f"one meter is asked for: {path}")
            unit_of(price[meters[0]])
        return self

    def _paths(self) -> Iterator[str]:
        yield from chain(self.facts, self.words, self.prices, self.rules)
        yield from chain.from_iterable(chain(self.ignored.values(), self.refused.values()))

    def _fields(self) -> Iterator[str]:
        yield from self.facts.values()
        for words in self.words.values():
            yield from (name for word, name in words.items() if word != "*")


def field_of(text: str) -> tuple[str, str]:
    """Return (subject, name) of a field as a table names it.

    >>> field_of("context_window"), field_of("context_window of model")
    (('offer', 'context_window'), ('model', 'context_window'))
    """
    name = text.removesuffix(" of model")
    return ("offer" if name == text else "model"), name


def unit_of(text: str) -> tuple[str, str, Decimal]:
    """Return (currency, per, units) of a documented unit: a number is for `units` of `per`.

    >>> unit_of("USD per token"), unit_of("US cents per image")
    (('USD', 'mtok', Decimal('0.000001')), ('USD', 'image', Decimal('100')))

    Raises ValueError for words that are no unit.
    """
    m = _UNIT.fullmatch(text)
    if not m:
        raise ValueError(f"no unit of a price: {text!r}")
    per = _BY_THE_MILLION.get(m["per"])
    units = _COUNTS[m["count"]] / (1_000_000 if per else 1)
    if m["currency"] == "US cents":
        units *= 100
    return m["currency"].replace("US cents", "USD"), per or m["per"], units
