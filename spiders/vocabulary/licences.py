"""The licence that a text names, alone or within a sentence."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"\b(?:is|are|by|at|under|please|see)\b|[.;:]\s", re.I)
_NAMED = re.compile(
    r"\b(?:the\s+)?(?P<name>[A-Z][\w.+-]*(?: (?:[A-Z\d][\w.+-]*|of|and|for)){0,6} Licen[cs]e)\b"
)
_UNDER = re.compile(r"\bunder the (?P<name>[A-Z][\w.-]*(?: [\w.-]+){0,4}?) licen[cs]e\b")
_CUSTOM = re.compile(r"\b[Aa] (?P<name>custom,?(?: commercial)? licen[cs]e)\b")
_LONGEST = 60
_SEARCHED = 600
"""Characters of a text in which a licence is looked for."""


def licence_of(text: str) -> str:
    """Return the licence that a text names; nothing where it names none, or several.

    >>> licence_of("Use is governed by the Loom 9 Community License (a custom licence).")
    'Loom 9 Community License'
    >>> licence_of("Apache 2.0."), licence_of("A custom commercial license is available at: x")
    ('Apache 2.0', 'custom commercial license')
    """
    plain = " ".join(text[:_SEARCHED].split()).removesuffix("OSI-approved").strip(" (")
    named = {m["name"]: None for m in _NAMED.finditer(plain)}
    if len(named) == 1 and (len(plain) > _LONGEST or _SENTENCE.search(plain) or "," in plain):
        return next(iter(named))
    if not named and (m := _UNDER.search(plain) or _CUSTOM.search(plain)):
        return m["name"]
    if len(plain) <= _LONGEST and not _SENTENCE.search(plain):
        return plain.rstrip(".")
    return ""
