"""Looks as records of an archive file: read out of it, each with its body or where it stands."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from almanac.schemas import files, jsonl
from almanac.schemas.claim import Capture, digest
from almanac.schemas.dates import utc
from almanac.schemas.moment import YEARS
from almanac.spiders.archive.records import Gap, WarcRecord, records
from almanac.spiders.archive.unpacked import Damaged, TooLarge, Unpacked

LOOK = "Almanac-Look"
"""The header that has a look as its line of the index has it: exactly, whatever its words are."""
NO_LOOK = (KeyError, ValueError, TypeError, OverflowError)
"""What is raised on the way from text to a look where it is none."""


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """Where a body lies: archive file (its name) and byte offset of its record."""

    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read of an archive file: at which byte, and why."""

    at: int
    why: str
    ends: bool = False
    """Whether nothing after it could be read either."""
    lost: bool = False
    """Whether a record stood there, and what comes after it was read."""


Key = tuple[str, str, datetime, str]
"""Source, page, moment and digest: one look."""


def key_of(capture: Capture) -> Key:
    """Return what makes two looks one."""
    return capture.source, capture.page, capture.fetched_at, capture.digest


def sound(capture: Capture) -> Capture:
    """Return a look whose moment is one of the almanac. Raises ValueError for any other."""
    if utc(capture.fetched_at).year not in YEARS:
        raise ValueError(f"no moment of the almanac: {capture.fetched_at}")
    return capture


def moment_of(capture: Capture) -> str:
    """Return the moment of a look as its line of the index has it."""
    moment: str = capture.model_dump(mode="json", include={"fetched_at"})["fetched_at"]
    return moment


def in_a_line(text: str) -> str:
    """Return text for a header of other tools: what would end the line is escaped."""
    return re.sub(
        "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]",
        lambda m: urllib.parse.quote(m[0], errors="replace"),
        text,
    )


def read_body(
    path: Path, offset: int, digest_: str, opened: Callable[[str], IO[bytes]] | None = None
) -> bytes:
    """Return the body of the record at `offset`.

    Raises ValueError for one that is damaged, cut off, or another than its digest says.
    """
    try:
        with opened(path.name) if opened else files.opened(path) as file:
            record = next(records(Unpacked(file, offset)), None)
            if record is None:
                raise Damaged("the file ends before it", offset)
            body = record.body()
    except Exception as error:
        raise ValueError(f"archive record {path.name}@{offset} is damaged: {error}") from error
    if digest_as(digest_, body) != digest_:
        raise ValueError(f"archive record {path.name}@{offset} does not hold what its digest says")
    return body


def named(digest_: str) -> str:
    """Return a digest with the name of its kind: SHA-256, or the id of a git blob."""
    return f"{'sha256' if len(digest_) == 64 else 'git-blob'}:{digest_}"


def digest_as(like: str, body: bytes) -> str:
    """Return the digest of a body, of the same kind as another."""
    return (
        digest(body)
        if len(like) == 64
        else hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
    )


def scan(
    path: Path,
    tell: Callable[[Fault], None] = lambda fault: None,
    opened: Callable[[str], IO[bytes]] | None = None,
) -> Iterator[tuple[Capture, bytes | None, int]]:
    """Yield (capture, body or None for a revisit, offset) of the looks in a WARC file.

    `tell` is told of what is not read, and why: a record that is damaged, and the rest of a file
    that breaks off, or of which nothing can be told behind a damaged record.
    """
    others = 0

    def skipped(gap: Gap) -> None:
        tell(Fault(gap.start, str(gap), lost=True))

    try:
        with opened(path.name) if opened else files.opened(path) as file:
            for record in records(Unpacked(file), skipped):
                capture = _look(record.head)
                if capture is None or record.kind not in ("resource", "revisit"):
                    others += 1
                    continue
                whole, body = _body_of(record, capture, tell)
                if whole:
                    yield capture, body, record.offset
    except Damaged as error:
        tell(Fault(error.at, str(error), ends=True))
    except (OSError, ValueError) as error:
        tell(Fault(0, str(error), ends=True))
    if others:
        tell(Fault(0, f"{others} records are no looks of an almanac"))


def _body_of(
    record: WarcRecord, capture: Capture, tell: Callable[[Fault], None]
) -> tuple[bool, bytes | None]:
    """Return whether a record is whole, and its body; None for a revisit."""
    at = f"the record at byte {record.offset:,}"
    try:
        body = record.body() if record.kind == "resource" else None
        record.passed()
    except TooLarge as error:
        tell(Fault(record.offset, f"{at} has {error}", lost=True))
        return False, None
    except Damaged:
        return False, None  # `records` finds it too, and tells how it goes on
    if body is not None and digest_as(capture.digest, body) != capture.digest:
        tell(Fault(record.offset, f"{at} does not hold what its digest says", lost=True))
        return False, None
    return True, body


def _look(head: Any) -> Capture | None:
    """Return the look that a record's head tells of; None where it tells of none."""
    try:
        if said := head.get(LOOK.lower()):
            return sound(Capture(**jsonl.parsed(said)))
        return sound(
            Capture(
                source=head["almanac-source"],
                url=head["warc-target-uri"],
                page=head["almanac-page"],
                fetched_at=utc(head["warc-date"]),
                status=int(head["almanac-status"]),
                digest=head["warc-payload-digest"].split(":")[-1],
                media_type=head.get("warc-identified-payload-type", ""),
            )
        )
    except NO_LOOK:
        return None
