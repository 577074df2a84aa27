"""What the archive keeps, read again.

Pages are read as captures, and repositories commit by commit, without the repository.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from almanac.flows.harvest.git_history import GONE, Commit
from almanac.flows.harvest.plan import Order
from almanac.flows.ingest import repository_history
from almanac.flows.ingest.page_captures import Ingested
from almanac.flows.pipeline import steps
from almanac.flows.pipeline.pipeline import Caller, Report, finish
from almanac.flows.pipeline.stages import Stage
from almanac.schemas.claim import Capture
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive


@dataclass(frozen=True, slots=True)
class ArchivedRepository:
    """A repository as backfill kept it in the archive.

    Raises ValueError for a body that is damaged.
    """

    name: str
    looks: tuple[Capture, ...]
    archive: Archive
    refused: dict[str, int] = field(default_factory=dict)
    """Bytes of each blob that was too large to be kept."""

    def url(self, commit: str, path: str) -> str:
        return f"{self.name}/blob/{commit}/{path}"

    def commits(self, files: re.Pattern[str]) -> Iterator[Commit]:
        """Yield the commits that were kept, oldest first; `files` is as it was when they were."""
        there: set[str] = set()
        for look in sorted(self.looks, key=lambda c: c.fetched_at):
            head, *lines = self.archive.body(look.digest).decode().removesuffix("\n").split("\n")
            if head == "not believed":
                continue
            changes = dict(self._change(line) for line in lines)
            if head == "whole":
                changes = {**dict.fromkeys(there, GONE), **changes}
                there.clear()
            there = {p for p in {*there, *changes} if changes.get(p) != GONE}
            yield Commit(look.url.rsplit("/", 1)[-1], look.fetched_at, changes, head == "whole")

    def _change(self, line: str) -> tuple[str, str]:
        """Return (path, blob) of a line that `almanac.flows.ingest.repository_history` wrote.

        It is `BLOB PATH`, or `BLOB:BYTES PATH` of one that was too large.
        """
        identity, _, path = line.partition(" ")
        blob, _, size = identity.partition(":")
        if size:
            self.refused[blob] = int(size)
        return path, blob

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes | None, int]]:
        for blob in ids:
            body = (
                None
                if blob in self.refused and blob not in self.archive.bodies
                else self.archive.body(blob)
            )
            yield blob, body, self.refused[blob] if body is None else len(body)


def replay(order: Order, call: Caller) -> Report:
    """Read again what the archive keeps, and resolve every subject anew.

    Read are the looks the warehouse lacks, and those an older reader read.

    Publishes a release if that says anything else than the last one. Raises validate.Rejected when
    the draft does not hold.
    """
    report, run = Report(), steps.Run(replace(order, history=True), call.progress)
    try:
        started = time.perf_counter()
        sources = sorted(
            {c.source for c, _ in run.archive.looks} & set(order.sources or base.names())
        )
        report.due = len(sources)
        for source, done in zip(sources, call.each(REPLAY, sources, run), strict=True):
            if report.take(source, done):
                call.progress(f"{source}: {done.looks} looks read, {done.unchanged} as they were")
        run.store.have_resolved(run.store.subjects())
        finish(run, report, call, started)
    finally:
        run.close()
    return report


def again(source: str, run: steps.Run) -> Ingested:
    """Take in what the archive keeps of a source and the warehouse does not have.

    What another version of the reader read counts as not there.
    """
    mine = [c for c, _ in run.archive.looks if c.source == source]
    commits = {c.page for c in mine if "/commit/" in c.url and c.url.startswith(c.page)}
    done = steps.take_in(
        steps.Harvest(source, tuple(c for c in mine if c.page.partition("#")[0] not in commits)),
        run,
    )
    for name in sorted(commits):
        kept = ArchivedRepository(name, tuple(c for c in mine if c.page == name), run.archive)
        filled = repository_history.fill(
            source, kept, re.compile(""), run.archive, run.store, run.linker, progress=run.progress
        )
        done = Ingested(
            source,
            done.looks + filled.looks,
            done.unchanged + filled.unchanged,
            done.claims + filled.claims,
            done.new_claims + filled.new_claims,
            done.refused + filled.refused,
            {**done.failed, **filled.failed},
            done.layout,
            done.collapsed + filled.collapsed,
        )
    return done


REPLAY = Stage("replay", again)
