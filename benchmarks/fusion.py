"""Who is right where sources disagree, on a public benchmark.

Measured are precision, coverage, calibration, time and memory.

    python -m benchmarks.fusion [../shared/truth]

Runs `almanac fuse` as a user would and grades what it wrote: on all sources, without those that
supply the gold, and with fifty audited facts (taken out of the grading; the mean of five draws).
The vote stands beside every figure. Then selections of the same claims, on which other methods end
in other camps: every third day alone, and eight draws of 60 % of the sources. Then a made-up table
of 2.7 million claims, for time and memory only.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from almanac.flows.truth_discovery.fuse import Decision, fuse
from almanac.flows.truth_discovery.table import ClaimTable, build, rows

SUPPLIERS = ("aa", "ua", "CO")


@dataclass(frozen=True, slots=True)
class Gold:
    """The right values by slot, and how an answer is graded.

    Numbers are right within a tolerance, perhaps round a period.
    """

    values: dict[tuple[str, str], str]
    schema: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: Path, schema: dict[str, dict[str, Any]]) -> Gold:
        with path.open(newline="") as file:
            return cls(
                {(r["item"], r["attribute"]): r["value"] for r in csv.DictReader(file)}, schema
            )

    def right(self, slot: tuple[str, str], value: str) -> bool:
        rule = self.schema[slot[1]]
        if rule["type"] != "number":
            return value == self.values[slot]
        away = abs(float(value) - float(self.values[slot]))
        period = rule.get("period")
        return (min(away % period, -away % period) if period else away) <= rule.get("abs_tol", 0)


def precision(
    decisions: Iterable[Decision], gold: Gold, without: Collection[tuple[str, str]] = ()
) -> float:
    """Return the share of gold slots that are decided rightly.

    A slot that is not decided is wrong.
    """
    right = sum(
        gold.right(s, d.value)
        for d in decisions
        if (s := (d.item, d.attribute)) in gold.values and s not in without
    )
    return right / (len(gold.values) - len(without))


def vote(table: ClaimTable) -> Iterator[Decision]:
    """The plain vote: the value most sources state, the first stated in a tie."""
    counts = [0] * len(table.keys)
    for c in table.claim_candidate:
        counts[c] += 1
    for t, (item, attribute) in enumerate(table.slots):
        c = max(range(table.first[t], table.first[t + 1]), key=lambda c: (counts[c], -c))
        yield Decision(item, attribute, table.printed[c], 1.0, "known", "vote")


def coverage(
    decisions: Iterable[Decision], gold: Gold, without: Collection[tuple[str, str]] = ()
) -> tuple[float, dict[int, float], float]:
    """Return coverage at 99 % precision, precision by coverage, and the calibration error.

    Coverage is the share of slots that are answered.
    """
    graded = sorted(
        (
            (d.confidence, gold.right(s, d.value))
            for d in decisions
            if (s := (d.item, d.attribute)) in gold.values and s not in without
        ),
        reverse=True,
    )
    right, at99, curve = 0, 0.0, {}
    for i, (_, good) in enumerate(graded, 1):
        right += good
        if right >= 0.99 * i:
            at99 = i / len(graded)
        if (percent := i * 10 // len(graded) * 10) and percent not in curve:
            curve[percent] = round(right / i, 4)
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for confidence, good in graded:
        bins[min(int(confidence * 10), 9)].append((confidence, good))
    error = sum(abs(sum(c for c, _ in b) - sum(g for _, g in b)) for b in bins) / len(graded)
    return at99, curve, error


def run(
    claims: Path, folder: Path, anchors: dict[tuple[str, str], str] | None = None
) -> tuple[list[Decision], float]:
    """Return what `almanac fuse` decides, and how long the whole process took, in seconds."""
    facts, to = folder / "anchors.csv", folder / "decided.csv"
    command = [
        str(Path(sys.executable).with_name("almanac")),
        "fuse",
        str(claims),
        "--out",
        str(to),
    ]
    if anchors:
        with facts.open("w", newline="") as file:
            csv.writer(file).writerows(
                [
                    ("item", "attribute", "value"),
                    *((*slot, value) for slot, value in anchors.items()),
                ]
            )
        command += ["--anchors", str(facts)]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    took = time.perf_counter() - started
    with to.open(newline="") as file:
        return [
            Decision(
                r["item"], r["attribute"], r["value"], float(r["confidence"]), r["state"], r["rule"]
            )
            for r in csv.DictReader(file)
        ], took


def on(name: str, claims: Path, gold: Gold, folder: Path) -> None:
    with claims.open(newline="") as file:
        base = precision(vote(build(rows(csv.reader(file), claims.name))), gold)
    decided, took = run(claims, folder)
    at99, curve, error = coverage(decided, gold)
    print(
        f"{name}: vote {base:.4f}; fuse {precision(decided, gold):.4f} ({took:.2f} s"
        f" whole-process), coverage at 99 % precision {at99:.3f}, calibration error {error:.3f}"
    )
    print(f"  precision by percent answered: {curve}")
    draws = []
    for seed in range(5):
        anchors = dict(random.Random(seed).sample(sorted(gold.values.items()), 50))
        decided, took = run(claims, folder, anchors)
        draws.append((precision(decided, gold, anchors), coverage(decided, gold, anchors)[0]))
    print(
        f"  with 50 anchors: mean {sum(p for p, _ in draws) / 5:.4f}, worst {min(draws)[0]:.4f},"
        f" coverage at 99 % {sum(c for _, c in draws) / 5:.3f}"
    )


def selections(claims: Path, gold: Gold) -> None:
    """Grade days alone, and draws of the sources, without anchors.

    Each with and without the sites that supply the gold.
    """
    with claims.open(newline="") as file:
        claim_rows = list(rows(csv.reader(file), claims.name))
    days = sorted({item.rsplit("|", 1)[-1] for _, item, *_ in claim_rows})
    sources = sorted({source for source, *_ in claim_rows})
    chosen = []
    for day in days[::3]:
        chosen.append((day, lambda r, d=day: r[1].endswith(d)))
        chosen.append(
            (
                f"{day} without the three",
                lambda r, d=day: r[1].endswith(d) and r[0] not in SUPPLIERS,
            )
        )
    for seed in range(8):
        drawn = frozenset(random.Random(seed).sample(sources, len(sources) * 6 // 10))
        chosen.append((f"{len(drawn)} sources, draw {seed}", lambda r, s=drawn: r[0] in s))
    results = []
    for name, kept in chosen:
        table = build(r for r in claim_rows if kept(r))
        here = Gold(
            {slot: gold.values[slot] for slot in table.slots if slot in gold.values}, gold.schema
        )
        results.append((name, precision(vote(table), here), precision(fuse(table).decisions, here)))
    for name, voted, fused in results:
        print(f"  {name}: vote {voted:.3f}, fuse {fused:.3f}")
    better = sum(fused > voted for _, voted, fused in results)
    means = [sum(r[i] for r in results) / len(results) for i in (1, 2)]
    print(
        f"{len(results)} selections: vote {means[0]:.3f}, fuse {means[1]:.3f} in the mean;"
        f" fuse better on {better}"
    )


def large(path: Path) -> int:
    """Write a made-up table: 55 sources, 57,600 slots, about 2.7 million claims.

    Return their number.
    """
    chance = random.Random(0)
    right = {s: [chance.betavariate(6, 2) for _ in range(16)] for s in range(55)}
    n = 0
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("source", "item", "attribute", "value"))
        for item in range(3_600):
            for attribute in range(16):
                truth = chance.randrange(10**6)
                for source, shares in right.items():
                    if (draw := chance.random()) < 0.86:
                        wrong = (
                            truth + chance.randint(1, 4) if draw < 0.6 else chance.randrange(10**6)
                        )
                        lines.writerow(
                            (
                                f"s{source}",
                                f"item{item}",
                                f"a{attribute}",
                                truth if chance.random() < shares[attribute] else wrong,
                            )
                        )
                        n += 1
    return n


def main() -> None:
    truth = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/truth")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if (truth / "claims.csv").exists():
            gold = Gold.read(truth / "gold.csv", json.loads((truth / "schema.json").read_text()))
            on("all sources", truth / "claims.csv", gold, folder)
            apart = folder / "apart.csv"
            with (truth / "claims.csv").open(newline="") as file, apart.open("w", newline="") as to:
                csv.writer(to).writerows(row for row in csv.reader(file) if row[0] not in SUPPLIERS)
            on(f"without {', '.join(SUPPLIERS)}", apart, gold, folder)
            selections(truth / "claims.csv", gold)
        n = large(folder / "large.csv")
        _, took = run(folder / "large.csv", folder)
        import resource

        print(
            f"{n:,} claims: {took:.1f} s whole-process,"
            f" {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3:,.0f} MB at most"
        )


if __name__ == "__main__":
    main()
