"""How reliable sources are and who copies whom.

It is learned from the facts that makers and providers state themselves.

Each figure that an authority settles is an anchor: at the moment the authority was last seen to say
it, what did the others say? Figures without an authority are learned from too, as far as the
anchors let them. The engine is the one of `almanac fuse`, so it can be measured on public data.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from almanac.flows.reconciliation.draft import looks_of
from almanac.flows.reconciliation.evidence import Voice, agrees, speaks_as, voice
from almanac.flows.reconciliation.reconcile import resolve
from almanac.flows.reconciliation.source_reliability import (
    Learned,
    as_json,
    from_json,
    newest,
    values,
)
from almanac.flows.reconciliation.timeline import Looks, standing_at
from almanac.schemas.card import SourceCard
from almanac.schemas.claim import State
from almanac.schemas.field import Field
from almanac.schemas.fields import FIELDS
from almanac.schemas.moment import stamp
from almanac.schemas.observation import Observation
from almanac.warehouse.write.store import Store

FACT = "~fact"
"""The name under which anchors that nobody else states stand among the claims."""
LEAST = 10
"""A source with fewer claims that could be checked counts as never measured."""


@dataclass(frozen=True, slots=True)
class Case:
    """One figure at one moment.

    What third parties said, by value, and which of the values was right.

    `right` is the index of the right value, -1 where nobody stated it, None where no
    authority settles it.
    """

    subject: str
    item: str
    entry: Field
    moment: str
    values: list[list[Voice]]
    right: int | None
    facts: tuple[Observation, ...] = ()


def cases(
    claims: Sequence[Observation], looks: Looks, cards: Mapping[str, SourceCard]
) -> Iterator[Case]:
    """Yield every figure that third parties speak of, from claims with their spells."""
    groups: dict[tuple[str, str, str, str], list[Observation]] = defaultdict(list)
    for claim in claims:
        groups[(claim.subject, claim.field, claim.meter, claim.terms)].append(claim)
    for key in sorted(groups):
        if case := _case(key, groups[key], looks, cards):
            yield case


def _case(
    key: tuple[str, str, str, str],
    claims: list[Observation],
    looks: Looks,
    cards: Mapping[str, SourceCard],
) -> Case | None:
    entry = FIELDS[(claims[0].subject_kind, claims[0].field)]
    sure = [
        c
        for c in claims
        if authoritative(entry, speaks_as(c, cards[c.source]))
        and c.basis != "opinion"
        and c.value is not None
    ]
    moment = max((c.last_look or looks[(c.source, c.page)][-1] for c in sure), default="")
    now = standing_at(claims, moment or max(looks[(c.source, c.page)][-1] for c in claims), looks)
    facts = [c for c in now if authoritative(entry, speaks_as(c, cards[c.source]))]
    others = [c for c in now if c not in facts and c.value is not None and c.basis != "opinion"]
    if not others:
        return None
    speaking = newest([voice(c, entry, cards[c.source]) for c in others])
    by_value = values(entry, speaking)
    right: int | None = None
    told: list[Observation] = []
    if facts:
        figure = resolve(facts, cards, learned=NOBODY)
        if figure.state not in (State.known, State.approximate):
            return None
        said = {s.claim for s in figure.support}
        told = [f for f in facts if f.id in said and f.value is not None]
        right = next(
            (
                i
                for i, some in enumerate(by_value)
                if any(
                    agrees(entry, voice(f, entry, cards[f.source]), some[0]) is not None
                    for f in told
                )
            ),
            -1,
        )
    return Case(key[0], "|".join(key), entry, moment, by_value, right, tuple(told))


NOBODY = Learned({}, {})
"""Nothing known of anyone: authorities are decided by rule alone."""


def authoritative(entry: Field, role: str) -> bool:
    """Whether a role's word on a field is a fact to learn from."""
    return role in ("maker", "maker_card", "correction") or (
        role == "provider" and entry.subject == "offer"
    )


def learn(known: Iterable[Case], cards: Mapping[str, SourceCard]) -> Learned:
    """Return what some cases tell of their sources.

    Raises ValueError where no authority settles any.
    """
    from almanac.flows.truth_discovery.fuse import fuse
    from almanac.flows.truth_discovery.table import Row, build

    rows: list[Row] = []
    checkable: list[Row] = []
    anchors: dict[tuple[str, str], str] = {}
    checked: Counter[str] = Counter()
    seen = list(known)
    for case in seen:
        slot = case.item, case.entry.group
        said = [
            (v.claim.source, *slot, f"value {i}", "", "")
            for i, agreeing in enumerate(case.values)
            for v in agreeing
        ]
        rows += said
        if case.right is not None:
            anchors[slot] = f"value {case.right}"
            checkable += [*said, (FACT, *slot, f"value {case.right}", "", "")]
            checked.update({row[0] for row in said})
    if not anchors:
        raise ValueError(
            "no figure is settled by its maker or provider, so nothing can be learned of the others"
        )
    table, whole = build(checkable), build([*rows, *(r for r in checkable if r[0] == FACT)])
    kinds = {s: card.kind for s, card in cards.items()}
    belief = fuse(table, anchors, {s: k for s, k in kinds.items() if s in table.sources}).belief
    groups = fuse(whole, anchors, {s: k for s, k in kinds.items() if s in whole.sources}).groups
    measured = {i for i, s in enumerate(table.sources) if checked[s] >= LEAST and s != FACT}
    spoken = {
        (int(i), int(table.slot_attribute[t]))
        for i, t in zip(
            table.claim_source, table.candidate_slot[table.claim_candidate], strict=True
        )
    }
    right = {
        (table.sources[i], table.attributes[a]): round(float(belief.reliability[i, a]), 2)
        for i, a in sorted(spoken)
        if i in measured
    }
    copies: dict[int, list[str]] = defaultdict(list)
    for source, group in zip(whole.sources, groups, strict=True):
        if source != FACT:
            copies[int(group)].append(source)
    speaks_with = {
        s: first
        for some in copies.values()
        if len(some) > 1
        for first in [_leader(some, seen)]
        for s in some
        if s != first
    }
    return from_json(as_json(Learned(right, speaks_with, len(anchors))))


def from_store(store: Store, cards: Mapping[str, SourceCard]) -> Learned:
    """Return what a warehouse's own claims tell of their sources.

    Raises ValueError where no authority settles any.
    """
    return learn(cases(store.claims_of(store.subjects()), looks_of(store, cards), cards), cards)


def keep(store: Store, learned: Learned, moment: datetime) -> bool:
    """Keep what was learned at a moment; return False where it is what is known already.

    Every subject is resolved again with it.
    """
    return store.keep_learned(as_json(learned), stamp(moment))


def _leader(copies: Sequence[str], known: Iterable[Case]) -> str:
    """Return whom the others of a group copy.

    It is who was first, most often, with the errors that they share.
    """
    first: Counter[str] = Counter()
    for case in known:
        for i, agreeing in enumerate(case.values):
            began = sorted(
                (v.claim.first_look, v.claim.source) for v in agreeing if v.claim.source in copies
            )
            if (
                case.right is not None
                and i != case.right
                and len(began) > 1
                and began[0][0] < began[-1][0]
            ):
                first[began[0][1]] += 1
    return min(copies, key=lambda s: (-first[s], s))
