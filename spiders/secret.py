"""The key a source asks for: sent to its page, and kept out of everything that is stored or printed."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from typing import TextIO
from urllib.parse import unquote_to_bytes

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

_ESCAPE = re.compile(rb"\\(?:u00([0-9a-fA-F]{2})|x([0-9a-fA-F]{2})|(.))", re.S)
_BLANKS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
SHORTEST = 6
"""Characters of an encoded form that are looked for; fewer stand in any page by chance."""
ROUNDS = 3
"""How often a text may be escaped over and the key still be seen in it."""


class Secret:
    """A key, and every form in which a server may give it back. Shows nothing of it when printed."""

    def __init__(self, value: str = "") -> None:
        self.value = value.strip()
        raw = self.value.encode()
        self._plain = raw.lower()
        self._packed = tuple(sorted({form.lower() for form in _packed(raw) if len(form) >= SHORTEST}))

    def __repr__(self) -> str:
        return "Secret()"

    @property
    def fits_a_header(self) -> bool:
        """Whether the key is what a header can carry: printable ASCII on one line (RFC 9110, 5.5)."""
        return self.value.isascii() and self.value.isprintable()

    def is_in(self, text: str | bytes) -> bool:
        """Return whether a text repeats the key, in any case.

        As it is, percent-encoded, escaped as in JSON or HTML, each up to three times over; in base64
        at any place in what was encoded, in its form for addresses too; in hexadecimal digits.
        """
        if not self._plain:
            return False
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        return any(self._stands_in(view.lower()) for view in _views(data))

    def _stands_in(self, view: bytes) -> bool:
        if self._plain in view:
            return True
        joined = b"".join(view.split())  # base64 is broken into lines
        return any(form in joined for form in self._packed)


def _packed(key: bytes) -> Iterator[bytes]:
    """Yield the letters that a key always leaves in base64, at each of the three places it may begin, and its hexadecimal digits."""
    for before in range(3):
        letters = base64.b64encode(b"\0" * before + key)
        first, behind_last = -(-before * 8 // 6), (before + len(key)) * 8 // 6
        form = letters[first:behind_last]
        yield form
        yield form.translate(bytes.maketrans(b"+/", b"-_"))
    yield key.hex().encode()


def _views(data: bytes) -> Iterator[bytes]:
    """Yield a text as it is, with each kind of escape undone, and with all of them undone up to ROUNDS times over."""
    yield data
    if b"\0" in data:
        data = data.replace(b"\0", b"")  # UTF-16 and UTF-32
        yield data
    kinds = (unquote_to_bytes, _unescaped, _without_entities)
    yield from (undone for undo in kinds if (undone := undo(data)) != data)
    for undo in kinds * ROUNDS:
        if (undone := undo(data)) != data:
            data = undone
            yield data


def _unescaped(data: bytes) -> bytes:
    """Return a text with the escapes of JSON undone, as far as they stand for one byte."""
    if b"\\" not in data:
        return data
    return _ESCAPE.sub(lambda m: bytes.fromhex((m[1] or m[2]).decode()) if m[3] is None else _BLANKS.get(m[3], m[3]), data)


def _without_entities(data: bytes) -> bytes:
    return html.unescape(data.decode("latin-1")).encode("latin-1", "replace") if b"&" in data else data


class Discreet:
    """A stream that leaves out whatever repeats the key, before it is written."""

    def __init__(self, stream: TextIO, secret: Secret) -> None:
        self._stream, self._secret = stream, secret

    def write(self, text: str) -> int:
        self._stream.write("(what stood here repeats the key and is left out)\n" if self._secret.is_in(text) else text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()


class KeyInHeadersMiddleware:
    """Downloader middleware next to the network: an answer that repeats the key in a header ends there, before any redirect."""

    def __init__(self, secret: Secret) -> None:
        self.secret = secret

    @classmethod
    def from_crawler(cls, crawler: object) -> KeyInHeadersMiddleware:
        return cls(crawler.settings["SECRET"])  # type: ignore[attr-defined]

    def process_response(self, request: Request, response: Response) -> Response:
        if self.secret.is_in(self.part(response)):
            raise IgnoreRequest(f"the answer ({response.status}) repeats the key it was asked with, and was not kept")
        return response

    def part(self, response: Response) -> bytes:
        """Return what is searched for the key."""
        return b"\n".join(name + b": " + value for name, values in response.headers.items() for value in values)


class KeyInBodyMiddleware(KeyInHeadersMiddleware):
    """The same for the body, once it is unpacked."""

    def part(self, response: Response) -> bytes:
        body: bytes = response.body
        return body
