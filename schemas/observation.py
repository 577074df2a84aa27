"""A claim with the model it is about, in our units: what is stored, and what figures come from.

The road of a claim is `Claim` (what a page says, validated), `Observation`, and evidence of a
figure. This one knows the columns of its table, its key and its row.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from almanac.schemas.claim import Claim, canonical
from almanac.schemas.codes import LinkStatus
from almanac.schemas.terms import Terms

_LINKED_AS_OF = LinkStatus.linked_as_of.value
MOVING = (_LINKED_AS_OF, LinkStatus.moving.value)
"""What becomes of a name that moves: on another day the same words may be another claim."""


class NameMatch(Protocol):
    """What a name was linked to (`almanac.flows.entity_resolution.linker.Link`)."""

    @property
    def model(self) -> str:
        """The model's id; empty where the name has none."""

    @property
    def score(self) -> float: ...

    @property
    def reason(self) -> str: ...

    @property
    def status(self) -> LinkStatus: ...

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """Serving marks in the name, which belong among the terms of an offer."""


@dataclass(slots=True)
class Observation:
    """Source S, on page P, says the FIELD of PROVIDER's MODEL is VALUE, from look to look.

    Its fields up to `link_status` are the columns of the claim table (`COLUMNS`), in its words:
    `""` stands for none, a value is the text of `almanac.schemas.claim.canonical`, moments are UTC
    text. Nothing changes one that is made; not frozen, for a replay makes a million of them, and
    to make a frozen one takes 3 µs more.
    """

    id: int
    """Its number in the claim table; 0 before it is kept there."""
    key: str
    """What makes it the same on another look: all that is said, but not where on the page."""
    source: str
    page: str
    capture: str
    """Digest of the body that first said it."""
    subject_kind: str
    subject: str
    """The model, or `provider:model`; empty while the name has no model."""
    model: str
    provider: str
    model_said: str
    """The model as the source spells it."""
    provider_said: str
    field: str
    meter: str
    terms: str
    """The conditions, and the marks of its name."""
    conditions: str
    """What its page states."""
    value: str | None
    value_integer: int | None
    readings: str
    """JSON list of [low, high, closed] for rounded text; empty for an exact value."""
    bound: str
    state: str
    unit: str
    printed: str
    locator: str
    basis: str
    effective_from: str | None
    """First day it holds (ISO), where the source says so."""
    link_score: float
    link_reason: str
    link_status: str
    first_look: str = ""
    """The first look of the spell during which it stood."""
    last_look: str | None = None
    """The last look of that spell; None while it stands."""
    last_seen: str = ""
    """The newest look that still showed it, at the moment that is asked about."""

    @classmethod
    def of(cls, claim: Claim, match: NameMatch, provider: str, page: str) -> Observation:
        """Return a claim of a page with what its model's name was linked to.

        `provider` is the canonical id of who serves it; nothing but an offer has one.
        """
        kind, conditions = claim.subject, claim.terms
        offer = kind == "offer"
        marks = match.marks if offer else ()
        stated = str(conditions) if conditions else ""
        observation = cls(
            0,
            "",
            claim.source,
            page,
            claim.capture,
            kind,
            subject_of(kind, match.model, provider),
            match.model,
            provider if offer else "",
            claim.model,
            claim.provider or "",
            claim.field,
            claim.meter or "",
            _merged(conditions, marks) if marks else stated,
            stated,
            canonical(claim.value),
            claim.value if type(claim.value) is int else None,
            _readings(claim) if claim.readings else "",
            claim.bound,
            str(claim.state),
            claim.unit,
            claim.printed,
            claim.locator,
            claim.basis,
            claim.effective_from.isoformat() if claim.effective_from else None,
            match.score,
            match.reason,
            str(match.status),
        )
        observation.key = observation._digest()
        return observation

    def _digest(self) -> str:
        """Return its key, 32 hexadecimal digits."""
        words = (
            self.source,
            self.page,
            self.subject_kind,
            self.provider_said,
            self.model_said,
            self.field,
            self.meter,
            self.conditions,
            self.value or "",
            self.state,
            self.bound,
            self.printed,
            self.basis,
            self.effective_from or "",
            self.model if self.link_status == _LINKED_AS_OF else "",
        )
        return hashlib.blake2b("\x1f".join(words).encode(), digest_size=16).hexdigest()

    @classmethod
    def from_rows(
        cls, names: Iterable[str], rows: Iterable[Sequence[Any]]
    ) -> Iterator[Observation]:
        """Yield the rows of a query; `names` are those of its columns, in any order.

        They are `COLUMNS`, `first_look` and `last_look`; raises KeyError where one is missing.
        """
        places = {name: place for place, name in enumerate(names)}
        ordered = itemgetter(*(places[name] for name in _KEPT))
        return (cls(*ordered(row)) for row in rows)

    @property
    def moves(self) -> bool:
        """Whether its name moves: on another day the same words may be another claim."""
        return self.link_status in MOVING

    def row(self, number: int) -> dict[str, str | int | float | None]:
        """Return its row in the claim table, under a number."""
        return {**dict(zip(COLUMNS, _CELLS(self), strict=True)), "id": number}

    def as_seen(self, last_seen: str) -> Observation:
        """Return it as it stands at a moment at which a look was the newest that showed it."""
        return Observation(*(*_STORED(self), last_seen))


_KEPT = tuple(f.name for f in fields(Observation) if f.name != "last_seen")
COLUMNS = tuple(name for name in _KEPT if name not in ("first_look", "last_look"))
"""The columns of the claim table."""
_CELLS, _STORED = attrgetter(*COLUMNS), attrgetter(*_KEPT)


def subject_of(kind: str, model: str, provider: str) -> str:
    """Return what a claim is about: a model, an offer of it, or nothing while it has no model."""
    return f"{provider}:{model}" if model and kind == "offer" else model


@functools.lru_cache(10_000)
def _merged(conditions: Terms, marks: tuple[tuple[str, str], ...]) -> str:
    return str(conditions.merged(marks))


def _readings(claim: Claim) -> str:
    intervals = [[canonical(low), canonical(high), closed] for low, high, closed in claim.readings]
    return json.dumps(intervals, separators=(",", ":"))
