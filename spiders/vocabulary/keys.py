"""Keys of objects as labels: their words, and what a path of them means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.words import fold

_WORD = re.compile(r"[A-Z]+s?(?![a-z])\d*|[A-Z]?[a-z]+|\d+(?:\.\d+)?(?:[A-Za-z](?![a-z]))?")
_SHORT = {"in": "input", "out": "output"}
"""Directions as keys shorten them; within a key `in` is before a unit."""
_ENUM = re.compile(r"(?:[A-Za-z_]\w*\.)+([A-Za-z_]\w*)")
_HOLDERS = frozenset(
    (
        "info",
        "information",
        "metadata",
        "meta",
        "data",
        "technical",
        "general",
        "model",
        "context",
        "overview",
        "config",
        "options",
        "support",
        "other",
        "key",
    )
)
"""Words of a key that only holds others."""
_LIMITS = frozenset(("limit", "limits", "token limits", "max", "maximum", "max tokens"))
_ABLE = re.compile(r"^(?:supports?|supported|has|is|can|enables?|allows?)\s+|\s+(?:supported)$")


def key_words(key: str) -> str:
    """Return the words of a key; a member of an enumeration stands for its last name.

    >>> key_words("maxOutputTokens"), key_words("Capability.ToolUse"), key_words("pricePer1MTokens")
    ('max output tokens', 'tool use', 'price per 1m tokens')
    """
    m = _ENUM.fullmatch(key)
    words = [w.lower() for w in _WORD.findall(m[1] if m else key)] if key.isascii() else []
    if words:
        words[-1] = _SHORT.get(words[-1], words[-1])
    return " ".join(words) or key


def path_label(path: Sequence[str], known: Callable[[str], Label]) -> Label:
    """Return what a path of keys means; a key that only holds others adds nothing."""
    words = [key_words(key) for key in path]
    telling = [w for w in words[:-1] if not _holds(w, known)] + words[-1:]
    limit = [w for w in words[:-1] if fold(w) in _LIMITS]
    if limit:
        telling = [w for w in telling if w not in limit]
    for text in _readings(words, telling, bool(limit)):
        stated = known(text)
        if stated.role not in ("", "prose") or stated.flag:
            return stated
    return known(" ".join(telling))


def _readings(words: list[str], telling: list[str], limit: bool) -> list[str]:
    last = telling[-1]
    texts = [f"{last} limit", f"max {last}"] if limit else []
    texts += [" ".join(words), " ".join(telling), " ".join(reversed(telling))]
    bare = _ABLE.sub("", last)
    return texts + ([bare] if bare != last and len(telling) == 1 else [])


def _holds(words: str, known: Callable[[str], Label]) -> bool:
    if fold(words) in _HOLDERS:
        return True
    stated = known(words)
    return stated.role == "prose" or stated.is_role("attribute", "value", "group", "features")
