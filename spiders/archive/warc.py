"""The WARC archive: every body fetched, kept as it came, one file per run.

Each record is its own gzip member and is written in one piece before the index names it, so a
killed run leaves a file that can be read up to the kill. A body that is already kept is written as
a `revisit` record naming its digest. What the index lacks is taken in from the files when the
archive is opened: the files are the evidence, the index follows from them.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from almanac.schemas.claim import Capture, digest
from almanac.spiders.archive import lock
from almanac.spiders.archive.index import write
from almanac.spiders.archive.known_looks import Covered, KnownLooks
from almanac.spiders.archive.looks import (
    LOOK,
    BodyPlace,
    digest_as,
    in_a_line,
    named,
    read_body,
    sound,
)
from almanac.spiders.archive.remote import Shelf


class Archive(KnownLooks):
    """A folder of WARC files and `index.jsonl`, one line per look.

    `scan` reads the files without it.

    With `shelf`, an fsspec URL, what the folder has is put there when the archive is closed, and
    what the folder lacks is read from there: then many machines share one archive. A file of a run
    that was killed is put there by the next. `tell` is told of what was damaged or missing and
    could be made good or not; by default it is printed on stderr.
    """

    @classmethod
    def over(cls, folder: Path, shelf: str, bodies: dict[str, BodyPlace]) -> Archive:
        """Return an archive that reads just these bodies; it does not read the index."""
        made = cls.__new__(cls)
        made.folder, made.shelf, made.bodies, made.looks = (
            folder,
            Shelf(shelf) if shelf else None,
            bodies,
            [],
        )
        return made

    def adopt(self, rows: Iterable[dict[str, Any]]) -> list[Capture]:
        """Take in looks that another process wrote into this folder, and return them.

        They are as its index has them.
        """
        with self._lock:
            some = list(rows)
            self._unshelved += some if self.shelf else ()
            for row in some:
                self._take(row)
            return [
                Capture(**{k: v for k, v in row.items() if k not in ("file", "offset")})
                for row in some
            ]

    def row(self, capture: Capture) -> dict[str, Any]:
        """Return a look as its line of the index: the capture, and where its body stands."""
        place = self.bodies[capture.digest]
        return {**capture.model_dump(mode="json"), "file": place.file, "offset": place.offset}

    def add(
        self,
        source: str,
        url: str,
        body: bytes,
        fetched_at: datetime,
        *,
        page: str = "",
        status: int = 200,
        media_type: str = "",
        blob: str = "",
    ) -> Capture:
        """Keep one look and return it.

        The same look twice is kept once. `blob` is the id of a body that git kept.

        Where the archive's own copy of the body is damaged, this one is kept in its place. Raises
        OSError where there is no room for it, and then nothing of it is there.
        """
        capture = sound(
            Capture(
                source=source,
                url=url,
                page=page or url,
                fetched_at=fetched_at,
                status=status,
                digest=blob or digest(body),
                media_type=media_type,
            )
        )
        with self._lock:
            if self.knows(capture) and not self._lost(capture.digest, body):
                return capture
            with self._index.turn():
                self._news()  # what another process has kept meanwhile is not kept again
                lost = self._lost(capture.digest, body)
                if lost or not self.knows(capture):
                    self._write(capture, body, lost)
        return capture

    def _lost(self, digest_: str, body: bytes) -> bool:
        """Whether a body that is given is kept already, but cannot be read."""
        if not body or digest_ not in self.bodies:
            return False
        try:
            self.body(digest_)
        except ValueError:
            return True
        return False

    def _write(self, capture: Capture, body: bytes, lost: bool) -> None:
        known = None if lost else self.bodies.get(capture.digest)
        if (
            known is None
            and len(capture.digest) != 64
            and digest_as(capture.digest, body) != capture.digest
        ):
            raise ValueError(
                f"{capture.url}: its body is not what its digest {capture.digest} says"
            )
        look = capture.model_dump(mode="json")
        record = self._record(capture, look, body, known is None)
        file = self._open(capture.fetched_at)
        write(file, record, self._size)
        place = known or BodyPlace(self._name, self._size)
        row = {**look, "file": place.file, "offset": place.offset}
        try:
            self._index.add([row])
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(self._size)
                file.seek(self._size)
            raise
        self._size += len(record)
        self._keep(capture, place)
        if self.shelf:
            self._unshelved.append(row)

    def _record(self, capture: Capture, look: dict[str, Any], body: bytes, whole: bool) -> bytes:
        """Return a look as a WARC record, packed: with its body, or as a revisit."""
        if self._writer is None:
            from warcio.warcwriter import WARCWriter

            self._writer = WARCWriter(BytesIO(), gzip=True)
        url, moment = (
            in_a_line(capture.url),
            capture.fetched_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
            + "Z",
        )
        headers = {
            "WARC-Date": moment,
            "WARC-Payload-Digest": named(capture.digest),
            "WARC-Identified-Payload-Type": (
                in_a_line(capture.media_type) or "application/octet-stream"
            ),
            LOOK: json.dumps(look),
        }
        if whole:
            record = self._writer.create_warc_record(
                url, "resource", payload=BytesIO(body), length=len(body), warc_headers_dict=headers
            )
        else:
            record = self._writer.create_revisit_record(
                url, named(capture.digest), url, moment, warc_headers_dict=headers
            )
        self._writer.out = BytesIO()
        self._writer.write_record(record)
        packed: bytes = self._writer.out.getvalue()
        return packed

    def _open(self, first: datetime) -> IO[bytes]:
        """Return the file of this run, named for its first look.

        Its lock says that it is being written.
        """
        if self._file is None:
            self._name = f"{first.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.warc.gz"
            self._file, self._size = (self.folder / self._name).open("xb", buffering=0), 0
            # Who asks whether it is in use holds it for a moment: wait.
            lock.take(self._file.fileno())
        return self._file

    def body(self, digest_: str) -> bytes:
        """Return the body with this SHA-256.

        Raises KeyError if it was never kept, ValueError if it is damaged.
        """
        place = self.bodies[digest_]
        return read_body(self.folder / place.file, place.offset, digest_, self.opener(place.file))

    def opener(self, file: str) -> Callable[[str], IO[bytes]] | None:
        """Return what opens a file that is on the shelf only; None for one of this folder."""
        return self.shelf.open if self.shelf and not (self.folder / file).exists() else None

    def close(self) -> None:
        """Have the bodies on the disk, then the index that names them, then on the shelf."""
        with self._lock:
            if self._file is not None:
                os.fsync(self._file.fileno())
                self._file.close()
                self._file = None
                self._settle()
            if self.shelf:
                # Of a file that is being written, its writer puts them there.
                mine = [
                    row for row in self._unshelved if not lock.in_use(self.folder / row["file"])
                ]
                self.shelf.put(self.folder, mine)
                self._unshelved = []

    def _settle(self) -> None:
        """Say in the index that this run's file is covered.

        Where there is no room for that, the next that opens the archive looks.
        """
        name, self._name = self._name, ""
        self.covered[name] = Covered(self._size, self._size)
        with contextlib.suppress(OSError), self._index.turn():
            self._news()
            self._index.add([{"covers": name, "size": self._size}])
        self._index.sync()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
