"""Fusion of any table of claims: who is right where sources disagree."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almanac.flows.truth_discovery.fuse import Fused, fuse
from almanac.flows.truth_discovery.table import Row, build, read, rows
from benchmarks.fusion import Gold, precision, vote


def claims(*said: tuple[str, str, str]) -> list[Row]:
    """Rows about one attribute from (source, item, value)."""
    return [(source, item, "a", value, "", "") for source, item, value in said]


def world(
    items: int, right: dict[str, float], copies: dict[str, str], seed: int = 0
) -> tuple[list[Row], dict[tuple[str, str], str]]:
    """A made-up world.

    Each source is right in a share of items, else says one of a few false values; copies
    repeat another.
    """
    chance = random.Random(seed)
    said: list[Row] = []
    for i in range(items):
        spoken = {
            s: "true" if chance.random() < share else f"false {chance.choice((1, 1, 1, 2, 3))}"
            for s, share in right.items()
        }
        spoken |= {s: spoken[original] for s, original in copies.items()}
        said += [(s, str(i), "a", v, "", "") for s, v in spoken.items()]
    return said, {(str(i), "a"): "true" for i in range(items)}


def share_right(done: Fused, truth: dict[tuple[str, str], str]) -> float:
    return sum(d.value == truth[(d.item, d.attribute)] for d in done.decisions) / len(
        done.decisions
    )


def test_copies_count_once_and_are_named() -> None:
    said, truth = world(
        300, {"a": 0.9, "b": 0.85, "c": 0.9, "bad": 0.4}, {f"echo{i}": "bad" for i in range(6)}
    )
    done = fuse(build(said))
    assert done.copies() == [("bad", *(f"echo{i}" for i in range(6)))]
    assert (
        share_right(done, truth)
        >= 0.93
        > share_right(
            Fused(done.table, done.groups, done.belief, done.winner, list(vote(done.table))), truth
        )
    )


def test_good_sources_that_agree_are_no_copies() -> None:
    said, _ = world(400, {"a": 0.98, "b": 0.97, "c": 0.98, "d": 0.6, "e": 0.5}, {})
    assert fuse(build(said)).copies() == []


def test_anchors_turn_a_majority_that_means_another_thing() -> None:
    """Four sources mean another thing by the attribute; three mean what the anchors mean."""
    said = claims(
        *((f"other{k}", str(i), f"{i} other") for i in range(200) for k in range(4)),
        *((f"good{k}", str(i), str(i)) for i in range(200) for k in range(3)),
    )
    chance = random.Random(1)
    said = [(s, i, a, v if chance.random() < 0.9 else "?", u, o) for s, i, a, v, u, o in said]
    facts = {(str(i), "a"): str(i) for i in range(0, 200, 10)}
    done = fuse(build(said), facts)
    learned = [d for d in done.decisions if (d.item, "a") not in facts]
    assert sum(d.value == d.item for d in learned) / len(learned) >= 0.95
    assert all(
        d.rule == "anchor" and d.confidence == 1 for d in done.decisions if (d.item, "a") in facts
    )


def test_a_kind_of_source_breaks_a_tie() -> None:
    said = claims(("a", "1", "x"), ("b", "1", "y"))
    assert fuse(build(said), kinds={"b": "maker", "a": "blog"}).decisions[0].value == "y"
    assert fuse(build(said), kinds={"a": "maker", "b": "blog"}).decisions[0].value == "x"
    with pytest.raises(KeyError, match="'nobody'"):
        fuse(build(said), kinds={"nobody": "maker"})


def test_one_value_may_be_spelled_in_several_ways() -> None:
    said = claims(("a", "1", "1,200"), ("b", "1", "1200.0"), ("c", "1", "1300"), ("a", "2", "7"))
    assert fuse(build(said)).decisions[0].value in ("1,200", "1200.0")
    lists = claims(
        ("a", "1", "Roe, J.; Doe, A."), ("b", "1", "Doe, A; Roe, J"), ("c", "1", "Poe; Coe")
    )
    assert "Doe" in fuse(build(lists)).decisions[0].value


def test_a_coarse_date_supports_the_fine_one_and_never_overwrites_it() -> None:
    said = claims(
        ("a", "1", "2024-05"),
        ("b", "1", "2024-05"),
        ("c", "1", "2024-05-13"),
        ("d", "1", "2023-01-01"),
    )
    assert fuse(build(said)).decisions[0].value == "2024-05-13"


def test_a_source_that_rounds_supports_the_finer_number_and_a_lone_short_number_does_not() -> None:
    said = [
        *claims(*(("coarse", str(i), f"{i}.3") for i in range(10))),
        *claims(*(("fine", str(i), f"{i}.34") for i in range(10))),
        *claims(*(("other", str(i), f"{i}.91") for i in range(10))),
    ]
    done = fuse(build(said))
    assert all(
        d.value.endswith(".34") and d.rule.startswith("weighed: 2 voices") for d in done.decisions
    )
    exact = [
        *said[10:],
        *claims(("mixed", "0", "0.3"), *(("mixed", str(i), f"{i}.30") for i in range(1, 10))),
    ]
    assert "0.3" in {
        build(exact).printed[c] for c in range(build(exact).first[0], build(exact).first[1])
    }


def test_a_sources_last_word_counts() -> None:
    said: list[Row] = [
        ("a", "1", "p", "3", "", "2024-01-01"),
        ("a", "1", "p", "4", "", "2024-02-01"),
        ("b", "1", "p", "4", "", "2024-01-15"),
    ]
    (one,) = fuse(build(said)).decisions
    assert (one.value, one.rule) == ("4", "unanimous: 2 voices")


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_claims_decides_nothing(chance: random.Random) -> None:
    said, _ = world(40, {"a": 0.9, "b": 0.7, "c": 0.8, "d": 0.5}, {"e": "d"})
    mixed = list(said)
    chance.shuffle(mixed)
    one, two = fuse(build(said)), fuse(build(mixed))
    sure = {
        (d.item, d.attribute): (d.value, d.confidence) for d in one.decisions if d.confidence > 0.51
    }
    assert sure == {
        (d.item, d.attribute): (d.value, d.confidence) for d in two.decisions if d.confidence > 0.51
    }


@pytest.mark.parametrize(
    "text, said",
    [
        ("source,item,value\na,b,c\n", "no column attribute"),
        ("source,item,attribute,value\na,b,c\n", "line 2: 3 cells under 4 columns"),
        (
            "source,item,attribute,value\n,b,c,d\n",
            "line 2: source, item and attribute may not be empty",
        ),
        ("source,item,attribute,value\n", "no claims"),
        ("", "no column source"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        read(file)


def test_on_the_public_benchmark(shared: Path) -> None:
    """Flight, all sources and without the three that supply the gold.

    Each with and without fifty audited facts.
    """
    with (shared / "truth/claims.csv").open(newline="") as file:
        said = list(rows(csv.reader(file), "claims.csv"))
    gold = Gold.read(
        shared / "truth/gold.csv", json.loads((shared / "truth/schema.json").read_text())
    )
    anchors = dict(random.Random(0).sample(sorted(gold.values.items()), 50))
    table = build(said)
    assert precision(fuse(table).decisions, gold) >= 0.982
    assert precision(fuse(table, anchors).decisions, gold, anchors) >= 0.985
    apart = build(r for r in said if r[0] not in ("aa", "ua", "CO"))
    base = precision(vote(apart), gold)
    assert precision(fuse(apart).decisions, gold) >= base + 0.05
    assert precision(fuse(apart, anchors).decisions, gold, anchors) >= base + 0.10
