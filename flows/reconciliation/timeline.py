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

from almanac.flows.reconciliation.evidence import Observation
from almanac.flows.reconciliation.outlier_checks import PriceGuards
from almanac.flows.reconciliation.reconcile import resolve
from almanac.flows.reconciliation.source_reliability import Learned
from almanac.schemas.card import SourceCard
from almanac.schemas.claim import canonical
from almanac.schemas.figure import Figure
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
            at = bisect_right(theirs, mine[-1]) if mine else len(theirs)
            if at < len(theirs):
                # The files of a repository share one list.
                self[(source, page)] = made.setdefault(id(mine), [*mine, theirs[at]])
                self.replaced.add((source, page))

    def last(self, row: Any) -> str | None:
        """Return the last look at which a row's claim stood; None while it stands."""
        if row.last_look is None and (row.source, row.page) in self.replaced:
            return self[(row.source, row.page)][-2]
        return row.last_look  # type: ignore[no-any-return]


def timeline(
    rows: Sequence[Any],
    looks: Looks,
    cards: Mapping[str, SourceCard],
    guards: PriceGuards,
    learned: Learned | None = None,
    rulings: Rulings | None = None,
) -> list[dict[str, Any]]:
    """Return figure rows, each with the interval of valid time it holds for.

    `rows` are claims joined with their spells (`Store.claims_of`). A spell ends at the next good
    look at its page, which no longer showed it. A moment at which nothing stands has no figure.
    """
    groups: dict[tuple[str, str, str, str], list[Any]] = defaultdict(list)
    for row in rows:
        groups[(row.subject, row.field, row.meter, row.terms)].append(row)
    found: list[dict[str, Any]] = []
    for key in sorted(groups):
        found.extend(_one(groups[key], looks, cards, guards, learned, rulings))
    return found


def standing_at(rows: Sequence[Any], moment: str, looks: Looks) -> list[Observation]:
    """Return the claims of some rows that stand at one moment."""
    return [
        _standing(row, moment, moment, looks)
        for row in rows
        if (span := _span(row, looks))[0] <= moment < span[1]
    ]


def _span(row: Any, looks: Looks) -> tuple[str, str]:
    """Return from when until when a row's claim held."""
    start = row.first_look
    if row.effective_from and f"{row.effective_from}T00:00:00Z" > start:
        start = f"{row.effective_from}T00:00:00Z"
    last = looks.last(row)
    return start, FOREVER if last is None else _after(looks[(row.source, row.page)], last)


def _one(
    rows: list[Any],
    looks: Looks,
    cards: Mapping[str, SourceCard],
    guards: PriceGuards,
    learned: Learned | None,
    rulings: Rulings | None,
) -> list[dict[str, Any]]:
    spans = []
    moments: set[str] = set()
    for row in rows:
        start, end = _span(row, looks)
        if start < end:
            spans.append((start, end, row))
            moments |= {start, end}
    order = sorted(moments - {FOREVER})
    figures: list[dict[str, Any]] = []
    for i, moment in enumerate(order):
        until = order[i + 1] if i + 1 < len(order) else FOREVER
        standing = [
            _standing(row, moment, until, looks)
            for start, end, row in spans
            if start <= moment < end
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


def _standing(row: Any, moment: str, until: str, looks: Looks) -> Observation:
    """Return the claim as it stands at `moment`, seen by the last look before the next change."""
    times = looks[(row.source, row.page)]
    i = bisect_right(times, until) if until != FOREVER else len(times)
    seen = times[max(i - 1, 0)]
    if (last := looks.last(row)) is not None:
        seen = min(seen, last)
    return Observation(*[*row[:_COLUMNS], max(seen, row.first_look), row.first_look])


_COLUMNS = 19
"""How many columns of a claim row a `Observation` begins with."""
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
