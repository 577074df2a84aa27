"""Spells are a function of the looks, in whatever order they arrive."""

import random

from hypothesis import given
from hypothesis import strategies as st

from almanac.warehouse.write.spells import Spells

LOOKS = st.lists(st.sets(st.integers(1, 4)), min_size=1, max_size=8)


def naive(looks: list[set[int]]) -> dict[int, list[tuple[str, str | None]]]:
    """Spells by their definition, looks in order."""
    spells: dict[int, list[tuple[str, str | None]]] = {}
    for claim in set().union(*looks):
        runs: list[list[int]] = []
        for i, standing in enumerate(looks):
            if claim in standing:
                if runs and runs[-1][1] == i - 1:
                    runs[-1][1] = i
                else:
                    runs.append([i, i])
        spells[claim] = [(f"t{a}", None if b == len(looks) - 1 else f"t{b}") for a, b in runs]
    return spells


@given(LOOKS, st.randoms(use_true_random=False), st.integers(0, 8))
def test_any_order_and_any_split_into_runs_gives_the_same_spells(
    looks: list[set[int]], rng: random.Random, cut: int
) -> None:
    order = list(range(len(looks)))
    rng.shuffle(order)
    first, second = order[:cut], order[cut:]
    spells = Spells([])
    for i in first:
        spells.look(f"t{i}", looks[i])
    rows = [(c, a, b) for c in range(1, 5) for a, b in spells.of(c)]
    spells = Spells(list(spells.times), rows)  # a new run starts from what was stored
    for i in second:
        spells.look(f"t{i}", looks[i])
    assert {c: spells.of(c) for c in range(1, 5) if spells.of(c)} == naive(looks)


def test_three_two_three_is_three_spells() -> None:
    spells = Spells([])
    for moment, claim in (("t0", 3), ("t1", 2), ("t2", 3)):
        spells.look(moment, {claim})
    assert spells.of(3) == [("t0", "t0"), ("t2", None)] and spells.of(2) == [("t1", "t1")]


def test_an_unchanged_look_changes_no_row() -> None:
    spells = Spells(["t0"], [(1, "t0", None)])
    spells.look("t1", {1})
    assert spells.changed == set()
