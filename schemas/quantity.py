"""Printed text to an exact value and the interval it stands for. Refuses; never guesses.

`1.05m` stands for everything that rounds to it, [1 045 000, 1 055 000). `128K` has two readings,
/1000 and /1024, each with its own rounding interval. A whole number in full stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Bound = Literal["", "upper", "lower"]

LONGEST = 500
"""Characters of a printed figure: the longest cell that any of 860 real pages gives as one has 160.

What is longer is no figure, and patterns that read figures take time with the square of its length.
"""


def short(text: str) -> str:
    """Return a text that may be a figure. Raises ValueError for one that is too long to be one."""
    if len(text) > LONGEST:
        raise ValueError(f"{len(text):,} characters, more than any figure has ({LONGEST})")
    return text


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`; `high` itself belongs only if `closed`."""

    low: Decimal
    high: Decimal
    closed: bool = True

    def contains(self, x: Decimal) -> bool:
        return self.low <= x and (x < self.high or (self.closed and x == self.high))

    def meets(self, other: Interval) -> bool:
        if self.low > other.low:
            self, other = other, self
        return self.contains(other.low)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a printed number can mean.

    `value` is the number as printed (its decimal reading); `readings` are the intervals it may
    stand for; `approximate` is true for `~`, "about", a range or a bound.
    """

    value: Decimal
    readings: tuple[Interval, ...]
    approximate: bool = False
    bound: Bound = ""

    @property
    def low(self) -> Decimal:
        return min(r.low for r in self.readings)

    @property
    def high(self) -> Decimal:
        return max(r.high for r in self.readings)

    @property
    def is_exact(self) -> bool:
        return (
            len(self.readings) == 1
            and self.readings[0].low == self.readings[0].high
            and not self.approximate
        )

    def contains(self, x: Decimal | int) -> bool:
        return any(r.contains(Decimal(x)) for r in self.readings)

    def agrees(self, other: Quantity) -> bool:
        """True when some number fits both: display twins agree, different numbers do not."""
        return any(a.meets(b) for a in self.readings for b in other.readings)

    def scaled(self, factor: Decimal) -> Quantity:
        if factor == 1:
            return self
        readings = tuple(Interval(r.low * factor, r.high * factor, r.closed) for r in self.readings)
        return Quantity(self.value * factor, readings, self.approximate, self.bound)


def exact(number: int | Decimal | str) -> Quantity:
    """Return the quantity of a number given in full, as JSON gives it.

    Raises ValueError for a float: pass its text, so that no binary noise enters.
    """
    if isinstance(number, (float, bool)):
        raise ValueError(f"{number!r} is not an exact number: pass its text")
    try:
        value = Decimal(short(number) if isinstance(number, str) else number)
    except ArithmeticError:
        raise ValueError(f"not a number: {number!r}") from None
    if not value.is_finite() or (value and not -30 < value.adjusted() < 30):
        raise ValueError(f"not a number of this world: {str(number)[:40]!r}")
    return Quantity(value, (Interval(value, value),))


_SCALES: dict[str, int] = {
    "": 0,
    "k": 1,
    "thousand": 1,
    "千": 1,
    "m": 2,
    "mm": 2,
    "million": 2,
    "mio": 2,
    "百万": 2,
    "b": 3,
    "bn": 3,
    "billion": 3,
    "g": 3,
    "t": 4,
    "trillion": 4,
}
_NUMBER = r"\d+(?:[.,'\u2019\u00a0\u202f ]\d+)*"
_COUNT = re.compile(
    rf"(?P<number>{_NUMBER})\s*"
    r"(?P<scale>千|百万|thousand|million|mio|billion|trillion|bn|mm|[kmbgt](?![a-z]))?(?![\w.,]*\d)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^\s*(?:~|≈|∼|about\b|around\b|approx(?:\.|imately)?\b|roughly\b|circa\b|ca\.|约)\s*",
    re.IGNORECASE,
)
_UPPER = re.compile(
    r"^\s*(?:up\s+to|at\s+most|max(?:imum)?(?:\s+of)?\b|≤|<=|<|最大|less\s+than|under)\s*",
    re.IGNORECASE,
)
_LOWER = re.compile(
    r"^\s*(?:at\s+least|min(?:imum)?(?:\s+of)?\b|≥|>=|>|more\s+than|over|from\b"
    r"|starting\s+(?:at|from)\b|as\s+low\s+as\b|ab\b|低至|最低"
    r"|not\s+(?:before|sooner\s+than))\s*",
    re.I,
)
_LOWER_BEHIND = re.compile(r"(?<=[\d\s元kmb])\s*(?:起|\+|and\s+up|or\s+more)$", re.I)
_COUNTED = re.compile(
    r"(?>\(?(?:ga|tokens)\)?|tokens?|toks?|parameters?|params?|个"
    r"|context(?: (?:window|length))?|natively|[-\s])*+",
    re.IGNORECASE,
)
"""Words that leave a count as it is.

Each is taken in one way only: of two ways, forty words would make a million million.
"""
_RANGE = re.compile(r"\s*(?:-|–|—|to|\bbis\b|~)\s*", re.IGNORECASE)
_BEFORE_THOUSAND = re.compile(r"[\s\u00a0\u202f'\u2019](?=\d{3}(?:\D|$))")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_MARK = re.compile(r"[.,]")


def read_number(
    text: str, decimal: Literal[".", ","] | None = None, whole: bool = False
) -> tuple[Decimal, int]:
    """Return the number printed in `text` and how many decimals it was printed with.

    `decimal` says which mark the page uses where both readings are legal (`1,234`). `whole` says
    the thing counted is never a fraction, which settles `204.800`.

    >>> read_number("0,05"), read_number("204.800", whole=True), read_number("1,048,576")
    ((Decimal('0.05'), 2), (Decimal('204800'), 0), (Decimal('1048576'), 0))

    Raises ValueError for anything that has no reading or more than one.
    """
    body = _BEFORE_THOUSAND.sub("", short(text).strip())
    if not _DIGITS.fullmatch(body):
        raise ValueError(f"not a number: {text!r}")
    marks = _MARK.findall(body)
    if not marks:
        return Decimal(body), 0
    if len(marks) == 1:
        return _with_one_mark(text, body, marks[0], decimal, whole)
    if len(set(marks)) == 2:
        return _with_both_marks(text, body, marks)
    groups = _MARK.split(body)
    if not _in_thousands(groups) or groups[0].startswith("0"):
        raise ValueError(f"not a number: {text!r}")
    return Decimal("".join(groups)), 0


def _with_one_mark(
    text: str, body: str, mark: str, decimal: Literal[".", ","] | None, whole: bool
) -> tuple[Decimal, int]:
    """Read a number whose one mark stands between thousands or before decimals."""
    head, tail = body.split(mark)
    if len(tail) == 3 and _in_thousands([head]) and not head.startswith("0"):
        if whole or (mark, decimal) in ((",", "."), (".", ",")):
            return Decimal(head + tail), 0
        if mark == "," and decimal is None:
            raise ValueError(f"either a decimal comma or thousands: {text!r}")
    return Decimal(f"{head}.{tail}"), len(tail)


def _with_both_marks(text: str, body: str, marks: list[str]) -> tuple[Decimal, int]:
    """Read a number with thousands and decimals: the last mark is the decimal one."""
    head, tail = body.rsplit(marks[-1], 1)
    groups = _MARK.split(head)
    if len(set(marks[:-1])) != 1 or not _in_thousands(groups):
        raise ValueError(f"not a number: {text!r}")
    return Decimal("".join(groups) + "." + tail), len(tail)


def _in_thousands(groups: list[str]) -> bool:
    """Whether groups of digits are those of a number with marks between thousands."""
    return 1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])


def _rounding(value: Decimal, decimals: int, unit: Decimal) -> Interval:
    half = Decimal(1).scaleb(-decimals) / 2
    return Interval((value - half) * unit, (value + half) * unit, closed=False)


def read_count(text: str, decimal: Literal[".", ","] | None = None) -> Quantity:
    """Return a count of tokens, parameters or requests from its printed text.

    >>> read_count("1,048,576").value, int(read_count("1.05m").low)
    (Decimal('1048576'), 1045000)
    >>> read_count("128K").contains(131072)
    True

    Raises ValueError unless exactly one count (or one range of counts) is printed.
    """
    body, approximate, bound = qualifiers(short(text))
    counts = list(_COUNT.finditer(body))
    if (
        len(counts) == 2
        and _RANGE.fullmatch(body[counts[0].end() : counts[1].start()])
        and not body[: counts[0].start()].strip()
    ):
        first, last = (_count_of(m, decimal, counts[-1]["scale"]) for m in counts)
        if first.value >= last.value:
            raise ValueError(f"a range that does not rise: {text!r}")
        return Quantity(first.value, (Interval(first.value, last.value),), True)
    if len(counts) != 1:
        raise ValueError(f"expected one count in {text!r}, found {len(counts)}")
    rest = (body[: counts[0].start()] + " " + body[counts[0].end() :]).strip(" .\t\n")
    if re.search(r"[-−]\s*$", body[: counts[0].start()]):
        raise ValueError(f"a negative count: {text!r}")
    if not _COUNTED.fullmatch(rest):
        raise ValueError(f"words that may change the count: {text!r}")
    quantity = _count_of(counts[0], decimal, None)
    return bounded(quantity, approximate, bound)


def _count_of(
    match: re.Match[str], decimal: Literal[".", ","] | None, default_scale: str | None
) -> Quantity:
    power = _SCALES[(match["scale"] or default_scale or "").lower()]
    value, decimals = read_number(match["number"], decimal, whole=power == 0)
    if power == 0:
        if decimals:
            raise ValueError(f"a count cannot be a fraction: {match['number']!r}")
        return exact(value)
    unit = Decimal(1000) ** power
    readings = [_rounding(value, decimals, unit)]
    if power <= 2 and not decimals:
        readings.append(_rounding(value, decimals, Decimal(1024) ** power))
    return Quantity(value * unit, tuple(readings))


def qualifiers(text: str) -> tuple[str, bool, Bound]:
    """Return (what is left, whether it is approximate, of which side it is a bound) of a text.

    >>> qualifiers("up to ~ 4")
    ('4', True, 'upper')
    """
    body, approximate, bound = text.strip(), False, ""
    while True:
        if m := _ABOUT.match(body):
            approximate, body = True, body[m.end() :]
        elif m := _UPPER.match(body):
            bound, body = "upper", body[m.end() :]
        elif m := _LOWER.match(body):
            bound, body = "lower", body[m.end() :]
        elif m := _LOWER_BEHIND.search(body):
            bound, body = "lower", body[: m.start()]
        else:
            return body, approximate, bound  # type: ignore[return-value]


def bounded(quantity: Quantity, approximate: bool, bound: Bound) -> Quantity:
    """Return a quantity with what `qualifiers` found: a rounded one stands for an interval."""
    if not (approximate or bound):
        return quantity
    readings = quantity.readings
    if approximate and readings[0].low == readings[0].high:
        # "~0.075" is a rounded figure, not an exact one.
        exponent = quantity.value.as_tuple().exponent
        decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        readings = (_rounding(quantity.value, decimals, Decimal(1)),)
    return Quantity(quantity.value, readings, True, bound)


_PERCENT = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*%?")


def read_score(text: str) -> Quantity:
    """Return a benchmark score as printed, in the benchmark's own unit; `83.5%` is 83.5.

    Raises ValueError for two numbers in one cell, or words.
    """
    body = re.sub(r"[*_`]", "", short(text)).strip()
    match = _PERCENT.fullmatch(body)
    if not match:
        raise ValueError(f"not a score: {text!r}")
    value, _ = read_number(match["number"], decimal=".")
    return exact(value)


YES = frozenset(
    {"yes", "true", "supported", ":heavy_check_mark:", "✓", "✔", "✅", "支持", "y", "included"}
)
NO = frozenset({"no", "false", "not supported", "unsupported", "✗", "✘", "❌", "不支持", "n"})


def read_flag(text: str) -> bool:
    """Return a printed yes or no. Raises ValueError for anything between the two."""
    word = re.sub(r"[*_`]", "", short(text)).strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError(f"neither yes nor no: {text!r}")


MISSING = frozenset({"", "-", "–", "—", "n/a", "na", "none", "null", "not available", "tbd", "?"})


def is_missing(text: str | None) -> bool:
    """True for the marks that pages print where they have no figure."""
    return text is None or (len(text) <= LONGEST and text.strip().lower() in MISSING)


GLUED = 120
"""Characters of glued cells that are told apart: real ones have 60.

Every cut of every part is tried.
"""


def split_glued(text: str, pattern: str, parts: int = 2) -> list[str]:
    """Split `2025-012024-04` into its `parts` cells, each matching `pattern`.

    >>> split_glued("86.957.1", r"\\d+\\.\\d")
    ['86.9', '57.1']

    Raises ValueError unless there is exactly one way to do it.
    """
    ways: list[list[str]] = []
    if len(text) > GLUED:
        raise ValueError(f"{len(text):,} characters, more than {parts} glued cells have ({GLUED})")

    def walk(rest: str, cells: list[str]) -> None:
        if len(cells) == parts:
            if not rest:
                ways.append(cells)
            return
        for end in range(1, len(rest) + 1):
            if re.fullmatch(pattern, rest[:end]):
                walk(rest[end:], [*cells, rest[:end]])

    walk(text.strip(), [])
    if len(ways) != 1:
        raise ValueError(f"{len(ways)} ways to split {text!r} into {parts} cells")
    return ways[0]
