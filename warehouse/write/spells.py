"""Spells: unbroken runs of good looks at a page during which a claim stood.

They are a function of the set of looks, so the same for every order in which looks arrive.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

Spell = tuple[str, str | None]
"""First look, and last look; None while it stands."""


class Spells:
    """The spells of one page's claims.

    `times` are its good looks so far, in order; a spell whose last look is None stands through
    every look since its first.
    """

    def __init__(self, times: list[str], rows: Iterable[tuple[int, str, str | None]] = ()) -> None:
        self.times = times
        self._spells: dict[int, list[tuple[str, str | None]]] = {}
        for claim, first, last in rows:
            self._spells.setdefault(claim, []).append((first, last))
        self.changed: set[int] = set()
        self._standing = {i for i, runs in self._spells.items() if runs[-1][1] is None}

    def of(self, claim: int) -> list[tuple[str, str | None]]:
        return self._spells.get(claim, [])

    def look(self, moment: str, standing: set[int]) -> None:
        """Take in one good look: the claims that stand at `moment`.

        Two bodies fetched in the same second are one look: what either says, stands.
        """
        at = bisect_left(self.times, moment)
        if at < len(self.times) and self.times[at] == moment:
            for claim in standing:
                self._insert(claim, at, same=True)
            return
        self.times.insert(at, moment)
        if at == len(self.times) - 1:
            # The common case: the newest look, where only what changed costs.
            before = self.times[at - 1] if at else None
            for claim in self._standing - standing:
                first, _ = self._spells[claim][-1]
                self._spells[claim][-1] = (first, before)
                self.changed.add(claim)
            for claim in standing - self._standing:
                self._spells.setdefault(claim, []).append((moment, None))
                self.changed.add(claim)
            self._standing = set(standing)
            return
        for claim in standing:
            self._insert(claim, at)
        for claim in set(self._spells) - standing:
            self._split(claim, at)

    def _insert(self, claim: int, at: int, same: bool = False) -> None:
        """Add the look at index `at` to a claim's spells, joining those it touches."""
        runs = self._indexes(claim)
        flat = {i for a, b in runs for i in range(a, b + 1) if same or i != at} | {at}
        self._put(claim, flat)

    def _split(self, claim: int, at: int) -> None:
        flat = {i for a, b in self._indexes(claim) for i in range(a, b + 1) if i != at}
        self._put(claim, flat)

    def _indexes(self, claim: int) -> list[tuple[int, int]]:
        runs = []
        for first, last in self._spells.get(claim, []):
            end = len(self.times) - 1 if last is None else bisect_left(self.times, last)
            runs.append((bisect_left(self.times, first), end))
        return runs

    def _put(self, claim: int, flat: set[int]) -> None:
        runs: list[tuple[str, str | None]] = []
        order = sorted(flat)
        for k, i in enumerate(order):
            if k == 0 or order[k - 1] != i - 1:
                runs.append((self.times[i], self.times[i]))
            else:
                runs[-1] = (runs[-1][0], self.times[i])
        if runs and runs[-1][1] == self.times[-1]:
            runs[-1] = (runs[-1][0], None)
        if runs != self._spells.get(claim, []):
            self._spells[claim] = runs
            self.changed.add(claim)
        self._standing.discard(claim)
        if runs and runs[-1][1] is None:
            self._standing.add(claim)


def of_changes(times: list[str], changes: Mapping[str, set[int]]) -> dict[int, list[Spell]]:
    """Return the spells of one file of a repository.

    `times` are the looks at the repository, in order, and `changes` what the file said from a look
    on, until the next change.

    Raises ValueError for a change that no look saw.
    """
    spells: dict[int, list[Spell]] = {}
    order = sorted(changes)
    for n, moment in enumerate(order):
        at = bisect_left(times, moment)
        if at == len(times) or times[at] != moment:
            raise ValueError(f"no look at {moment}")
        last = times[bisect_left(times, order[n + 1]) - 1] if n + 1 < len(order) else None
        for claim in changes[moment]:
            runs = spells.setdefault(claim, [])
            if runs and at and runs[-1][1] == times[at - 1]:
                runs[-1] = (runs[-1][0], last)
            else:
                runs.append((moment, last))
    return spells
