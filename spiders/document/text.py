"""The text that an element shows: words, the labels of its pictures, breaks as new lines."""

from __future__ import annotations

import re

from bs4 import NavigableString, Tag
from bs4.element import PreformattedString

from almanac.spiders.bounds import characters, on_time

_BREAKS = frozenset(("br", "p", "li", "div", "tr", "dd", "dt"))
_UNSHOWN = frozenset(("sup", "style", "script", "svg", "noscript", "template"))


def inline(tag: Tag) -> str:
    """Return what an element shows a reader, without footnote marks; lines are kept."""
    parts: list[str] = []
    _shown(tag, parts)
    return tidy(characters("".join(parts)))


def _shown(tag: Tag, parts: list[str]) -> None:
    on_time()
    for node in tag.children:
        if isinstance(node, Tag):
            _shown_tag(node, parts)
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            parts.append(str(node))


def _shown_tag(tag: Tag, parts: list[str]) -> None:
    if tag.name in ("img", "svg", "i"):
        parts.append(str(tag.get("alt") or tag.get("aria-label") or tag.get("title") or ""))
    elif tag.name in _BREAKS:
        parts.append("\n")
    if tag.name not in _UNSHOWN or (tag.name == "sup" and not _is_mark(tag)):
        _shown(tag, parts)
    if tag.name in _BREAKS and tag.name != "br":
        parts.append("\n")


def _is_mark(sup: Tag) -> bool:
    return len(sup.get_text(strip=True)) <= 3


def tidy(text: str) -> str:
    """Return a text with single spaces, no blank lines and no characters without width."""
    spaced = re.sub(r"[ \t\r\f\v\xa0\u200b\u200c\u200d\u2060\ufeff]+", " ", text)
    return "\n".join(line.strip() for line in spaced.split("\n") if line.strip())
