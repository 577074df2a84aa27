"""How Prefect calls the steps of a run: as tasks with retries, the publisher one at a time.

Also what a run leaves to look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from prefect import get_run_logger, runtime, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.concurrency.sync import concurrency
from prefect.events import emit_event

from almanac.flows.harvest.plan import Order
from almanac.flows.orchestration.deployments import PUBLISHER
from almanac.flows.pipeline import steps
from almanac.flows.pipeline.notifications import MOST, Notice
from almanac.flows.pipeline.pipeline import Report

RETRY_AFTER = [2, 30]
"""Seconds before a failed crawl is tried again."""


class Tasks:
    """Calls each step as a Prefect task.

    Crawls go side by side with retries, what writes the warehouse one by one.
    """

    def one(self, step: Callable[..., Any], *args: Any) -> Any:
        with _alone() if step is steps.publish else nullcontext():
            return self._task(step)(*[Opaque(a) for a in args])

    def each(self, step: Callable[..., Any], items: Sequence[Any], *args: Any) -> list[Any]:
        made = self._task(step, retries=len(RETRY_AFTER) if step is steps.harvest else 0)
        results: list[Any] = []
        if step is steps.harvest:
            futures = [
                made.with_options(task_run_name=f"{step.__name__} {_name(i)}").submit(
                    Opaque(i), *[Opaque(a) for a in args]
                )
                for i in items
            ]
            for future in futures:
                results.append(future.result(raise_on_failure=False))
        else:
            for i in items:
                results.append(
                    made.with_options(task_run_name=f"{step.__name__} {_name(i)}")(
                        Opaque(i), *[Opaque(a) for a in args], return_state=True
                    ).result(raise_on_failure=False)
                )
        return results

    def progress(self, text: str) -> None:
        get_run_logger().info(text)

    def emit(self, notices: Sequence[Notice]) -> None:
        """Emit an event for each, which automations may wait for."""
        for notice in notices[:MOST]:
            resource = {"prefect.resource.id": f"almanac.subject.{notice.subject}"}
            payload = {"said": notice.said, **notice.detail}
            emit_event(f"almanac.{notice.event}", resource=resource, payload=payload)

    @staticmethod
    def _task(step: Callable[..., Any], retries: int = 0) -> Any:
        def call(*args: Opaque) -> Any:
            return step(*[a.value for a in args])

        return task(  # type: ignore[call-overload]
            call,
            name=step.__name__,
            retries=retries,
            retry_delay_seconds=[float(s) for s in RETRY_AFTER[:retries]],
            cache_policy=NO_CACHE,
            persist_result=False,
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the one publisher's slot.

    A run of a deployment insists that the limit is there; without it there would be none.
    """
    with concurrency(PUBLISHER, occupy=1, timeout_seconds=3600, strict=bool(runtime.deployment.id)):
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

    seen = warehouse.open(order.database)
    counts = seen.release(report.release).counts
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
        for f in seen.figures(state="conflicted")[:200]
    ]
    create_table_artifact(
        key="conflicts", table=conflicts, description="Open conflicts, the first 200"
    )
    refused = [
        {"stage": a, "source": b, "reason": c, "rows": n}
        for a, b, c, n in seen.refusal_counts()[:200]
    ]
    create_table_artifact(
        key="refusals", table=refused, description="The quarantine by reason, the first 200"
    )
    moved = [
        {
            "event": n.event,
            "subject": n.subject,
            "what": n.said,
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
    seen.close()
