"""The stages of a run as Prefect tasks, and what a run leaves to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from prefect import get_run_logger, runtime, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.concurrency.sync import concurrency
from prefect.events import emit_event

from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.notifications import MOST, Notice
from almanac.flows.pipeline.pipeline import Report
from almanac.flows.pipeline.stages import Stage


class Tasks:
    """Calls each stage as a Prefect task, with as many items at work as it declares."""

    def once(self, stage: Stage, *args: Any) -> Any:
        with _slot(stage.exclusive) if stage.exclusive else nullcontext():
            return as_task(stage)(*[Opaque(a) for a in args])

    def each(self, stage: Stage, items: Sequence[Any], *args: Any) -> list[Any]:
        work, shared = as_task(stage), [Opaque(a) for a in args]
        tasks = [work.with_options(task_run_name=f"{stage.name} {_name(i)}") for i in items]
        calls = list(zip(tasks, map(Opaque, items), strict=True))
        if stage.parallel > 1:
            begun = [named.submit(item, *shared) for named, item in calls]
            return [future.result(raise_on_failure=False) for future in begun]
        states = (named(item, *shared, return_state=True) for named, item in calls)
        return [state.result(raise_on_failure=False) for state in states]

    def progress(self, text: str) -> None:
        get_run_logger().info(text)

    def emit(self, notices: Sequence[Notice]) -> None:
        """Emit an event for each, which automations may wait for."""
        for notice in notices[:MOST]:
            resource = {"prefect.resource.id": f"almanac.subject.{notice.subject}"}
            payload = {"said": notice.sentence, **notice.detail}
            emit_event(f"almanac.{notice.event}", resource=resource, payload=payload)


def as_task(stage: Stage) -> Any:
    """Return a stage as a Prefect task; its arguments are `Opaque`."""

    def call(*args: Opaque) -> Any:
        return stage.run(*[a.value for a in args])

    return task(  # type: ignore[call-overload]
        call,
        name=stage.name,
        retries=len(stage.retries),
        retry_delay_seconds=list(stage.retries),
        cache_policy=NO_CACHE,
        persist_result=False,
    )


@contextmanager
def _slot(limit: str) -> Iterator[None]:
    """Hold a slot of a concurrency limit.

    A run of a deployment insists that the limit is there; without it there would be none.
    """
    with concurrency(limit, occupy=1, timeout_seconds=3600, strict=bool(runtime.deployment.id)):
        yield


class Opaque:
    """Keeps Prefect from walking through large arguments in search of futures."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _name(item: Any) -> str:
    return str(getattr(item, "source", None) or item[0])


def show(report: Report, order: Order) -> None:
    """Leave the run's artifacts: its counts, its open conflicts, its refusals by reason."""
    from almanac import warehouse

    snapshot = warehouse.open(order.database)
    counts = snapshot.release(report.release).counts
    rows = "\n".join(f"| {k} | {v:,} |" for k, v in counts.items() if isinstance(v, int))
    stale = (
        "\n".join(f"- **{s}** is stale: {why}" for s, why in report.stale.items())
        or "No source is stale."
    )
    create_markdown_artifact(
        key="refresh-report",
        markdown=(
            f"# Release {report.release}\n\n| what | how many |\n|---|---|\n{rows}\n\n{stale}\n"
        ),
        description="What the run did",
    )
    conflicts = [
        {"subject": f.subject, "field": f.field, "meter": f.meter, "terms": f.terms, "why": f.why}
        for f in snapshot.figures(state="conflicted")[:200]
    ]
    create_table_artifact(
        key="conflicts", table=conflicts, description="Open conflicts, the first 200"
    )
    refused = [
        {"stage": a, "source": b, "reason": c, "rows": n}
        for a, b, c, n in snapshot.refusal_counts()[:200]
    ]
    create_table_artifact(
        key="refusals", table=refused, description="The quarantine by reason, the first 200"
    )
    moved = [
        {
            "event": n.event,
            "subject": n.subject,
            "what": n.sentence,
            "since": str(n.detail.get("valid_from", ""))[:10],
        }
        for n in report.notices[:200]
    ]
    create_table_artifact(
        key="notices",
        table=moved,
        description="Prices that moved, new conflicts, stale sources: the first 200",
    )
    page = order.home / "quality" / f"release-{report.release}.html"
    base = os.environ.get("ALMANAC_WEB_URL", "")
    create_link_artifact(
        key="quality",
        link=f"{base}/quality/{page.name}" if base else page.as_uri(),
        link_text=f"Quality of release {report.release}",
        description="Every expectation and how it went",
    )
    snapshot.close()
