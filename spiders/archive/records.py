"""WARC records read strictly: no more than a bound is held in memory, and what is not whole raises.

Gzip that breaks off, a block that is shorter or longer than its Content-Length says, a head without
an end: none of it is read as if it were whole (WARC 1.1, sections 4 and 5; RFC 1952).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from almanac.spiders.archive.unpacked import Damaged, TooLarge, Unpacked

LARGEST_KEPT = 512 * 2**20
"""Bytes of a body that is given back.

Nothing above `bounds.LARGEST_PAGE` is taken in any more, but until now up to 512 MiB of a
repository or saved file were, and what was kept is still evidence.
"""
LONGEST_HEAD = 2**20
"""Bytes of the head of a record, or of an HTTP answer in it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes of a file that are passed over, since a record in them is damaged."""

    start: int
    end: int
    why: str

    def __str__(self) -> str:
        where = f"bytes {self.start:,} to {self.end:,}"
        return f"{where} are passed over, since a record is damaged there: {self.why}"


@dataclass(slots=True)
class WarcRecord:
    """One record whose head was read.

    Its block is read once, before the next record is asked for.
    """

    head: Mapping[str, str]
    """Names in lower case; of several values the first."""
    offset: int
    """Where its gzip member begins in the file.

    In a file that is not packed, it is where it begins itself.
    """
    inside: int
    """How many unpacked bytes of that member stand before it."""
    length: int
    """Bytes of its block, as its head says."""
    _stream: Unpacked
    _left: int
    _whole: int | None = None
    """Bytes that its member unpacks to, where it is the only record in it."""
    _ended: bool = False
    _fault: Damaged | None = None

    @property
    def kind(self) -> str:
        return self.head.get("warc-type", "")

    def line(self, most: int) -> bytes:
        """Return the next line of the block; what is left of it at its end.

        Raises Damaged for a line of more than `most` bytes.
        """
        with self._noted():
            part = self._stream.piece(min(self._left, most + 1))
        self._left -= len(part)
        if len(part) > most:
            where = f"in the record at byte {self.offset:,}"
            raise Damaged(f"a line of more than {most:,} bytes {where}", self.offset)
        return part

    def body(self, largest: int = LARGEST_KEPT) -> bytes:
        """Return the rest of the block.

        Raises Damaged for one that is cut off, or larger than is read.
        """
        if self._left > largest:
            raise TooLarge(
                f"{self._left:,} bytes, which is more than the {largest:,} that are read",
                self.offset,
            )
        with self._noted():
            body = self._stream.read(self._left)
            if len(body) < self._left:
                raise Damaged(f"cut off: {len(body):,} of {self._left:,} bytes", self.offset)
            self._left = 0
            self._finish()
        return body

    def passed(self) -> None:
        """Pass over what is left of the block.

        Raises Damaged where it is cut off, or was before.
        """
        if self._fault is not None:
            raise self._fault
        with self._noted():
            there = self._stream.skip(self._left)
            if there < self._left:
                raise Damaged(
                    f"cut off: {self.length - self._left + there:,} of {self.length:,} bytes",
                    self.offset,
                )
            self._left = 0
            self._finish()

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        """Remember what is damaged: who reads on asks again, and the stream is not where it was."""
        try:
            yield
        except Damaged as error:
            self._fault = error
            raise

    def _finish(self) -> None:
        """Hold the block to its end: an empty line, or the end of the file."""
        if not self._ended and self._stream.line(LONGEST_HEAD).strip(b"\r\n"):
            raise Damaged(
                f"the record at byte {self.offset:,} is longer than its Content-Length"
                f" of {self.length:,} bytes",
                self.offset,
            )
        self._ended = True


def records(stream: Unpacked, skipped: Callable[[Gap], None] | None = None) -> Iterator[WarcRecord]:
    """Yield the records of a file, one after another.

    Raises Damaged for what is none, or not whole.

    With `skipped` a packed file is read on behind a damaged record where the next one can be told;
    it is told of what is passed over. A file that breaks off raises all the same.
    """
    record: WarcRecord | None = None
    last = -1
    while True:
        try:
            record = None
            record = _next(stream, last)
            if record is None:
                return
            yield record
            record.passed()
            last = record.offset
        except Damaged as error:
            begin = record.offset if record else error.at
            end = stream.go_on(begin, record._whole if record else None) if skipped else -1
            if skipped is None or end < 0:
                error.at = begin
                raise
            skipped(Gap(begin, end, str(error)))
            last = begin


def _next(stream: Unpacked, last: int) -> WarcRecord | None:
    """Return the next record, its head read; None at the end of the file.

    `last` is where the member of the one before begins. Raises Damaged at the byte where the member
    begins that holds what is no record.
    """
    offset = -1
    try:
        line = b""
        while not line.strip(b"\r\n"):
            offset = -1
            if stream.ended():
                return None
            offset, inside = stream.where()
            line = stream.line(LONGEST_HEAD)
        return _headed(stream, line, offset, inside)
    except Damaged as error:
        if offset >= 0 or stream.member > last:
            error.at = offset if offset >= 0 else stream.member
        raise


def _headed(stream: Unpacked, line: bytes, offset: int, inside: int) -> WarcRecord:
    """Return the record that begins with a line."""
    if not re.fullmatch(rb"WARC/\d+\.\d+", line.strip(b" \t\r\n")):
        raise Damaged(f"no record begins at byte {offset:,}, where one should", offset)
    head = headers(stream.line, offset)
    length = head.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise Damaged(f"the record at byte {offset:,} does not say its length", offset)
    whole = stream.within(offset, int(length)) if not inside else None
    return WarcRecord(head, offset, inside, int(length), stream, int(length), whole)


def headers(line: Callable[[int], bytes], at: int) -> dict[str, str]:
    """Return the headers that come up to an empty line, names in lower case.

    Of several, the first is taken; `line` gives the next line of so many bytes at most.
    """
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
    """Whether one of some bodies has the digest that a label names.

    A label is such as `sha1:BASE32` or `sha256:HEX`.

    A label of a kind that is not known says nothing, so that it holds; one that cannot be
    read does not.

    >>> holds("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"")
    True
    >>> holds("md5:d41d8cd98f00b204e9800998ecf8427e", b"x")
    False
    """
    kind, colon, value = label.strip().partition(":")
    name = kind.strip().lower().replace("-", "")
    if not colon or name not in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        return bool(colon)
    digests = [hashlib.new(name, body, usedforsecurity=False).digest() for body in candidates]
    return not _decoded(value.strip(), len(digests[0])).isdisjoint(digests)


def _decoded(value: str, size: int) -> set[bytes]:
    """Return the digests of `size` bytes that a text may stand for.

    It may be in hexadecimal, base 32 or base 64.
    """
    padded = value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 8)
    found: set[bytes] = set()
    for read in (
        bytes.fromhex,
        lambda v: base64.b32decode(padded, casefold=True),
        lambda v: base64.b64decode(v.replace("-", "+").replace("_", "/") + "=="),
    ):
        with contextlib.suppress(ValueError):
            found.add(read(value))
    return {digest for digest in found if len(digest) == size}
