"""The decision for every slot of a table of claims, with its confidence and rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from almanac.flows.truth_discovery import values
from almanac.flows.truth_discovery.copy_detection import groups
from almanac.flows.truth_discovery.popaccu import PRIOR, Belief, learn
from almanac.flows.truth_discovery.table import ClaimTable, Floats, Ints

KNOWN = 0.5
"""Below this confidence a slot is conflicted: its value is only the leading candidate."""
KINDS = {
    "correction": 0.99,
    "maker": 0.97,
    "provider": 0.97,
    "official": 0.97,
    "maker_card": 0.95,
    "measurement": 0.95,
    "catalogue": 0.85,
    "marketplace": 0.85,
    "aggregator": 0.8,
    "comparison": 0.75,
    "reseller": 0.65,
    "blog": 0.6,
    "marketing": 0.55,
}
"""Reliability expected of a kind of source. A kind not named here is thought of like any source."""
ROOT = 0.7
"""Voices are never quite independent, so their joint odds are too bold: this root of them is told.
"""
SUSPECTED = 0.4
"""Sources that never differ, before anyone's errors are known: k of them weigh as k to this power.

At 0 good sources that agree are silenced, at 1 a crowd of copies wins before it is found out.
"""
_ROUNDS = 5
_FOLDS = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """What is believed of one slot.

    Where `state` is `conflicted`, `value` is the leading candidate, no finding.
    """

    item: str
    attribute: str
    value: str
    confidence: float
    state: str
    rule: str


@dataclass(slots=True)
class Fused:
    """Decisions in the order in which slots first appear, and what was learned of the sources."""

    table: ClaimTable
    groups: Ints
    belief: Belief
    winner: Ints
    decisions: list[Decision]
    fell_back: bool = False
    """Whether the learned weights did worse on the anchors than a plain vote.

    Then the vote was taken.
    """

    def copies(self) -> list[tuple[str, ...]]:
        """Return the groups of sources that count as one voice."""
        found = [np.flatnonzero(self.groups == g) for g in np.unique(self.groups)]
        return [tuple(self.table.sources[i] for i in g) for g in found if len(g) > 1]


def fuse(
    table: ClaimTable,
    anchors: Mapping[tuple[str, str], str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Fused:
    """Decide every slot of `table`.

    `anchors` are audited facts by (item, attribute): they are taken as they stand, and tell who is
    reliable. `kinds` names the kind of each source (`maker`, `reseller` …). Raises KeyError for a
    source in `kinds` that makes no claim, so that a slip in a name is not lost.
    """
    known = _anchored(table, anchors or {})
    prior = _prior(table, kinds or {})
    found, belief = _settle(table, known, prior)
    winner = _best(table, belief.probability)
    fell_back = bool(anchors) and _worse_than_vote(table, known, prior, found)
    if fell_back:
        belief = Belief(_shares(table), belief.reliability)
        winner = _best(table, belief.probability)
    return Fused(
        table,
        found,
        belief,
        winner,
        list(_decisions(table, belief, winner, found, known, anchors or {}, fell_back)),
        fell_back,
    )


def _settle(table: ClaimTable, known: Ints, prior: Floats) -> tuple[Ints, Belief]:
    """Learn who is right and who copies whom in turn, until the groups stand."""
    found = groups(table)
    belief = learn(table, found, known, prior, SUSPECTED)
    found = groups(table, belief.probability)
    belief = learn(table, found, known, prior)
    for _ in range(_ROUNDS):
        now = groups(table, belief.probability)
        if (now == found).all():
            break
        found = now
        belief = learn(table, found, known, prior)
    return found, belief


def _anchored(table: ClaimTable, anchors: Mapping[tuple[str, str], str]) -> Ints:
    """Return for each slot the candidate that its anchor names, or -1."""
    known = np.full(len(table.slots), -1)
    if not anchors:
        return known
    for t, slot in enumerate(table.slots):
        if slot in anchors:
            key = values.reader(table.kinds[slot[1]])(anchors[slot])
            for c in range(table.first[t], table.first[t + 1]):
                if table.keys[c] == key:
                    known[t] = c
    return known


def _prior(table: ClaimTable, kinds: Mapping[str, str]) -> Floats:
    if strange := sorted(set(kinds) - set(table.sources)):
        raise KeyError(f"no claim is by {strange[0]!r}, whose kind is given")
    return np.array([KINDS.get(kinds.get(s, ""), PRIOR) for s in table.sources])


def _best(table: ClaimTable, score: Floats) -> Ints:
    """Return each slot's best candidate; the first claimed wins a tie."""
    top = np.maximum.reduceat(score, table.first[:-1])
    slot = table.candidate_slot
    leads = np.flatnonzero(score >= top[slot])
    winner = np.full(len(table.slots), -1)
    winner[slot[leads[::-1]]] = leads[::-1]
    return winner


def _shares(table: ClaimTable) -> Floats:
    """Return the share of its slot's claims that each candidate has."""
    said = np.bincount(table.claim_candidate, table.claim_weight, len(table.keys))
    return said / np.add.reduceat(said, table.first[:-1])[table.candidate_slot]


def _worse_than_vote(table: ClaimTable, known: Ints, prior: Floats, found: Ints) -> bool:
    """True when what is learned is right less often than a plain vote.

    Both are held to anchors that the learning was not shown.
    """
    at = np.flatnonzero(known >= 0)
    if len(at) < 10:
        return False
    vote = _best(table, _shares(table))
    learned = 0
    for fold in range(_FOLDS):
        hidden = at[fold::_FOLDS]
        shown = known.copy()
        shown[hidden] = -1
        learned += int(
            (
                _best(table, learn(table, found, shown, prior).probability)[hidden] == known[hidden]
            ).sum()
        )
    voted = int((vote[at] == known[at]).sum())
    return bool(voted - learned > np.sqrt(len(at)) / 2)


def _decisions(
    table: ClaimTable,
    belief: Belief,
    winner: Ints,
    found: Ints,
    known: Ints,
    anchors: Mapping[tuple[str, str], str],
    fell_back: bool,
) -> Iterable[Decision]:
    sources = np.bincount(table.claim_candidate, minlength=len(table.keys))
    voices = np.bincount(
        np.unique(found[table.claim_source] * len(table.keys) + table.claim_candidate)
        % len(table.keys),
        minlength=len(table.keys),
    )
    heard = np.add.reduceat(sources, table.first[:-1])
    sure = calibrated(table, belief, winner)
    for t, (item, attribute) in enumerate(table.slots):
        if (item, attribute) in anchors:
            yield Decision(item, attribute, anchors[(item, attribute)], 1.0, "known", "anchor")
            continue
        c = winner[t]
        n, v = int(sources[c]), int(voices[c])
        copied = f" ({n} sources)" if n > v else ""
        if heard[t] == n:
            rule = f"unanimous: {v} {'voice' if v == 1 else 'voices'}{copied}"
        else:
            rule = (
                f"{'vote' if fell_back else 'weighed'}:"
                f" {v} {'voice' if v == 1 else 'voices'}{copied} for it,"
                f" {int(heard[t]) - n} sources against"
            )
        yield Decision(
            item,
            attribute,
            table.printed[c],
            round(float(sure[t]), 4),
            "known" if sure[t] >= KNOWN else "conflicted",
            rule,
        )


def calibrated(table: ClaimTable, belief: Belief, winner: Ints) -> Floats:
    """Return the confidence in each slot's winner.

    It is its probability, brought down for what the voices share.
    """
    p = np.clip(belief.probability[winner], 1e-9, 1 - 1e-9)
    odds = (p / (1 - p)) ** ROOT
    return odds / (1 + odds)
