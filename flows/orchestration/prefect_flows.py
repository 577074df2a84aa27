"""The Prefect flows: refresh, backfill, replay, learn and check.

Each is the same line that plain calls follow, ordered and shown by Prefect.

Parameters and results are plain JSON, so that runs can be started from Prefect's pages and read
from anywhere.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext
from prefect.task_runners import ThreadPoolTaskRunner

from almanac.flows.harvest.plan import Order
from almanac.flows.orchestration.dask_partitions import Partitions
from almanac.flows.orchestration.prefect_tasks import Tasks, show
from almanac.flows.pipeline import replay as kept
from almanac.flows.pipeline.backfill import Past
from almanac.flows.pipeline.backfill import backfill as fill
from almanac.flows.pipeline.pipeline import Report, line
from almanac.flows.reconciliation import draft, learn_reliability
from almanac.schemas import moment
from almanac.schemas.dates import utc
from almanac.spiders.archive.integrity import sample
from almanac.spiders.archive.warc import Archive
from almanac.warehouse.write.store import Store

SETTINGS: dict[str, Any] = {
    "task_runner": ThreadPoolTaskRunner(max_workers=4),
    "persist_result": True,
    "result_serializer": "json",
    "log_prints": False,
    "timeout_seconds": 6 * 3600,
}


def _order(at: datetime | None = None, **options: Any) -> Order:
    """Return an order as of a moment.

    By default it is when this attempt at the run began, by Prefect's own account.

    Not the moment it was scheduled for: a run that waited for a worker looks at pages
    when it looks.
    """
    running = FlowRunContext.get()
    assert running is not None
    return Order(utc(at or running.start_time), **options)


def _result(report: Report, order: Order) -> dict[str, object]:
    """Return the report, its artifacts left behind.

    Raises RuntimeError in a deployment that could look at nothing: its run has failed.
    """
    show(report, order)
    if report.blind and runtime.deployment.id:
        raise RuntimeError(report.outage)
    return report.as_dict()


@flow(name="refresh", **SETTINGS)
def refresh(
    sources: list[str] | None = None,
    replay: str | None = None,
    installed: bool = False,
    cadence: str = "",
    as_of: datetime | None = None,
) -> dict[str, object]:
    """Run the whole line, ending in a release: what is due, or these sources, or saved captures.

    `cadence` keeps to sources that are looked at so often: hourly, daily, weekly or monthly.
    """
    order = _order(
        as_of,
        sources=tuple(sources or ()),
        replay=Path(replay) if replay else None,
        installed=installed,
        cadence=cadence,
    )
    return _result(line(order, Tasks()), order)


@flow(name="partitioned", **SETTINGS)
def partitioned(
    workers: int = 2,
    address: str = "",
    sources: list[str] | None = None,
    replay: str | None = None,
    installed: bool = False,
    as_of: datetime | None = None,
) -> dict[str, object]:
    """Run the line with reading and resolving mapped over Dask.

    There are `workers` processes here, or a cluster at `address`.

    Workers read the warehouse and the archive themselves: for several machines PostgreSQL and an
    archive at an fsspec URL.
    """
    from prefect_dask import DaskTaskRunner

    order = _order(
        as_of,
        sources=tuple(sources or ()),
        replay=Path(replay) if replay else None,
        installed=installed,
    )
    cluster = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
    }
    runner: Any = (
        DaskTaskRunner(address=address) if address else DaskTaskRunner(cluster_kwargs=cluster)
    )

    @flow(name="partitions", task_runner=runner, persist_result=False, log_prints=False)
    def mapped() -> Report:
        return line(order, Partitions(order, workers, str(runtime.flow_run.id)))

    return _result(mapped(), order)


@flow(name="backfill", **SETTINGS)
def backfill(
    source: str,
    git: str = "",
    releases: bool = False,
    archives: list[str] | None = None,
    folder: str = "",
    since: date | None = None,
    until: date | None = None,
    files: str = "",
    page: str = "",
    every: int = 7,
    of: str = "",
) -> dict[str, object]:
    """Take in what is missing of a source's history.

    It comes from a git repository, package versions, web archives or a folder of dated files.
    """
    order = _order()
    past = Past(
        source,
        git,
        releases,
        tuple(Path(p) for p in archives or ()),
        Path(folder) if folder else None,
        utc(since) if since else None,
        moment.until(until) if until else None,
        files,
        page,
        every,
        of,
    )
    return _result(fill(past, order, Tasks()), order)


@flow(name="replay", **SETTINGS)
def replay(sources: list[str] | None = None) -> dict[str, object]:
    """Read again what the archive keeps, with today's readers, and resolve every subject anew."""
    order = _order(sources=tuple(sources or ()))
    return _result(kept.replay(order, Tasks()), order)


@flow(name="check", **SETTINGS)
def check(share: float = 0.02) -> dict[str, object]:
    """Read a share of the archive's bodies and hold each to its digest.

    It is another share each day, the same one all day.

    Raises RuntimeError, the run thus failed, where something is damaged: its artifact lists it.
    """
    order = _order()
    archive = Archive(order.captures, order.archive_url)
    damaged = sample(archive, share, order.as_of.date().isoformat())
    rows = [
        {"file": d.file, "offset": d.offset, "digest": d.digest, "what": d.reason} for d in damaged
    ]
    create_table_artifact(
        key="evidence",
        table=rows,
        description=f"Damaged records among {share:.0%} of {len(archive.bodies):,} bodies",
    )
    if damaged:
        raise RuntimeError(
            f"{len(damaged)} of the bodies read are damaged, first {damaged[0]}:"
            " `almanac doctor --deep` reads all of them"
        )
    return {"bodies": len(archive.bodies), "share": share, "damaged": 0}


@flow(name="learn", **SETTINGS)
def relearn() -> dict[str, object]:
    """Learn how reliable each source is from the warehouse's own claims.

    Where that is news, resolve every figure with it.
    """
    order = _order()
    store = Store(order.database)
    try:
        learned = learn_reliability.from_store(store, draft.cards())
        news = learn_reliability.keep(store, learned, order.as_of)
    finally:
        store.close()
    if not news:
        return {"facts": learned.facts, "new": False}
    report = kept.replay(order, Tasks())
    return {"facts": learned.facts, "new": True, **_result(report, order)}
