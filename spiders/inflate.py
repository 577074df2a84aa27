"""Packed bodies undone, whole and no larger than is allowed, or not at all: gzip and deflate."""

from __future__ import annotations

import zlib

MAGIC = b"\x1f\x8b"
"""What gzip begins with."""
PACKINGS = ("gzip", "x-gzip", "deflate")
"""Encodings of HTTP that are undone here."""
MOST_LAYERS = 2
MOST_PARTS = 100
"""Of one body: what is packed more often over, or in more parts, was made to cost time."""
_STEP = 2**16


class Packed(ValueError):
    """A body that cannot be undone: it is damaged, or was made to cost time."""


class BrokenOff(Packed):
    """It breaks off."""


class Larger(Packed):
    """It unpacks to more than is allowed."""


def unpack(packed: bytes, packing: str, largest: int) -> tuple[bytes, bytes]:
    """Return (a body with one of PACKINGS undone, what follows it that is not packed).

    Deflate comes with and without its head; gzip in one part or several, one after the other.
    Raises Packed; of that Cut for a body that breaks off, Larger for more than `largest` bytes.
    """
    if packing != "deflate":
        return _parts(packed, largest)
    try:
        body, end = _part(packed, 0, zlib.MAX_WBITS, largest)
    except zlib.error:
        try:
            body, end = _part(packed, 0, -zlib.MAX_WBITS, largest)
        except zlib.error as error:
            raise Packed(f"it is damaged: {error}") from None
    return body, packed[end:]


def _parts(packed: bytes, largest: int) -> tuple[bytes, bytes]:
    """Return (all parts of a gzipped body, what follows them)."""
    body = bytearray()
    end = 0
    for _ in range(MOST_PARTS):
        try:
            part, end = _part(packed, end, 16 + zlib.MAX_WBITS, largest - len(body))
        except Larger:
            raise Larger(f"it is larger than {largest:,} bytes") from None
        except zlib.error as error:
            raise Packed(f"it is damaged: {error}") from None
        body += part
        if not packed.startswith(MAGIC, end):
            return bytes(body), packed[end:]
    raise Packed(f"it has more than {MOST_PARTS} parts")


def _part(packed: bytes, start: int, window: int, largest: int) -> tuple[bytes, int]:
    """Return (what the stream that begins at `start` unpacks to, where it ends).

    `window` is zlib's word for its form. It is given in steps: what follows its end is not copied.
    Raises zlib.error for what is damaged or of another form.
    """
    stream = zlib.decompressobj(window)
    parts: list[bytes] = []
    room = largest + 1
    for at in range(start, len(packed), _STEP):
        part = stream.decompress(packed[at : at + _STEP], room)
        parts.append(part)
        room -= len(part)
        if room <= 0:
            raise Larger(f"it is larger than {largest:,} bytes")
        if stream.eof:
            return b"".join(parts), min(at + _STEP, len(packed)) - len(stream.unused_data)
    raise BrokenOff("it is cut off")
