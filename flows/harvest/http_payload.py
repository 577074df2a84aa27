"""The body of an HTTP answer as a web archive has it: unchunked and unpacked.

It is whole or refused (RFC 9112, 6 and 7; RFC 9110, 8.4).

Archives differ in what they keep. Some have the bytes as they came; some undid the chunks or the
packing and left the headers as they were. What is plainly undone already is taken as it is; what is
not whole raises.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping

from almanac.spiders.archive.unpacked import Damaged, TooLarge
from almanac.spiders.bounds import LARGEST_PAGE
from almanac.spiders.inflate import MAGIC, MOST_LAYERS, BrokenOff, Larger, Packed, unpack

_STEP = 2**20


def body(
    raw: bytes, headers: Mapping[str, str], largest: int = LARGEST_PAGE
) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the body, and the forms it has on the way to it.

    A digest may have been taken of one of them.

    Raises Damaged for one that is cut off, or packed in a way that cannot be undone; TooLarge for
    more than `largest` bytes.
    """
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    whole = _unchunked(raw) if chunked else raw
    packings = [
        p
        for p in re.split(r"[\s,]+", headers.get("content-encoding", "").lower())
        if p not in ("", "identity", "none")
    ]
    if not chunked:
        _measured(whole, headers.get("content-length", ""), bool(packings))
    if len(packings) > MOST_LAYERS:
        raise Damaged(f"packed in {len(packings)} ways", 0)
    undone = whole
    for packing in reversed(packings):
        undone = _undone(undone, packing, largest)
    if len(undone) > largest:
        raise _too_large(largest)
    return undone, (raw, whole, undone)


def _measured(whole: bytes, length: str, packed: bool) -> None:
    """Hold a body to its Content-Length.

    One that was packed may be longer: then it was unpacked before it was archived.
    """
    if not length.isascii() or not length.isdigit() or len(length) > 18:
        return
    if len(whole) < int(length):
        raise Damaged(f"cut off: {len(whole):,} of {int(length):,} bytes", 0)
    if len(whole) > int(length) and not packed:
        raise Damaged(f"{len(whole):,} bytes, where its Content-Length is {int(length):,}", 0)


def _unchunked(raw: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        size = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n").match(raw, at)
        if size is None:
            if not at:
                return raw  # its chunks were undone before it was archived
            raise Damaged(
                f"cut off: its chunks end after {sum(map(len, parts)):,} bytes"
                " without the last one",
                0,
            )
        start, count = size.end(), int(size[1], 16)
        if not count:
            return b"".join(parts)
        if len(raw) < start + count:
            raise Damaged(f"cut off: {len(raw) - start:,} bytes of a chunk of {count:,}", 0)
        parts.append(raw[start : start + count])
        end = re.compile(rb"\r?\n").match(raw, start + count)
        if end is None:
            raise Damaged(f"a chunk of {count:,} bytes does not end where it should", 0)
        at = end.end()


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"unpacks to more than {largest:,} bytes", 0)


def _undone(packed: bytes, packing: str, largest: int) -> bytes:
    if packing in ("gzip", "x-gzip"):
        plain = not packed.startswith(MAGIC)  # it was undone before it was archived
        return packed if plain else _unpacked(packed, packing, largest)
    if packing == "deflate":
        return _or_plain(packed, lambda: _unpacked(packed, packing, largest))
    if packing == "br":
        return _or_plain(packed, lambda: _unbrotlied(packed, largest))
    return _or_plain(packed, lambda: _unknown(packing))


def _or_plain(packed: bytes, undo: Callable[[], bytes]) -> bytes:
    """Return what was undone.

    The bytes stay as they are where they cannot be undone and are text: then they were
    undone before.
    """
    try:
        return undo()
    except TooLarge:
        raise
    except Damaged as error:
        try:
            packed.decode("utf-8")
        except UnicodeDecodeError:
            raise error from None
        return packed


def _unknown(packing: str) -> bytes:
    raise Damaged(f"packed as {packing[:40]}, which is not read", 0)


def _unpacked(packed: bytes, packing: str, largest: int) -> bytes:
    """Return what gzip or deflate unpacks to; zeros after gzip are padding."""
    try:
        body, rest = unpack(packed, packing, largest)
    except Larger:
        raise _too_large(largest) from None
    except BrokenOff:
        raise Damaged("what it is packed in is cut off", 0) from None
    except Packed as error:
        raise Damaged(f"what it is packed in is refused: {error}", 0) from None
    if packing != "deflate" and rest.strip(b"\0"):
        raise Damaged("what follows its gzip is no gzip", 0)
    return body


def _unbrotlied(packed: bytes, largest: int) -> bytes:
    try:
        brotli = importlib.import_module("brotli")
    except ImportError:
        return _unknown("br")
    unpack = brotli.Decompressor()
    parts, size, waiting = [], 0, packed
    try:
        while not unpack.is_finished():
            part = unpack.process(waiting, output_buffer_limit=_STEP)
            waiting = b""
            size += len(part)
            if size > largest:
                raise _too_large(largest)
            if not part and not unpack.is_finished():
                raise Damaged("what it is packed in is cut off", 0)
            parts.append(part)
    except (brotli.error, TypeError) as error:
        # TypeError: a version before 1.2, which cannot be held to a size.
        raise Damaged(f"what it is packed in is damaged: {error}", 0) from None
    return b"".join(parts)
