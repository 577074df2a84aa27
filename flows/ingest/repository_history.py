"""A repository's history into the warehouse: each blob read once, each commit a look at every file.

Commits are taken in parts; each part is one transaction, so a killed run goes on where it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.harvest.git_history import Commit, History
from almanac.flows.ingest.missing_commits import MissingCommit, MissingCommits, Rejudged
from almanac.flows.ingest.page_captures import Ingested
from almanac.flows.ingest.repository_looks import FileLooks, Walk
from almanac.schemas.codes import LookFailure
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.warehouse.write.store import Look, Store

PART = 3_000
"""How many changed files one transaction takes."""


def fill(
    source: str,
    repository: History,
    files: re.Pattern[str],
    archive: Archive,
    store: Store,
    linker: Linker,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Ingested:
    """Keep what is missing of a repository's history between two moments, and say what was kept."""
    reader = base.source(source)
    walk = Walk(reader, repository, archive, store, linker, Ingested(source))
    kept, read, pages = store.tree(source, repository.name, reader.version)
    if any(look.reader_version != reader.version for look in kept.values()):
        since, until = _wider(since, until, store.looks()[(source, repository.name)])
        store.forget_tree(source, repository.name)  # an older reader's word: it is read again
        kept, read, pages = {}, set(), set()
    walk.read = {(page, blob) for page, blob in read if page not in pages}
    moving = {page.partition("#")[2] for page in pages}
    try:
        missing = MissingCommits(kept, since, until, moving, walk.done)
        _fill(walk, missing.among(repository.commits(files)), progress)
    except Rejudged:
        since, until = _wider(since, until, store.looks()[(source, repository.name)])
        store.forget_tree(source, repository.name)
        walk = Walk(reader, repository, archive, store, linker, Ingested(source))
        missing = MissingCommits({}, since, until, (), walk.done)
        _fill(walk, missing.among(repository.commits(files)), progress)
    return walk.done


def _fill(walk: Walk, missing: Iterable[MissingCommit], progress: Callable[[str], None]) -> None:
    part: list[MissingCommit] = []
    changes = 0
    for commit in missing:
        part.append(commit)
        changes += len(commit.commit.changes)
        if changes >= PART:
            _keep(walk, part)
            progress(
                f"{walk.source.name}: {walk.done.looks:,} looks until"
                f" {commit.commit.moment:%Y-%m-%d}, {walk.done.new_claims:,} new claims"
            )
            part, changes = [], 0
    _keep(walk, part)


def _wider(
    since: datetime | None, until: datetime | None, times: Sequence[str]
) -> tuple[datetime | None, datetime | None]:
    """Return a range that holds another and some looks."""
    return since and min(since, utc(times[0])), until and max(until, utc(times[-1]))


def _keep(walk: Walk, part: Sequence[MissingCommit]) -> None:
    """Read what some commits changed and keep it, in one transaction."""
    if not part:
        return
    # Of one moment, those that are new come first.
    ordered = sorted(part, key=lambda missing: not missing.new)
    commits = sorted((missing.commit for missing in ordered), key=lambda commit: commit.moment)
    files, new = FileLooks(walk, commits), [missing for missing in part if missing.new]
    looks = [_commit_look(walk, missing.commit, missing.failed) for missing in new]
    name = walk.repository.name
    added = walk.store.add_tree(walk.source.name, name, looks, files.by_page, files.refusals)
    for missing in new:
        if missing.failed:
            walk.done.failed[f"{name} ({missing.commit.moment:%Y-%m-%d})"] = missing.failed
            walk.done.collapsed += 1
    walk.done.looks += added.looks
    walk.done.new_claims += added.claims
    walk.done.refused += len(files.refusals)


def _commit_look(walk: Walk, commit: Commit, failed: str) -> Look:
    """Return the look at the repository.

    The archive keeps its body, which lists what the commit changed
    (`almanac.flows.pipeline.replay` reads it).
    """
    head = "not believed" if failed else "whole" if commit.whole else "changes"
    lines = [f"{_blob(walk, blob)} {path}\n" for path, blob in sorted(commit.changes.items())]
    body = "".join([f"{head}\n", *lines]).encode()
    name = walk.repository.name
    capture = walk.archive.add(
        walk.source.name, f"{name}/commit/{commit.id}", body, commit.moment, page=name
    )
    place = walk.archive.bodies[capture.digest]
    failure = LookFailure.collapsed if failed else LookFailure.none
    return Look(capture, walk.source.version, (), failed, failure, place.file, place.offset)


def _blob(walk: Walk, blob: str) -> str:
    """Return a blob's id, with its size where it is too large to be read."""
    return f"{blob}:{walk.refused[blob]}" if blob in walk.refused else blob
