"""The bytes of a file as they were before they were packed, gzip members one after another.

What is not whole raises, and no more than a bound is held in memory (RFC 1952).
"""

from __future__ import annotations

import zlib
from typing import IO

from almanac.spiders.archive.members import Members

_MAGIC, _RAW, _OUT = b"\x1f\x8b", 32 * 2**10, 2**20


class Damaged(ValueError):
    """A record that is not whole, or another than it says.

    `at` is the byte of the file near which that shows; from `records` that at which it begins.
    """

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at


class TooLarge(Damaged):
    """A record that is larger than is read."""


class Unpacked:
    """The bytes of a file from an offset on, gzip members undone one after another.

    They are as they are where they are not packed.
    """

    def __init__(self, file: IO[bytes], offset: int = 0) -> None:
        self._file = file
        self._members: Members | None = None
        self._plain: bool | None = None
        self._first = offset
        self._turn(offset)

    def _turn(self, offset: int) -> None:
        """Go on at another offset, where a member begins."""
        self._file.seek(offset)
        self._raw, self._at = b"", offset
        self._ready, self._next = b"", 0
        self._inflate: zlib._Decompress | None = None
        self._member, self._before, self._total = offset, 0, 0

    @property
    def member(self) -> int:
        """Where the gzip member begins that is being read.

        Of a file that is not packed, it is the part that is being read.
        """
        return self._member

    def where(self) -> tuple[int, int]:
        """Return where the next byte stands.

        It is the offset of its gzip member in the file, and how many unpacked bytes of the member
        are before it.
        """
        self.ended()
        return (
            (self._member + self._next, 0)
            if self._plain
            else (self._member, self._before + self._next)
        )

    def ended(self) -> bool:
        """Whether there is nothing more. Raises Damaged for gzip that is damaged or breaks off."""
        return self._next >= len(self._ready) and not self._fill()

    def line(self, most: int) -> bytes:
        """Return the next line with its end; without one at the end of the file.

        Raises Damaged for one of more than `most` bytes.
        """
        part = self.piece(most + 1)
        if len(part) > most:
            raise Damaged(f"a line of more than {most:,} bytes at byte {self._at:,}", self._at)
        return part

    def piece(self, most: int) -> bytes:
        """Return the next bytes up to the end of their line, at most `most` of them.

        Touch no more.
        """
        parts: list[bytes] = []
        while most > 0 and not self.ended():
            end = self._ready.find(b"\n", self._next, self._next + most) + 1
            part = self._ready[self._next : end or self._next + most]
            self._next += len(part)
            most -= len(part)
            parts.append(part)
            if end:
                break
        return b"".join(parts)

    def read(self, length: int) -> bytes:
        """Return the next bytes, as many as there are up to `length`."""
        parts: list[bytes] = []
        while length > 0 and not self.ended():
            part = self._ready[self._next : self._next + length]
            self._next += len(part)
            length -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, length: int) -> int:
        """Pass over the next bytes, and return how many there were, up to `length`."""
        left = length
        while left > 0 and not self.ended():
            some = min(left, len(self._ready) - self._next)
            self._next += some
            left -= some
        return length - left

    def go_on(self, member: int, length: int | None) -> int:
        """Go on behind a damaged member, and return where that is; -1 where it is not known.

        `length` is what the member unpacks to at most, where it says so. Where nothing follows it
        goes on at the end of the file.
        """
        if self._plain and member != self._first:
            return -1
        if self._members is None:
            self._members = Members(self._file)
        there = self._members.behind(member, length)
        if there is None:
            return -1
        self._plain = False
        self._turn(there)
        return there

    def within(self, member: int, length: int) -> int | None:
        """Return what a member unpacks to at most.

        `length` bytes and the end of a record are to come.
        """
        if self._plain or member != self._member:
            return None
        return self._before + self._next + length + 4

    def _fill(self) -> bool:
        while True:
            if self._inflate is None and not self._begin():
                return False
            if self._plain:
                self._ready, self._next, self._member = self._raw, 0, self._at
                self._at, self._raw = self._at + len(self._raw), b""
                return True
            if out := self._unpack():
                self._ready, self._next, self._before = out, 0, self._total
                self._total += len(out)
                return True

    def _unpack(self) -> bytes:
        """Return the next piece of a member; empty where it has ended."""
        assert self._inflate is not None
        self._raw = self._raw or self._file.read(_RAW)
        given = len(self._raw)
        try:
            out = self._inflate.decompress(self._raw, _OUT)
        except zlib.error as error:
            raise Damaged(f"gzip is damaged at byte {self._at:,}: {error}", self._at) from None
        self._raw = self._inflate.unconsumed_tail or self._inflate.unused_data
        self._at += given - len(self._raw)
        if self._inflate.eof:
            self._inflate = None
        elif not given and not out:
            raise Damaged(f"breaks off at byte {self._at:,}", self._at)
        return out

    def _begin(self) -> bool:
        """Come to the next member; False at the end of the file.

        Zeros after the last one are padding.
        """
        padding = -1
        while True:
            if len(self._raw) < 2:
                self._raw += self._file.read(_RAW)
            if not self._raw:
                return False
            if self._plain is None:
                self._plain = self._raw[:2] != _MAGIC
            if self._plain:
                return True
            if self._raw[:2] == _MAGIC:
                if padding >= 0:
                    raise Damaged(
                        f"there are only zeros from byte {padding:,} on, and then more", padding
                    )
                self._inflate, self._member, self._before, self._total = (
                    zlib.decompressobj(31),
                    self._at,
                    0,
                    0,
                )
                self._ready, self._next = b"", 0
                return True
            if self._raw.strip(b"\0"):
                cut = _MAGIC.startswith(self._raw)
                raise Damaged(
                    (
                        f"breaks off at byte {self._at:,}"
                        if cut
                        else f"what follows byte {self._at:,} is no gzip"
                    ),
                    self._at,
                )
            padding = padding if padding >= 0 else self._at
            self._at, self._raw = self._at + len(self._raw), b""
