"""Lengths of a request between which a price holds: `≤ 200K`, `[32, 128)`, `0 ≤ input < 64k`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from almanac.schemas.quantity import short
from almanac.spiders.vocabulary.words import fold

_NUMBER = (
    r"(?P<{0}>(?<!\d)\d{{1,12}}(?:[.,]\d{{1,12}}){{0,4}})\s{{0,3}}"
    r"(?P<{0}_scale>k|m|千|万)?(?![\w.]*\d|[a-z])"
)
_LOW, _HIGH = _NUMBER.format("low"), _NUMBER.format("high")
_SIDE = r"输入|输出|input|output|prompts?|completion|response|context|request"
_WORDS = (
    rf"(?:(?:{_SIDE}|tokens?|length|size|window|长度|上下文|total|per request|requests?|with|of"
    r"|the|x"
    r"|number of|in a)[\s:]*)*"
)
_BELOW, _ABOVE, _UP_TO = (
    r"(?:<=?|≤|＜|=<)",
    r"(?:>=?|≥|=>)",
    r"(?:up to|under|below|less than|within)",
)
_COMPARED = tuple(
    re.compile(form)
    for form in (
        rf"[\[(]\s*{_LOW}\s*[,~]\s*{_HIGH}\s*[\])]",
        rf"[\[(]\s*{_LOW}\s*,\s*\+?(?:∞|inf)\s*[\])]",
        rf"{_LOW}\s*{_BELOW}\s*{_WORDS}\s*{_BELOW}\s*{_HIGH}",
        rf"{_HIGH}\s*{_ABOVE}\s*{_WORDS}\s*{_ABOVE}\s*{_LOW}",
        rf"(?:{_ABOVE}|over|above|more than|exceeding|longer than|beyond)\s*{_LOW}",
        rf"(?:{_BELOW}|{_UP_TO})\s*{_HIGH}",
        rf"{_LOW}\s*{_BELOW}",
        rf"[\[(]\s*{_LOW}\s*\+\s*[\])]",
        rf"{_LOW}\s*(?:tokens?)?\s*(?:and above|and over|or more|or longer|以上)",
        rf"{_HIGH}\s*(?:tokens?)?\s*(?:and below|or less|or fewer|以下|以内)",
    )
)
_BARE = tuple(
    re.compile(form)
    for form in (
        rf"(?<![\w.-]){_LOW}\s*(?:tokens?)?\s*(?:~|–|—|-|to)\s*{_HIGH}",
        rf"(?<![\w.-]){_LOW}\s*\+(?!\w)",
    )
)
"""Forms that are lengths only where a scale stands with them: `3-5` is none."""
_BEFORE = re.compile(
    rf"(?:(?:{_SIDE}|tokens?|length|size|window|长度|上下文|of|with|for|且|并且|and)[\s:,;]*)+$"
)
_LONG = re.compile(
    r"(?:tokens?|length|size|window|长度|上下文|prompts?|requests?|context|of|with|for)[\s:,;]*$"
)
_AFTER = re.compile(
    rf"\s*(?:(?:(?:{_SIDE})\s+)?(?:tokens?|length|size|window|长度)\b"
    r"(?:\s*(?:in )?(?:context|length|window))*)?[\s,;]*(?:且|并且|and\b)?\s*"
)
NO_LENGTH = frozenset(
    (
        "",
        "-",
        "–",
        "—",
        "/",
        "\\-",
        "n/a",
        "na",
        "无阶梯计价",
        "不区分",
        "不区分阶梯",
        "无",
        "所有",
        "all",
        "all lengths",
        "any",
        "any length",
    )
)
"""Cells of a column of lengths that say that length makes no difference."""


@dataclass(frozen=True, slots=True)
class Length:
    """Lengths in tokens: from above `low` up to `high`; 0 and None where there is no end."""

    side: str
    low: int
    high: int | None

    @property
    def terms(self) -> dict[str, str]:
        """The condition that a price has above its lowest tier."""
        return {f"above_{self.side}": str(self.low)} if self.low else {}


def lengths(text: str, scale: int = 1) -> list[Length]:
    """Return the lengths that a whole text states; none for a text that says that none matters.

    `scale` is what a bare number counts, 1,000 where the head says thousand tokens.

    >>> lengths("0 ≤ 输入长度 ＜ 64k"), lengths("输入长度 (32, 128]", 1000)[0].low
    ([Length(side='input', low=0, high=64000)], 32000)

    Raises ValueError for any other text, and for a small number whose unit is nowhere printed.
    """
    folded = fold(short(text))
    if folded in NO_LENGTH:
        return []
    stated, rest = cut(folded, scale)
    if rest or not stated:
        raise ValueError(f"no length condition this reader knows: {text!r}")
    return stated


def cut(folded: str, scale: int = 1, in_label: bool = False) -> tuple[list[Length], str]:
    """Return the lengths that stand in a folded text, and the text without them.

    `in_label` says that `input` before a length names what is priced, unless it is said to be long.

    >>> cut("> 200k input tokens input")
    ([Length(side='input', low=200000, high=None)], 'input')
    """
    stated: list[Length] = []
    rest = folded
    while m := _next(rest, scale):
        before, after = rest[: m.start()], rest[m.end() :]
        head, tail = _BEFORE.search(before), _AFTER.match(after)
        if head and in_label and not _LONG.search(head[0]):
            head = None
        words = f"{head[0] if head else ''} {m[0]} {tail[0] if tail else ''}"
        stated.append(_length(m, words, scale))
        rest = before[: head.start()] if head else before
        rest = f"{rest} {after[tail.end() if tail else 0 :]}"
    return stated, " ".join(_EMPTY.sub(" ", rest).split()).strip(" ,;") if stated else folded


_DIGIT = re.compile(r"\d")
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")


def _next(text: str, scale: int) -> re.Match[str] | None:
    if not _DIGIT.search(text):
        return None
    if m := next((m for form in _COMPARED if (m := form.search(text))), None):
        return m
    bare = (m for form in _BARE if (m := form.search(text)))
    return next((m for m in bare if scale > 1 or _scaled(m)), None)


def _scaled(m: re.Match[str]) -> bool:
    parts = m.groupdict()
    return any(
        parts.get(f"{end}_scale") or "," in (parts.get(end) or "") for end in ("low", "high")
    )


def _length(m: re.Match[str], words: str, scale: int) -> Length:
    side = "output" if re.search(r"输出|output|completion|response", words) else "input"
    parts = m.groupdict()
    shared = parts.get("low_scale") or parts.get("high_scale") or ""
    low = _tokens(parts["low"], parts.get("low_scale") or shared, scale) if parts.get("low") else 0
    high = (
        _tokens(parts["high"], parts.get("high_scale") or "", scale) if parts.get("high") else None
    )
    if high is not None and low >= high:
        raise ValueError(f"a range that does not rise: {m[0]!r}")
    return Length(side, low, high)


def _tokens(number: str, suffix: str, scale: int) -> int:
    factor = {"k": 1000, "千": 1000, "万": 10_000, "m": 1_000_000}.get(suffix, scale)
    digits = number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number) else number
    if "," in digits:
        raise ValueError(f"no number of tokens: {number!r}")
    if not re.fullmatch(r"\d+(?:\.\d+)?|\.\d+", digits):
        raise ValueError(f"no number of tokens: {number!r}")
    value = Decimal(digits) * factor
    if value and factor == 1 and value < 1000:
        raise ValueError(f"thousands or tokens? {number!r}")
    return int(value)
