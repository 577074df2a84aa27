"""A repository's history into the warehouse: each blob read once, each commit a look at every file.

Commits are taken in parts; each part is one transaction, so a killed run goes on where it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.harvest.git_history import GONE, Commit, History, too_large
from almanac.flows.ingest.page_captures import Ingested, link_claims
from almanac.flows.normalise.vocabulary import normalise
from almanac.flows.validation.layout_check import LEAST, SHARE
from almanac.schemas.claim import Capture, Claim, RefusedItem
from almanac.schemas.codes import LookFailure
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.spiders.page import Page
from almanac.warehouse.write.store import Seen, Store

PART = 3_000
"""How many changed files one transaction takes."""


@dataclass
class _Walk:
    """What one walk through a repository knows."""

    source: base.Source
    repository: History
    archive: Archive
    store: Store
    linker: Linker
    done: Ingested
    read: set[tuple[str, str]] = field(default_factory=set)
    """(page, blob) of what was read before, by this reader."""
    moving: dict[str, tuple[str, list[Claim], tuple[str, ...]]] = field(default_factory=dict)
    """By path: the blob that stands there, what it says, and what its names meant last.

    Those that move are asked again each day.
    """
    refused: dict[str, int] = field(default_factory=dict)
    """Bytes of each blob that is too large to be read."""

    def page(self, path: str) -> str:
        return f"{self.repository.name}#{path}"


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
    walk = _Walk(reader, repository, archive, store, linker, Ingested(source))
    known, walk.read, pages = store.tree(source, repository.name, reader.version)
    if any(version != reader.version for _, version in known.values()):
        since, until = _wider(since, until, store.looks()[(source, repository.name)])
        store.forget_tree(source, repository.name)  # an older reader's word: it is read again
        known, walk.read, pages = {}, set(), set()
    walk.read = {(page, blob) for page, blob in walk.read if page not in pages}
    moving = {page.partition("#")[2] for page in pages}
    try:
        _fill(
            walk,
            _missing(repository.commits(files), known, since, until, moving, walk.done),
            progress,
        )
    except _Rejudged:
        since, until = _wider(since, until, store.looks()[(source, repository.name)])
        store.forget_tree(source, repository.name)
        walk = _Walk(reader, repository, archive, store, linker, Ingested(source))
        _fill(
            walk, _missing(repository.commits(files), {}, since, until, set(), walk.done), progress
        )
    return walk.done


class _Rejudged(Exception):
    """What was missing before a commit shows that it has to be judged otherwise than it was.

    All of it is read again, in order.
    """


def _fill(
    walk: _Walk, missing: Iterable[tuple[Commit, str, bool]], progress: Callable[[str], None]
) -> None:
    part: list[tuple[Commit, str]] = []
    again: list[Commit] = []
    files_in_part = 0
    for commit, failed, new in missing:
        if new:
            part.append((commit, failed))
        else:
            again.append(commit)
        files_in_part += len(commit.changes)
        if files_in_part >= PART:
            _keep(walk, part, again)
            progress(
                f"{walk.source.name}: {walk.done.looks:,} looks until {commit.moment:%Y-%m-%d},"
                f" {walk.done.new_claims:,} new claims"
            )
            part, again, files_in_part = [], [], 0
    _keep(walk, part, again)


def _wider(
    since: datetime | None, until: datetime | None, times: Sequence[str]
) -> tuple[datetime | None, datetime | None]:
    """Return a range that holds another and some looks."""
    return since and min(since, utc(times[0])), until and max(until, utc(times[-1]))


class _Files:
    """A repository's files at the last commit that was believed, and what has changed since."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        """The blob of each file, by path."""
        self.pending: dict[str, str] = {}
        """Changes of commits that were passed by, and of the one that is looked at."""

    def changes(self) -> dict[str, str]:
        return {p: blob for p, blob in self.pending.items() if self.there.get(p, GONE) != blob}

    def collapse(self, changes: Mapping[str, str]) -> str:
        """Return why changes are not believed: too many files would go at once. Empty where not."""
        gone = sum(blob == GONE for blob in changes.values())
        new = sum(path not in self.there for path, blob in changes.items() if blob != GONE)
        count = len(self.there)
        left = count - gone + new
        if count < 2 * LEAST or left >= count * SHARE:
            return ""
        return f"layout guard: {left} files, where the last look had {count}"

    def take(self, changes: Mapping[str, str]) -> None:
        self.pending = {}
        for path, blob in changes.items():
            if blob == GONE:
                self.there.pop(path, None)
            else:
                self.there[path] = blob


def _missing(
    commits: Iterable[Commit],
    known: dict[str, tuple[bool, int]],
    since: datetime | None,
    until: datetime | None,
    moving: set[str],
    done: Ingested,
) -> Iterator[tuple[Commit, str, bool]]:
    """Yield (commit, why it is not believed, whether it is new).

    Each has what it changed against the believed one before it.

    A commit that is in already comes again, not new, where the one before it is new: then files may
    have gone in between. Files in which a name moves come with the first commit of each stretch
    that is missing: it may mean another model by then. Raises _Rejudged where one that is in was
    believed and now would not be, or the other way round.
    """
    files, stretch = _Files(), False
    for commit, believed in _looked_at(commits, files, known, since, until, done):
        new = believed is None
        changes = files.changes()
        why = files.collapse(changes)
        if believed is not None and believed == bool(why):
            raise _Rejudged
        if why and new:
            yield Commit(commit.id, commit.moment), why, True
        if why or not (files.there or changes):
            continue  # before the first of these files there is nothing to look at
        whole = not files.there
        if new and not stretch:
            changes = {
                **{p: files.there[p] for p in sorted(moving & files.there.keys())},
                **changes,
            }
        files.take(changes)
        if new or stretch:
            yield Commit(commit.id, commit.moment, changes, whole), "", new
        stretch = new


def _looked_at(
    commits: Iterable[Commit],
    files: _Files,
    known: dict[str, tuple[bool, int]],
    since: datetime | None,
    until: datetime | None,
    done: Ingested,
) -> Iterator[tuple[Commit, bool | None]]:
    """Yield the commits that are in, with whether each was believed, and those that are missing.

    These with None. The others leave their changes pending.
    """
    for commit in commits:
        files.pending.update(commit.changes)
        have = known.get(commit.id)
        done.unchanged += have is not None
        if have is not None:
            yield commit, have[0]
        elif (since or commit.moment) <= commit.moment <= (until or commit.moment):
            yield commit, None


def _keep(walk: _Walk, part: Sequence[tuple[Commit, str]], again: Sequence[Commit]) -> None:
    """Read what some commits changed and keep it, in one transaction."""
    if not part and not again:
        return
    batch = _Batch(walk, sorted([*(c for c, _ in part), *again], key=lambda c: c.moment))
    batch.read()
    looks = [_commit(walk, commit, failed) for commit, failed in part]
    added = walk.store.add_tree(
        walk.source.name, walk.repository.name, looks, batch.files, batch.refusals
    )
    for commit, failed in part:
        if failed:
            walk.done.failed[f"{walk.repository.name} ({commit.moment:%Y-%m-%d})"] = failed
            walk.done.collapsed += 1
    walk.done.looks += added.looks
    walk.done.new_claims += added.claims
    walk.done.refused += len(batch.refusals)


class _Batch:
    """Commits whose changes are read and kept together."""

    def __init__(self, walk: _Walk, commits: Sequence[Commit]) -> None:
        self._walk, self._commits = walk, commits
        self.files: dict[str, list[Seen]] = {}
        """Looks by page."""
        self.refusals: list[RefusedItem] = []
        self._texts: dict[tuple[str, str], list[Claim]] = {}
        """By (path, blob): what it says, where a name in it moves."""
        self._unread: dict[tuple[str, str], tuple[str, LookFailure]] = {}
        self._first: dict[tuple[str, str], Commit] = {}
        """By (path, blob): the commit at which it is read."""
        for commit in commits:
            for path, blob in commit.changes.items():
                if blob != GONE and (walk.page(path), blob) not in walk.read:
                    self._first.setdefault((path, blob), commit)
        # Read one by one, as they are come to.
        self._bodies = walk.repository.blobs(blob for _, blob in self._first)

    def read(self) -> None:
        """Look at each file that each commit changed, and at those in which a name has moved."""
        for commit in self._commits:
            for path, blob in commit.changes.items():
                self._walk.moving.pop(path, None)
                self._add(path, self._look(path, blob, commit))
            self._look_at_moving(commit)

    def _add(self, path: str, look: Seen) -> None:
        self.files.setdefault(self._walk.page(path), []).append(look)

    def _look(self, path: str, blob: str, commit: Commit) -> Seen:
        walk, key = self._walk, (path, blob)
        if blob == GONE:
            return Seen(_capture(walk, path, blob, commit, 404), walk.source.version)
        if self._first.get(key) is commit:
            return self._first_look(path, blob, commit)
        if key in self._texts:
            return _linked(walk, path, blob, commit, self._texts[key], self.refusals)
        failure = self._unread.get(key, ("", LookFailure.none))
        return Seen(_capture(walk, path, blob, commit), walk.source.version, None, *failure)

    def _first_look(self, path: str, blob: str, commit: Commit) -> Seen:
        _, body, size = next(self._bodies)
        claims: list[Claim] = []
        if body is None:
            look = _refuse(self._walk, path, blob, commit, size, self.refusals)
        else:
            look, claims = _read(self._walk, path, blob, commit, body, self.refusals)
        if claims:
            self._texts[(path, blob)] = claims
        if look.failed:
            self._unread[(path, blob)] = look.failed, look.failure
        return look

    def _look_at_moving(self, commit: Commit) -> None:
        walk = self._walk
        for path, (blob, claims, meant) in list(walk.moving.items()):
            if path not in commit.changes:
                look = _linked(walk, path, blob, commit, claims, self.refusals)
                if tuple(x.model for x in look.claims or ()) != meant:
                    self._add(path, look)


def _read(
    walk: _Walk, path: str, blob: str, commit: Commit, body: bytes, refusals: list[RefusedItem]
) -> tuple[Seen, list[Claim]]:
    """Read a blob at its first look, and return the look.

    Its claims come too where a name among them moves.
    """
    page = Page(
        walk.source.name, walk.repository.url(commit.id, path), body, commit.moment, blob=blob
    )
    walk.archive.add(
        walk.source.name, page.url, body, commit.moment, page=walk.page(path), blob=blob
    )
    reading = base.read_page(walk.source, page)
    claims, refused = normalise(reading.claims)
    seen = _linked(walk, path, blob, commit, claims, refusals)
    refusals += [*reading.refusals, *refused]
    seen.failed = reading.failed
    seen.failure = LookFailure.unread if reading.failed else LookFailure.none
    walk.done.claims += len(seen.claims or ())
    if path in walk.moving:
        return seen, claims
    if not reading.failed:
        walk.read.add((walk.page(path), blob))
    return seen, []


def _refuse(
    walk: _Walk, path: str, blob: str, commit: Commit, size: int, refusals: list[RefusedItem]
) -> Seen:
    """Return the look at a blob that is too large to be read: a failed one."""
    why = too_large(size)
    walk.refused[blob] = size
    walk.done.failed[f"{walk.page(path)} ({commit.moment:%Y-%m-%d})"] = why
    refusals.append(
        RefusedItem(
            source=walk.source.name,
            capture=blob,
            stage="read",
            reason=f"page refused: {why}",
            locator=path,
        )
    )
    look = _capture(walk, path, blob, commit)
    return Seen(look, walk.source.version, (), why, LookFailure.unread)


def _linked(
    walk: _Walk,
    path: str,
    blob: str,
    commit: Commit,
    claims: list[Claim],
    refusals: list[RefusedItem],
) -> Seen:
    """Return what a file says in canonical names as they are meant on the day of a commit."""
    linked, unlinkable = link_claims(claims, walk.source.name, commit.moment.date(), walk.linker)
    refusals += unlinkable
    place = walk.archive.bodies[blob]
    if any(x.moves for x in linked):
        walk.moving[path] = (blob, claims, tuple(x.model for x in linked))
    return Seen(
        _capture(walk, path, blob, commit),
        walk.source.version,
        linked,
        "",
        LookFailure.none,
        place.file,
        place.offset,
    )


def _capture(walk: _Walk, path: str, blob: str, commit: Commit, status: int = 200) -> Capture:
    return Capture(
        source=walk.source.name,
        url=walk.repository.url(commit.id, path),
        page=walk.page(path),
        fetched_at=commit.moment,
        status=status,
        digest=blob,
    )


def _commit(walk: _Walk, commit: Commit, failed: str) -> Seen:
    """Return the look at the repository.

    The archive keeps its body, which lists what the commit changed
    (`almanac.flows.pipeline.replay` reads it).
    """
    head = "not believed" if failed else "whole" if commit.whole else "changes"
    large = {
        blob: f"{blob}:{walk.refused[blob]}"
        for blob in commit.changes.values()
        if blob in walk.refused
    }
    body = "".join(
        [
            f"{head}\n",
            *(f"{large.get(blob, blob)} {path}\n" for path, blob in sorted(commit.changes.items())),
        ]
    ).encode()
    url = f"{walk.repository.name}/commit/{commit.id}"
    capture = walk.archive.add(
        walk.source.name, url, body, commit.moment, page=walk.repository.name
    )
    place = walk.archive.bodies[capture.digest]
    failure = LookFailure.collapsed if failed else LookFailure.none
    return Seen(capture, walk.source.version, (), failed, failure, place.file, place.offset)
