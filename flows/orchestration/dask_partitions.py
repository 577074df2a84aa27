"""The same stages mapped over partitions on Dask.

Reading goes by captures, resolving by subjects; linking and storing stay in one order.

What a body says and what a subject's claims come to are pure functions, so they run anywhere.
Linking introduces models as it goes and so keeps its order, which is why the release is the same to
the digest for any number of workers.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from almanac.flows.harvest.plan import Order
from almanac.flows.ingest.page_captures import Read, pending, read_look
from almanac.flows.orchestration.prefect_tasks import Opaque, Tasks, as_task
from almanac.flows.pipeline import stages, steps
from almanac.flows.pipeline.pipeline import Plain
from almanac.flows.pipeline.stages import Stage
from almanac.flows.reconciliation import draft
from almanac.flows.reconciliation.timeline import timeline
from almanac.schemas.claim import Capture
from almanac.schemas.rulings import Rulings
from almanac.spiders.archive.looks import BodyPlace
from almanac.spiders.archive.warc import Archive
from almanac.warehouse.write.store import Store

PARTS = 8
"""Parts a worker gets on average.

They are enough that a slow one or a dead one is made up for by the others.
"""
LEAST = 20
"""Captures, or subjects by the hundred, below which a part is not worth its way to a worker."""


def read_part(order: Order, wanted: Sequence[tuple[Capture, BodyPlace]]) -> list[Read]:
    """Read some looks from the archive. Runs on a worker."""
    archive = Archive.over(
        order.captures, order.archive_url, {capture.digest: place for capture, place in wanted}
    )
    return [read_look(capture, archive) for capture, _ in wanted]


def resolve_part(
    database: str, run: str, subjects: Sequence[str], rulings: Rulings | None
) -> list[dict[str, Any]]:
    """Resolve some subjects over all of valid time.

    Runs on a worker; `run` names the run, whose guards are made once a worker.
    """
    store, looks, cards, watch, trust = _known(database, run)
    return timeline(store.claims_of(subjects), looks, cards, watch, trust, rulings)


@functools.lru_cache(maxsize=1)
def _known(database: str, run: str) -> tuple[Any, ...]:
    store, cards = Store(database), draft.cards()
    return store, draft.looks_of(store, cards), cards, draft.guards(store), draft.learned(store)


READ = Stage("read_part", read_part)
RESOLVE = Stage("resolve_part", resolve_part)


class Partitions(Tasks):
    """Calls stages as Prefect tasks, and hands parts of reading and resolving to Dask's workers."""

    def __init__(self, order: Order, workers: int, name: str) -> None:
        self._order, self._workers, self._name = order, workers, name
        self._parted: dict[Stage, Callable[..., Any]] = {
            stages.RECONCILE: self._build,
            stages.INGEST: self._ingest,
        }
        """What is cut into parts, and how."""

    def once(self, stage: Stage, *args: Any) -> Any:
        cut = self._parted.get(stage)
        return cut(*args) if cut else super().once(stage, *args)

    def each(self, stage: Stage, items: Sequence[Any], *args: Any) -> list[Any]:
        if cut := self._parted.get(stage):
            return list(cut(items, *args))
        # What shares this process's archive stays in it: in threads, where it mostly waits.
        return Plain(self.progress).each(stage, items, *args)

    def _ingest(self, items: Sequence[steps.Harvest], run: steps.Run) -> list[Any]:
        ready = self._read(items, run)
        return super().each(stages.INGEST, items, run, lambda capture: ready(capture))

    def _read(self, items: Sequence[steps.Harvest], run: steps.Run) -> Callable[[Capture], Read]:
        """Send what is to be read to the workers; return what waits for a look's reading."""
        wanted = [
            c
            for item in items
            for c in pending(item.source, item.captures, run.archive, run.store).captures()
        ]
        size = max(LEAST, math.ceil(len(wanted) / (PARTS * self._workers)))
        waiting: dict[tuple[Any, ...], tuple[Any, int]] = {}
        for start in range(0, len(wanted), size):
            part = [(c, run.archive.bodies[c.digest]) for c in wanted[start : start + size]]
            future = as_task(READ).submit(Opaque(self._order), Opaque(part))
            waiting.update({_key(c): (future, i) for i, (c, _) in enumerate(part)})
        made: dict[int, list[Read]] = {}

        def ready(capture: Capture) -> Read:
            if _key(capture) not in waiting:
                return read_look(capture, run.archive)
            future, i = waiting[_key(capture)]
            if id(future) not in made:
                made.clear()  # parts are asked for in order: one is held at a time
                made[id(future)] = future.result()
            return made[id(future)][i]

        return ready

    def _build(self, store: Store, rulings: Rulings | None) -> draft.Draft:
        marks = store.unresolved()
        subjects = list(marks)
        size = max(100 * LEAST, math.ceil(len(subjects) / (PARTS * self._workers)))
        parts = [subjects[start : start + size] for start in range(0, len(subjects), size)]
        futures = [
            as_task(RESOLVE).submit(
                Opaque(self._order.database), Opaque(self._name), Opaque(part), Opaque(rulings)
            )
            for part in parts
        ]
        return draft.Draft([row for future in futures for row in future.result()], marks)


def _key(capture: Capture) -> tuple[Any, ...]:
    return capture.source, capture.page, capture.fetched_at, capture.digest
