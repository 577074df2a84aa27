"""One packed stream undone, whole and no larger than is allowed, or not at all."""

from __future__ import annotations

import zlib


class Cut(ValueError):
    """The stream breaks off."""


class Larger(ValueError):
    """It unpacks to more than is allowed."""


def inflate(packed: bytes, window: int, largest: int) -> tuple[bytes, bytes]:
    """Return (what a stream unpacks to, what follows it). `window` is zlib's word for its form: 31 for gzip, 15 and -15 for deflate.

    Raises Cut, Larger for more than `largest` bytes, and zlib.error for what is damaged or of another form.
    """
    stream = zlib.decompressobj(window)
    body = stream.decompress(packed, largest + 1)
    if len(body) > largest:
        raise Larger
    if not stream.eof:
        raise Cut
    return body, stream.unused_data
