"""The index of an archive: one line a look in `index.jsonl`.

Lines are only ever added, by any number of processes at once.

Besides looks it holds `{"covers": FILE, "size": BYTES}`, written when all looks of an archive file
are in, and `{"mended": [LINES]}`, written when damaged lines were made good from the archive files;
beside it `"unfound": [LINES]`, those whose looks were not found there, and `"absent": [FILES]`,
what was missing then.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from almanac.schemas import jsonl
from almanac.spiders.archive import lock


class Index:
    """What the file holds, and what is added to it.

    `new` tells what others add; `add` is what this process adds, holding the lock (`turn`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "index.jsonl"
        self.bad: dict[int, str] = {}
        """Lines that could not be read and were not made good, each with the reason."""
        self.unfound: dict[int, str] = {}
        """Those that were looked for in the archive files, and not found."""
        self.absent: set[str] = set()
        """Archive files that were missing then: with one of them a look may come back."""
        self._seen = self._lines = 0
        """Bytes and lines that `new` has given."""
        self._looks = 0
        """How many of those lines are looks."""
        self._torn = b""
        self._file: IO[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self._id = 0

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the lock of the archive among processes.

        Raises OSError where nothing can be written.
        """
        if self._lock is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / "index.lock").open("ab")
        with lock.held(self._lock.fileno()):
            yield

    def new(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (number of the line, object) of what was added since this was last asked.

        It is what anybody but `add` added.
        """
        try:
            about = self.path.stat()
        except FileNotFoundError:
            about = None
        if about is None or about.st_ino != self._id or about.st_size < self._seen:
            # Another file than before, or none.
            self._forget(about.st_ino if about else 0)
        if about is None or about.st_size == self._seen:
            return
        with self.path.open("rb") as file:
            file.seek(self._seen)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._torn, first = data[len(whole) :], self._lines + 1
        self._seen += len(whole)
        self._lines += whole.count(b"\n")
        for number, row in jsonl.read(data, self.refuse, torn=True, first=first):
            if isinstance(row.get("mended"), list):
                self.settle(row)
                continue
            if "covers" in row:
                self._hold(number, row)
            elif number <= self._lines:
                self._looks += 1
            yield number, row

    def _hold(self, number: int, row: Mapping[str, Any]) -> None:
        """Hold the index to how many looks stood before a line when it was written."""
        wanted = row.get("looks", 0)
        damaged = sum(line < number for line in self.bad)
        if isinstance(wanted, int) and wanted > self._looks + damaged:
            self.refuse(number, f"{wanted - self._looks - damaged:,} lines before it are missing")

    def refuse(self, number: int, why: str) -> None:
        """Count a line as damaged."""
        self.bad[number] = why

    def settle(self, row: Mapping[str, Any]) -> None:
        """Take in what a line says became of damaged ones."""
        for number in _listed(row, "mended", int):
            self.bad.pop(number, None)
            self.unfound.pop(number, None)
        if unfound := _listed(row, "unfound", int):
            self.unfound |= {number: self.bad.pop(number, "damaged") for number in unfound}
            self.absent = set(_listed(row, "absent", str))
        if not self.unfound:
            self.absent = set()

    def seek_again(self) -> None:
        """Count the lines that were not found as damaged again: a missing file has come back."""
        self.bad |= self.unfound
        self.unfound, self.absent = {}, set()

    def left(self) -> dict[int, str]:
        """Return what is left of each damaged line."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError:
            lines = []
        return {n: b"".join(lines[n - 1 : n]).decode("utf-8", "replace") for n in self.bad}

    def _forget(self, identity: int) -> None:
        self._id, self._seen, self._lines, self._torn = identity, 0, 0, b""
        self._looks = 0
        self.bad.clear()
        self.unfound, self.absent = {}, set()
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add lines, in one piece; call it holding the lock, after `new`.

        Raises OSError, and then none of them is there.
        """
        if self._file is None:
            self._file = self.path.open("ab", buffering=0)
            self._id = os.fstat(self._file.fileno()).st_ino
        looks = self._looks + (bool(self._torn) and _is_look(self._torn))
        text = ""
        for row in rows:
            covers = "covers" in row
            looks += not covers and "mended" not in row
            text += jsonl.line({**row, "looks": looks} if covers else row)
        if self._torn:
            # A kill cut the last line off: do not write the next one into it;
            # its look is in the archive file.
            text = (
                "\n" + jsonl.line({"mended": [self._lines + 1]}) * (not _whole(self._torn)) + text
            )
        write(self._file, text.encode("ascii"), self._seen + len(self._torn))
        self._seen += len(self._torn) + len(text)
        self._lines += text.count("\n")
        self._looks, self._torn = looks, b""

    def sync(self) -> None:
        """Have what was added on the disk."""
        if self._file is not None:
            os.fsync(self._file.fileno())


def _listed(row: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    """Return what a line lists under a key, of a kind; what is of another says nothing."""
    listed = row.get(key)
    return [v for v in listed if isinstance(v, kind)] if isinstance(listed, list) else []


def _whole(text: bytes) -> bool:
    try:
        return bool(jsonl.parsed(text))
    except ValueError:
        return False


def _is_look(text: bytes) -> bool:
    return _whole(text) and not {"covers", "mended"} & jsonl.parsed(text).keys()


def write(file: IO[bytes], data: bytes, size: int) -> None:
    """Append to an unbuffered file of `size` bytes, all of the data or none.

    Raises OSError where there is no room for it.
    """
    there = 0
    try:
        while there < len(data):
            there += file.write(data[there:] if there else data)
    except OSError:
        with contextlib.suppress(OSError):
            if os.fstat(file.fileno()).st_size == size + there:  # nobody has added anything since
                file.truncate(size)
                file.seek(size)
        raise
