"""Text of others, fit to be kept.

No half characters, no control characters, no more of it than is looked at.
"""

from __future__ import annotations

import hashlib
import re

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What cannot be kept: half of a surrogate pair, and control characters but white space.

Half of a pair is no character and cannot be written as UTF-8; PostgreSQL takes no NUL, and a
terminal obeys the rest.
"""


def unfit(text: str) -> str:
    """Return the first character of a text that cannot be kept, or nothing.

    It is named as `\\ud800` or `\\x00`.
    """
    match = None if text.isprintable() else _UNFIT.search(text)
    return _named(match) if match else ""


def fit(text: str, most: int) -> str:
    """Return a text of others as it can be kept and shown.

    What cannot be kept is named, what is too long is cut with `…`.

    >>> fit("a\\ud800b\\x00", 20), fit("abcdef", 4)
    ('a\\\\ud800b\\\\x00', 'abc…')
    """
    if len(text) <= most and text.isprintable():
        return text
    text = _UNFIT.sub(_named, text[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"


def one_line(text: str, most: int) -> str:
    """Return a text of others as one line that can be printed, cut with `…`.

    >>> one_line("no\\n  such\\x1b[31m file", 20), one_line("abcdef", 4)
    ('no such [31m file', 'abc…')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def address(text: str, most: int) -> str:
    """Return an address or page of others as it can be kept.

    One that cannot is made fit, with its digest at the end, so that no two become one.
    """
    if len(text) <= most and not unfit(text) and len(text.encode()) <= 2 * most:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{fit(text, most // 2)} {digest}"


def _named(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"
