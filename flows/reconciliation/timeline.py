"""Figures over valid time.

The claims of a subject are resolved at every moment one of them began or ended.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from almanac.flows.reconciliation.outlier_checks import PriceGuards
from almanac.flows.reconciliation.reconcile import resolve
from almanac.flows.reconciliation.source_reliability import Learned
from almanac.schemas.card import SourceCard
from almanac.schemas.claim import canonical
from almanac.schemas.figure import Figure
from almanac.schemas.observation import Observation
from almanac.schemas.rulings import Rulings
from almanac.warehouse.tables import FOREVER


class Looks(dict[tuple[str, str], Sequence[str]]):
    """The moments of the good looks at each (source, page).

    A page that `replaced` names is no longer looked at: what stood at its last look ended at the
    first look after that at the page in its place, which is the last of its moments here.
    """

    def __init__(
        self,
        times: Mapping[tuple[str, str], Sequence[str]],
        instead: Mapping[tuple[str, str], str] = MappingProxyType({}),
    ) -> None:
        super().__init__(times)
        self.replaced: set[tuple[str, str]] = set()
        made: dict[int, Sequence[str]] = {}
        for (source, page), other in instead.items():
            mine, theirs = times.get((source, page), ()), times.get((source, other), ())
            at = bisect_right(theirs, next(reversed(mine), FOREVER))
            if at < len(theirs):
                # The files of a repository share one list.
                self[(source, page)] = made.setdefault(id(mine), [*mine, theirs[at]])
                self.replaced.add((source, page))

    def last(self, claim: Observation) -> str | None:
        """Return the last look at which a claim stood; None while it stands."""
        if claim.last_look is None and (claim.source, claim.page) in self.replaced:
            return self[(claim.source, claim.page)][-2]
        return claim.last_look


def timeline(
    claims: Sequence[Observation],
    looks: Looks,
    cards: Mapping[str, SourceCard],
    guards: PriceGuards,
    learned: Learned | None = None,
    rulings: Rulings | None = None,
) -> list[dict[str, Any]]:
    """Return figure rows, each with the interval of valid time it holds for.

    `claims` are those of some subjects, one for each spell (`Store.claims_of`). A spell ends at the
    next good look at its page, which no longer showed it. A moment at which nothing stands has no
    figure.
    """
    groups: dict[tuple[str, str, str, str], list[Observation]] = defaultdict(list)
    for claim in claims:
        groups[(claim.subject, claim.field, claim.meter, claim.terms)].append(claim)
    found: list[dict[str, Any]] = []
    for key in sorted(groups):
        found.extend(_one(groups[key], looks, cards, guards, learned, rulings))
    return found


def standing_at(claims: Sequence[Observation], moment: str, looks: Looks) -> list[Observation]:
    """Return those of some claims that stand at one moment."""
    return [
        _standing(claim, moment, looks)
        for claim in claims
        if (span := _span(claim, looks))[0] <= moment < span[1]
    ]


def _span(claim: Observation, looks: Looks) -> tuple[str, str]:
    """Return from when until when a claim held."""
    start = claim.first_look
    if claim.effective_from and f"{claim.effective_from}T00:00:00Z" > start:
        start = f"{claim.effective_from}T00:00:00Z"
    last = looks.last(claim)
    return start, FOREVER if last is None else _after(looks[(claim.source, claim.page)], last)


def _one(
    claims: list[Observation],
    looks: Looks,
    cards: Mapping[str, SourceCard],
    guards: PriceGuards,
    learned: Learned | None,
    rulings: Rulings | None,
) -> list[dict[str, Any]]:
    spans = []
    moments: set[str] = set()
    for claim in claims:
        start, end = _span(claim, looks)
        if start < end:
            spans.append((start, end, claim))
            moments |= {start, end}
    order = sorted(moments - {FOREVER})
    figures: list[dict[str, Any]] = []
    for i, moment in enumerate(order):
        until = order[i + 1] if i + 1 < len(order) else FOREVER
        standing = [
            _standing(claim, until, looks) for start, end, claim in spans if start <= moment < end
        ]
        if not standing:
            continue
        row = _row(resolve(standing, cards, guards, learned, rulings), standing[0], moment, until)
        last = figures[-1] if figures else None
        same = ("value", "unit", "state", "rule")
        if last and last["valid_to"] == moment and all(last[k] == row[k] for k in same):
            figures[-1] = {**row, "valid_from": last["valid_from"]}
        else:
            figures.append(row)
    return figures


def _after(times: Sequence[str], moment: str) -> str:
    i = bisect_right(times, moment)
    return times[i] if i < len(times) else FOREVER


def _standing(claim: Observation, until: str, looks: Looks) -> Observation:
    """Return a claim as it stands until the next change: as the last look before that saw it."""
    times = looks[(claim.source, claim.page)]
    i = bisect_right(times, until) if until != FOREVER else len(times)
    newest = times[max(i - 1, 0)]
    if (last := looks.last(claim)) is not None:
        newest = min(newest, last)
    return claim.as_seen(max(newest, claim.first_look))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _row(figure: Figure, about: Observation, start: str, end: str) -> dict[str, Any]:
    integer = (
        figure.value
        if isinstance(figure.value, int) and not isinstance(figure.value, bool)
        else None
    )
    return {
        "subject_kind": figure.subject_kind,
        "subject": figure.subject,
        "model": about.model,
        "provider": about.provider,
        "field": figure.field,
        "meter": figure.meter,
        "terms": str(figure.terms),
        "unit": figure.unit,
        "value": canonical(figure.value),
        "value_integer": integer,
        "state": str(figure.state),
        "confidence": figure.confidence,
        "rule": figure.rule,
        "why": figure.why,
        "support": _sides(figure.support),
        "dissent": _sides(figure.dissent),
        "valid_from": start,
        "valid_to": end,
    }


def _sides(sides: Sequence[Any]) -> str:
    return _encode([[s.claim, s.note] for s in sides])
