"""The body of an HTTP answer as a web archive has it: unchunked and unpacked, whole or refused (RFC 9112, 6 and 7; RFC 9110, 8.4).

Archives differ in what they keep. Some have the bytes as they came; some undid the chunks or the packing and left the
headers as they were. What is plainly undone already is taken as it is; what is not whole raises.
"""

from __future__ import annotations

import importlib
import re
import zlib
from collections.abc import Callable, Mapping

from spiders.inflate import Cut, Larger, inflate
from spiders.warc import LARGEST, Damaged, TooLarge

_STEP = 2**20


def body(raw: bytes, headers: Mapping[str, str], largest: int = LARGEST) -> tuple[bytes, tuple[bytes, ...]]:
    """Return (the body, the forms it has on the way to it, for a digest that was taken of one of them).

    Raises Damaged for one that is cut off, or packed in a way that cannot be undone; TooLarge for more than `largest` bytes.
    """
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    whole = _unchunked(raw) if chunked else raw
    packings = [p for p in re.split(r"[\s,]+", headers.get("content-encoding", "").lower()) if p not in ("", "identity", "none")]
    if not chunked:
        _measured(whole, headers.get("content-length", ""), bool(packings))
    if len(packings) > 2:
        raise Damaged(f"packed in {len(packings)} ways", 0)
    undone = whole
    for packing in reversed(packings):
        undone = _undone(undone, packing, largest)
    return undone, (raw, whole, undone)


def _measured(whole: bytes, length: str, packed: bool) -> None:
    """Hold a body to its Content-Length. One that was packed may be longer: then it was unpacked before it was archived."""
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
            raise Damaged(f"cut off: its chunks end after {sum(map(len, parts)):,} bytes without the last one", 0)
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


def _undone(packed: bytes, packing: str, largest: int) -> bytes:
    if packing in ("gzip", "x-gzip"):
        return _gunzipped(packed, largest) if packed[:2] == b"\x1f\x8b" else packed
    if packing == "deflate":
        try:
            return _inflated(packed, zlib.MAX_WBITS, largest)
        except TooLarge:
            raise
        except Damaged as zlibbed:
            return _or_plain(packed, lambda: _inflated(packed, -zlib.MAX_WBITS, largest), zlibbed)
    if packing == "br":
        return _or_plain(packed, lambda: _unbrotlied(packed, largest))
    return _or_plain(packed, lambda: _unknown(packing))


def _or_plain(packed: bytes, undo: Callable[[], bytes], first: Damaged | None = None) -> bytes:
    """Return what was undone; the bytes as they are where they cannot be and are text: then they were undone before."""
    try:
        return undo()
    except TooLarge:
        raise
    except Damaged as error:
        try:
            packed.decode("utf-8")
        except UnicodeDecodeError:
            raise first or error from None
        return packed


def _unknown(packing: str) -> bytes:
    raise Damaged(f"packed as {packing[:40]}, which is not read", 0)


def _gunzipped(packed: bytes, largest: int) -> bytes:
    found, rest = b"", packed
    while rest[:2] == b"\x1f\x8b":
        more, rest = _member(rest, 31, largest - len(found))
        found += more
    if rest.strip(b"\0"):
        raise Damaged("what follows its gzip is no gzip", 0)
    return found


def _inflated(packed: bytes, bits: int, largest: int) -> bytes:
    return _member(packed, bits, largest)[0]


def _member(packed: bytes, bits: int, largest: int) -> tuple[bytes, bytes]:
    """Return (what one stream unpacks to, what follows it)."""
    try:
        return inflate(packed, bits, largest)
    except Larger:
        raise TooLarge(f"unpacks to more than {largest:,} bytes", 0) from None
    except Cut:
        raise Damaged("what it is packed in is cut off", 0) from None
    except zlib.error as error:
        raise Damaged(f"what it is packed in is damaged: {error}", 0) from None


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
                raise TooLarge(f"unpacks to more than {largest:,} bytes", 0)
            if not part and not unpack.is_finished():
                raise Damaged("what it is packed in is cut off", 0)
            parts.append(part)
    except (brotli.error, TypeError) as error:  # TypeError: a version before 1.2, which cannot be held to a size
        raise Damaged(f"what it is packed in is damaged: {error}", 0) from None
    return b"".join(parts)
