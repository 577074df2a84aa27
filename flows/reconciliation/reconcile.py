"""From the claims that stand about one (subject, field, terms) at one moment to a figure.

A pure function. The order of questions: corrected? held by a guard? who speaks with authority? do
the printed intervals agree? which is newer, where the field changes? who else says so? Where nobody
has authority, the others are weighed by how reliable they have been
(`almanac.flows.reconciliation.source_reliability`); what that does not decide is conflicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from almanac.flows.reconciliation.evidence import (
    AUTHORITIES,
    WEAK,
    Voice,
    agrees,
    voice,
    width,
)
from almanac.flows.reconciliation.explanations import (
    SPEAKER,
    against,
    repeated,
    said,
    sentence,
    unweighed,
    weighed,
)
from almanac.flows.reconciliation.outlier_checks import PriceGuards
from almanac.flows.reconciliation.source_reliability import Learned, copies, shipped, weigh
from almanac.schemas import catalogue
from almanac.schemas.card import SourceCard
from almanac.schemas.claim import State, parse_canonical
from almanac.schemas.field import Field
from almanac.schemas.fields import FIELDS
from almanac.schemas.figure import Figure, Side
from almanac.schemas.observation import Observation
from almanac.schemas.rulings import FigureRuling, Rulings
from almanac.schemas.terms import Terms

KNOWN = 0.75
"""Where third parties disagree, a value that is less likely than this is no figure.

They are in conflict.
"""

CONFIDENCE = {
    "one authority": 0.95,
    "authority agrees with others": 0.99,
    "authorities agree": 0.99,
    "the authority's newest page": 0.9,
    "most sources": 0.8,
    "self-reported": 0.5,
    "corroborated": 0.75,
    "conflicted": 0.3,
    "held": 0.1,
    "not disclosed": 0.9,
    "correction": 0.99,
    "ruled": 0.99,
    "authority made exact": 0.9,
    "upper bound only": 0.5,
    "lower bound only": 0.5,
}
"""How sure a rule of authority is.

What third parties say carries the probability that they are right
(`almanac.flows.reconciliation.source_reliability`).
"""


def resolve(
    claims: Sequence[Observation],
    cards: Mapping[str, SourceCard],
    guards: PriceGuards | None = None,
    learned: Learned | None = None,
    rulings: Rulings | None = None,
) -> Figure:
    """Return the figure for claims about one (subject, field, meter, terms, unit) at one moment.

    `learned` is how reliable sources are; without it, what we ship. A ruling decides while just the
    values stand against each other that its author saw. Raises ValueError for no claims, or for
    claims about different things; KeyError for a source without a card.
    """
    if not claims or len({(c.subject, c.field, c.meter, c.terms) for c in claims}) != 1:
        raise ValueError("claims about exactly one figure are needed")
    entry = FIELDS[(claims[0].subject_kind, claims[0].field)]
    voices: list[Voice] = []
    dissent: list[Side] = []
    for claim in sorted(claims, key=lambda c: (c.source, c.id)):
        if claim.basis == "opinion":
            dissent.append(Side(claim.id, "the template's word or advice, never a fact"))
            continue
        if reason := _corrected(claim):
            dissent.append(Side(claim.id, reason))
            continue
        made = voice(claim, entry, cards[claim.source])
        if entry.kind == "price" and guards and claim.value is not None:
            made.held = _held(claim, made.speaks_as, cards, guards)
        voices.append(made)
    ruling = (
        rulings.figures.get((claims[0].subject, claims[0].field, claims[0].meter, claims[0].terms))
        if rulings
        else None
    )
    if ruling and {v.claim.value for v in voices if v.claim.value is not None} == set(
        ruling.expect
    ):
        return _ruled(entry, claims[0], voices, dissent, ruling)
    return _decide(entry, claims[0], voices, dissent, guards, cards, learned or shipped())


def _ruled(
    entry: Field, about: Observation, voices: list[Voice], dissent: list[Side], ruling: FigureRuling
) -> Figure:
    reason = f"ruled by {ruling.author} on {ruling.date}: {ruling.reason}"
    winner = next(v for v in voices if v.claim.value == ruling.value)
    agreeing, disagreeing = _sides(entry, winner, voices)
    why = f"{reason[0].upper()}{reason[1:]}."
    return _figure(
        about,
        entry,
        winner,
        _state(entry, winner),
        "ruled",
        why,
        [Side(v.claim.id, note) for v, note in agreeing],
        [*dissent, *(Side(v.claim.id, reason) for v in disagreeing)],
    )


def _held(
    claim: Observation, role: str, cards: Mapping[str, SourceCard], guards: PriceGuards
) -> str:
    """Return why a guard keeps a price back, or nothing."""
    price = claim.model, claim.provider, claim.meter, claim.terms, claim.unit, int(claim.value or 0)
    routes = (
        [p for source in cards[claim.source].imports for p in cards[source].providers]
        if claim.basis == "inherited"
        else []
    )
    if route := guards.travelled(*price, routes):
        return f"held: a copy of what {route} asks, which the record itself says is imported"
    return guards.unsold(claim.model, claim.provider, claim.terms) or guards.magnitude(
        *price, authority=role in AUTHORITIES
    )


def _decide(
    entry: Field,
    about: Observation,
    voices: list[Voice],
    dissent: list[Side],
    guards: PriceGuards | None,
    cards: Mapping[str, SourceCard],
    learned: Learned,
) -> Figure:
    held = [v for v in voices if v.held]
    free = [v for v in voices if not v.held]
    dissent += [Side(v.claim.id, v.held) for v in held]
    if not free:
        rule = "held" if held else "opinion only"
        why = (
            f"Held for review: its only price is suspect ({held[0].held.removeprefix('held: ')})."
            if held
            else "Nobody states it as a fact."
        )
        return _figure(
            about,
            entry,
            None,
            State.conflicted if held else State.not_found,
            rule,
            why,
            [],
            dissent,
        )
    speaking = _authorities(entry, free)
    stated = [v for v in free if v.claim.value is not None]
    if not speaking and stated:
        return _weighed(entry, about, stated, dissent, guards, cards, learned)
    best = min(v.rank for v in speaking or free)
    front = _newest(entry, [v for v in speaking or free if v.rank == best])
    role = front[0].speaks_as
    if all(v.claim.value is None for v in front):
        state = State(front[0].claim.state)
        why = f"{SPEAKER[role].capitalize()} says it is {state.replace('_', ' ')}."
        sides = [Side(v.claim.id, "") for v in free if v.claim.value is None]
        others = [Side(v.claim.id, against(v, role)) for v in stated]
        return _figure(about, entry, None, state, "not disclosed", why, sides, [*dissent, *others])
    front = [v for v in front if v.claim.value is not None]
    rest = [v for v in stated if v not in front]
    winner, rule = _choose(entry, front, rest)
    if winner is None:
        return _conflicted(about, entry, [*front, *rest], free, dissent, CONFIDENCE["conflicted"])
    agreeing, disagreeing = _sides(entry, winner, free)
    echoes = copies([v for v, _ in agreeing], cards, learned) | repeated(disagreeing)
    support = [
        Side(v.claim.id, "; ".join(x for x in (note, echoes.get(v.claim.id, "")) if x))
        for v, note in agreeing
    ]
    dissent += [
        Side(
            v.claim.id,
            "; ".join(
                x
                for x in (against(v, role), _sibling(entry, guards, v), echoes.get(v.claim.id, ""))
                if x
            ),
        )
        for v in disagreeing
    ]
    sources = {v.claim.source for v, _ in agreeing}
    if len(sources) > 1 and rule == "one authority":
        rule = "authority agrees with others"
    if winner.claim.bound:
        rule = f"{winner.claim.bound} bound only"
    elif not winner.exact and entry.kind == "count" and (refined := _refined(entry, winner, rest)):
        winner, rule = refined, "authority made exact"
    why = sentence(
        entry,
        role,
        rule,
        len(sources),
        len(disagreeing),
        winner,
        sum(i in echoes for i in {v.claim.id for v, _ in agreeing}),
    )
    return _figure(about, entry, winner, _state(entry, winner), rule, why, support, dissent)


def _weighed(
    entry: Field,
    about: Observation,
    voices: list[Voice],
    dissent: list[Side],
    guards: PriceGuards | None,
    cards: Mapping[str, SourceCard],
    learned: Learned,
) -> Figure:
    """Decide among third parties by how reliable they are."""
    suspect = {v.claim.id: whose for v in voices if (whose := _sibling(entry, guards, v))}
    doubted = [
        v
        for v in voices
        if v.claim.id in suspect
        and any(agrees(entry, w, v) is None for w in voices if w.claim.id not in suspect)
    ]
    speaking = [v for v in voices if v not in doubted]
    dissent = [*dissent, *(Side(v.claim.id, f"held: {suspect[v.claim.id]}") for v in doubted)]
    found = weigh(entry, speaking, cards, learned)
    confidence = round(found.probability, 2)
    if found.rule == "weighed" and found.probability < KNOWN:
        return _conflicted(about, entry, speaking, speaking, dissent, confidence, found.notes)
    agreeing, disagreeing = _sides(entry, found.winner, speaking)
    support = [
        Side(v.claim.id, "; ".join(x for x in (note, found.notes.get(v.claim.id, "")) if x))
        for v, note in agreeing
    ]
    dissent += [Side(v.claim.id, found.notes.get(v.claim.id) or unweighed(v)) for v in disagreeing]
    rule = f"{found.winner.claim.bound} bound only" if found.winner.claim.bound else found.rule
    why = weighed(entry, found, [v for v, _ in agreeing], disagreeing, cards, learned)
    return _figure(
        about,
        entry,
        found.winner,
        _state(entry, found.winner),
        rule,
        why,
        support,
        dissent,
        min(confidence, CONFIDENCE.get(rule, 1.0)),
    )


def _authorities(entry: Field, voices: list[Voice]) -> list[Voice]:
    """Return the voices that speak with authority here.

    Where a field changes, an authority last heard too long ago is one voice among others, if any of
    those who were heard since says something else.
    """
    speaking = [
        v
        for v in voices
        if v.speaks_as in AUTHORITIES
        and v.speaks_as in entry.authority
        and not (v.speaks_as == "provider" and entry.subject == "model")
    ]
    if entry.stale_days is None or not speaking:
        return speaking
    newest = max(datetime.fromisoformat(v.claim.last_seen) for v in voices)

    def stands(v: Voice) -> bool:
        if (newest - datetime.fromisoformat(v.claim.last_seen)).days <= entry.stale_days:  # type: ignore[operator]
            return True
        since = [
            w
            for w in voices
            if w.claim.last_seen > v.claim.last_seen
            and w.speaks_as not in WEAK
            and w.claim.value is not None
        ]
        return v.claim.value is None or all(agrees(entry, v, w) is not None for w in since)

    return [v for v in speaking if stands(v)]


def _sides(
    entry: Field, winner: Voice, voices: list[Voice]
) -> tuple[list[tuple[Voice, str]], list[Voice]]:
    """Return the voices that agree with the winner, each with how, and those that do not."""
    agreeing: list[tuple[Voice, str]] = []
    disagreeing: list[Voice] = []
    for v in voices:
        note = agrees(entry, winner, v) if v.claim.value is not None else None
        if note is None:
            disagreeing.append(v)
        else:
            agreeing.append((v, note))
    return agreeing, disagreeing


def _sibling(entry: Field, guards: PriceGuards | None, v: Voice) -> str:
    """Return whose price a seller's or writer's is, where it is exactly a sibling model's."""
    if (
        entry.kind != "price"
        or guards is None
        or v.claim.value is None
        or v.speaks_as not in ("reseller", "blog", "comparison")
    ):
        return ""
    return guards.sibling(v.claim.model, v.claim.meter, v.claim.unit, int(v.claim.value))


def _state(entry: Field, winner: Voice) -> State:
    if entry.kind == "date":
        return State(winner.claim.state)
    exact = (
        winner.exact
        or not winner.intervals
        or entry.kind not in ("count", "price", "measure", "score")
    )
    return State.known if exact and winner.claim.state == "known" else State.approximate


def _conflicted(
    about: Observation,
    entry: Field,
    spread: list[Voice],
    voices: list[Voice],
    dissent: list[Side],
    confidence: float,
    notes: Mapping[int, str] | None = None,
) -> Figure:
    heard = sorted(
        {said(entry, v.claim) for v in spread if v.speaks_as not in WEAK}
        or {said(entry, v.claim) for v in spread}
    )
    more = f" and {len(heard) - 4} more" if len(heard) > 4 else ""
    why = (
        "Undecided: nobody with authority settles it, and sources say different things"
        f" ({', '.join(heard[:4])}{more})."
    )
    sides = [
        Side(v.claim.id, (notes or {}).get(v.claim.id, "one of several that disagree"))
        for v in voices
    ]
    return _figure(
        about, entry, None, State.conflicted, "conflicted", why, [], [*dissent, *sides], confidence
    )


def _refined(entry: Field, winner: Voice, rest: list[Voice]) -> Voice | None:
    """Return the exact claim that a rounded one of higher authority stands for.

    It is the best placed that fits.
    """
    fits = [
        v
        for v in rest
        if v.exact and v.speaks_as not in WEAK and agrees(entry, winner, v) is not None
    ]
    if not fits:
        return None
    best = min(v.rank for v in fits)
    values = {v.claim.value for v in fits if v.rank == best}
    return next(v for v in fits if v.rank == best) if len(values) == 1 else None


def _newest(entry: Field, front: list[Voice]) -> list[Voice]:
    """Where a field changes, a source speaks through its newest page.

    An old look yields to a new one.
    """
    if entry.stale_days is None:
        return front
    latest: dict[str, str] = {}
    for v in front:
        latest[v.claim.source] = max(latest.get(v.claim.source, ""), v.claim.last_seen)
    front = [v for v in front if v.claim.last_seen == latest[v.claim.source]]
    newest = max(datetime.fromisoformat(v.claim.last_seen) for v in front)
    return [
        v
        for v in front
        if (newest - datetime.fromisoformat(v.claim.last_seen)).days <= entry.stale_days
    ]


def _choose(entry: Field, front: list[Voice], rest: list[Voice]) -> tuple[Voice | None, str]:
    """Return the claim to take and the rule that took it; None where nothing decides."""
    candidates = sorted(
        front,
        key=lambda v: (not v.exact, width(v), -len(v.claim.last_seen), v.claim.source, v.claim.id),
    )
    votes: list[tuple[int, Voice]] = []
    for c in candidates:
        if not any(agrees(entry, other, c) is not None and _same(other, c) for _, other in votes):
            votes.append(
                (len({v.claim.source for v in front if agrees(entry, c, v) is not None}), c)
            )
    sources = {v.claim.source for v in front}
    top = max(n for n, _ in votes)
    leaders = [c for n, c in votes if n == top]
    lone = "self-reported" if front[0].claim.basis == "self_reported" else "one authority"
    unanimous = [c for c in leaders if all(agrees(entry, c, v) is not None for v in front)]
    if unanimous:
        return unanimous[0], lone if len(sources) == 1 else "authorities agree"
    if len(leaders) == 1 and top * 2 > len(sources) and top > 1:
        return leaders[0], "most sources"
    if len(sources) == 1 and entry.stale_days is not None and (dated := _effective(front)):
        return dated, "the authority's newest page"
    backing = [
        (
            len(
                {
                    v.claim.source
                    for v in rest
                    if v.speaks_as != "inherited" and agrees(entry, c, v) is not None
                }
            ),
            c,
        )
        for c in leaders
    ]
    most = max(n for n, _ in backing)
    if most and [n for n, _ in backing].count(most) == 1:
        return next(c for n, c in backing if n == most), "corroborated"
    return None, "conflicted"


def _effective(front: list[Voice]) -> Voice | None:
    """Of one source's dated prices the last that has begun; None where it dates none."""
    dated = [v for v in front if v.claim.effective_from]
    if not dated:
        return None
    last = max(v.claim.effective_from or "" for v in dated)
    holders = [v for v in dated if v.claim.effective_from == last]
    return holders[0] if len({v.claim.value for v in holders}) == 1 else None


def _same(a: Voice, b: Voice) -> bool:
    return a.claim.value == b.claim.value


def _corrected(claim: Observation) -> str:
    for c in catalogue.corrections():
        same = (
            (c.source, c.model, c.field) == (claim.source, claim.model, claim.field)
            and c.provider in ("", claim.provider)
            and c.meter in ("", claim.meter)
        )
        if same and c.action == "drop" and claim.value == c.expect:
            return f"corrected by {c.author} on {c.date}: {c.reason}"
    return ""


def _figure(
    about: Observation,
    entry: Field,
    winner: Voice | None,
    state: State,
    rule: str,
    why: str,
    support: list[Side],
    dissent: list[Side],
    confidence: float | None = None,
) -> Figure:
    value = parse_canonical(entry.kind, winner.claim.value) if winner else None
    unit = winner.claim.unit if winner else about.unit
    terms = Terms.parse(about.terms)
    sure = CONFIDENCE.get(rule, 0.5) if confidence is None else confidence
    return Figure(
        about.subject_kind,
        about.subject,
        about.field,
        about.meter,
        terms,
        unit,
        value,
        state,
        sure,
        rule,
        why,
        tuple(support),
        tuple(dissent),
    )
