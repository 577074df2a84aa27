"""The WARC archive: every body fetched, kept as it came, one file per run.

Each record is its own gzip member and is flushed when written, so a killed run leaves a file that can be
read up to the kill. A body that is already kept is written as a `revisit` record naming its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from schemas.claim import Capture, digest
from schemas.dates import utc
from spiders.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Place:
    """Where a body lies: archive file (its name) and byte offset of its record."""

    file: str
    offset: int


class Archive:
    """A folder of WARC files and `index.jsonl`, one line per look; `scan` reads the files without it.

    With `shelf`, an fsspec URL, what the folder has is put there when the archive is closed, and what the folder lacks is
    read from there: then many machines share one archive. A file of a run that was killed is put there by the next.
    """

    def __init__(self, folder: Path, shelf: str = "") -> None:
        self.folder = folder
        self.shelf = Shelf(shelf) if shelf else None
        self._unshelved: list[dict[str, Any]] = []
        self.bodies: dict[str, Place] = {}
        self.looks: list[tuple[Capture, Place]] = []
        self._writer: Any = None
        self._file: IO[bytes] | None = None
        self._name = ""
        self._index: IO[str] | None = None
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str, datetime, str]] = set()
        self._load()

    @classmethod
    def over(cls, folder: Path, shelf: str, bodies: dict[str, Place]) -> Archive:
        """Return an archive that reads just these bodies; it does not read the index."""
        made = cls.__new__(cls)
        made.folder, made.shelf, made.bodies, made.looks = folder, Shelf(shelf) if shelf else None, bodies, []
        return made

    def _load(self) -> None:
        for row in self.shelf.rows() if self.shelf else ():
            self._take(row)
        index = self.folder / "index.jsonl"
        if not index.exists():
            return
        for line in index.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # a line cut off by a kill: the look is made again by the next run
            known = len(self.looks)
            self._take(dict(row))
            if len(self.looks) > known:
                self._unshelved.append(row)

    def files(self) -> set[str]:
        """Return the names of the files that are there, in the folder or on the shelf."""
        return {p.name for p in self.folder.glob("*.warc.gz")} | (self.shelf.names() if self.shelf else set())

    def adopt(self, rows: Iterable[dict[str, Any]]) -> list[Capture]:
        """Take in looks that another process wrote into this folder, as its index has them, and return them."""
        with self._lock:
            some = list(rows)
            self._unshelved += some
            return [self._take(dict(row)) for row in some]

    def _take(self, row: dict[str, Any]) -> Capture:
        place = Place(row.pop("file"), row.pop("offset"))
        capture = Capture(**row)
        if (capture.source, capture.page, capture.fetched_at, capture.digest) not in self._seen:
            self._seen.add((capture.source, capture.page, capture.fetched_at, capture.digest))
            self.looks.append((capture, place))
            self.bodies.setdefault(capture.digest, place)
        elif place != self.bodies[capture.digest]:
            self.bodies[capture.digest] = place  # kept again, since the first copy was damaged
        return capture

    def row(self, capture: Capture) -> dict[str, Any]:
        """Return a look as its line of the index: the capture, and where its body stands."""
        place = self.bodies[capture.digest]
        return {**capture.model_dump(mode="json"), "file": place.file, "offset": place.offset}

    def add(self, source: str, url: str, body: bytes, fetched_at: datetime, *, page: str = "", status: int = 200, media_type: str = "", blob: str = "") -> Capture:
        """Keep one look and return it. The same look twice is kept once. `blob` is the id of a body that git kept.

        Where the archive's own copy of the body is damaged, this one is kept in its place.
        """
        capture = Capture(source=source, url=url, page=page or url, fetched_at=fetched_at, status=status,
                          digest=blob or digest(body), media_type=media_type)  # fmt: skip
        with self._lock:
            damaged = bool(body) and capture.digest in self.bodies and not self._reads(capture.digest)
            if damaged:
                del self.bodies[capture.digest]
            if damaged or (capture.source, capture.page, capture.fetched_at, capture.digest) not in self._seen:
                self._seen.add((capture.source, capture.page, capture.fetched_at, capture.digest))
                self.looks.append((capture, self._write(capture, body)))
        return capture

    def _reads(self, digest_: str) -> bool:
        try:
            self.body(digest_)
        except ValueError:
            return False
        return True

    def _write(self, capture: Capture, body: bytes) -> Place:
        writer = self._open()
        known = self.bodies.get(capture.digest)
        assert self._file is not None and self._index is not None
        offset = self._file.tell()
        headers = {
            "WARC-Date": capture.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "WARC-Payload-Digest": named(capture.digest),
            "WARC-Identified-Payload-Type": capture.media_type or "application/octet-stream",
            "Almanac-Source": capture.source, "Almanac-Page": capture.page, "Almanac-Status": str(capture.status),
        }  # fmt: skip
        if known is None:
            record = writer.create_warc_record(capture.url, "resource", payload=BytesIO(body), length=len(body), warc_headers_dict=headers)
            place = self.bodies[capture.digest] = Place(self._name, offset)
        else:
            record = writer.create_revisit_record(capture.url, named(capture.digest), capture.url, headers["WARC-Date"], warc_headers_dict=headers)
            place = known
        writer.write_record(record)
        self._file.flush()
        row = {**capture.model_dump(mode="json"), "file": place.file, "offset": place.offset}
        self._index.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._index.flush()
        if self.shelf:
            self._unshelved.append(row)
        return place

    def _open(self) -> Any:
        if self._writer is None:
            from warcio.warcwriter import WARCWriter

            self.folder.mkdir(parents=True, exist_ok=True)
            self._name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.warc.gz"
            self._file = (self.folder / self._name).open("wb")
            path = self.folder / "index.jsonl"
            torn = path.exists() and not path.read_bytes().endswith(b"\n")
            self._index = path.open("a", encoding="utf-8")
            if torn:  # a kill cut the last line off: do not write the next one into it
                self._index.write("\n")
            self._writer = WARCWriter(self._file, gzip=True)
        return self._writer

    def body(self, digest_: str) -> bytes:
        """Return the body with this SHA-256. Raises KeyError if it was never kept, ValueError if it is damaged."""
        place = self.bodies[digest_]
        if self.shelf and not (self.folder / place.file).exists():
            return read_body(self.folder / place.file, place.offset, digest_, self.shelf.open)
        return read_body(self.folder / place.file, place.offset, digest_)

    def close(self) -> None:
        for file in (self._file, self._index):
            if file is not None:
                file.flush()
                os.fsync(file.fileno())
                file.close()
        self._writer = self._file = self._index = None
        if self.shelf:
            self.shelf.put(self.folder, self._unshelved)
            self._unshelved = []

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_body(path: Path, offset: int, digest_: str, opened: Callable[[str], IO[bytes]] | None = None) -> bytes:
    """Return the body of the record at `offset`. Raises ValueError for one that is damaged or another than its digest says."""
    from warcio.archiveiterator import ArchiveIterator

    try:
        with opened(path.name) if opened else path.open("rb") as file:
            file.seek(offset)
            body: bytes = next(iter(ArchiveIterator(file))).content_stream().read()
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
    return digest(body) if len(like) == 64 else hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()


def scan(path: Path) -> Iterator[tuple[Capture, bytes | None, int]]:
    """Yield (capture, body or None for a revisit, offset) of a WARC file, up to where it is intact."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    with path.open("rb") as file:
        records = ArchiveIterator(file)
        while True:
            try:
                record = next(records)
                head = record.rec_headers
                body = record.content_stream().read() if record.rec_type == "resource" else None
                capture = Capture(
                    source=head.get_header("Almanac-Source"), url=head.get_header("WARC-Target-URI"),
                    page=head.get_header("Almanac-Page"), fetched_at=utc(head.get_header("WARC-Date")),
                    status=int(head.get_header("Almanac-Status")),
                    digest=head.get_header("WARC-Payload-Digest").split(":")[-1],
                    media_type=head.get_header("WARC-Identified-Payload-Type") or "",
                )  # fmt: skip
            except StopIteration:
                return
            except (ArchiveLoadFailed, EOFError, OSError, ValueError, TypeError, AttributeError):
                return  # the tail of a killed run
            if body is not None and digest_as(capture.digest, body) != capture.digest:
                return
            yield capture, body, records.get_record_offset()
