"""Which spellings of a value are one value.

That goes by what an attribute holds: numbers, dates, lists or text.

Nothing here is a tolerance: 10.0 and 10 are one number, 10.1 is another. A date printed less
precisely is kept apart here; `table` lets it support the one finer date of its slot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal

from almanac.schemas.dates import read_date

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)[$€£¥]?\s*"
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?(?:[eE][+-]?\d{1,2})?)"
    r"\s*(?P<scale>[kKmMbBtT]|[mb]illion|%)?"
)
_SCALES = {"": 0, "%": 0, "k": 3, "m": 6, "million": 6, "b": 9, "billion": 9, "t": 12}
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_SPLIT = re.compile(r"\s*[;|]\s*")
_SAMPLE = 2_000
_MOSTLY = 0.95


def kind_of(values: Iterable[str]) -> str:
    """Return what an attribute holds, judged by its distinct values.

    It is `number`, `date`, `list`, `words` or `text`.

    >>> kind_of(["1,200", "7"]), kind_of(["2011-12-01", "May 3, 2011"])
    ('number', 'date')
    >>> kind_of(["Doe; Roe", "Doe"]), kind_of(["B12", "7"])
    ('list', 'text')
    """
    some = [v for _, v in zip(range(_SAMPLE), values, strict=False)]
    if not some:
        return "text"
    years = sum(bool(re.fullmatch(r"(?:1[5-9]|20)\d\d", v.strip())) for v in some)
    if years < len(some) and sum(_is_date(v) for v in some) >= _MOSTLY * len(some):
        return "date"
    if sum(bool(_NUMBER.fullmatch(v.strip())) for v in some) >= _MOSTLY * len(some):
        return "number"
    for kind, marks in (("list", ";|"), ("words", ",&")):
        if sum(any(mark in v for mark in marks) for v in some) >= 0.2 * len(some):
            return kind
    return "text"


def reader(kind: str) -> Callable[[str], str]:
    """Return the function that names the value a spelling stands for; equal names are one value."""
    return {"number": number, "date": date, "list": listed, "words": worded, "text": text}[kind]


def number(value: str) -> str:
    """Return a number without signs of style; what is none is folded as text.

    >>> number("$1,200.50"), number("007"), number("1.2M"), number("n/a")
    ('1200.5', '7', '1200000', 'n a')
    """
    bare = value.strip()
    if bare.isdecimal() and bare.isascii():
        return bare.lstrip("0") or "0"
    m = _NUMBER.fullmatch(bare)
    if not m:
        return text(value)
    exact = Decimal(f"{m['sign']}{m['digits'].replace(',', '')}").scaleb(
        _SCALES[(m["scale"] or "").lower()]
    )
    return format(exact.normalize(), "f") if exact else "0"


def decimals(value: str) -> int:
    """Return to how many places after the point a number is printed.

    It is below nought for thousands and millions.

    >>> decimals("12.30"), decimals("800"), decimals("1.2M")
    (2, 0, -5)
    """
    m = _NUMBER.fullmatch(value.strip())
    return len(m["decimals"] or "") - _SCALES[(m["scale"] or "").lower()] if m else 0


def date(value: str) -> str:
    """Return a date in ISO form, as precise as printed; what is none is folded as text.

    >>> date("May 3, 2011"), date("2011-05"), date("soon")
    ('2011-05-03', '2011-05', 'soon')
    """
    bare = value.strip()
    if _ISO.fullmatch(bare):
        return bare
    try:
        day = read_date(bare)
    except ValueError:
        return text(value)
    return day.value if day.is_whole else text(value)


def listed(value: str) -> str:
    """Return a list as the sorted set of its members, each as the set of its words.

    No order says anything.

    >>> listed("Roe, Jane; DOE, A.") == listed("A. Doe | Jane Roe")
    True
    """
    return ";".join(sorted({worded(part) for part in _SPLIT.split(value) if part.strip()}))


def worded(value: str) -> str:
    """Return text whose parts stand in no certain order as the sorted set of its words.

    >>> worded("Doe, Jane & Roe, Ann") == worded("Ann Roe, Jane Doe")
    True
    """
    return " ".join(sorted(set(text(value).split()) - {"and"}))


def text(value: str) -> str:
    """Return text without case, punctuation and width; what is all punctuation stays itself."""
    if value.isascii() and value.isalnum():
        return value.lower()
    folded = unicodedata.normalize("NFKC", value).casefold()
    words = re.sub(r"[^\w.+]+|(?<!\d)\.|\.(?!\d)", " ", folded).split()
    return " ".join(words) or folded.strip()


def _is_date(value: str) -> bool:
    bare = value.strip()
    if _ISO.fullmatch(bare):
        return True
    try:
        read_date(bare)
    except ValueError:
        return False
    return True
