"""Files of a repository that are saved as one: each member's own bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_SPACE = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")


def slices(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (key, bytes) of each member of a JSON object, the bytes as they stand in the body.

    >>> list(slices(b'{"a.json": {"n": 1.50}, "b.json": []}'))
    [('a.json', b'{"n": 1.50}'), ('b.json', b'[]')]

    Yields nothing, or less, for a body that is no such object, or that breaks off.
    """
    try:
        text = body.decode("utf-8-sig")
        place = re.compile(r"\s*\{").match(text)
        decode = json.JSONDecoder().raw_decode
        at = _end(_SPACE, text, place.end()) if place else len(text)
        while at < len(text) and text[at] == '"':
            key, at = decode(text, at)
            start = _end(_COLON, text, at)
            _, at = decode(text, start)
            yield key, text[start:at].encode()
            at = _end(_SPACE, text, at)
    except (ValueError, RecursionError):
        return


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
