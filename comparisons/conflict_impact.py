"""What an open conflict touches: money for prices, users for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from almanac.comparisons.formatting import price
from almanac.comparisons.pricing.traffic_mixes import MIXES
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredClaim, StoredFigure

_MIX = MIXES["ref_800_250"]
_VOLUME = {
    "input": _MIX.input_mtok,
    "output": _MIX.output_mtok,
    "token": _MIX.input_mtok + _MIX.output_mtok,
    "cache_read": _MIX.input_mtok,
    "cache_write": _MIX.input_mtok,
    "reasoning": _MIX.output_mtok,
}
"""Millions of tokens a month that a meter counts in the reference traffic.

Other meters are not part of it.
"""


@dataclass(frozen=True, slots=True)
class Stake:
    """One open conflict.

    `money` is what its values differ by in US dollars a month for the reference traffic, None where
    it is no price of that traffic; `offers` are the providers that serve the model, `sources` those
    who speak of it.
    """

    figure: StoredFigure
    values: dict[str, tuple[str, ...]]
    """Who says what: sources by value as stored."""
    shown: dict[str, str]
    """Each value as a reader compares it."""
    money: Decimal | None
    offers: int
    sources: int


def stakes(snapshot: Warehouse, match: str = "") -> list[Stake]:
    """Return the open conflicts, dearest first, then those that touch most users."""
    every = snapshot.figures(state="conflicted")
    open_ = [f for f in every if match.lower() in f.subject.lower()]
    claims = snapshot.claims(i for f in open_ for side in f.sides() for i, _ in side)
    offers = snapshot.offers_of()
    rows = [_stake(f, claims, offers) for f in open_]
    return sorted(
        rows,
        key=lambda s: (
            -(s.money or 0),
            -s.offers,
            -s.sources,
            s.figure.subject,
            s.figure.field,
            s.figure.meter,
            s.figure.terms,
        ),
    )


def _stake(figure: StoredFigure, claims: dict[int, StoredClaim], offers: dict[str, int]) -> Stake:
    values: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, str] = {}
    amounts = []
    for value, claim, note in _spoken(figure, claims):
        values[value].add(claim.source)
        priced = figure.field == "price"
        shown.setdefault(value, price(int(value), claim.unit) if priced else claim.printed)
        if priced and claim.unit == "usd_per_mtok" and not note.startswith("held"):
            amounts.append(int(value))
    ordered = sorted(values.items(), key=lambda x: (-len(x[1]), x[0]))
    return Stake(
        figure,
        {value: tuple(sorted(sources)) for value, sources in ordered},
        shown,
        _money(figure.meter, amounts),
        offers.get(figure.model, 0),
        len(set().union(*values.values())),
    )


def _spoken(
    figure: StoredFigure, claims: dict[int, StoredClaim]
) -> Iterator[tuple[str, StoredClaim, str]]:
    """Yield what is said on either side: the value, the claim, the note on it."""
    for i, note in (pair for side in figure.sides() for pair in side):
        claim = claims.get(i)
        if claim is None or claim.value is None:
            continue
        if not note.startswith(("the template's word", "corrected")):
            yield claim.value, claim, note


def _money(meter: str, amounts: list[int]) -> Decimal | None:
    """Return what the values differ by for a month's tokens, in dollars, where that can be told."""
    if len(amounts) < 2 or meter not in _VOLUME:
        return None
    return Decimal(max(amounts) - min(amounts)) * _VOLUME[meter] / 10**9
