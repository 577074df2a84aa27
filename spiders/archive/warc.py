"""The WARC archive: every body fetched, kept as it came, one file per run.

Each record is its own gzip member and is written in one piece before the index names it, so a
killed run leaves a file that can be read up to the kill. A body that is already kept is written as
a `revisit` record naming its digest. What the index lacks is taken in from the files when the
archive is opened: the files are the evidence, the index follows from them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from almanac.schemas import files, jsonl
from almanac.schemas.claim import Capture, digest
from almanac.schemas.dates import utc
from almanac.schemas.moment import YEARS
from almanac.spiders.archive import lock
from almanac.spiders.archive.index import Index, write
from almanac.spiders.archive.records import Damaged, Gap, Record, TooLarge, Unpacked, records
from almanac.spiders.archive.remote import Shelf

LOOK = "Almanac-Look"
"""The header that has a look as its line of the index has it: exactly, whatever its words are."""
_NO_LOOK = (KeyError, ValueError, TypeError, OverflowError)
"""What is raised on the way from text to a look where it is none."""
_FILE = re.compile(r'"file": "([\w.-]+\.warc\.gz)"')
_DIGEST = re.compile(r'"digest": "([0-9a-f]{64}|[0-9a-f]{40})"')
_FETCHED = re.compile(r'"fetched_at": "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Place:
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


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of an archive file the index covers."""

    size: int
    whole: int
    """Up to where it is whole records: what follows is the record at which a run was killed."""
    damaged: str = ""
    """What could not be read of it, where it is not known what was there."""


Key = tuple[str, str, datetime, str]
"""Source, page, moment and digest: one look."""


class Archive:
    """A folder of WARC files and `index.jsonl`, one line per look.

    `scan` reads the files without it.

    With `shelf`, an fsspec URL, what the folder has is put there when the archive is closed, and
    what the folder lacks is read from there: then many machines share one archive. A file of a run
    that was killed is put there by the next. `tell` is told of what was damaged or missing and
    could be made good or not; by default it is printed on stderr.
    """

    def __init__(
        self, folder: Path, shelf: str = "", tell: Callable[[str], None] | None = None
    ) -> None:
        self.folder = folder
        self.shelf = Shelf(shelf) if shelf else None
        self._tell = tell or _printed
        self._unshelved: list[dict[str, Any]] = []
        self.bodies: dict[str, Place] = {}
        self.looks: list[tuple[Capture, Place]] = []
        self.covered: dict[str, Covered] = {}
        """By archive file, what the index says of it as a whole."""
        self.lacking: dict[str, int] = {}
        """By archive file, how many looks it tells of whose body is in no file."""
        self._writer: Any = None
        self._file: IO[bytes] | None = None
        self._name, self._size = "", 0
        self._index = Index(folder)
        self._lock = threading.Lock()
        self._seen: set[Key] = set()
        self._load()

    @classmethod
    def over(cls, folder: Path, shelf: str, bodies: dict[str, Place]) -> Archive:
        """Return an archive that reads just these bodies; it does not read the index."""
        made = cls.__new__(cls)
        made.folder, made.shelf, made.bodies, made.looks = (
            folder,
            Shelf(shelf) if shelf else None,
            bodies,
            [],
        )
        return made

    # What is there

    def _load(self) -> None:
        self._take_shelved()
        for row in self._news():
            if self.shelf:
                self._unshelved.append(row)
        if self._index.bad or self._came_back() or self._uncovered():
            self._recover()
        self._tell_unfound()
        if self.shelf:
            self._recover_shelf(self.shelf)

    def _take_shelved(self) -> None:
        """Take in the looks that the index on the shelf names; a line that is none is told."""
        for row in self.shelf.rows(self._tell) if self.shelf else ():
            try:
                self._take(row)
            except _NO_LOOK as error:
                why = str(error).split("\n")[0]
                self._tell(f"the index on the shelf, {json.dumps(row)[:100]}: no look: {why}")

    def _news(self) -> list[dict[str, Any]]:
        """Take in what was added to the index since it was last read.

        Return the lines that had a new look.
        """
        fresh = []
        for number, row in self._index.new():
            try:
                if "covers" in row:
                    size = int(row["size"])
                    self.covered[row["covers"]] = Covered(
                        size, int(row.get("whole", size)), str(row.get("damaged", ""))
                    )
                elif self._take(row):
                    fresh.append(row)
            except _NO_LOOK as error:
                self._index.refuse(number, f"no look: {str(error).split(chr(10))[0]}")
        return fresh

    def _take(self, row: dict[str, Any]) -> bool:
        """Take in a look as its line of the index has it; False where it is known."""
        about = row.copy()
        file, offset = about.pop("file"), about.pop("offset")
        if type(offset) is not int or "/" in file or "\\" in file:
            raise ValueError(f"no place in an archive file: {file!r} at {offset!r}")
        place = Place(file, offset)
        return self._keep(_sound(Capture(**about)), place)

    def _keep(self, capture: Capture, place: Place) -> bool:
        """Know a look from now on, and where its body stands; False where it was known."""
        # The last one named: a body is kept again where the first copy was damaged.
        self.bodies[capture.digest] = place
        key = key_of(capture)
        if key in self._seen:
            return False
        self._seen.add(key)
        self.looks.append((capture, place))
        return True

    def knows(self, capture: Capture) -> bool:
        """Whether a look is in."""
        return key_of(capture) in self._seen

    def files(self) -> set[str]:
        """Return the names of the files that are there, in the folder or on the shelf."""
        return set(self.sizes())

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each file that is there, in the folder or on the shelf."""
        return {**(self.shelf.sizes() if self.shelf else {}), **self._local()}

    def _local(self) -> dict[str, int]:
        try:
            with os.scandir(self.folder) as entries:
                return {e.name: e.stat().st_size for e in entries if e.name.endswith(".warc.gz")}
        except FileNotFoundError:
            return {}

    def _uncovered(self) -> list[str]:
        """Return the archive files of this folder that hold more than the index covers.

        Only those that nobody is writing.
        """
        more = (
            name
            for name, size in self._local().items()
            if name not in self.covered or size > self.covered[name].size
        )
        return sorted(
            name for name in more if name != self._name and not lock.in_use(self.folder / name)
        )

    # Making good what the index lacks

    def _recover(self) -> None:
        """Take in the looks of archive files that the index does not cover, and write them into it.

        Where lines of the index are damaged or missing, every file is read.
        """
        with contextlib.ExitStack() as turn:
            try:
                turn.enter_context(self._index.turn())
                writable = True
            except OSError:
                writable = False  # a folder that may only be read: it is made good in memory
            self._news()  # another process may have done it meanwhile
            if self._came_back():
                self._index.seek_again()
            bad = dict(self._index.bad)
            for number, why in sorted(bad.items()):
                self._tell(
                    f"{self._index.path}, line {number}: {why};"
                    " the archive files are read in its place"
                )
            named = {place.file for place in self.bodies.values()} | self.covered.keys()
            names = sorted(self._local()) if bad else self._uncovered()
            rows, covers = self._scanned(names)
            mended = [self._mended(named)] if bad else []
            if writable and (rows or covers or bad):
                # No room: the next that opens the archive does it.
                with contextlib.suppress(OSError):
                    self._index.add([*rows, *covers, *mended])

    def _came_back(self) -> bool:
        """Whether a file is there that was missing when damaged lines were looked for."""
        return bool(self._index.absent and self._index.absent & self._local().keys())

    def _mended(self, named: set[str]) -> dict[str, Any]:
        """Settle the damaged lines of the index, and return the line that says what became of them.

        Where all files that the index names are there and whole, every look of theirs is in. Else a
        line is made good where what is left of it says so.
        """
        absent = named - self.files()
        left = self._index.left()
        absent |= {file for text in left.values() for file in _FILE.findall(text)} - self.files()
        damaged = self.lacking or any(known.damaged for known in self.covered.values())
        searched = left if absent or damaged else {}
        unfound = sorted(number for number, text in searched.items() if not self._found_again(text))
        row: dict[str, Any] = {"mended": sorted(left.keys() - set(unfound))}
        if unfound:
            row |= {"unfound": unfound, "absent": sorted(absent)}
        self._index.settle(row)
        return row

    def _found_again(self, text: str) -> bool:
        """Whether what is left of a line names a look that is in.

        Or shows that it spoke of none.
        """
        if re.match(r'\W*"?(?:covers|mended)"', text):
            return True
        digests, moments = set(_DIGEST.findall(text)), set(_FETCHED.findall(text))
        looks = (c for c, _ in self.looks if {c.digest} == digests)
        return any(not moments or {_moment_of(c)} == moments for c in looks)

    def _tell_unfound(self) -> None:
        """Tell, at each opening, of the damaged lines whose looks were not found again."""
        for number, why in sorted(self._index.unfound.items()):
            line = f"{self._index.path}, line {number}"
            self._tell(f"{line}: {why}; its look was not found again in the archive files")
        if self._index.unfound:
            self.lacking[self._index.path.name] = len(self._index.unfound)

    def _scanned(self, names: Iterable[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the looks that some files hold and the index lacks, as its lines.

        Also the lines that say the files are covered.
        """
        last: dict[str, int] = {}
        for place in self.bodies.values():
            last[place.file] = max(last.get(place.file, 0), place.offset)
        looks: list[tuple[Capture, Place | None, str]] = []
        ends: dict[str, tuple[int, Fault | None]] = {}
        for name in names:
            size = (self.folder / name).stat().st_size
            ends[name] = size, self._scan(name, looks)
        rows, lacking = self._placed(looks)
        covers = [
            self._cover(name, size, fault, last.get(name, -1))
            for name, (size, fault) in ends.items()
            if name not in lacking
        ]
        if rows:
            count = len({row["file"] for row in rows} | {name for _, _, name in looks})
            self._tell(f"index rebuilt from {count} files: {len(rows)} looks")
        return rows, covers

    def _scan(self, name: str, looks: list[tuple[Capture, Place | None, str]]) -> Fault | None:
        """Add the looks of a file to others, and return the fault that lasts, if there is one."""
        faults: list[Fault] = []
        for capture, body, offset in scan(self.folder / name, faults.append):
            looks.append((capture, Place(name, offset) if body is not None else None, name))
        for fault in faults:
            kept = "; what stands before that is kept" if fault.ends else ""
            self._tell(f"{name}: {fault.why}{kept}")
        lasting = sorted((f for f in faults if f.lost or f.ends), key=lambda f: not f.lost)
        return lasting[0] if lasting else None

    def _placed(
        self, found: list[tuple[Capture, Place | None, str]]
    ) -> tuple[list[dict[str, Any]], set[str]]:
        """Take in looks whose body stands in their own record, or in that of another file.

        Return their lines, and the files with looks that have none.
        """
        kept: dict[str, Place] = {}
        for capture, place, _ in found:
            if place is not None:
                kept.setdefault(capture.digest, place)
        rows: list[dict[str, Any]] = []
        lacking: dict[str, int] = {}
        for capture, place, name in found:
            if self.knows(capture):
                continue
            where = place or self.bodies.get(capture.digest) or kept.get(capture.digest)
            if where is None:
                lacking[name] = lacking.get(name, 0) + 1
                continue
            row = {**capture.model_dump(mode="json"), "file": where.file, "offset": where.offset}
            self._take(row)
            rows.append(row)
        for name, count in sorted(lacking.items()):
            self._tell(f"{name}: {count} looks whose body is in no archive file that is here")
        self.lacking |= lacking
        if self.shelf:
            self._unshelved += rows
        return rows, set(lacking)

    def _cover(self, name: str, size: int, fault: Fault | None, last: int) -> dict[str, Any]:
        """Return the line that says a file is covered.

        What is no record and ends it, behind the `last` one that the index knew, is
        what a kill left.
        """
        killed = fault is not None and fault.ends and 0 <= last < fault.at
        whole, why = size, ""
        if killed and fault is not None:
            whole = fault.at
        elif fault is not None:
            why = fault.why + ("; what stood after that is not known" if fault.ends else "")
        self.covered[name] = Covered(size, whole, why)
        return {
            "covers": name,
            "size": size,
            **({"whole": whole} if whole != size else {}),
            **({"damaged": why} if why else {}),
        }

    def _recover_shelf(self, shelf: Shelf) -> None:
        """Take in the looks of files on the shelf that no part of its index names."""
        local = self._local()
        named = {place.file for place in self.bodies.values()}
        lost = sorted(shelf.names() - named - set(local))
        found: list[tuple[Capture, Place | None, str]] = []
        for name in lost:
            for capture, body, offset in scan(
                Path(name),
                lambda fault, name=name: self._tell(f"{name}: {fault.why}"),  # type: ignore[misc]
                opened=shelf.open,
            ):
                found.append((capture, Place(name, offset) if body is not None else None, name))
        if found:
            rows, _ = self._placed(found)
            self._tell(f"index on the shelf rebuilt from {len(lost)} files: {len(rows)} looks")

    # Writing

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
        capture = _sound(
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
        place = known or Place(self._name, self._size)
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
            _in_a_line(capture.url),
            capture.fetched_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
            + "Z",
        )
        headers = {
            "WARC-Date": moment,
            "WARC-Payload-Digest": named(capture.digest),
            "WARC-Identified-Payload-Type": (
                _in_a_line(capture.media_type) or "application/octet-stream"
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


def _printed(text: str) -> None:
    print(f"archive: {text}", file=sys.stderr)


def key_of(capture: Capture) -> Key:
    """Return what makes two looks one."""
    return capture.source, capture.page, capture.fetched_at, capture.digest


def _sound(capture: Capture) -> Capture:
    """Return a look whose moment is one of the almanac. Raises ValueError for any other."""
    if utc(capture.fetched_at).year not in YEARS:
        raise ValueError(f"no moment of the almanac: {capture.fetched_at}")
    return capture


def _moment_of(capture: Capture) -> str:
    """Return the moment of a look as its line of the index has it."""
    moment: str = capture.model_dump(mode="json", include={"fetched_at"})["fetched_at"]
    return moment


def _in_a_line(text: str) -> str:
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
    record: Record, capture: Capture, tell: Callable[[Fault], None]
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
            return _sound(Capture(**jsonl.parsed(said)))
        return _sound(
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
    except _NO_LOOK:
        return None
