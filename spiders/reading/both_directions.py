"""A cell under a head of both directions: what goes in stands first, what comes out second."""

from __future__ import annotations

import re

_AMOUNT = re.compile(
    r"(?:[A-Z]{0,3}[$€£¥￥])\s*\d[\d.,]*|\d[\d.,]*\s*(?:元|美元|[$€£])|\bfree\b", re.I
)
_APART = re.compile(r"\s*(?:/|\||\n|,(?=\s)|;)\s*")
_EDGE = " /|,;\n"


def halves(text: str) -> tuple[str, str] | None:
    """Return the texts of the input and of the output in a cell; None where there are not two.

    >>> halves("$0.30$0.70"), halves("0.3 / 0.7"), halves("$1 per 1M / $2 per 1M")
    (('$0.30', '$0.70'), ('0.3', '0.7'), ('$1 per 1M', '$2 per 1M'))
    >>> halves("$0.30"), halves("$1 / $2 / $3")
    (None, None)
    """
    amounts = list(_AMOUNT.finditer(text))
    if len(amounts) == 2:
        at = amounts[1].start()
        return text[:at].strip(_EDGE), text[at:].strip(_EDGE)
    parts = [part for part in _APART.split(text.strip()) if part]
    two = not amounts and len(parts) == 2 and all(re.search(r"\d", part) for part in parts)
    return (parts[0], parts[1]) if two else None
