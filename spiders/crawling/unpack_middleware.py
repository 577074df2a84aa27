"""Packed bodies, unpacked whole or not at all.

Scrapy's own middleware returns as much of a damaged body as it can: half a page would pass for
the page. Here a body that ends too early is refused, and one that grows beyond what is allowed
while it is unpacked.
"""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from almanac.spiders.inflate import MOST_LAYERS, PACKINGS, Packed
from almanac.spiders.inflate import unpack as undone


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
    names = [name.decode("latin-1") for name in layers]
    if len(names) > MOST_LAYERS or not set(names) <= set(PACKINGS):
        said = ", ".join(names)
        raise Unpackable(f"its encoding is {said}, and only gzip or deflate was asked for")
    for name in reversed(names):
        try:
            body, _ = undone(body, name, largest)
        except Packed as error:
            raise Unpackable(str(error)) from None
    return body
