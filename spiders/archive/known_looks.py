"""What an archive has: its looks by the index, and what the index lacks by the files themselves.

The files are the evidence, the index follows from them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from almanac.schemas.claim import Capture
from almanac.spiders.archive import lock
from almanac.spiders.archive.index import Index
from almanac.spiders.archive.looks import (
    NO_LOOK,
    BodyPlace,
    Fault,
    Key,
    key_of,
    moment_of,
    scan,
    sound,
)
from almanac.spiders.archive.remote import Shelf

_FILE = re.compile(r'"file": "([\w.-]+\.warc\.gz)"')
_DIGEST = re.compile(r'"digest": "([0-9a-f]{64}|[0-9a-f]{40})"')
_FETCHED = re.compile(r'"fetched_at": "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of an archive file the index covers."""

    size: int
    whole: int
    """Up to where it is whole records: what follows is the record at which a run was killed."""
    damaged: str = ""
    """What could not be read of it, where it is not known what was there."""


class KnownLooks:
    """The looks of a folder of WARC files, and of the shelf beside it."""

    def __init__(
        self, folder: Path, shelf: str = "", tell: Callable[[str], None] | None = None
    ) -> None:
        self.folder = folder
        self.shelf = Shelf(shelf) if shelf else None
        self._tell = tell or _printed
        self._unshelved: list[dict[str, Any]] = []
        self.bodies: dict[str, BodyPlace] = {}
        self.looks: list[tuple[Capture, BodyPlace]] = []
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
            except NO_LOOK as error:
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
            except NO_LOOK as error:
                self._index.refuse(number, f"no look: {str(error).split(chr(10))[0]}")
        return fresh

    def _take(self, row: dict[str, Any]) -> bool:
        """Take in a look as its line of the index has it; False where it is known."""
        about = row.copy()
        file, offset = about.pop("file"), about.pop("offset")
        if type(offset) is not int or "/" in file or "\\" in file:
            raise ValueError(f"no place in an archive file: {file!r} at {offset!r}")
        place = BodyPlace(file, offset)
        return self._keep(sound(Capture(**about)), place)

    def _keep(self, capture: Capture, place: BodyPlace) -> bool:
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
        return any(not moments or {moment_of(c)} == moments for c in looks)

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
        looks: list[tuple[Capture, BodyPlace | None, str]] = []
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

    def _scan(self, name: str, looks: list[tuple[Capture, BodyPlace | None, str]]) -> Fault | None:
        """Add the looks of a file to others, and return the fault that lasts, if there is one."""
        faults: list[Fault] = []
        for capture, body, offset in scan(self.folder / name, faults.append):
            looks.append((capture, BodyPlace(name, offset) if body is not None else None, name))
        for fault in faults:
            kept = "; what stands before that is kept" if fault.ends else ""
            self._tell(f"{name}: {fault.why}{kept}")
        lasting = sorted((f for f in faults if f.lost or f.ends), key=lambda f: not f.lost)
        return lasting[0] if lasting else None

    def _placed(
        self, found: list[tuple[Capture, BodyPlace | None, str]]
    ) -> tuple[list[dict[str, Any]], set[str]]:
        """Take in looks whose body stands in their own record, or in that of another file.

        Return their lines, and the files with looks that have none.
        """
        kept: dict[str, BodyPlace] = {}
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
        found: list[tuple[Capture, BodyPlace | None, str]] = []
        for name in lost:
            for capture, body, offset in scan(
                Path(name),
                lambda fault, name=name: self._tell(f"{name}: {fault.why}"),  # type: ignore[misc]
                opened=shelf.open,
            ):
                found.append((capture, BodyPlace(name, offset) if body is not None else None, name))
        if found:
            rows, _ = self._placed(found)
            self._tell(f"index on the shelf rebuilt from {len(lost)} files: {len(rows)} looks")


def _printed(text: str) -> None:
    print(f"archive: {text}", file=sys.stderr)
