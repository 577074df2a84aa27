"""JSON lines: one object a line, written in ASCII and split at line feeds only.

Python's `splitlines` also splits at U+0085, U+2028, U+001C and more, which stand inside a JSON
string as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any


def line(row: Mapping[str, Any]) -> str:
    """Return an object as one line, ASCII only.

    So nobody who reads it can take a character of it for its end.

    >>> line({"a": "\\x85"})
    '{"a": "\\\\u0085"}\\n'
    """
    return json.dumps(row) + "\n"


def parsed(text: bytes | str) -> dict[str, Any]:
    """Return the object of one line. Raises ValueError, with the reason, for what is none."""
    try:
        row = json.loads(text if isinstance(text, str) else text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    return row


def read(
    data: bytes, bad: Callable[[int, str], None], torn: bool = False, first: int = 1
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (number of the line, object).

    `bad` is told of each line that is none, with its number and the reason.

    With `torn` a last line that lacks its end and cannot be read is passed over: whoever wrote
    it was stopped.
    """
    lines = _lines(data)
    for number, text in enumerate(lines, first):
        if text and not text.isspace():
            try:
                row = parsed(text)
            except ValueError as error:
                if not torn or number < first + len(lines) - 1:
                    bad(number, str(error))
                continue
            yield number, row


def _lines(data: bytes) -> Sequence[Any]:
    """Return lines as text, or as bytes where some of it is no UTF-8.

    So only the line it stands in is bad.
    """
    try:
        return data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return data.split(b"\n")
