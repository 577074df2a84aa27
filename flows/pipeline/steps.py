"""The steps of a run.

Each is a plain function of what it is given and of the run's archive and warehouse.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.harvest import saved_captures
from almanac.flows.harvest.plan import Order
from almanac.flows.ingest.claim_links import relink
from almanac.flows.ingest.page_captures import Ingested, Read, ingest
from almanac.flows.pipeline import notifications
from almanac.flows.pipeline.crawl import crawl
from almanac.flows.reconciliation import draft
from almanac.flows.validation import expectations, quality_report
from almanac.flows.validation.layout_check import changes
from almanac.schemas import catalogue
from almanac.schemas.claim import Capture, RefusedItem, digest
from almanac.schemas.clock import Clock
from almanac.schemas.dates import utc
from almanac.schemas.moment import stamp
from almanac.schemas.rulings import load
from almanac.schemas.text import address
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.spiders.layout import fingerprint
from almanac.spiders.page import Page, one_line
from almanac.warehouse.write.outages import LONGEST_PAGE
from almanac.warehouse.write.store import Collapsed, Store


@dataclass(frozen=True, slots=True)
class Harvest:
    """What was fetched of one source: its captures in the archive, and looks that gave no body."""

    source: str
    captures: tuple[Capture, ...]
    failed: tuple[tuple[str, str], ...] = ()


class Run:
    """What the steps of one run share. A plain object, so that no task runner looks inside."""

    def __init__(self, order: Order, progress: Callable[[str], None] = lambda text: None) -> None:
        self.order = order
        self.progress = progress
        self.clock = Clock(order.as_of)
        self.archive = Archive(order.captures, order.archive_url, progress)
        self.store = Store(order.database)
        self.rulings = load(order.home / "rulings.yaml")
        self.linker = Linker(self.store.known_models(), self.rulings.names)

    def now(self) -> datetime:
        """Return the moment at which what the run does is kept.

        It goes on while the live web is looked at, and stands still in a replay.
        """
        return self.clock.now() if self.order.live else utc(self.order.as_of)

    def latest(self) -> datetime:
        """Return the last moment at which a look can have been made.

        Clocks differ by less than a day.
        """
        return self.clock.now() + timedelta(days=1)

    def close(self) -> None:
        self.archive.close()
        self.store.close()


def ahead(moment: datetime) -> str:
    """Return why a look of a moment that has not come is not taken.

    Nothing could ever supersede it.
    """
    return f"dated {moment:%Y-%m-%d}, which has not come yet"


def harvest(item: tuple[str, list[saved_captures.SavedLook]], run: Run) -> Harvest:
    """Keep a source's bodies in the archive.

    They are saved ones, or come by a crawl in a process of its own.
    """
    source, looks = item
    if not looks and run.order.live:
        return _crawl(source, run)
    captures, failed = [], []
    for look in looks:
        path = address(look.path, LONGEST_PAGE)
        if look.fetched_at > run.latest():
            failed.append((path, ahead(look.fetched_at)))
            continue
        try:
            body = look.body()
        except (ValueError, OSError) as error:
            failed.append((path, one_line(error)))
            continue
        try:
            capture = run.archive.add(
                source,
                look.url,
                body,
                look.fetched_at,
                page=look.page,
                status=look.status,
                media_type=look.media_type,
            )
        except ValueError as error:
            # What is said of it is not sound; no room would be an OSError, of all.
            failed.append((path, one_line(error)))
            continue
        captures.append(capture)
    return Harvest(source, tuple(captures), tuple(failed))


def _crawl(source: str, run: Run) -> Harvest:
    crawled = crawl(source, run.order.captures, run.archive, run.clock.now())
    unchanged = sum(c.status == 304 for c in crawled.captures)
    run.progress(
        f"{source}: {len(crawled.captures)} of {len(base.source(source).start_urls)} pages fetched"
        + (f", {unchanged} of them unchanged" if unchanged else "")
    )
    return Harvest(source, crawled.captures, crawled.errors)


def take_in(result: Harvest, run: Run, read: Callable[[Capture], Read] | None = None) -> Ingested:
    """Read, normalise, link and store what was fetched of one source.

    `read` gives what was read elsewhere.
    """
    if result.failed:
        run.store.refuse(
            RefusedItem(
                source=result.source,
                capture=digest(path.encode()),
                stage="read",
                reason=f"page refused: {why}",
                locator=path,
            )
            for path, why in result.failed
        )
    done = ingest(
        result.source, result.captures, run.archive, run.store, run.linker, run.order.live, read
    )
    if run.order.live:
        pages = [
            (c, fingerprint(Page(c.source, c.url, run.archive.body(c.digest), c.fetched_at)))
            for c in result.captures
        ]
        done.layout = changes(run.order.home / "layout.json", result.source, pages)
    done.refused += len(result.failed)
    done.failed.update(result.failed)
    return done


def name_models(run: Run) -> None:
    """Link all names as they stand together, where something changed that decides it."""
    run.linker = relink(run.store, run.rulings.names) or run.linker


def hold(
    drafted: draft.Draft, run: Run
) -> tuple[list[expectations.Row], list[RefusedItem], expectations.Validation]:
    """Hold the draft to the expectations, if there is anything in it to publish."""
    if not drafted.marks:
        return [], [], {"rules": 0, "rows": 0, "quarantined": 0, "results": []}
    return expectations.validate(drafted.figures, least=1)


def outlived(run: Run) -> list[str]:
    """Return the corrections and rulings whose cause is gone.

    What they expected is no longer so.
    """
    sources = {source for source, _ in run.store.looks()}
    bare = Linker(run.linker.models) if run.rulings.names else run.linker
    links = [(r, bare.link(r.name, r.provider, r.date)) for r in run.rulings.names]
    names = [
        f"ruling on the name {r.name!r} ({r.author}, {r.date}):"
        f" the rules now say {link.model or link.reason!r}; mend or remove it"
        for r, link in links
        if link.reason != r.expect
    ]
    undone = sorted(set(run.rulings.figures) - run.store.ruled())
    figures = [
        f"ruling on {subject} {field} {meter}"
        f" ({run.rulings.figures[(subject, field, meter, terms)].author}):"
        " other values stand there now; mend or remove it"
        for subject, field, meter, terms in undone
    ]
    return (
        names
        + figures
        + [
            f"correction of {c.model} {c.field} at {c.source}"
            f" ({c.author}, {c.date}) found no claim of {c.expect}: mend or remove it"
            for c in catalogue.corrections()
            if c.source in sources
            and not run.store.stands(c.source, c.model, c.field, c.expect, c.provider, c.meter)
        ]
    )


def publish(
    run: Run,
    figures: list[expectations.Row],
    marks: dict[str, int],
    refusals: Iterable[RefusedItem],
    stale: dict[str, str],
    claims: dict[str, int],
    validation: expectations.Validation,
) -> tuple[int, bool]:
    """Publish the release in one transaction; (its number, whether it is new).

    Raises validate.Rejected when there is nothing to publish, or when a source's collapse
    would empty it.
    """
    run.store.refuse(refusals)
    before = run.store.newest_release()
    if not figures and not before:
        why = "; ".join(f"{source}: {reason}" for source, reason in stale.items())
        what = (
            "nothing that was read could be put on a model"
            if any(claims.values())
            else "nothing was read"
        )
        raise expectations.Rejected(
            f"{what}, so there is nothing to publish{f' ({why})' if why else ''}"
        )
    release = {
        "created_at": stamp(run.now()),
        "code_version": code_version(),
        "stale": json.dumps(stale, ensure_ascii=False),
        "validation": json.dumps(validation, ensure_ascii=False),
        "counts": json.dumps({"by_source": claims}),
    }
    try:
        number = run.store.publish(figures, marks, release)
    except Collapsed as error:
        raise expectations.Rejected(str(error)) from None
    if number != before:
        quality_report.write(run.order.home / "quality", number, validation)
    return number, number != before


def keep_outages(
    run: Run,
    looked_at: Sequence[str],
    stale: Mapping[str, str],
    missed: Mapping[tuple[str, str], str],
) -> None:
    """Keep which sources are stale since this run, and which are well again.

    Also which pages gave no body.
    """
    run.store.keep_outages(run.now(), looked_at, stale, missed)


def tell(
    run: Run, release: int, fresh: bool, emit: Callable[[Sequence[notifications.Notice]], None]
) -> tuple[list[notifications.Notice], list[str]]:
    """Give notice of what a fresh release changed, and of sources gone stale or well again.

    Returns what is new, which `emit` was given, and the webhooks that could not be told. An outage
    is told though nothing changed; who could not be told of it is told by the next run.
    """
    outages = run.store.untold()
    notices = [notifications.of_outage(o.stale) for o in outages if o.waiting is None]
    notices += notifications.notices(run.order.database, release) if fresh else []
    emit(notices)
    late: dict[str, list[notifications.Notice]] = {}
    for outage in outages:
        for name in outage.waiting or ():
            late.setdefault(name, []).append(notifications.of_outage(outage.stale))
    failed = notifications.deliver(notices, release, run.clock.now(), late)
    for why in failed.values():
        run.progress(f"webhook: {why}")
    run.store.tell(
        {
            o.stale: failed.keys() if o.waiting is None else failed.keys() & o.waiting
            for o in outages
        }
    )
    return notices, list(failed.values())


def code_version() -> str:
    """Return the distribution's version, with the commit where the code runs from a clone."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("model-almanac")
    except PackageNotFoundError:
        number = "0"
    head = Path(__file__).parents[2] / ".git"
    if not head.exists() or os.environ.get("ALMANAC_NO_GIT"):
        return number
    revision = subprocess.run(
        ["git", "-C", str(head.parent), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{number}+{revision.stdout.strip()}" if revision.returncode == 0 else number
