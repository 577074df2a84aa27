"""The order of the stages, written once. It runs as plain calls or as Prefect tasks: only the caller differs.

harvest (each source) → ingest (each source: read, normalise, link, store) → relink → draft (resolve) →
validate → publish → report
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from flows import draft, quality, saved, validate
from flows.ingest import Ingested, ingest, relink
from flows.link import Linker
from schemas import catalogue
from schemas.claim import Capture, Refusal, digest
from schemas.dates import utc
from spiders import base
from spiders.archive import Archive
from warehouse.place import database_url, home
from warehouse.store import Collapsed, Store


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is to do. `replay` reads saved captures; without it the sources are crawled."""

    sources: tuple[str, ...] = ()
    replay: Path | None = None
    installed: bool = False
    """Also take the data that installed packages carry."""
    as_of: datetime = field(default_factory=lambda: datetime.now(UTC))
    home: Path = field(default_factory=home)
    database: str = field(default_factory=database_url)


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
    validation: dict[str, Any] = field(default_factory=dict)


class Caller(Protocol):
    """How a step is called. `each` never fails as a whole: an item's error stands in its place."""

    def one(self, step: Callable[..., Any], *args: Any) -> Any: ...
    def each(self, step: Callable[..., Any], items: Sequence[Any], *args: Any) -> list[Any]: ...
    def progress(self, text: str) -> None: ...


class Plain:
    """Plain calls, one after another."""

    def __init__(self, progress: Callable[[str], None] = lambda text: None) -> None:
        self._progress = progress

    def one(self, step: Callable[..., Any], *args: Any) -> Any:
        return step(*args)

    def each(self, step: Callable[..., Any], items: Sequence[Any], *args: Any) -> list[Any]:
        return [_caught(step, item, *args) for item in items]

    def progress(self, text: str) -> None:
        self._progress(text)


def _caught(step: Callable[..., Any], *args: Any) -> Any:
    try:
        return step(*args)
    except Exception as error:  # one dead source must not stop the rest; it is named as stale
        return error


@dataclass(frozen=True, slots=True)
class Harvest:
    """What was fetched of one source: its captures in the archive, and looks that gave no body."""

    source: str
    captures: tuple[Capture, ...]
    failed: tuple[tuple[str, str], ...] = ()


class Run:
    """What the steps of one run share. A plain object, so that no task runner looks inside."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.archive = Archive(order.home / "captures")
        self.store = Store(order.database)
        self.linker = Linker(self.store.known_models())

    def close(self) -> None:
        self.archive.close()
        self.store.close()


def line(order: Order, call: Caller) -> Report:
    """Run the whole line and return what it did. Raises validate.Rejected when the draft does not hold."""
    report, run = Report(), Run(order)
    try:
        work, report.unread = _plan(order, run.store)
        started = time.perf_counter()
        harvests = call.each(harvest, work, run)
        run.archive.close()
        good = []
        for (source, _), result in zip(work, harvests, strict=True):
            if isinstance(result, Exception):
                report.stale[source] = _said(result)
            else:
                good.append(result)
        started = _lap(report, "harvest", started)
        for result, done in zip(good, call.each(take_in, good, run), strict=True):
            if isinstance(done, Exception):
                report.stale[result.source] = _said(done)
                continue
            report.sources.append(done)
            if done.failed and not done.claims:
                report.stale[result.source] = next(iter(done.failed.values()))
            call.progress(f"{result.source}: {done.looks} new looks, {done.claims} claims ({done.new_claims} new), {done.refused} refused")
        call.one(name_models, run)
        started = _lap(report, "read, normalise, link, store", started)
        drafted = call.one(draft.build, run.store)
        started = _lap(report, "resolve", started)
        figures, refusals, report.validation = call.one(hold, drafted, run)
        started = _lap(report, "validate", started)
        report.outlived = call.one(outlived, run)
        report.release, report.fresh = call.one(publish, run, figures, drafted.subjects, refusals, report)
        _lap(report, "publish", started)
    finally:
        run.close()
    return report


HOURS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720}
"""How long a good look at a source is enough, by the cadence on its card."""


def _due(name: str, order: Order, last: str | None) -> bool:
    """Whether a live run should look at a source: named, or not looked at for as long as its cadence says."""
    hours = HOURS.get(base.card(name).cadence)
    if name in order.sources:
        return True
    if hours is None:
        return False
    return last is None or order.as_of - utc(last) >= timedelta(hours=hours)


def _plan(order: Order, store: Store) -> tuple[list[tuple[str, list[saved.Found]]], list[tuple[str, str]]]:
    """Return (sources with what to read of each, saved files that no source reads)."""
    wanted = set(order.sources) or set(base.names())
    for name in order.sources:
        base.source(name)
    work: list[tuple[str, list[saved.Found]]] = []
    unread: list[tuple[str, str]] = []
    if order.replay is not None:
        listed = saved.listing(order.replay)
        unread = listed.unread
        work = [(s, f) for s, f in saved.each_source(listed.found) if s in wanted]
    elif not order.installed:
        last = store.last_looks()
        work = [(s, []) for s in base.names() if s in wanted and base.source(s).start_urls and _due(s, order, last.get(s))]
    if order.installed:
        have = dict(work)
        for name in sorted(wanted):
            if carried := base.source(name).installed():
                url, body = carried
                found = saved.Found(name, url, (base.source(name).start_urls or (url,))[0], _day(order.as_of), url, lambda body=body: body)  # type: ignore[misc]
                have[name] = [*have.get(name, []), found]
        work = [(s, f) for s, f in saved.each_source([x for xs in have.values() for x in xs])]
    return work, unread


def _day(moment: datetime) -> datetime:
    """An installed package is looked at once a day: its data cannot change between."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def harvest(item: tuple[str, list[saved.Found]], run: Run) -> Harvest:
    """Keep a source's bodies in the archive: saved ones, or by crawling it in a process of its own."""
    source, found = item
    if not found and run.order.replay is None and not run.order.installed:
        return _crawl(source, run)
    captures, failed = [], []
    for one in found:
        try:
            body = one.body()
        except (ValueError, OSError) as error:
            failed.append((one.path, str(error)))
            continue
        captures.append(run.archive.add(source, one.url, body, one.fetched_at, page=one.page, status=one.status, media_type=one.media_type))
    return Harvest(source, tuple(captures), tuple(failed))


def _crawl(source: str, run: Run) -> Harvest:
    """Crawl one source in its own process, since a Twisted reactor starts only once."""
    before = len(run.archive.looks)
    command = [sys.executable, "-m", "spiders.crawl", source, str(run.order.home / "captures")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, start_new_session=True)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "{}"
    try:
        said = json.loads(last)
    except ValueError:
        said = {}
    if done.returncode or said.get("reason") != "finished":
        tail = (done.stderr.strip().splitlines() or ["no output"])[-1][:200]
        raise RuntimeError(f"the crawl ended with {said.get('reason') or tail}")
    fresh = Archive(run.order.home / "captures")
    run.archive.bodies.update(fresh.bodies)
    captures = tuple(c for c, _ in fresh.looks[before:] if c.source == source)
    if not captures:
        raise RuntimeError("; ".join(said.get("errors", [])) or "no page could be fetched")
    return Harvest(source, captures)


def take_in(result: Harvest, run: Run) -> Ingested:
    """Read, normalise, link and store what was fetched of one source."""
    if result.failed:
        run.store.refuse(Refusal(source=result.source, capture=digest(path.encode()), stage="read", reason=f"page refused: {why}", locator=path) for path, why in result.failed)
    done = ingest(result.source, result.captures, run.archive, run.store, run.linker)
    done.refused += len(result.failed)
    done.failed.update(result.failed)
    return done


def name_models(run: Run) -> int:
    """Keep the models named in this run, and link names that waited for them."""
    names = catalogue.models()
    run.store.add_models((m, n, "catalogue" if m in names else "its maker") for m, n in sorted(run.linker.models.items()))
    return relink(run.store, run.linker, date(run.order.as_of.year, run.order.as_of.month, run.order.as_of.day))


def hold(drafted: draft.Draft, run: Run) -> tuple[list[dict[str, Any]], list[Refusal], dict[str, Any]]:
    """Hold the draft to the expectations, if there is anything in it to publish."""
    if not drafted.subjects:
        return [], [], {"rules": 0, "rows": 0, "quarantined": 0, "results": []}
    return validate.validate(drafted.figures, least=1)


def outlived(run: Run) -> list[str]:
    """Return the corrections whose cause is gone: the source no longer says what they expect."""
    known = {source for source, _ in run.store.looks()}
    return [
        f"correction of {c.model} {c.field} at {c.source} ({c.author}, {c.date}) found no claim of {c.expect}: mend or remove it"
        for c in catalogue.corrections()
        if c.source in known and not run.store.stands(c.source, c.model, c.field, c.expect, c.provider, c.meter)
    ]


def publish(run: Run, figures: list[dict[str, Any]], subjects: list[str], refusals: Iterable[Refusal], report: Report) -> tuple[int, bool]:
    """Publish the release in one transaction; (its number, whether it is new)."""
    run.store.refuse(refusals)
    before = run.store.newest_release()
    if not figures and not before:
        why = "; ".join(f"{source}: {said}" for source, said in report.stale.items())
        raise validate.Rejected(f"nothing was read, so there is nothing to publish{f' ({why})' if why else ''}")
    release = {
        "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "code_version": code_version(),
        "stale": json.dumps(report.stale, ensure_ascii=False), "validation": json.dumps(report.validation, ensure_ascii=False),
        "counts": json.dumps({"by_source": {s.source: s.claims for s in report.sources}}),
    }  # fmt: skip
    try:
        number = run.store.publish(figures, subjects, release)
    except Collapsed as error:
        raise validate.Rejected(str(error)) from None
    if number != before:
        quality.write(run.order.home / "quality", number, report.validation)
    return number, number != before


def code_version() -> str:
    """Return the distribution's version, with the commit where the code runs from a clone."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("model-almanac")
    except PackageNotFoundError:
        number = "0"
    head = Path(__file__).parents[1] / ".git"
    if not head.exists() or os.environ.get("ALMANAC_NO_GIT"):
        return number
    found = subprocess.run(["git", "-C", str(head.parent), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return f"{number}+{found.stdout.strip()}" if found.returncode == 0 else number


def _lap(report: Report, stage: str, started: float) -> float:
    now = time.perf_counter()
    report.seconds[stage] = round(now - started, 2)
    return now


def _said(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
