"""Which sources speak with one voice.

Sources that agree on nearly all slots where anyone disagrees are copies if they also share what
only copies share: their errors, or their gaps. Good sources agree too, since the truth is one; but
they do not share mistakes.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from almanac.flows.truth_discovery.table import ClaimTable, Floats, Ints

AGREE = 0.99
"""Share of the contested slots both speak of on which copies say the same."""
ERRORS = 2.0
"""Shared errors (in sum of probability) below which nothing is concluded from errors."""
SAME_ERRORS = 0.9
"""Of the errors of either, the share that copies have in common."""
SAME_GAPS = 0.98
"""Slots both speak of, among those that either does.

Above it, and with many left out by both, the gaps are shared.
"""
GAPS = 0.05
LEAST = 20
"""Contested slots in common below which two sources are not compared."""
MOST = 1_500
"""So many sources, those with the most contested claims, are compared pair by pair."""
_BLOCK = 16_384

Matrix = npt.NDArray[np.float32]


def groups(table: ClaimTable, believed: Floats | None = None) -> Ints:
    """Return for each source the index of the first source of its group.

    It is the source itself where it copies no one.

    A group is one in which no two members that can be compared are found to differ. Where nothing
    is `believed` yet, no error can be told, and sources that never differ are under suspicion.
    """
    whole = np.arange(len(table.sources))
    slot = table.candidate_slot
    contested = np.diff(table.first) > 1
    on = contested[slot[table.claim_candidate]]
    many = np.bincount(table.claim_source[on], minlength=len(whole))
    compared = np.flatnonzero(many >= LEAST)
    compared = np.sort(compared[np.argsort(-many[compared], kind="stable")[:MOST]])
    if len(compared) < 2:
        return whole
    pairs = _Pairs(table, believed, compared, contested)
    linked, comparable = pairs.linked()
    i, j = np.nonzero(np.triu(linked, 1))
    order = np.lexsort((j, i, -pairs.shared[i, j], -pairs.agreement[i, j]))
    members = {k: [k] for k in range(len(compared))}
    of = list(range(len(compared)))
    for k in order:
        a, b = of[i[k]], of[j[k]]
        if a == b or any(
            comparable[x, y] and not linked[x, y] for x in members[a] for y in members[b]
        ):
            continue
        a, b = min(a, b), max(a, b)
        members[a] += members.pop(b)
        for x in members[a]:
            of[x] = a
    whole[compared] = [compared[min(members[of[k]])] for k in range(len(compared))]
    return whole


class _Pairs:
    """Sums over slots for every two of the compared sources."""

    def __init__(
        self,
        table: ClaimTable,
        believed: Floats | None,
        compared: Ints,
        contested: npt.NDArray[np.bool_],
    ) -> None:
        n = len(compared)
        self.suspicious = believed is None
        doubt = np.zeros(len(table.keys)) if believed is None else 1 - believed
        at = np.full(len(table.sources), -1)
        at[compared] = np.arange(n)
        self.same, self.shared, self.errors, self.other, self.both = (
            np.zeros((n, n)) for _ in range(5)
        )
        mine = at[table.claim_source] >= 0
        source, candidate = at[table.claim_source[mine]], table.claim_candidate[mine]
        order = np.argsort(candidate, kind="stable")
        source, candidate = source[order], candidate[order]
        slot = table.candidate_slot
        self.slots = len(table.slots)
        starts = [0]
        while starts[-1] < self.slots:
            end = (
                int(np.searchsorted(table.first, table.first[starts[-1]] + _BLOCK, side="right"))
                - 1
            )
            starts.append(min(max(end, starts[-1] + 1), self.slots))
        for lo, hi in pairwise(starts):
            c0, c1 = table.first[lo], table.first[hi]
            k0, k1 = np.searchsorted(candidate, [c0, c1])
            says: Matrix = np.zeros((n, c1 - c0), np.float32)
            says[source[k0:k1], candidate[k0:k1] - c0] = 1
            speaks: Matrix = np.zeros((n, hi - lo), np.float32)
            speaks[source[k0:k1], slot[candidate[k0:k1]] - lo] = 1
            self.both += speaks @ speaks.T
            open_ = contested[lo:hi]
            says, of_slot = (
                says[:, open_[slot[c0:c1] - lo]],
                (slot[c0:c1] - lo)[open_[slot[c0:c1] - lo]],
            )
            wrong = says * doubt[c0:c1][open_[slot[c0:c1] - lo]].astype(np.float32)
            self.same += says @ says.T
            self.shared += speaks[:, open_] @ speaks[:, open_].T
            self.errors += wrong @ says.T
            self.other += wrong @ speaks[:, of_slot].T
        self.agreement = np.minimum(self.same, self.shared) / np.maximum(self.shared, 1)

    def linked(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return which pairs are copies, and which can be compared at all."""
        comparable = self.shared >= LEAST
        errors = (self.errors + self.errors.T) / 2
        either = self.other + self.other.T - errors
        by_errors = (errors >= ERRORS) & (errors >= SAME_ERRORS * either)
        covered = np.diag(self.both)
        union = covered[:, None] + covered[None, :] - self.both
        by_gaps = (
            (self.both >= SAME_GAPS * union)
            & (union <= (1 - GAPS) * self.slots)
            & (self.shared >= 5 * LEAST)
            & (self.agreement >= 0.995)
        )
        never = (
            (self.agreement >= 0.999) & (self.shared >= 5 * LEAST)
            if self.suspicious
            else np.zeros_like(comparable)
        )
        linked = comparable & (self.agreement >= AGREE) & (by_errors | by_gaps | never)
        np.fill_diagonal(linked, False)
        return linked, comparable
