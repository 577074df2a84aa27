"""The order of the stages, written once.

It runs as plain calls or as Prefect tasks: only the caller differs.

harvest (each source) → ingest (each source: read, normalise, link, store) → name models → reconcile
→ validate → publish → notify
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from almanac.flows.harvest.plan import Order, plan
from almanac.flows.ingest.page_captures import Ingested
from almanac.flows.pipeline import stages, steps
from almanac.flows.pipeline.notifications import Notice
from almanac.flows.pipeline.stages import Stage
from almanac.flows.validation.expectations import Rejected, Validation
from almanac.schemas.text import one_line
from almanac.warehouse.write.outages import LONGEST_REASON

MOST_TOLD = 20
"""Files that were not read which are told where no release comes of a run."""


@dataclass
class Report:
    """What a run did."""

    release: int = 0
    fresh: bool = False
    """Whether this run published the release, or found nothing changed."""
    sources: list[Ingested] = field(default_factory=list)
    stale: dict[str, str] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    outlived: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    validation: Validation = field(default_factory=Validation)
    due: int = 0
    """How many sources were to be looked at, or read."""
    notices: list[Notice] = field(default_factory=list)
    """What was given notice of: what a fresh release changed, sources gone stale and well again."""
    undelivered: list[str] = field(default_factory=list)
    """Webhooks that could not be told."""

    def take(self, source: str, done: Ingested | Exception) -> bool:
        """Take in what became of a source; return False where it failed.

        It is named as stale where nothing of it could be believed.
        """
        if isinstance(done, Exception):
            self.stale[source] = _reason(done)
            return False
        self.sources.append(done)
        if done.failed and (not done.claims or done.collapsed):
            self.stale[source] = next(iter(done.failed.values()))
        return True

    @property
    def blind(self) -> bool:
        """Whether nothing of what was to be looked at could be."""
        return 0 < self.due <= len(self.stale)

    @property
    def outage(self) -> str:
        """Return in one line how much of what was due could not be looked at or believed.

        With it is the commonest reason; the line is empty where all could.
        """
        if not self.stale:
            return ""
        (reason, times), *others = Counter(self.stale.values()).most_common()
        whole = f"{len(self.stale)} of {self.due} sources are stale"
        if self.blind:
            whole = (
                "Nothing could be looked at or believed:"
                f" all {self.due} sources that were due are stale"
            )
        rest = f", and {len(others)} other reason{'s' if len(others) > 1 else ''}" if others else ""
        return f"{whole}: {reason[:120]} ({times}){rest}."

    def as_dict(self) -> dict[str, object]:
        """Return the report as plain data, which `of` reads."""
        return {**asdict(self), "notices": [notice.as_dict() for notice in self.notices]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Report:
        """Return the report that `as_dict` gave, perhaps by way of JSON."""
        pairs = {key: [tuple(pair) for pair in data[key]] for key in ("unread",)}
        return cls(
            **{
                **data,
                **pairs,
                "sources": [Ingested(**s) for s in data["sources"]],
                "notices": [Notice.of(n) for n in data["notices"]],
            }
        )


class Caller(Protocol):
    """How a stage is called.

    `once` calls it once; `each` calls it for every item and never fails as a whole: an item's error
    stands in its place.
    """

    def once(self, stage: Stage, *args: Any) -> Any: ...
    def each(self, stage: Stage, items: Sequence[Any], *args: Any) -> list[Any]: ...
    def progress(self, text: str) -> None: ...
    def emit(self, notices: Sequence[Notice]) -> None: ...


class Plain:
    """Plain calls: one after another, or in as many threads as a stage may have."""

    def __init__(self, progress: Callable[[str], None] = lambda text: None) -> None:
        self._progress = progress

    def once(self, stage: Stage, *args: Any) -> Any:
        return stage.run(*args)

    def each(self, stage: Stage, items: Sequence[Any], *args: Any) -> list[Any]:
        if stage.parallel == 1:
            return [_caught(stage, item, *args) for item in items]
        with ThreadPoolExecutor(max_workers=stage.parallel) as pool:
            return list(pool.map(lambda item: _caught(stage, item, *args), items))

    def progress(self, text: str) -> None:
        self._progress(text)

    def emit(self, notices: Sequence[Notice]) -> None:
        """Plain calls have no events."""


def _caught(stage: Stage, *args: Any) -> Any:
    try:
        return stage.run(*args)
    except Exception as error:  # one dead source must not stop the rest; it is named as stale
        return error


def line(order: Order, call: Caller) -> Report:
    """Run the whole line and return what it did.

    Raises validate.Rejected when the draft does not hold.
    """
    report, run = Report(), steps.Run(order, call.progress)
    try:
        work, report.unread = plan(order, run.store)
        report.due = len(work)
        started = time.perf_counter()
        harvests = call.each(stages.CRAWL if order.live else stages.HARVEST, work, run)
        run.archive.close()
        good: list[steps.Harvest] = []
        missed: dict[tuple[str, str], str] = {}
        for (source, _), result in zip(work, harvests, strict=True):
            if isinstance(result, Exception):
                report.stale[source] = _reason(result)
                call.progress(f"{source}: stale: {report.stale[source]}")
                pages = getattr(result, "failed", ()) or (("", report.stale[source]),)
            else:
                good.append(result)
                pages = result.failed
            missed.update({(source, page): why for page, why in pages})
        started = _lap(report, "harvest", started)
        for result, done in zip(good, call.each(stages.INGEST, good, run), strict=True):
            if not report.take(result.source, done):
                continue
            call.progress(
                f"{result.source}: {done.looks} new looks, {done.claims} claims"
                f" ({done.new_claims} new), {done.refused} refused"
            )
        call.once(stages.KEEP_OUTAGES, run, [source for source, _ in work], report.stale, missed)
        finish(run, report, call, started)
    except Rejected:
        for file, why in report.unread[:MOST_TOLD]:
            call.progress(f"not read: {file}: {why}")
        raise
    finally:
        run.close()
    return report


def finish(run: steps.Run, report: Report, call: Caller, started: float) -> None:
    """From what was kept to a release, and tell whoever asked: also where none is published.

    Raises validate.Rejected.
    """
    try:
        _publish(run, report, call, started)
    finally:
        report.notices, report.undelivered = call.once(
            stages.NOTIFY, run, report.release, report.fresh, call.emit
        )


def _publish(run: steps.Run, report: Report, call: Caller, started: float) -> None:
    """From what was kept to a release: name models, resolve, validate, publish.

    Raises validate.Rejected.
    """
    call.once(stages.NAME_MODELS, run)
    started = _lap(report, "read, normalise, link, store", started)
    drafted = call.once(stages.RECONCILE, run.store, run.rulings)
    started = _lap(report, "resolve", started)
    figures, refusals, report.validation = call.once(stages.VALIDATE, drafted, run)
    started = _lap(report, "validate", started)
    report.release, report.fresh = call.once(
        stages.PUBLISH,
        run,
        figures,
        drafted.marks,
        refusals,
        report.stale,
        {s.source: s.claims for s in report.sources},
        report.validation,
    )
    report.outlived = call.once(stages.OUTLIVED, run)
    _lap(report, "publish", started)


def _lap(report: Report, stage: str, started: float) -> float:
    now = time.perf_counter()
    report.seconds[stage] = round(now - started, 2)
    return now


def _reason(error: Exception) -> str:
    return one_line(str(error), LONGEST_REASON) or type(error).__name__
