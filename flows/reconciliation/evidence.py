"""Who says what in what role, and when two printed values agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from almanac.schemas.card import SourceCard
from almanac.schemas.field import Field
from almanac.schemas.observation import Observation
from almanac.schemas.organisations import maker_at, maker_of
from almanac.schemas.quantity import Interval


@dataclass(slots=True)
class Voice:
    """A claim in the role its source speaks in; `held` says why a guard keeps it back."""

    claim: Observation
    rank: int
    speaks_as: str
    intervals: tuple[Interval, ...]
    exact: bool
    held: str = ""


AUTHORITIES = frozenset({"correction", "maker", "maker_card", "provider", "measurement"})
WEAK = frozenset({"reseller", "blog", "third_party", "inherited"})
"""Roles that never outvote another."""


def speaks_as(claim: Observation, card: SourceCard) -> str:
    """Return in what role a source makes this claim: authority depends on what it speaks about.

    A card speaks for the maker at whose own repository it stands, of that maker's models. Of
    anything else, and from anywhere else, it is a third party, as is a seller or a rival on how
    well a model does.
    """
    if claim.basis == "inherited":
        return "inherited"
    maker = claim.model.split("/")[0]
    if claim.subject_kind == "offer":
        if claim.provider in card.providers and claim.basis != "rival":
            return "provider"
        return card.kind if card.kind not in ("maker", "maker_card", "provider") else "third_party"
    if card.kind == "maker_card":
        return "maker_card" if _own_card(claim, maker) else "third_party"
    if card.kind == "maker" and maker in card.makers:
        return "maker"
    if card.kind in ("maker", "provider"):
        return "third_party" if claim.subject_kind == "evaluation" else "provider"
    return card.kind


def _own_card(claim: Observation, maker: str) -> bool:
    """Whether a card stands at a repository of the model's maker, and was answered from one.

    A redirect may lead elsewhere, and the id by which the reader names a model is that of the
    address that answered.
    """
    *organisation, _ = claim.model_said.split("/")
    return maker_at(claim.page) == maker and (
        not organisation or maker_of("huggingface", "/".join(organisation)) == maker
    )


def voice(claim: Observation, entry: Field, card: SourceCard) -> Voice:
    """Return a claim in the role its source speaks in, ranked by who may speak of the field.

    Nothing is held back yet.
    """
    role = speaks_as(claim, card)
    order = [*entry.authority, "third_party", "inherited"]
    return Voice(
        claim,
        order.index(role) if role in order else len(order),
        role,
        intervals(claim, entry),
        not claim.readings and not claim.bound,
    )


def intervals(claim: Observation, entry: Field) -> tuple[Interval, ...]:
    """Return what a claim's printed text may stand for.

    Nothing for words and flags, which are compared as they are.
    """
    if claim.value is None:
        return ()
    if entry.kind in ("count", "price", "score", "measure"):
        if claim.readings:
            return tuple(
                Interval(Decimal(a), Decimal(b), closed)
                for a, b, closed in json.loads(claim.readings)
            )
        value = Decimal(claim.value)
        return (Interval(value, value),)
    if entry.kind == "date":
        rows: list[list[str]] = (
            json.loads(claim.readings) if claim.readings else [[claim.value, claim.value, ""]]
        )
        return tuple(Interval(day(a), day(b)) for a, b, _ in rows)
    return ()


def width(v: Voice) -> Decimal:
    """Return how wide a voice's intervals are together: the narrower, the more exact."""
    return sum((i.high - i.low for i in v.intervals), Decimal(0))


def agrees(entry: Field, winner: Voice, other: Voice) -> str | None:
    """Return how `other` agrees with the value taken: a note, perhaps empty.

    None where it does not.
    """
    a, b = winner.claim.value, other.claim.value
    if a == b and winner.claim.unit == other.claim.unit:
        return ""
    if winner.claim.unit != other.claim.unit or not winner.intervals or not other.intervals:
        return None
    if other.claim.bound == "upper" and entry.kind == "count":
        if any(x.meets(y) for x in winner.intervals for y in other.intervals):
            return f"display twin, as a bound: {other.claim.printed}"
        if any(winner.intervals[0].low <= i.high for i in other.intervals):
            return f"a bound that holds: {other.claim.printed}"
        return None
    if any(x.meets(y) for x in winner.intervals for y in other.intervals):
        return (
            f"display twin: {other.claim.printed}"
            if entry.kind in ("count", "price")
            else f"less precise: {other.claim.printed}"
        )
    if entry.kind == "count" and a and b and unit_twins(int(a), int(b)):
        return f"decimal twin of {a}: {b}"
    return None


def unit_twins(a: int, b: int) -> bool:
    """True for k × 1000ⁿ against k × 1024ⁿ.

    It is the same window, counted in decimal and in binary thousands.
    """
    low, high = sorted((a, b))
    return any(
        low % 1000**n == 0 and high % 1024**n == 0 and low // 1000**n == high // 1024**n
        for n in (1, 2)
    )


def day(text: str) -> Decimal:
    """Return a date as a number of days."""
    return Decimal(datetime.fromisoformat(text).toordinal())
