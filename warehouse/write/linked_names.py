"""Names in use, and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from almanac.schemas.claim import RefusedItem
from almanac.schemas.codes import LinkStatus
from almanac.schemas.known_model import KnownModel
from almanac.warehouse.write.refusals import Name


class NameInUse(NamedTuple):
    """A name as its source spells it, what it is linked to so far, and any of its claims."""

    source: str
    provider_said: str
    model_said: str
    model: str
    score: float
    reason: str
    status: str
    printed: str
    locator: str
    capture: str
    claims: int
    """How many there are."""
    first_look: str | None
    """The first look that showed it; None where no good one did."""


@dataclass(frozen=True, slots=True)
class LinkedName:
    """A name in use, and what it means."""

    name: NameInUse
    model: str
    provider: str
    """Canonical; for its offers alone."""
    score: float
    reason: str
    status: LinkStatus
    marks: tuple[tuple[str, str], ...]
    """Serving marks in the name, which belong among the terms of its offers."""


@dataclass(slots=True)
class Linking:
    """What all names together mean."""

    models: list[KnownModel]
    twins: dict[str, str]
    """By id the one under which its model stands instead."""
    links: list[LinkedName] = field(default_factory=list)
    waiting: list[RefusedItem] = field(default_factory=list)
    """Names without a model."""
    candidates: dict[Name, str] = field(default_factory=dict)
    """The models that these are nearest to, each with a comma between."""
