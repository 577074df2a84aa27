"""The key a source asks for.

It is sent to its page, and kept out of everything that is stored or printed.
"""

from __future__ import annotations

import base64
import html.entities
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from almanac.spiders.bounds import LARGEST_PAGE
from almanac.spiders.inflate import MAGIC, MOST_PARTS

SHORTEST = 6
"""Characters of an encoded form that are looked for; fewer stand in any page by chance."""
ROUNDS = 3
"""How often a text may be escaped over and the key still be seen in it."""
_CHUNK = 2**20
"""Bytes whose escapes are undone at a time, an even number.

Undone at once, 30 MB of `%25` took 2.4 GB.
"""
_UNSEEN = frozenset([0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
"""Characters that show nothing: a soft hyphen, spaces and joiners of no width, a byte-order mark.
"""


class Secret:
    """A key, and every form in which a server may give it back.

    Shows nothing of it when printed.
    """

    def __init__(self, value: str = "") -> None:
        self.value = value.strip()
        raw = self.value.encode()
        self._plain = raw.lower()
        self._packed = tuple(
            sorted({form.lower() for form in _packed(raw) if len(form) >= SHORTEST})
        )

    def __repr__(self) -> str:
        return "Secret()"

    @property
    def fits_a_header(self) -> bool:
        """Whether the key is what a header can carry.

        It is if it is printable ASCII on one line (RFC 9110, 5.5).
        """
        return self.value.isascii() and self.value.isprintable()

    def is_in(self, text: str | bytes) -> bool:
        """Return whether a text repeats the key, in any case.

        As it is, percent-encoded, escaped as in JSON or HTML, each up to three times over; in
        base64 at any place in what was encoded, in its form for addresses too; in hexadecimal
        digits; both also of UTF-16. Blanks, line breaks, tags and characters that show nothing may
        stand in it, and the text may be gzipped once, though nothing says so.

        Not seen, for no server says back what it was sent in these: base64 of base64, base32,
        base85, octal and decimal numbers, digits parted by marks, quoted-printable, `%u0041`,
        letters of full width, the key turned round, parts of it, other packings.
        """
        if not self._plain:
            return False
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        return any(self._stands_in(view.lower()) for view in _views(data))

    def _stands_in(self, view: bytes) -> bool:
        if self._plain in view:
            return True
        joined = _joined(view)
        if any(form in joined for form in self._packed):
            return True
        untagged = _TAGS.undone(joined)
        return untagged != joined and any(form in untagged for form in self._packed)


def _packed(key: bytes) -> Iterator[bytes]:
    """Yield the key without blanks, its hexadecimal digits, and the letters it leaves in base64.

    In base64 it leaves some letters always, at each of the three places where it may begin. Both
    are of its UTF-16 too: less its last byte, that is the same in either order of bytes.
    """
    yield b"".join(key.split())
    for raw in (key, key.decode().encode("utf-16-le")[:-1]):
        yield raw.hex().encode()
        for before in range(3):
            letters = base64.b64encode(b"\0" * before + raw)
            form = letters[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
            yield form
            yield form.translate(bytes.maketrans(b"+/", b"-_"))


def _joined(view: bytes) -> bytes:
    """Return a text without blanks and without what shows nothing: base64 is broken into lines."""
    joined = view.translate(None, b" \t\n\r\x0b\x0c")
    for number in _UNSEEN if not joined.isascii() else ():
        joined = joined.replace(chr(number).encode(), b"")
    return joined


@dataclass(frozen=True)
class _Escape:
    """One kind of escape: how it is written, and what stands in its place."""

    mark: bytes
    """The byte that it begins with, and that stands nowhere else in it."""
    pattern: re.Pattern[bytes]
    meant: Callable[[re.Match[bytes]], bytes]
    longest: int
    """Bytes that it may have."""

    def undone(self, data: bytes) -> bytes:
        """Return a text with these escapes undone, in time and memory that grow with its length."""
        if self.mark not in data:
            return data
        parts: list[bytes] = []
        start = 0
        while start < len(data):
            end = self._end(data, start)
            parts.append(self.pattern.sub(self.meant, data[start:end]))
            start = end
        return b"".join(parts)

    def _end(self, data: bytes, start: int) -> int:
        """Return where the part that begins at `start` may end, so that no escape is cut in two.

        Where a mark stands that no mark stands before, an escape begins; in a run of marks, at
        every second one.
        """
        end = start + _CHUNK
        last = data.rfind(self.mark, max(start, end - self.longest), end)
        if end >= len(data) or last <= start:
            return end
        run = start + len(data[start : last + 1].rstrip(self.mark))
        if run > start:
            return run
        second = start + (last - start) // 2 * 2
        return second if second > start else end


def _byte(number: int, otherwise: bytes) -> bytes:
    """Return what a character's number stands for.

    That is as far as a key can hold it or nobody sees it.
    """
    return b"" if number in _UNSEEN else bytes([number]) if number < 128 else otherwise


def _of_json(m: re.Match[bytes]) -> bytes:
    if m[1]:
        return _byte(int(m[1], 16), m[0])
    return _BLANKS.get(m[2], m[2])


def _of_html(m: re.Match[bytes]) -> bytes:
    if m[3]:
        return _NAMED[m[3]]
    return _byte(int(m[1]) if m[1] else int(m[2], 16), m[0])


_BLANKS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_SIGNS = {name: ord(sign) for name, sign in html.entities.html5.items() if len(sign) == 1}
_NAMED = {name.encode(): _byte(n, b"") for name, n in _SIGNS.items() if n < 128 or n in _UNSEEN}
_NAMES = b"|".join(re.escape(name) for name in sorted(_NAMED, key=len, reverse=True))
_PAIRS = {b"%%%02x" % n: bytes([n]) for n in range(256)}
_DECIMAL = rb"0{0,9}([0-9]{1,5})(?![0-9])"
_HEX = rb"0{0,9}([0-9a-fA-F]{1,4})(?![0-9a-fA-F])"
_JSON = re.compile(rb"\\(?:[ux]((?<=u)[0-9a-fA-F]{4}|(?<=x)[0-9a-fA-F]{2})|(.))", re.S)
_ESCAPES = (
    _Escape(b"%", re.compile(rb"%[0-9a-fA-F]{2}"), lambda m: _PAIRS[m[0].lower()], 3),
    _Escape(b"\\", _JSON, _of_json, 6),
    _Escape(
        b"&", re.compile(rb"&(?:#(?:%b|[xX]%b);?|(%b))" % (_DECIMAL, _HEX, _NAMES)), _of_html, 40
    ),
)
_TAGS = _Escape(b"<", re.compile(rb"<[^<>]*>"), lambda m: b"", _CHUNK)


def _views(data: bytes) -> Iterator[bytes]:
    """Yield a text as it is, with each kind of escape undone, and with all of them undone.

    All are undone up to ROUNDS times over.
    """
    if data.startswith(MAGIC):
        yield data
        data = _unzipped(data)
    yield data
    if b"\0" in data:
        data = data.replace(b"\0", b"")  # UTF-16 and UTF-32
        yield data
    alone = [kind.undone(data) for kind in _ESCAPES]
    yield from (undone for undone in alone if undone != data)
    first = next((n for n, undone in enumerate(alone) if undone != data), None)
    if first is None:
        return
    data = alone[first]
    del alone
    for kind in (_ESCAPES * ROUNDS)[first + 1 :]:
        if (undone := kind.undone(data)) != data:
            data = undone
            yield data


def _unzipped(packed: bytes) -> bytes:
    """Return what a gzipped text unpacks to.

    That is as far as it is whole and no longer than a page that is read.
    """
    parts: list[bytes] = []
    room = LARGEST_PAGE
    for _ in range(MOST_PARTS):
        stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            parts.append(stream.decompress(packed, room))
        except zlib.error:
            break
        room -= len(parts[-1])
        packed = stream.unused_data
        if room <= 0 or not packed.startswith(MAGIC):
            break
    return b"".join(parts)


class Discreet:
    """A stream that leaves out whatever repeats the key, before it is written."""

    def __init__(self, stream: TextIO, secret: Secret) -> None:
        self._stream, self._secret = stream, secret

    def write(self, text: str) -> int:
        self._stream.write(
            "(what stood here repeats the key and is left out)\n"
            if self._secret.is_in(text)
            else text
        )
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
    """Downloader middleware next to the network.

    An answer that repeats the key in a header ends there, before any redirect.
    """

    def __init__(self, secret: Secret) -> None:
        self.secret = secret

    @classmethod
    def from_crawler(cls, crawler: object) -> KeyInHeadersMiddleware:
        return cls(crawler.settings["SECRET"])  # type: ignore[attr-defined]

    def process_response(self, request: Request, response: Response) -> Response:
        if self.secret.is_in(self.part(response)):
            raise IgnoreRequest(
                f"the answer ({response.status}) repeats the key it was asked with,"
                " and was not kept"
            )
        return response

    def part(self, response: Response) -> bytes:
        """Return what is searched for the key."""
        return b"\n".join(
            name + b": " + value for name, values in response.headers.items() for value in values
        )


class KeyInBodyMiddleware(KeyInHeadersMiddleware):
    """The same for the body, once it is unpacked."""

    def part(self, response: Response) -> bytes:
        body: bytes = response.body
        return body
