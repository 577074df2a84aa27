"""WARC records read strictly: no more than a bound is held in memory, and what is not whole raises.

Gzip that breaks off, a block that is shorter or longer than its Content-Length says, a head without an end: none of it is
read as if it were whole (WARC 1.1, sections 4 and 5; RFC 1952).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

LARGEST = 512 * 2**20
"""The largest body, unpacked, that is read: 512 MiB."""
LONGEST_HEAD = 2**20
"""Bytes of the head of a record, or of an HTTP answer in it."""
_MAGIC, _RAW, _OUT = b"\x1f\x8b", 32 * 2**10, 2**20


class Damaged(ValueError):
    """A record that is not whole, or another than it says. `at` is the byte of the file near which that shows."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at


class TooLarge(Damaged):
    """A record that is larger than is read."""


class Unpacked:
    """The bytes of a file from an offset on, gzip members undone one after another; as they are where they are not packed."""

    def __init__(self, file: IO[bytes], offset: int = 0) -> None:
        file.seek(offset)
        self._file = file
        self._raw, self._at = b"", offset
        self._ready, self._next = b"", 0
        self._inflate: zlib._Decompress | None = None
        self._plain: bool | None = None
        self._member, self._before, self._total = offset, 0, 0

    @property
    def member(self) -> int:
        """Where the gzip member begins that is being read; the part that is being read of a file that is not packed."""
        return self._member

    def where(self) -> tuple[int, int]:
        """Return where the next byte stands: the offset of its gzip member in the file, and how many unpacked bytes of the member are before it."""
        self.ended()
        return (self._member + self._next, 0) if self._plain else (self._member, self._before + self._next)

    def ended(self) -> bool:
        """Whether there is nothing more. Raises Damaged for gzip that is damaged or breaks off."""
        return self._next >= len(self._ready) and not self._fill()

    def line(self, most: int) -> bytes:
        """Return the next line with its end; without one at the end of the file. Raises Damaged for one of more than `most` bytes."""
        parts: list[bytes] = []
        length = 0
        while not self.ended():
            end = self._ready.find(b"\n", self._next)
            part = self._ready[self._next : end + 1 if end >= 0 else len(self._ready)]
            self._next += len(part)
            length += len(part)
            if length > most:
                raise Damaged(f"a line of more than {most:,} bytes at byte {self._at:,}", self._at)
            parts.append(part)
            if end >= 0:
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

    def _fill(self) -> bool:
        while True:
            if self._inflate is None and not self._begin():
                return False
            if self._plain:
                self._ready, self._next, self._member = self._raw, 0, self._at
                self._at, self._raw = self._at + len(self._raw), b""
                return True
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
            if out:
                self._ready, self._next, self._before = out, 0, self._total
                self._total += len(out)
                return True

    def _begin(self) -> bool:
        """Come to the next member; False at the end of the file. Zeros after the last one are padding."""
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
                self._inflate, self._member, self._before, self._total = zlib.decompressobj(31), self._at, 0, 0
                self._ready, self._next = b"", 0
                return True
            if self._raw.strip(b"\0"):
                cut = _MAGIC.startswith(self._raw)
                raise Damaged(f"breaks off at byte {self._at:,}" if cut else f"what follows byte {self._at:,} is no gzip", self._at)
            self._at, self._raw = self._at + len(self._raw), b""


@dataclass(slots=True)
class Record:
    """One record whose head was read. Its block is read once, before the next record is asked for."""

    head: Mapping[str, str]
    """Names in lower case; of several values the first."""
    offset: int
    """Where its gzip member begins in the file; where it begins itself in a file that is not packed."""
    inside: int
    """How many unpacked bytes of that member stand before it."""
    length: int
    """Bytes of its block, as its head says."""
    _stream: Unpacked
    _left: int
    _ended: bool = False

    @property
    def kind(self) -> str:
        return self.head.get("warc-type", "")

    def line(self, most: int) -> bytes:
        """Return the next line of the block, of `most` bytes at most; none at its end."""
        part = self._stream.line(min(self._left, most)) if self._left else b""
        self._left -= len(part)
        return part

    def body(self, largest: int = LARGEST) -> bytes:
        """Return the rest of the block. Raises Damaged for one that is cut off, or larger than is read."""
        if self._left > largest:
            raise TooLarge(f"{self._left:,} bytes, which is more than the {largest:,} that are read", self.offset)
        body = self._stream.read(self._left)
        if len(body) < self._left:
            raise Damaged(f"cut off: {len(body):,} of {self._left:,} bytes", self.offset)
        self._left = 0
        self._finish()
        return body

    def passed(self) -> None:
        """Pass over what is left of the block. Raises Damaged where it is cut off."""
        there = self._stream.skip(self._left)
        if there < self._left:
            raise Damaged(f"cut off: {self.length - self._left + there:,} of {self.length:,} bytes", self.offset)
        self._left = 0
        self._finish()

    def _finish(self) -> None:
        """Hold the block to its end: an empty line, or the end of the file."""
        if not self._ended and self._stream.line(LONGEST_HEAD).strip(b"\r\n"):
            raise Damaged(f"the record at byte {self.offset:,} is longer than its Content-Length of {self.length:,} bytes", self.offset)
        self._ended = True


def records(stream: Unpacked) -> Iterator[Record]:
    """Yield the records of a file, one after another. Raises Damaged for what is none, or not whole; what came before stands."""
    while True:
        line = b""
        while not line.strip(b"\r\n"):
            if stream.ended():
                return
            offset, inside = stream.where()
            line = stream.line(LONGEST_HEAD)
        if not re.fullmatch(rb"WARC/\d+\.\d+", line.strip(b" \t\r\n")):
            raise Damaged(f"no record begins at byte {offset:,}, where one should", offset)
        head = headers(stream.line, offset)
        length = head.get("content-length", "")
        if not re.fullmatch(r"[0-9]{1,18}", length):
            raise Damaged(f"the record at byte {offset:,} does not say its length", offset)
        record = Record(head, offset, inside, int(length), stream, int(length))
        yield record
        record.passed()


def headers(line: Callable[[int], bytes], at: int) -> dict[str, str]:
    """Return the headers that come up to an empty line, names in lower case, of several the first; `line` gives the next line of so many bytes at most."""
    found: dict[str, str] = {}
    name, room = "", LONGEST_HEAD
    while True:
        raw = line(room)
        room -= len(raw)
        if not raw.endswith(b"\n") or room <= 0:
            raise Damaged(f"the head at byte {at:,} has no end", at)
        bare = raw.rstrip(b"\r\n")
        if not bare:
            return found
        text = _text(bare)
        if text[:1] in " \t" and name:
            found[name] += " " + text.strip(" \t")
            continue
        key, colon, value = text.partition(":")
        name = key.strip(" \t").lower() if colon else ""
        if name in found:
            name = ""
        elif name:
            found[name] = value.strip(" \t")


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def holds(label: str, *candidates: bytes) -> bool:
    """Whether one of some bodies has the digest that a label such as `sha1:BASE32` or `sha256:HEX` names.

    A label of a kind that is not known says nothing, so that it holds; one that cannot be read does not.

    >>> holds("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b""), holds("md5:d41d8cd98f00b204e9800998ecf8427e", b"x")
    (True, False)
    """
    kind, colon, value = label.strip().partition(":")
    name = kind.strip().lower().replace("-", "")
    if not colon or name not in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        return bool(colon)
    digests = [hashlib.new(name, body, usedforsecurity=False).digest() for body in candidates]
    return not _decoded(value.strip(), len(digests[0])).isdisjoint(digests)


def _decoded(value: str, size: int) -> set[bytes]:
    """Return the digests of `size` bytes that a text may stand for: in hexadecimal, base 32 or base 64."""
    padded = value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 8)
    found: set[bytes] = set()
    for read in (bytes.fromhex, lambda v: base64.b32decode(padded, casefold=True), lambda v: base64.b64decode(v.replace("-", "+").replace("_", "/") + "==")):
        with contextlib.suppress(ValueError):
            found.add(read(value))
    return {digest for digest in found if len(digest) == size}
