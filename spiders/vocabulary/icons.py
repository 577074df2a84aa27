"""Names of icons that a page draws with a font, and that its text keeps before a label."""

from __future__ import annotations

import re
from collections.abc import Callable

_ICON = re.compile(r"^[a-z0-9]+(?:_[a-z0-9]+)*(?=[A-Z])")
_ALONE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


def without_icon(text: str, known: Callable[[str], bool]) -> str:
    """Return a text without the name of an icon glued before it, if what is left is known.

    >>> without_icon("id_cardModel code", lambda text: text == "Model code")
    'Model code'
    >>> without_icon("xAI", lambda text: text == "Model code")
    'xAI'
    """
    m = _ICON.match(text)
    return text[m.end() :] if m and known(text[m.end() :]) else text


def is_icon(text: str) -> bool:
    """Whether a text may be the name of an icon alone on its line, as `videocam` is."""
    return len(text) <= 30 and bool(_ALONE.fullmatch(text))
