"""How often we are right where nobody with authority speaks.

Also how sure we say we are, and how fast it goes.

    python -m benchmarks.resolution [--shared ../shared/captures] [--home DIR]

Accuracy: figures that their maker or provider states itself are the gold, and are hidden: the
resolver sees only third parties, at the moment the authority was last seen to say it. Models are
cut in two halves; each half is decided with what the other half taught. Speed: every figure of the
warehouse over all of time, then 1 % of all subjects again, then ten times the claims. `--home`
names an almanac to use; without it one is built from `--shared` (three minutes).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.pipeline import Plain, line
from almanac.flows.reconciliation import draft
from almanac.flows.reconciliation.learn_reliability import Case, cases, learn
from almanac.flows.reconciliation.reconcile import KNOWN
from almanac.flows.reconciliation.source_reliability import weigh
from almanac.flows.reconciliation.timeline import timeline
from almanac.schemas.card import SourceCard
from almanac.warehouse.write.store import Store

Answer = tuple[bool, float, bool]
"""Whether it is right, how sure we said we are, whether we decided it."""


def half(case: Case) -> int:
    """Return which half a case is in: all that is said of one model is in one half."""
    return blake2b(case.subject.split(":")[-1].encode(), digest_size=1).digest()[0] % 2


def ours(settled: Sequence[Case], cards: dict[str, SourceCard]) -> dict[str, Answer]:
    """Decide each half with what was learned from the other."""
    answers = {}
    for fold in (0, 1):
        learned = learn([c for c in settled if half(c) != fold], cards)
        for case in settled:
            if half(case) == fold:
                weighed = weigh(
                    case.entry, [v for backing in case.values for v in backing], cards, learned
                )
                at = next(i for i, backing in enumerate(case.values) if weighed.winner in backing)
                answers[case.item] = (
                    at == case.right,
                    weighed.probability,
                    weighed.rule != "weighed" or weighed.probability >= KNOWN,
                )
    return answers


def voted(case: Case) -> float:
    """Plain vote: the share of the values with most sources that is right."""
    counts = [len({v.claim.source for v in backing}) for backing in case.values]
    best = [i for i, n in enumerate(counts) if n == max(counts)]
    return sum(i == case.right for i in best) / len(best)


def newest(case: Case) -> float:
    _, _, at = max(
        (v.claim.last_seen, v.claim.source, i)
        for i, backing in enumerate(case.values)
        for v in backing
    )
    return float(at == case.right)


def said_by(source: str) -> Callable[[Case], float | None]:
    def right(case: Case) -> float | None:
        mine = [
            i
            for i, backing in enumerate(case.values)
            if any(v.claim.source == source for v in backing)
        ]
        return sum(i == case.right for i in mine) / len(mine) if mine else None

    return right


def accuracy(settled: Sequence[Case], cards: dict[str, SourceCard]) -> None:
    answers = ours(settled, cards)
    by_group: dict[str, list[Case]] = defaultdict(list)
    for case in settled:
        by_group[case.entry.group].append(case)
    contested = [c for c in settled if len(c.values) > 1]
    print(
        f"{len(settled):,} figures that an authority settles and third parties speak of;"
        f" {len(contested):,} of them contested"
    )
    print(
        f"{'':14}{'figures':>8}{'ours':>8}{'vote':>8}{'newest':>8}"
        f"{'best possible':>15}{'decided':>9}{'right of these':>16}"
    )
    for name, part in [("all", settled), ("contested", contested), *sorted(by_group.items())]:
        decided = [answers[c.item] for c in part if answers[c.item][2]]
        row = (
            mean([answers[c.item][0] for c in part]),
            mean([voted(c) for c in part]),
            mean([newest(c) for c in part]),
            mean([c.right is not None and c.right >= 0 for c in part]),
            len(decided) / len(part),
            mean([a[0] for a in decided]),
        )
        print(
            f"{name:14}{len(part):8,}"
            + "".join(f"{x:{w}.3f}" for x, w in zip(row, (8, 8, 8, 15, 9, 16), strict=True))
        )
    print("each data set alone, and we on the same figures:")
    for source in sorted(
        {v.claim.source for c in settled for backing in c.values for v in backing}
    ):
        heard = [(c, r) for c in settled if (r := said_by(source)(c)) is not None]
        print(
            f"  {source:24}{len(heard):6,}{mean([r for _, r in heard]):8.3f}"
            f"{mean([answers[c.item][0] for c, _ in heard]):8.3f}"
        )
    calibration(list(answers.values()))


def calibration(answers: Sequence[Answer]) -> None:
    bins: list[list[Answer]] = [[] for _ in range(10)]
    for answer in answers:
        bins[min(int(answer[1] * 10), 9)].append(answer)
    print("calibration: confidence said, share right, figures")
    for i, bucket in enumerate(bins):
        if bucket:
            print(
                f"  {i / 10:.1f}–{(i + 1) / 10:.1f}  {mean([a[1] for a in bucket]):.3f}"
                f"  {mean([a[0] for a in bucket]):.3f}  {len(bucket):6,}"
            )
    error = sum(
        abs(sum(a[1] for a in bucket) - sum(a[0] for a in bucket)) for bucket in bins
    ) / len(answers)
    print(f"expected calibration error {error:.4f}")


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def speed(store: Store, cards: dict[str, SourceCard]) -> None:
    subjects = store.subjects()
    looks, watch, trust = (
        draft.looks_of(store, draft.cards()),
        draft.guards(store),
        draft.learned(store),
    )

    def resolved(part: Sequence[str]) -> tuple[int, int]:
        claims = figures = 0
        for start in range(0, len(part), draft.CHUNK):
            rows = store.claims_of(part[start : start + draft.CHUNK])
            claims += len(rows)
            figures += len(timeline(rows, looks, cards, watch, trust))
        return claims, figures

    started = time.perf_counter()
    claims, figures = resolved(subjects)
    whole = time.perf_counter() - started
    print(
        f"whole: {claims:,} claims with their spells, {len(subjects):,} subjects, {figures:,}"
        f" figures over all of time: {whole:.1f} s ({whole / claims * 1e6:.0f} µs a claim)"
    )
    changed = subjects[::100]
    started = time.perf_counter()
    draft.guards(store)
    claims, _ = resolved(changed)
    again = time.perf_counter() - started
    print(
        f"after 1 % of all subjects changed ({len(changed)}, {claims:,} claims;"
        f" the guards built anew): {again:.2f} s, {again / whole:.1%} of the whole"
    )
    few = store.claims_of(subjects[:500])
    many = [replace(c, subject=f"{c.subject}#{k}") for k in range(10) for c in few]
    times = []
    for rows in (few, many):
        started = time.perf_counter()
        timeline(rows, looks, cards, watch, trust)
        times.append(time.perf_counter() - started)
    print(
        f"ten times the claims ({len(few):,} → {len(many):,}):"
        f" {times[1] / times[0]:.1f} times as long"
    )


def main() -> None:
    order = argparse.ArgumentParser()
    order.add_argument("--shared", type=Path, default=Path("../shared/captures"))
    order.add_argument("--home", type=Path)
    given = order.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = given.home or Path(temporary)
        database = f"sqlite:///{home / 'warehouse.db'}"
        os.environ["ALMANAC_NO_GIT"] = "1"
        if not given.home:
            line(Order(datetime.now(UTC), (), given.shared, False, home, database), Plain())
        store = Store(database)
        cards = draft.cards()
        settled = [
            c
            for c in cases(store.claims_of(store.subjects()), draft.looks_of(store, cards), cards)
            if c.right is not None
        ]
        accuracy(settled, cards)
        speed(store, cards)
        store.close()


if __name__ == "__main__":
    main()
