"""Printed licences as SPDX expressions: https://spdx.org/licenses."""

from __future__ import annotations

import re
from functools import cache

from license_expression import ExpressionError, get_license_index, get_spdx_licensing

from almanac.schemas import catalogue

LONGEST = 200
_NOISE = re.compile(r"\b(?:the|licen[cs]ed?|agreement|version)\b|[,()\"]|\bv(?=\d)", re.I)


def spdx_of(text: str) -> str:
    """Return the SPDX expression that a printed licence stands for, else the text as it is.

    >>> spdx_of("Apache 2.0 License"), spdx_of("MIT or apache-2.0"), spdx_of("Loom Licence")
    ('Apache-2.0', 'MIT OR Apache-2.0', 'Loom Licence')
    """
    plain = " ".join(text.split())
    if len(plain) > LONGEST:
        return plain
    if named := _identifier(plain):
        return named
    parts = re.split(r"\s+(or|and)\s+", plain, flags=re.I)
    words = [_identifier(part) if n % 2 == 0 else part.upper() for n, part in enumerate(parts)]
    if len(parts) < 3 or not all(words):
        return plain
    try:
        return str(get_spdx_licensing().parse(" ".join(words)))
    except ExpressionError:
        return plain


def _identifier(text: str) -> str:
    """Return the identifier of one licence; nothing where there is none."""
    names = catalogue.vocabulary("licences")
    if own := names.get(text.lower()) or names.get(text.lower().removesuffix(" agreement")):
        return own
    key = "-".join(_NOISE.sub(" ", text.lower()).split())
    return next((_ids()[form] for form in (key, f"{key}.0") if form in _ids()), "")


@cache
def _ids() -> dict[str, str]:
    """Return SPDX's identifiers by what they are called, in lower case; the current one of each."""
    ids: dict[str, str] = {}
    for entry in get_license_index():
        current = str(entry.get("spdx_license_key") or "")
        if not current or current.startswith("LicenseRef-") or entry.get("is_exception"):
            continue
        ids[current.lower()] = current
        for former in entry.get("other_spdx_license_keys") or ():
            if not former.startswith("LicenseRef-"):
                ids.setdefault(former.lower(), current)
    return ids
