"""The draft of a release: figures of every subject whose claims changed, over all of valid time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from almanac.flows.entity_resolution.providers import sold_by_hearsay
from almanac.flows.reconciliation.outlier_checks import PriceGuards
from almanac.flows.reconciliation.source_reliability import Learned, from_json, shipped
from almanac.flows.reconciliation.timeline import Looks, timeline
from almanac.schemas import catalogue
from almanac.schemas.card import SourceCard
from almanac.schemas.rulings import Rulings
from almanac.spiders import base
from almanac.warehouse.write.store import Store

CHUNK = 2_000


@dataclass(slots=True)
class Draft:
    """Figures to be published for `marks`.

    They are all the subjects that changed since the last release, each with the mark of
    its last change.
    """

    figures: list[dict[str, Any]]
    marks: dict[str, int]


def cards() -> dict[str, SourceCard]:
    return {name: base.card(name) for name in base.names()}


def looks_of(store: Store, known: Mapping[str, SourceCard]) -> Looks:
    """Return the good looks at every page.

    A repository yields to the page that says the same today.
    """
    instead = {
        (source, page): other
        for source, page in store.files()
        if (other := known[source].replaced_by)
    }
    return Looks(store.looks(), instead)


def learned(store: Store) -> Learned:
    """Return what this warehouse learned of its sources, or what we ship."""
    return from_json(said) if (said := store.learned()) else shipped()


def guards(store: Store) -> PriceGuards:
    hearsay = sold_by_hearsay(store.offered_by(), store.open_weights(), cards())
    return PriceGuards(store.standing_prices(), catalogue.first_parties(), hearsay)


def build(store: Store, rulings: Rulings | None = None) -> Draft:
    """Return the draft.

    Each changed subject is resolved at every moment a claim about it began or ended.
    """
    marks = store.unresolved()
    subjects = list(marks)
    known, watch, trust = cards(), guards(store), learned(store)
    looks = looks_of(store, known)
    figures: list[dict[str, Any]] = []
    for start in range(0, len(subjects), CHUNK):
        # A page that was not looked at is one that another run has taken in since the looks were
        # read: its subjects bear that run's marks, and are left to it.
        claims = store.claims_of(subjects[start : start + CHUNK])
        claims = [claim for claim in claims if (claim.source, claim.page) in looks]
        figures += timeline(claims, looks, known, watch, trust, rulings)
    return Draft(figures, marks)
