"""The decision about one field of one subject: what the resolver returns and a release holds."""

from __future__ import annotations

from dataclasses import dataclass

from almanac.schemas.claim import State, Value
from almanac.schemas.terms import Terms


@dataclass(frozen=True, slots=True)
class Side:
    """One claim's part in a decision: its row in the warehouse, and why it stands where it does."""

    claim: int
    note: str


@dataclass(frozen=True, slots=True)
class Figure:
    """Value, state, confidence, rule and both sides of one (subject, field, terms).

    `subject` is a model id, or `provider:model` for an offer. `confidence`, between 0 and 1, is by
    rule where an authority decides, and else the probability of being right that the sources'
    reliability gives. `why` is one sentence for a reader.
    """

    subject_kind: str
    subject: str
    field: str
    meter: str
    terms: Terms
    unit: str
    value: Value
    state: State
    confidence: float
    rule: str
    why: str
    support: tuple[Side, ...]
    dissent: tuple[Side, ...]
