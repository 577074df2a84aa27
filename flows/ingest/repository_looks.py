"""What the files of a repository say: each blob read once, each change a look at its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.harvest.git_history import GONE, Commit, History, too_large
from almanac.flows.ingest.claim_links import observed
from almanac.flows.ingest.page_captures import Ingested
from almanac.flows.normalise.vocabulary import normalise
from almanac.schemas.claim import Capture, Claim, RefusedItem
from almanac.schemas.codes import LookFailure
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.spiders.page import Page
from almanac.warehouse.write.store import Look, Store

Blob = tuple[str, str]
"""A path and the id of what stands there."""


@dataclass(frozen=True, slots=True)
class MovingFile:
    """A file in which a name moves: what its names mean is asked again each day."""

    blob: str
    claims: list[Claim]
    models: tuple[str, ...]
    """What its names meant last."""


@dataclass
class Walk:
    """What one walk through a repository knows."""

    source: base.Source
    repository: History
    archive: Archive
    store: Store
    linker: Linker
    done: Ingested
    read: set[tuple[str, str]] = field(default_factory=set)
    """(page, blob) of what was read before, by this reader."""
    moving: dict[str, MovingFile] = field(default_factory=dict)
    """By path."""
    refused: dict[str, int] = field(default_factory=dict)
    """Bytes of each blob that is too large to be read."""

    def page(self, path: str) -> str:
        return f"{self.repository.name}#{path}"

    def capture(self, path: str, blob: str, commit: Commit, status: int = 200) -> Capture:
        return Capture(
            source=self.source.name,
            url=self.repository.url(commit.id, path),
            page=self.page(path),
            fetched_at=commit.moment,
            status=status,
            digest=blob,
        )


class FileLooks:
    """The looks at files that some commits, oldest first, come to."""

    def __init__(self, walk: Walk, commits: Sequence[Commit]) -> None:
        self._walk = walk
        self._first: dict[Blob, Commit] = {}
        for commit in commits:
            for path, blob in commit.changes.items():
                if blob != GONE and (walk.page(path), blob) not in walk.read:
                    self._first.setdefault((path, blob), commit)
        # Read one by one, as they are come to below.
        self._bodies = walk.repository.blobs(blob for _, blob in self._first)
        self._claims: dict[Blob, list[Claim]] = {}
        """What was read where a name moves."""
        self._unread: dict[Blob, tuple[str, LookFailure]] = {}
        self.by_page: dict[str, list[Look]] = {}
        self.refusals: list[RefusedItem] = []
        for commit in commits:
            self._take(commit)

    def _take(self, commit: Commit) -> None:
        """Look at what a commit changed, and at files in which a name means another model now."""
        moving = self._walk.moving
        for path, blob in commit.changes.items():
            moving.pop(path, None)
            self._add(path, self._look(path, blob, commit))
        for path, file in list(moving.items()):
            if path not in commit.changes:
                look = self._linked(path, file.blob, commit, file.claims)
                if tuple(claim.model for claim in look.claims or ()) != file.models:
                    self._add(path, look)

    def _add(self, path: str, look: Look) -> None:
        self.by_page.setdefault(self._walk.page(path), []).append(look)

    def _look(self, path: str, blob: str, commit: Commit) -> Look:
        walk = self._walk
        if blob == GONE:
            return Look(walk.capture(path, blob, commit, 404), walk.source.version)
        if self._first.get((path, blob)) is commit:
            return self._first_look(path, blob, commit)
        if claims := self._claims.get((path, blob)):
            return self._linked(path, blob, commit, claims)
        failed, failure = self._unread.get((path, blob), ("", LookFailure.none))
        capture = walk.capture(path, blob, commit)
        return Look(capture, walk.source.version, None, failed, failure)

    def _first_look(self, path: str, blob: str, commit: Commit) -> Look:
        _, body, size = next(self._bodies)
        if body is None:
            look = self._refuse(path, blob, commit, size)
        else:
            look = self._read(path, blob, commit, body)
        if look.failed:
            self._unread[(path, blob)] = look.failed, look.failure
        return look

    def _read(self, path: str, blob: str, commit: Commit, body: bytes) -> Look:
        walk = self._walk
        name, url = walk.source.name, walk.repository.url(commit.id, path)
        page = Page(name, url, body, commit.moment, blob=blob)
        walk.archive.add(name, page.url, body, commit.moment, page=walk.page(path), blob=blob)
        reading = base.read_page(walk.source, page)
        claims, illegal = normalise(reading.claims)
        look = self._linked(path, blob, commit, claims)
        self.refusals += [*reading.refusals, *illegal]
        look.failed = reading.failed
        look.failure = LookFailure.unread if reading.failed else LookFailure.none
        walk.done.claims += len(look.claims or ())
        if path in walk.moving:
            self._claims[(path, blob)] = claims
        elif not reading.failed:
            walk.read.add((walk.page(path), blob))
        return look

    def _refuse(self, path: str, blob: str, commit: Commit, size: int) -> Look:
        """Return the look at a blob that is too large to be read: a failed one."""
        walk, why = self._walk, too_large(size)
        walk.refused[blob] = size
        walk.done.failed[f"{walk.page(path)} ({commit.moment:%Y-%m-%d})"] = why
        self.refusals.append(
            RefusedItem(
                source=walk.source.name,
                capture=blob,
                stage="read",
                reason=f"page refused: {why}",
                locator=path,
            )
        )
        capture = walk.capture(path, blob, commit)
        return Look(capture, walk.source.version, (), why, LookFailure.unread)

    def _linked(self, path: str, blob: str, commit: Commit, claims: list[Claim]) -> Look:
        """Return what a file says in canonical names as they are meant on the day of a commit."""
        walk = self._walk
        observations, unlinkable = observed(
            claims, walk.source.name, walk.page(path), commit.moment.date(), walk.linker
        )
        self.refusals += unlinkable
        if any(claim.moves for claim in observations):
            models = tuple(claim.model for claim in observations)
            walk.moving[path] = MovingFile(blob, claims, models)
        place, capture = walk.archive.bodies[blob], walk.capture(path, blob, commit)
        look = Look(capture, walk.source.version, observations)
        look.archive_file, look.archive_offset = place.file, place.offset
        return look
