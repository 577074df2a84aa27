"""Where the gzip members of a file begin and end, to read on behind one that is damaged.

A page may hold whatever its server likes, also records that look like ours, and as noise is not
packed they stand in the file as they are. So a member that was found by searching is believed only
where the end of the file bears it out: from it on one member follows another to the last byte.
Nobody who serves a page can bring that about: what stands behind its body is not theirs.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import IO

_MEMBER = re.compile(rb"(?=\x1f\x8b\x08[\x00-\x1f])")
_HEAD, _STEP, _OUT = 2048, 2**20, 2**20
_TRAILER = 8
_CUT, _BROKEN = -1, -2


class Members:
    """The members of a file, told from its bytes alone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._dead: set[int] = set()
        """Where members begin from which no way leads to the end."""
        self._room = 8 * self._size + 2**26
        """Bytes that may still be read: members within members would take a square of the size."""

    def behind(self, member: int, length: int | None) -> int | None:
        """Return where to read on behind a damaged member; the size of the file if nothing follows.

        `length` is what the member unpacks to at most, where it says so. None where it breaks off
        with the file, and where nothing behind it can be told from what it holds.
        """
        end = self._end(member, length)
        if end == _CUT:
            return None
        if end != _BROKEN and (self._over(end) or _begins(self._at(end, _HEAD))):
            return self._size if self._over(end) else end
        return next((at for at in self._records(member + 1) if self._leads_to_the_end(at)), None)

    def _at(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(length)

    def _over(self, offset: int) -> bool:
        """Whether nothing but padding stands from here on."""
        while part := self._at(offset, _STEP if self._at(offset, 1) == b"\0" else 1):
            if part.strip(b"\0"):
                return False
            offset += len(part)
        return True

    def _records(self, start: int) -> Iterator[int]:
        """Yield where members begin that begin as a record does."""
        for at in range(start, self._size, _STEP):
            part = self._at(at, _STEP + _HEAD)
            for found in _MEMBER.finditer(part):
                if found.start() < _STEP and _begins(part[found.start() : found.start() + _HEAD]):
                    yield at + found.start()

    def _leads_to_the_end(self, at: int) -> bool:
        """Whether one member follows another from here to the end of the file."""
        passed = []
        while not self._over(at):
            passed.append(at)
            at = _BROKEN if at in self._dead or self._room < 0 else self._end(at, None)
            if at < 0:
                self._dead.update(passed)
                return False
        return True

    def _end(self, member: int, length: int | None) -> int:
        """Return where a member ends, by its packing alone: what it says of itself may be wrong."""
        start = member + _head_of(self._at(member, 2**16))
        if start == member:
            return _BROKEN
        stream, step = zlib.decompressobj(-zlib.MAX_WBITS), _HEAD
        self._file.seek(start)
        while raw := self._file.read(step):
            self._room -= len(raw)
            step = min(2 * step, 2**16)
            while raw and not stream.eof:
                try:
                    out = stream.decompress(raw, _OUT)
                except zlib.error:
                    return _BROKEN
                raw = stream.unconsumed_tail
                if length is not None and (length := length - len(out)) < 0:
                    return _BROKEN
            if stream.eof:
                end = self._file.tell() - len(stream.unused_data) + _TRAILER
                return end if end <= self._size else _CUT
        return _CUT


def _begins(raw: bytes) -> bool:
    """Whether these bytes are the beginning of a gzip member that begins as a record does."""
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, 5) == b"WARC/"
    except zlib.error:
        return False


def _head_of(raw: bytes) -> int:
    """Return how many bytes the head of a gzip member has (RFC 1952, 2.3); 0 for what is none."""
    if not _MEMBER.match(raw):
        return 0
    flags, at = raw[3], 10
    if flags & 4:
        at += 2 + int.from_bytes(raw[at : at + 2], "little")
    for flag in (8, 16):  # a name and a comment, each up to a zero
        if flags & flag:
            at = raw.find(b"\0", at) + 1
            if not at:
                return 0
    return at + (2 if flags & 2 else 0)
