"""Which commits of a repository are missing in the warehouse, and which of them are believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from almanac.flows.harvest.git_history import GONE, Commit
from almanac.flows.ingest.page_captures import Ingested
from almanac.flows.validation.layout_check import LEAST, SHARE
from almanac.warehouse.write.repositories import CommitLook


class Rejudged(Exception):
    """What was missing before a commit shows that it has to be judged otherwise than it was.

    All of it is read again, in order.
    """


@dataclass(frozen=True, slots=True)
class MissingCommit:
    """A commit, with what it changed against the believed one before it."""

    commit: Commit
    failed: str = ""
    """Why it is not believed."""
    new: bool = True
    """False for one that is in already: files may have gone since the one before, which is new."""


class MissingCommits:
    """The commits between two moments that are not in.

    `kept` are those that are in, by id; in the files named in `moving` a name moves. What is in is
    counted in `done`.
    """

    def __init__(
        self,
        kept: Mapping[str, CommitLook],
        since: datetime | None,
        until: datetime | None,
        moving: Iterable[str],
        done: Ingested,
    ) -> None:
        self._kept, self._since, self._until = kept, since, until
        self._moving, self._done = set(moving), done
        self._files: dict[str, str] = {}
        """The blob of each file, at the last commit that was believed."""
        self._pending: dict[str, str] = {}
        """What changed since then."""
        self._after_new = False
        """Whether that commit is a new one."""

    def among(self, commits: Iterable[Commit]) -> Iterator[MissingCommit]:
        """Yield those that are missing, in order.

        A commit that is in already comes again, not new, where the one before it is new. Files in
        which a name moves come with the first commit of each stretch that is missing: it may mean
        another model by then. Raises Rejudged where one that is in was believed and now would not
        be, or the other way round.
        """
        for commit in commits:
            self._pending.update(commit.changes)
            look = self._kept.get(commit.id)
            self._done.unchanged += look is not None
            if look is not None or self._within(commit.moment):
                yield from self._judged(commit, look)

    def _within(self, moment: datetime) -> bool:
        return (self._since is None or moment >= self._since) and (
            self._until is None or moment <= self._until
        )

    def _judged(self, commit: Commit, look: CommitLook | None) -> Iterator[MissingCommit]:
        changes = {p: blob for p, blob in self._pending.items() if self._files.get(p, GONE) != blob}
        failed = self._collapse(changes)
        if look is not None and look.good == bool(failed):
            raise Rejudged
        if failed:
            if look is None:
                yield MissingCommit(Commit(commit.id, commit.moment), failed)
        elif self._files or changes:  # before the first of these files there is nothing to look at
            yield from self._believed(commit, changes, look is None)

    def _collapse(self, changes: Mapping[str, str]) -> str:
        """Return why a commit is not believed after which far fewer files are left, or nothing."""
        before = len(self._files)
        gone = sum(blob == GONE for blob in changes.values())
        new = sum(p not in self._files for p, blob in changes.items() if blob != GONE)
        left = before - gone + new
        if before < 2 * LEAST or left >= before * SHARE:
            return ""
        return f"layout guard: {left} files, where the last look had {before}"

    def _believed(
        self, commit: Commit, changes: dict[str, str], new: bool
    ) -> Iterator[MissingCommit]:
        whole = not self._files
        if new and not self._after_new:
            moving = {path: self._files[path] for path in self._moving if path in self._files}
            changes = {**moving, **changes}
        self._pending = {}
        for path, blob in changes.items():
            if blob == GONE:
                self._files.pop(path, None)
            else:
                self._files[path] = blob
        if new or self._after_new:
            yield MissingCommit(Commit(commit.id, commit.moment, changes, whole), "", new)
        self._after_new = new
