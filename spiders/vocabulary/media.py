"""Media that a model takes or gives, from printed words."""

from __future__ import annotations

import re

from almanac.spiders.vocabulary.words import fold, means

_PART = re.compile(r"[,;/+&、，|\n]|\band\b|和|与")

_RESOLUTION = re.compile(r"(?<![\w.])(?:\d{3,4}\s?[pP]|\d{3,4}\s?[x×*]\s?\d{3,4})(?![\w.])")


def resolution_in(text: str) -> str:
    """Return the one resolution that a text names, as printed without spaces; else nothing.

    >>> resolution_in("Video at 720p"), resolution_in("1024 x 1024"), resolution_in("480p, 720p")
    ('720p', '1024x1024', '')
    """
    named = {"".join(m[0].split()) for m in _RESOLUTION.finditer(text)}
    return named.pop() if len(named) == 1 else ""


def without_resolution(text: str) -> str:
    """Return a text without the resolutions that it names."""
    return " ".join(_RESOLUTION.sub(" ", text).split())


def media_of(text: str) -> tuple[str, ...]:
    """Return the media that a whole text lists; nothing where a word of it is none.

    >>> media_of("Multilingual Text and code"), media_of("Text, smell")
    (('text', 'code'), ())
    """
    bare = re.sub(r"\s*\([^)]*\)", "", fold_lines(text))
    parts = [part.strip() for part in _PART.split(bare)]
    kinds = [means(part, "medium") for part in parts if part]
    return tuple(dict.fromkeys(k.name for k in kinds if k)) if kinds and all(kinds) else ()


def fold_lines(text: str) -> str:
    """Return a text folded line by line."""
    return "\n".join(fold(line) for line in text.splitlines())
