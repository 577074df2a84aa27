"""History into the warehouse.

It comes from git repositories, package versions, web archives and folders of dated files.

Backfill fills valid time; the release that results knows it as of today. The same range twice
changes nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from almanac.flows.harvest import git_addresses as git
from almanac.flows.harvest import package_releases, saved_captures, web_archives
from almanac.flows.harvest.git_history import GONE, GitRepository, too_large
from almanac.flows.harvest.plan import Order
from almanac.flows.ingest import repository_history
from almanac.flows.ingest.page_captures import Ingested
from almanac.flows.pipeline import steps
from almanac.flows.pipeline.pipeline import Caller, Report, finish
from almanac.flows.pipeline.stages import Stage
from almanac.spiders import base


@dataclass(frozen=True, slots=True)
class Past:
    """What history to take in, between two moments.

    It is one of `git`, `releases`, `archives` and `folder`.
    """

    source: str
    git: str = ""
    releases: bool = False
    archives: tuple[Path, ...] = ()
    folder: Path | None = None
    since: datetime | None = None
    until: datetime | None = None
    files: str = ""
    """Pattern of the paths in a repository that keep what the source says; by default its card's.
    """
    page: str = ""
    """The page that each state of those files is a copy of; by default the card's."""

    every: int = 7
    """Of a package's versions, at most one in so many days."""
    of: str = ""
    """The address of the repository that a folder is a copy of, by the user's own word."""

    def within(self, moment: datetime) -> bool:
        return (self.since is None or moment >= self.since) and (
            self.until is None or moment <= self.until
        )


def backfill(past: Past, order: Order, call: Caller) -> Report:
    """Take in what is missing of a source's history and publish what follows from it.

    Raises ValueError for a history that cannot be read as this source's, validate.Rejected when the
    draft does not hold.
    """
    base.source(past.source)
    report, run = Report(), steps.Run(replace(order, history=True), call.progress)
    try:
        started = time.perf_counter()
        report.due = 1
        done = call.once(BACKFILL, past, run)
        run.archive.close()
        report.take(past.source, done)
        finish(run, report, call, started)
    finally:
        run.close()
    return report


def take_in(past: Past, run: steps.Run) -> Ingested:
    """Read and keep one source's history."""
    if past.of and (not past.git or git.local(past.git) is None):
        raise ValueError("--of says whose a folder is: give it with --git FOLDER")
    if past.git:
        return _git(past, run)
    if past.releases:
        return _saved(
            past,
            run,
            package_releases.looks(
                past.source,
                base.card(past.source).package,
                run.order.home / "packages",
                past.since,
                past.until,
                past.every,
                run.progress,
            ),
        )
    if past.archives:
        return _saved(past, run, web_archives.looks(past.source, past.archives, run.progress))
    if past.folder is None:
        raise ValueError("say where the history is: --git, --releases, --warc or --manifest")
    return _saved(past, run, _dated(past.source, past.folder))


BACKFILL = Stage("backfill", take_in)


def _saved(past: Past, run: steps.Run, looks: Iterable[saved_captures.SavedLook]) -> Ingested:
    wanted = [look for look in looks if past.within(look.fetched_at)]
    if not wanted:
        raise ValueError(
            f"nothing of {past.source} was found there"
            + (" in that range" if past.since or past.until else "")
        )
    return steps.take_in(steps.harvest((past.source, wanted), run), run)


def _dated(source: str, folder: Path) -> list[saved_captures.SavedLook]:
    return [look for look in saved_captures.listing(folder).looks if look.source == source]


def _git(past: Past, run: steps.Run) -> Ingested:
    kept = base.card(past.source).repository
    pattern, page = (
        past.files or (kept.files if kept else ""),
        past.page or (kept.page if kept and not past.files else ""),
    )
    if not pattern:
        raise ValueError(
            f"the card of {past.source} does not say how a repository keeps it:"
            " give --files PATTERN, and --page URL if each state is a copy of a page"
        )
    try:
        files = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"--files {pattern!r} is no pattern: {error}") from None
    latest = run.latest()
    within = replace(past, until=min(past.until or latest, latest))
    with GitRepository(past.git, run.order.home / "repositories", latest) as repository:
        _name(past, repository, run)
        if page:
            done = _copies(within, run, repository, files, page)
        else:
            done = repository_history.fill(
                past.source,
                repository,
                files,
                run.archive,
                run.store,
                run.linker,
                within.since,
                within.until,
                run.progress,
            )
        done.failed.update(_ahead(repository))
    if not done.looks and not done.unchanged:
        raise _no_file(past, pattern)
    return done


def _name(past: Past, repository: GitRepository, run: steps.Run) -> None:
    """Name a folder as whoever fills says, and say what is not believed of it."""
    if past.of:
        repository.is_of(past.of)
    elif repository.origin:
        statement = f"says that it came from {repository.origin}, which proves nothing"
        run.progress(f"{repository.name} {statement}: --of {repository.origin} takes it for that")


def _ahead(repository: GitRepository) -> dict[str, str]:
    """Return why commits of moments that have not come are not taken.

    It is a line for the first of them.
    """
    if not repository.ahead:
        return {}
    commit, moment = next(iter(repository.ahead.items()))
    others = len(repository.ahead) - 1
    more = f", and {others} more" if others else ""
    return {f"{repository.name} (commit {commit[:12]})": f"{steps.ahead(moment)}{more}"}


def _no_file(past: Past, pattern: str) -> ValueError:
    where = " in that range" if past.since or past.until else ""
    return ValueError(f"{git.shown(past.git)}: no file of its history matches {pattern!r}{where}")


def _copies(
    past: Past, run: steps.Run, repository: GitRepository, files: re.Pattern[str], page: str
) -> Ingested:
    """Each state of a file is a look at the page it is a copy of."""
    states = [
        (commit.moment, repository.url(commit.id, path), blob)
        for commit in repository.commits(files)
        if past.within(commit.moment)
        for path, blob in commit.changes.items()
        if blob != GONE
    ]
    if not states:
        raise _no_file(past, files.pattern)
    large = _take_bodies(past, run, repository, states, page)
    # The bodies are in.
    captures = tuple(
        run.archive.add(past.source, url, b"", moment, page=page, blob=blob)
        for moment, url, blob in states
        if blob not in large
    )
    failed = tuple(
        (f"{url} ({moment:%Y-%m-%d})", too_large(large[blob]))
        for moment, url, blob in states
        if blob in large
    )
    return steps.take_in(steps.Harvest(past.source, captures, failed), run)


def _take_bodies(
    past: Past,
    run: steps.Run,
    repository: GitRepository,
    states: Sequence[tuple[datetime, str, str]],
    page: str,
) -> dict[str, int]:
    """Archive each body at its first look; return the bytes of those that are too large."""
    first = {blob: (moment, url) for moment, url, blob in reversed(states)}
    large: dict[str, int] = {}
    for blob, body, size in repository.blobs(b for b in first if b not in run.archive.bodies):
        moment, url = first[blob]
        if body is None:
            large[blob] = size
        else:
            run.archive.add(past.source, url, body, moment, page=page, blob=blob)
    return large
