"""From the claims that stand about one (subject, field, terms) at one moment to a figure.

A pure function. The order of questions: corrected? held by a guard? who speaks with authority? do the
printed intervals agree? which is newer, where the field changes? who else says so? else: conflicted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flows.guards import PriceGuards
from flows.names import parse
from schemas import catalogue
from schemas.card import SourceCard
from schemas.claim import State, parse_canonical
from schemas.fields import FIELDS, Field
from schemas.figure import Figure, Side
from schemas.quantity import Interval


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim that stands at the moment asked about. `seen` is the newest look that still showed it."""

    id: int
    source: str
    page: str
    subject_kind: str
    subject: str
    model: str
    provider: str
    model_said: str
    field: str
    meter: str
    terms: str
    value: str | None
    readings: str
    bound: str
    state: str
    unit: str
    printed: str
    basis: str
    effective_from: str | None
    seen: str


@dataclass(slots=True)
class _Voice:
    claim: Standing
    rank: int
    speaks_as: str
    intervals: tuple[Interval, ...]
    exact: bool
    held: str = ""


AUTHORITIES = frozenset({"correction", "maker", "maker_card", "provider", "measurement"})
WEAK = frozenset({"reseller", "blog", "third_party", "inherited"})
"""Roles that never outvote another."""

CONFIDENCE = {
    "one authority": 0.95, "authority agrees with others": 0.99, "authorities agree": 0.99, "the authority's newest page": 0.9, "sources agree": 0.8,
    "most sources": 0.65, "one source": 0.6, "self-reported": 0.5, "corroborated": 0.6, "conflicted": 0.3, "held": 0.1, "not disclosed": 0.9,
    "correction": 0.99, "authority made exact": 0.9, "upper bound only": 0.5, "lower bound only": 0.5,
}  # fmt: skip
"""Priors by rule, until reliability is learned and confidence calibrated on held-out figures."""

_SPEAKER = {
    "maker": "its maker", "maker_card": "its model card", "provider": "the provider itself", "measurement": "an independent measurement",
    "catalogue": "a maintained catalogue", "marketplace": "a marketplace", "comparison": "a comparison site", "reseller": "a reseller", "blog": "a blog",
    "third_party": "a third party", "inherited": "a record that copies another", "correction": "a correction",
}  # fmt: skip


def speaks_as(claim: Standing, card: SourceCard) -> str:
    """Return in what role a source makes this claim: authority depends on what it speaks about."""
    if claim.basis == "inherited":
        return "inherited"
    maker = claim.model.split("/")[0]
    if claim.subject_kind == "offer":
        if claim.provider in card.providers and claim.basis != "rival":
            return "provider"
        return card.kind if card.kind not in ("maker", "maker_card", "provider") else "third_party"
    if card.kind == "maker":
        return "maker" if maker in card.makers else "provider"
    if card.kind == "maker_card":
        parsed = parse(claim.model_said)
        return "maker_card" if (parsed.maker in ("", maker) and "/" not in claim.model_said) or parsed.maker == maker else "third_party"
    return card.kind


def resolve(claims: Sequence[Standing], cards: Mapping[str, SourceCard], guards: PriceGuards | None = None) -> Figure:
    """Return the figure for claims about one (subject, field, meter, terms, unit) at one moment.

    Raises ValueError for no claims, or for claims about different things; KeyError for a source without a card.
    """
    if not claims or len({(c.subject, c.field, c.meter, c.terms) for c in claims}) != 1:
        raise ValueError("claims about exactly one figure are needed")
    entry = FIELDS[(claims[0].subject_kind, claims[0].field)]
    order = [*entry.authority, "third_party", "inherited"]
    voices: list[_Voice] = []
    dissent: list[Side] = []
    for claim in sorted(claims, key=lambda c: (c.source, c.id)):
        role = speaks_as(claim, cards[claim.source])
        if claim.basis == "opinion":
            dissent.append(Side(claim.id, "the template's word or advice, never a fact"))
            continue
        if reason := _corrected(claim):
            dissent.append(Side(claim.id, reason))
            continue
        voice = _Voice(claim, order.index(role) if role in order else len(order), role, _intervals(claim, entry), not claim.readings and not claim.bound)
        if entry.kind == "price" and guards and claim.value is not None:
            voice.held = guards.magnitude(claim.model, claim.provider, claim.meter, claim.terms, claim.unit, int(claim.value))
        voices.append(voice)
    return _decide(entry, claims[0], voices, dissent, guards)


def _decide(entry: Field, about: Standing, voices: list[_Voice], dissent: list[Side], guards: PriceGuards | None) -> Figure:
    held = [v for v in voices if v.held]
    free = [v for v in voices if not v.held]
    dissent += [Side(v.claim.id, v.held) for v in held]
    if not free:
        rule = "held" if held else "opinion only"
        why = "Held for review: its only price is out of all proportion to other providers'." if held else "Nobody states it as a fact."
        return _figure(about, entry, None, State.conflicted if held else State.not_found, rule, why, [], dissent)
    best = min(v.rank for v in free)
    front = _newest(entry, [v for v in free if v.rank == best])
    role = front[0].speaks_as
    if all(v.claim.value is None for v in front):
        state = State(front[0].claim.state)
        why = f"{_SPEAKER[role].capitalize()} says it is {state.replace('_', ' ')}."
        sides = [Side(v.claim.id, "") for v in free if v.claim.value is None]
        others = [Side(v.claim.id, _against(v, role)) for v in free if v.claim.value is not None]
        return _figure(about, entry, None, state, "not disclosed", why, sides, [*dissent, *others])
    front = [v for v in front if v.claim.value is not None]
    rest = [v for v in free if v.claim.value is not None and v not in front]
    winner, rule = _choose(entry, front, rest)
    if winner is not None and role not in AUTHORITIES and _outnumbered(entry, winner, front, rest):
        winner, rule = None, "conflicted"
    if winner is None:
        spread = ", ".join(sorted({v.claim.printed for v in (*front, *rest) if v.speaks_as not in WEAK})[:4])
        why = f"Undecided: nobody with authority settles it, and sources say different things ({spread})."
        return _figure(about, entry, None, State.conflicted, rule, why, [], [*dissent, *(Side(v.claim.id, "one of several that disagree") for v in free)])
    support, against = [], []
    for v in free:
        if v.claim.value is not None and (note := _agrees(entry, winner, v)) is not None:
            support.append(Side(v.claim.id, note))
        else:
            sibling = ""
            if entry.kind == "price" and guards and v.claim.value is not None and v.speaks_as in ("reseller", "blog", "comparison"):
                sibling = guards.sibling(v.claim.model, v.claim.meter, v.claim.unit, int(v.claim.value))
            against.append(Side(v.claim.id, "; ".join(x for x in (_against(v, role), sibling) if x)))
    agreeing = {s.claim for s in support}
    sources = {v.claim.source for v in free if v.claim.id in agreeing}
    if len(sources) > 1:
        rule = {"one authority": "authority agrees with others", "one source": "sources agree"}.get(rule, rule)
    if winner.claim.bound:
        rule = f"{winner.claim.bound} bound only"
    elif not winner.exact and entry.kind == "count" and (refined := _refined(entry, winner, rest)):
        winner, rule = refined, "authority made exact"
    exact = winner.exact or not winner.intervals or entry.kind not in ("count", "price", "measure", "score")
    state = State.known if exact and winner.claim.state == "known" else State.approximate
    if entry.kind == "date":
        state = State(winner.claim.state)
    why = _sentence(role, rule, len(sources), len(against), winner)
    return _figure(about, entry, winner, state, rule, why, support, [*dissent, *against])


def _outnumbered(entry: Field, winner: _Voice, front: list[_Voice], rest: list[_Voice]) -> bool:
    """True when more third parties agree on another value than on this one: then no one is believed."""
    for_it = {v.claim.source for v in (*front, *rest) if _agrees(entry, winner, v) is not None}
    others: dict[str | None, set[str]] = defaultdict(set)
    against = [v for v in (*front, *rest) if v.speaks_as not in WEAK and _agrees(entry, winner, v) is None]
    for v in against:
        for w in against:
            if _agrees(entry, v, w) is not None:
                others[v.claim.value].add(w.claim.source)
    return any(len(sources - for_it) > len(for_it) for sources in others.values())


def _refined(entry: Field, winner: _Voice, rest: list[_Voice]) -> _Voice | None:
    """Return the exact claim that a rounded one of higher authority stands for: the best placed that fits it."""
    fits = [v for v in rest if v.exact and v.speaks_as not in WEAK and _agrees(entry, winner, v) is not None]
    if not fits:
        return None
    best = min(v.rank for v in fits)
    values = {v.claim.value for v in fits if v.rank == best}
    return next(v for v in fits if v.rank == best) if len(values) == 1 else None


def _newest(entry: Field, front: list[_Voice]) -> list[_Voice]:
    """Where a field changes, a source speaks through its newest page, and an old look yields to a new one."""
    if entry.stale_days is None:
        return front
    latest: dict[str, str] = {}
    for v in front:
        latest[v.claim.source] = max(latest.get(v.claim.source, ""), v.claim.seen)
    front = [v for v in front if v.claim.seen == latest[v.claim.source]]
    newest = max(datetime.fromisoformat(v.claim.seen) for v in front)
    return [v for v in front if (newest - datetime.fromisoformat(v.claim.seen)).days <= entry.stale_days]


def _choose(entry: Field, front: list[_Voice], rest: list[_Voice]) -> tuple[_Voice | None, str]:
    """Return the claim to take and the rule that took it; None where nothing decides."""
    candidates = sorted(front, key=lambda v: (not v.exact, _width(v), -len(v.claim.seen), v.claim.source, v.claim.id))
    votes: list[tuple[int, _Voice]] = []
    for c in candidates:
        if not any(_agrees(entry, other, c) is not None and _same(other, c) for _, other in votes):
            votes.append((len({v.claim.source for v in front if _agrees(entry, c, v) is not None}), c))
    sources = {v.claim.source for v in front}
    top = max(n for n, _ in votes)
    leaders = [c for n, c in votes if n == top]
    role = front[0].speaks_as
    if front[0].claim.basis == "self_reported":
        lone = "self-reported"
    else:
        lone = "one authority" if role in ("maker", "maker_card", "provider", "correction", "measurement") else "one source"
    unanimous = [c for c in leaders if all(_agrees(entry, c, v) is not None for v in front)]
    if unanimous:
        return unanimous[0], lone if len(sources) == 1 else "authorities agree" if lone == "one authority" else "sources agree"
    if len(leaders) == 1 and top * 2 > len(sources) and top > 1:
        return leaders[0], "most sources"
    if len(sources) == 1 and entry.stale_days is not None and (dated := _effective(front)):
        return dated, "the authority's newest page" if lone == "one authority" else lone
    backing = [(len({v.claim.source for v in rest if v.speaks_as != "inherited" and _agrees(entry, c, v) is not None}), c) for c in leaders]
    most = max(n for n, _ in backing)
    if most and [n for n, _ in backing].count(most) == 1:
        return next(c for n, c in backing if n == most), "corroborated"
    return None, "conflicted"


def _effective(front: list[_Voice]) -> _Voice | None:
    """Of one source's dated prices the last that has begun; None where it dates none."""
    dated = [v for v in front if v.claim.effective_from]
    if not dated:
        return None
    last = max(v.claim.effective_from or "" for v in dated)
    holders = [v for v in dated if v.claim.effective_from == last]
    return holders[0] if len({v.claim.value for v in holders}) == 1 else None


def _same(a: _Voice, b: _Voice) -> bool:
    return a.claim.value == b.claim.value


def _width(v: _Voice) -> Decimal:
    return sum((i.high - i.low for i in v.intervals), Decimal(0))


def _agrees(entry: Field, winner: _Voice, other: _Voice) -> str | None:
    """Return how `other` agrees with the value taken (a note, perhaps empty), or None where it does not."""
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
        return f"display twin: {other.claim.printed}" if entry.kind in ("count", "price") else f"less precise: {other.claim.printed}"
    if entry.kind == "count" and a and b and _unit_twins(int(a), int(b)):
        return f"decimal twin of {a}: {b}"
    return None


def _unit_twins(a: int, b: int) -> bool:
    """True for k × 1000ⁿ against k × 1024ⁿ: the same window, counted in decimal and in binary thousands."""
    low, high = sorted((a, b))
    return any(low % 1000**n == 0 and high % 1024**n == 0 and low // 1000**n == high // 1024**n for n in (1, 2))


def _against(v: _Voice, role: str) -> str:
    who = _SPEAKER.get(v.speaks_as, "another source")
    if v.claim.basis == "rival":
        return f"{who} on a rival's route never beats {_SPEAKER.get(role, 'the authority')}"
    if v.speaks_as == role:
        return f"outvoted, or older, among equals ({who})"
    return f"{who} does not beat {_SPEAKER.get(role, 'the authority')}"


def _sentence(role: str, rule: str, sources: int, against: int, winner: _Voice) -> str:
    head = f"{_SPEAKER[role].capitalize()} states it"
    if rule == "most sources":
        head = f"Most of the sources of equal standing ({_SPEAKER[role]}) state it"
    elif rule == "sources agree":
        head = f"{sources} sources that may speak of it agree"
    elif rule == "authority made exact":
        head = f"{_SPEAKER[role].capitalize()} states it rounded, and this is the exact figure that fits"
    elif rule == "corroborated":
        head = f"Equals disagree; the value others back is taken from {_SPEAKER[role]}"
    elif rule == "self-reported":
        head = "The seller itself says so, and nobody has checked it"
    more = f", {sources - 1} more agree" if sources > 1 and rule not in ("sources agree",) else ""
    less = f"; {against} disagree" if against else ""
    return f"{head} ({winner.claim.printed.strip()[:60]}){more}{less}."


def _corrected(claim: Standing) -> str:
    for c in catalogue.corrections():
        same = (c.source, c.model, c.field) == (claim.source, claim.model, claim.field) and c.provider in ("", claim.provider) and c.meter in ("", claim.meter)
        if same and c.action == "drop" and claim.value == c.expect:
            return f"corrected by {c.author} on {c.date}: {c.reason}"
    return ""


def _intervals(claim: Standing, entry: Field) -> tuple[Interval, ...]:
    if claim.value is None:
        return ()
    if entry.kind in ("count", "price", "score", "measure"):
        if claim.readings:
            return tuple(Interval(Decimal(a), Decimal(b), closed) for a, b, closed in json.loads(claim.readings))
        value = Decimal(claim.value)
        return (Interval(value, value),)
    if entry.kind == "date":
        rows: list[list[str]] = json.loads(claim.readings) if claim.readings else [[claim.value, claim.value, ""]]
        return tuple(Interval(_day(a), _day(b)) for a, b, _ in rows)
    return ()


def _day(text: str) -> Decimal:
    return Decimal(datetime.fromisoformat(text).toordinal())


def _figure(about: Standing, entry: Field, winner: _Voice | None, state: State, rule: str, why: str, support: list[Side], dissent: list[Side]) -> Figure:
    value = parse_canonical(entry.kind, winner.claim.value) if winner else None
    unit = winner.claim.unit if winner else about.unit
    terms = tuple((k, v) for k, v in (pair.split("=", 1) for pair in about.terms.split(";") if pair))
    return Figure(about.subject_kind, about.subject, about.field, about.meter, terms, unit, value, state, CONFIDENCE.get(rule, 0.5), rule, why,
                  tuple(support), tuple(dissent))  # fmt: skip
