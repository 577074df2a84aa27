"""Values printed with a stage each: today's is the one that is generally available."""

from __future__ import annotations

import re

from almanac.spiders.vocabulary.words import fold, means

_APART = re.compile(r"\s*(?:\n|;|\s/\s|/\s*\n|,(?=\s))\s*")
_NOTED = re.compile(r"^(?P<value>[^()（）]*\d[^()（）]*?)\s*[(（](?P<notice>[^()（）]+)[)）]$")
_AVAILABLE = frozenset(("ga", "generally available", "正式版"))


def generally_available(text: str) -> tuple[str, str]:
    """Return the value that holds for all, and those under another stage, if any is.

    >>> generally_available("1,000,000 (beta), 200,000 (GA)")
    ('200,000', '1,000,000 (beta)')
    >>> generally_available("65,536"), generally_available("1M (preview)")
    (('65,536', ''), ('1M (preview)', ''))
    """
    parts = [part.rstrip(" /,;") for part in _APART.split(text.strip()) if part.strip(" /,;")]
    now, later = [], []
    for part in parts:
        m = _NOTED.match(part)
        stage = fold(m["notice"]) if m and means(m["notice"], "notice") else ""
        if m and stage in _AVAILABLE:
            now.append(m["value"])
        elif stage:
            later.append(part)
        else:
            now.append(part)
    staged = len(now) == 1 and (later or now[0] != text.strip())
    return (now[0], ", ".join(later)) if staged else (text, "")
