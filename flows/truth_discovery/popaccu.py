"""How reliable each voice is, and what is so: expectation–maximisation after POPACCU.

POPACCU (Dong, Saha, Srivastava: "Less is more", PVLDB 6(2), 2012): where a value is wrong, the
others who say it are as popular as we see them, so a false value that many repeat is no surprise
and counts for less. Three things are ours. Reliability is learned per source first, and then per
source and attribute, shrunk to the source's own; and there a voice never counts *against* what it
says: its weight is nought at worst. A source that means another thing by an attribute is then out
of the way, but still right where the two meanings coincide. And a slot always has one right value
among those claimed, as the method cannot find another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almanac.flows.truth_discovery.table import ClaimTable, Floats, Ints

PRIOR = 0.8
"""What a source is thought to be right in before anything is known of it."""
PRIOR_WEIGHT = 10.0
"""So many claims weigh as much as that."""
SHRINK = 20.0
"""So many claims about an attribute weigh as much as all that is known of the source elsewhere."""
ANCHOR = 20.0
"""A claim about an audited fact tells as much about its source as so many others."""
_LOW, _HIGH = 0.01, 0.99
_ROUNDS = 25
_STILL = 1e-3


@dataclass(slots=True)
class Voices:
    """Who says what, each group of copies once a candidate, in arrays of one length."""

    group: Ints
    candidate: Ints
    weight: Floats

    @classmethod
    def of(cls, table: ClaimTable, groups: Ints, echo: float) -> Voices:
        """`groups` names each source's group, by the index of a source in it.

        A group's k members weigh as k ** `echo` voices.
        """
        n = len(table.keys)
        pair, which, members = np.unique(
            groups[table.claim_source] * n + table.claim_candidate,
            return_inverse=True,
            return_counts=True,
        )
        weight = np.zeros(len(pair))
        np.maximum.at(weight, which, table.claim_weight)
        return cls(pair // n, pair % n, weight * members**echo)


@dataclass(slots=True)
class Belief:
    """`probability` of each candidate, and each source's reliability by attribute.

    Both are between 0 and 1.
    """

    probability: Floats
    reliability: Floats


def learn(
    table: ClaimTable, groups: Ints, anchors: Ints, prior: Floats, echo: float = 0.0
) -> Belief:
    """Return what is believed, where the sources of a group share one voice.

    A group of k weighs k ** `echo`.

    `anchors` holds for each slot the candidate known to be right, or -1. `prior` is each source's
    reliability before its claims are seen.
    """
    voices = Voices.of(table, groups, echo)
    model = _Model(table, voices, anchors)
    if (anchors >= 0).any():
        believed = model.expect(model.pinned(prior))
    else:
        believed = model.expect(prior[voices.group])
        last = prior
        for _ in range(_ROUNDS):
            now = np.clip(model.per_source(believed, prior), _LOW, _HIGH)
            believed = model.expect(now[voices.group])
            if np.abs(now - last).max() < _STILL:
                break
            last = now
    last = np.zeros(len(table.sources) * len(table.attributes))
    for _ in range(_ROUNDS):
        now = model.per_attribute(believed, prior)
        believed = model.expect(now[model.cell])
        if np.abs(now - last).max() < _STILL:
            break
        last = now
    return Belief(believed, now.reshape(len(table.sources), -1)[groups])


class _Model:
    """The arrays that every round uses again."""

    def __init__(self, table: ClaimTable, voices: Voices, anchors: Ints) -> None:
        self.sources, self.attributes = len(table.sources), len(table.attributes)
        self.voices = voices
        self.first = table.first[:-1]
        self.slot = table.candidate_slot
        self.n = len(self.slot)
        slot_of_voice = self.slot[voices.candidate]
        self.cell = voices.group * self.attributes + table.slot_attribute[slot_of_voice]
        said = np.bincount(voices.candidate, voices.weight, self.n).astype(float)
        heard: Floats = np.add.reduceat(said, self.first)
        self.popular = -_xlogx(said) - _xlogx(heard[self.slot] - said)
        known = anchors >= 0
        self.fixed = known[self.slot]
        self.truth = np.zeros(self.n)
        self.truth[anchors[known]] = 1.0
        alone = heard[slot_of_voice] <= voices.weight
        self.tells = (
            np.where(known[slot_of_voice], ANCHOR, np.where(alone, 0.0, 1.0)) * voices.weight
        )
        """What each claim tells of its source: nothing, where nobody else speaks of the slot."""
        self.of_source = np.bincount(voices.group, self.tells, self.sources)
        self.of_cell = np.bincount(self.cell, self.tells, self.sources * self.attributes)

    def expect(self, right: Floats) -> Floats:
        """Return how probable each candidate is.

        Each voice is right in a share `right` of its claims.
        """
        score = self.popular + np.bincount(
            self.voices.candidate, np.log(right / (1 - right)) * self.voices.weight, self.n
        )
        odds = np.exp(score - np.maximum.reduceat(score, self.first)[self.slot])
        believed: Floats = np.where(
            self.fixed, self.truth, odds / np.add.reduceat(odds, self.first)[self.slot]
        )
        return believed

    def per_source(self, believed: Floats, prior: Floats) -> Floats:
        """Return reliability by source, between 0 and 1."""
        right = np.bincount(
            self.voices.group, believed[self.voices.candidate] * self.tells, self.sources
        )
        return (right + PRIOR_WEIGHT * prior) / (self.of_source + PRIOR_WEIGHT)

    def per_attribute(self, believed: Floats, prior: Floats) -> Floats:
        """Return reliability by source and attribute, laid out flat.

        It is at least a half: no voice speaks against itself.
        """
        own = np.repeat(self.per_source(believed, prior), self.attributes)
        right = np.bincount(self.cell, believed[self.voices.candidate] * self.tells, len(own))
        found: Floats = np.clip((right + SHRINK * own) / (self.of_cell + SHRINK), 0.5, _HIGH)
        return found

    def pinned(self, prior: Floats) -> Floats:
        """Return each voice's reliability as the anchors alone tell it."""
        on = self.fixed[self.voices.candidate]
        hit = self.truth[self.voices.candidate[on]]
        group, cell = self.voices.group[on], self.cell[on]
        own = (np.bincount(group, hit, self.sources) + 2 * prior) / (
            np.bincount(group, minlength=self.sources) + 2
        )
        cells = self.sources * self.attributes
        own = np.repeat(own, self.attributes)
        found: Floats = np.clip(
            (np.bincount(cell, hit, cells) + 3 * own) / (np.bincount(cell, minlength=cells) + 3),
            0.5,
            0.95,
        )[self.cell]
        return found


def _xlogx(x: Floats) -> Floats:
    found: Floats = np.where(x > 0, x * np.log(np.maximum(x, 1e-300)), 0.0)
    return found
