"""Packed bodies, unpacked whole or not at all.

Scrapy's own middleware returns as much of a damaged body as it can: half a page would pass for the page.
Here a body that ends too early is refused, and one that grows beyond what is allowed while it is unpacked.
"""

from __future__ import annotations

import zlib
from typing import Any

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from spiders.inflate import Cut, Larger, inflate

WINDOWS = {b"gzip": (31,), b"x-gzip": (31,), b"deflate": (15, -15)}
"""Encodings that are understood, with zlib's words for their forms: deflate comes with and without its head."""
MOST_LAYERS = 2
MOST_PARTS = 100
"""Of one body: what is packed more often over, or in more parts, was made to cost time."""


class Unpackable(ValueError):
    """A body is packed in a way that is not understood, is cut, or is too large."""


class UnpackMiddleware:
    """Downloader middleware in place of Scrapy's HttpCompressionMiddleware."""

    def __init__(self, largest: int) -> None:
        self.largest = largest

    @classmethod
    def from_crawler(cls, crawler: Any) -> UnpackMiddleware:
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        request.headers["Accept-Encoding"] = "gzip, deflate"

    def process_response(self, request: Request, response: Response) -> Response:
        names = b",".join(response.headers.getlist("Content-Encoding")).lower().split(b",")
        layers = [name.strip() for name in names if name.strip() not in (b"", b"identity")]
        if not layers or not response.body:
            return response
        try:
            body = unpack(response.body, layers, self.largest)
        except Unpackable as error:
            raise IgnoreRequest(f"the body could not be unpacked: {error}") from error
        plain = response.replace(body=body)
        del plain.headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=plain.headers, url=plain.url, body=body)
        return plain.replace(cls=kind)


def unpack(body: bytes, layers: list[bytes], largest: int) -> bytes:
    """Return a body with its encodings undone, the last one first. Raises Unpackable."""
    if len(layers) > MOST_LAYERS or not set(layers) <= WINDOWS.keys():
        raise Unpackable(f"its encoding is {b', '.join(layers).decode('latin-1')}, and only gzip or deflate was asked for")
    for name in reversed(layers):
        body = _unpacked(body, WINDOWS[name], largest)
    return body


def _unpacked(body: bytes, windows: tuple[int, ...], largest: int) -> bytes:
    """Return a body unpacked in the first form that fits. Raises Unpackable."""
    for window in windows:
        try:
            return _parts(body, window, largest)
        except zlib.error:
            continue
    raise Unpackable("it is damaged")


def _parts(body: bytes, window: int, largest: int) -> bytes:
    """Return all parts of a body, one after the other, unpacked. Raises Unpackable, and zlib.error for another form."""
    plain = bytearray()
    for _ in range(MOST_PARTS):
        try:
            part, body = inflate(body, window, largest - len(plain))
        except Larger:
            raise Unpackable(f"it is larger than {largest} bytes") from None
        except Cut:
            raise Unpackable("it is cut off") from None
        plain += part
        if not body.startswith(b"\x1f\x8b"):
            return bytes(plain)
    raise Unpackable(f"it has more than {MOST_PARTS} parts")
