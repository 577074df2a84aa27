"""Printed prices to integer nano-units of their currency per unit of the meter.

One nano-unit is 1e-9 of the currency. Token meters are counted per million tokens, because
prices such as $0.0125 a million (12.5 nano-dollars a token) are common and would not be whole
numbers a token.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from almanac.schemas.currencies import CURRENCY, currencies_in
from almanac.schemas.quantity import (
    Interval,
    Quantity,
    bounded,
    exact,
    qualifiers,
    read_number,
    short,
)

NANO = Decimal(10) ** 9
Per = Literal[
    "mtok",
    "mtok_hour",
    "mchar",
    "image",
    "video",
    "second",
    "minute",
    "hour",
    "month",
    "request",
    "search",
    "page",
    "session",
]


@dataclass(frozen=True, slots=True)
class Price:
    """A price: `amount` in nano-units of `currency` for one `per`.

    `per` is a million tokens, one image, one hour.
    """

    amount: Quantity
    currency: str
    per: str

    @property
    def nano(self) -> int:
        return int(self.amount.value.quantize(Decimal(1), ROUND_HALF_EVEN))

    @property
    def unit(self) -> str:
        return f"{self.currency.lower()}_per_{self.per}"


_YEN = re.compile(r"(?<!cn)[¥￥]", re.IGNORECASE)
_TOKENS = re.compile(
    r"(?:/|per|每|(?<=元)/?)?\s*"
    r"(?P<n>1,000,000|1000000|1,000|1000|1\s*m\b|1\s*k\b|1\s*million|one million|million|thousand"
    r"|m(?=\s*(?:input |output |cached )?tok)|k(?=\s*tok)|百万|千|万|1)?"
    r"\s*(?P<what>input\s+tokens?|output\s+tokens?|cached\s+tokens?|tokens?|toks?\b)",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?:/|per)\s*(?P<n>1\s*m|1\s*k|million|thousand)\b", re.IGNORECASE)
_MTOK = re.compile(r"(?:/|per)\s*(?:(?:input|output|cached)\s+)?mtoks?\b", re.IGNORECASE)
_DIRECTION = re.compile(r"\b(?:input|output|prompt|completion|tokens?)\b|输入|输出", re.IGNORECASE)
_OTHER = (
    (
        "mtok_hour",
        re.compile(
            r"(?:/|per|每)?\s*(?P<n>1,000,000|1\s*m\b|million|m(?=\s*tok)|百万)"
            r"\s*(?:tokens?|toks?)\s*(?:/|per|每)\s*(?:hours?\b|小时)|元/百万\s*tokens?/小时",
            re.I,
        ),
    ),
    ("image", re.compile(r"元\s*/\s*张|每张", re.I)),
    ("second", re.compile(r"元\s*/\s*(?:s\b|秒)|每秒", re.I)),
    ("minute", re.compile(r"元\s*/\s*分钟", re.I)),
    ("hour", re.compile(r"元\s*/\s*小时(?!\s*/)", re.I)),
    ("month", re.compile(r"元\s*/\s*月", re.I)),
    ("request", re.compile(r"元\s*/\s*(?P<n>千)?次", re.I)),
    ("mchar", re.compile(r"(?:/|每)\s*(?P<n>万|千|百万)\s*(?:个)?字符", re.I)),
    (
        "search",
        re.compile(r"search(?:es| quer(?:y|ies))?\s*\([$€]\s*/\s*(?P<n>1\s*k|1,000|1000)\)", re.I),
    ),
    (
        "request",
        re.compile(
            r"requests?(?: price)?\s*\([$€]\s*/\s*(?P<n>1\s*k|1,000|1000)(?: requests)?\)", re.I
        ),
    ),
    (
        "search",
        re.compile(
            r"(?:/|per)\s*(?P<n>1\s*k|1,000|1000)?\s*"
            r"(?:(?:web )?search(?:es)?(?: quer(?:y|ies))?|quer(?:y|ies)|grounded prompts?)\b",
            re.I,
        ),
    ),
    (
        "request",
        re.compile(
            r"(?:/|per)\s*(?P<n>1\s*k|1,000|1000)?\s*(?:calls?|requests?|messages?)\b", re.I
        ),
    ),
    (
        "mchar",
        re.compile(
            r"(?:/|per)\s*(?P<n>1\s*m|million|m(?=\s*char)|1\s*k|1,000|1000)?\s*char(?:acter)?s?\b",
            re.I,
        ),
    ),
    (
        "image",
        re.compile(r"(?:/|per)\s*(?P<n>1\s*k|1,000|1000)?\s*(?:generated\s+)?images?\b", re.I),
    ),
    ("video", re.compile(r"(?:/|per)\s*(?P<n>1\s*k|1,000|1000)?\s*(?:videos?|clips?)\b", re.I)),
    ("page", re.compile(r"(?:/|per)\s*(?P<n>1\s*k|1,000|1000)?\s*pages?\b", re.I)),
    ("second", re.compile(r"(?:/|per)\s*s(?:ec(?:ond)?s?)?\b", re.I)),
    ("minute", re.compile(r"(?:/|per)\s*min(?:ute)?s?\b", re.I)),
    ("hour", re.compile(r"(?:/|per)\s*(?:training )?h(?:ou)?rs?\b", re.I)),
    ("month", re.compile(r"(?:/|per)\s*mo(?:nth)?s?\b", re.I)),
)
_AMOUNT = re.compile(r"\d+(?:[.,]\d+)*")


def read_price(
    printed: str, context: str = "", decimal: Literal[".", ","] | None = None, yen: str = ""
) -> Price:
    """Return the price that `printed` states.

    `context` is text printed around it (a column head, a caption): currency and denominator
    may stand there instead. Neither is ever assumed; `yen` says which currency a page means by
    ¥ (CNY or JPY).

    >>> p = read_price("$3 / MTok"); p.nano, p.unit
    (3000000000, 'usd_per_mtok')
    >>> read_price("0.02元", context="百万tokens输入").nano
    20000000

    Raises ValueError unless one amount, one currency and one denominator are printed.
    """
    printed, context = _spaced(short(printed)), _spaced(context[:LONGEST_CONTEXT])
    if yen:
        printed, context = (
            _YEN.sub({"CNY": "CN¥", "JPY": "JP¥"}[yen], text) for text in (printed, context)
        )
    currency = _currency(printed, context)
    per, divisor = _denominator(printed, context)
    body = _strip_denominator(printed)
    body = CURRENCY.sub("", body).strip()
    body, approximate, bound = qualifiers(body)
    numbers = list(_AMOUNT.finditer(body))
    if len(numbers) == 2 and re.fullmatch(
        r"\s*(?:-|–|—|to)\s*", body[numbers[0].end() : numbers[1].start()]
    ):
        low, high = (read_number(m[0], decimal)[0] for m in numbers)
        if low >= high:
            raise ValueError(f"a range that does not rise: {printed!r}")
        quantity = Quantity(low, (Interval(low, high),), True, bound)
    elif len(numbers) == 1:
        rest = body[: numbers[0].start()] + body[numbers[0].end() :]
        if re.search(r"\d|[-−]\s*$", rest) or re.search(r"[-−]\s*$", body[: numbers[0].start()]):
            raise ValueError(f"not one price: {printed!r}")
        quantity = bounded(exact(read_number(numbers[0][0], decimal)[0]), approximate, bound)
    else:
        raise ValueError(f"expected one amount in {printed!r}, found {len(numbers)}")
    return Price(quantity.scaled(NANO / divisor), currency, per)


LONGEST_CONTEXT = 5_000
"""Characters of the words around a price that are looked at for its unit.

Real ones have under 1,000.
"""


def _spaced(text: str) -> str:
    """Return a text with single spaces: runs of them are what patterns take long over."""
    return " ".join(text.split())


def price_of(
    number: str | int | Decimal, currency: str, per: Per, units: Decimal | int = 1
) -> Price:
    """Return the price for a number whose currency and unit are documented by the API that gave it.

    `units` is how many of `per` the number is for: per token is a millionth of `mtok`.
    Raises ValueError for a negative number (routers print -1 for "it depends") or a non-number.
    """
    quantity = exact(number)
    if quantity.value < 0:
        raise ValueError(f"a negative price: {number}")
    price = Price(quantity.scaled(NANO / Decimal(units)), currency, per)
    if quantity.value and not price.nano:
        raise ValueError(f"too small for a price, and not free: {number}")
    return price


TOKEN = Decimal("0.000001")
"""One token, in millions: the `units` of a price for one token."""


def _currency(printed: str, context: str) -> str:
    for text in (printed, context):
        codes = currencies_in(text)
        if len(codes) > 1:
            raise ValueError(f"two currencies in {text!r}")
        if codes:
            return codes.pop()
    raise ValueError(f"no currency is printed: {printed!r}")


def _denominator(printed: str, context: str) -> tuple[str, Decimal]:
    """Return (per, how many of it the amount is for)."""
    whole = f"{printed} {context}"
    for text in (printed, context):
        if denominator := _denominator_in(text, whole):
            return denominator
    raise ValueError(f"no denominator is printed: {printed!r}")


@functools.lru_cache(maxsize=2048)
def _denominator_in(text: str, whole: str) -> tuple[str, Decimal] | None:
    """Return the denominator that a text prints; `whole` may say that tokens are meant."""
    if _MTOK.search(text):
        return "mtok", Decimal(1)
    for per, pattern in _OTHER:
        if m := pattern.search(text):
            return per, _count_of(per, _magnitude(m.groupdict().get("n")))
    counted = (m for m in _TOKENS.finditer(text) if m["n"] or _PER.match(m[0]))
    sizes = {_magnitude(m["n"]) for m in counted}
    if len(sizes) > 1:
        raise ValueError(f"two denominators in {text!r}")
    if sizes:
        return "mtok", sizes.pop() / 10**6
    if (m := _BARE.search(text)) and _DIRECTION.search(whole):
        return "mtok", _magnitude(m["n"]) / 10**6
    return None


_PER = re.compile(r"\s*(?:/|per|每)", re.IGNORECASE)


def _count_of(per: str, n: Decimal) -> Decimal:
    if per == "mtok_hour":
        return Decimal(1)
    return n / 10**6 if per == "mchar" else n


def _magnitude(printed: str | None) -> Decimal:
    word = re.sub(r"\s|,", "", printed or "1").lower()
    if word in ("1m", "m", "million", "1million", "onemillion", "1000000", "百万"):
        return Decimal(10**6)
    if word == "万":
        return Decimal(10**4)
    if word in ("1k", "k", "thousand", "1000", "千"):
        return Decimal(1000)
    return Decimal(1)


def _strip_denominator(printed: str) -> str:
    body = _MTOK.sub(" ", printed)
    for _, pattern in _OTHER:
        body = pattern.sub(" ", body)
    body = re.sub(
        r"(?:/|per)\s*(?:1,000,000|1000000|1,000|1000|1\s*m|1\s*k|1\s*million|million|thousand"
        r"|one million|m|k)?\s*(?:input|output|cached)?\s*(?:tokens?|toks?)?\b(?!\s*\d)",
        " ",
        body,
        flags=re.I,
    )
    return re.sub(r"(?:/|每)?\s*(?:百万|千|万)\s*tokens?", " ", body, flags=re.I)


def shown(nano: int, unit: str = "usd_per_mtok") -> str:
    """Return a price with at least two decimals and every digit it has.

    >>> shown(1500000000), shown(19000000), shown(20000000, "cny_per_mtok")
    ('$1.50/1M tokens', '$0.019/1M tokens', 'CNY 0.02/1M tokens')
    """
    currency, _, per = unit.partition("_per_")
    amount = (Decimal(nano) / 10**9).normalize()
    exponent = amount.as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 2)
    sign = "$" if currency == "usd" else f"{currency.upper()} "
    return f"{sign}{amount:,.{decimals}f}/{'1M tokens' if per == 'mtok' else per}"


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """What a text prints of a price's unit; nothing where it prints none."""

    currency: str = ""
    words: str = ""
    """The denominator in words that `read_price` reads, such as `per 1K tokens`."""


_IN_WORDS = {
    "mtok": "tokens",
    "mchar": "characters",
    "image": "images",
    "video": "videos",
    "second": "seconds",
    "minute": "minutes",
    "hour": "hours",
    "month": "months",
    "request": "requests",
    "search": "searches",
    "page": "pages",
}


def printed_unit(text: str, yen: str = "") -> PrintedUnit:
    """Return the currency and the denominator that a text prints, each read on its own.

    Raises ValueError for a text that prints two of one.
    """
    plain = _spaced(text[:LONGEST_CONTEXT])
    if yen:
        plain = _YEN.sub({"CNY": "CN¥", "JPY": "JP¥"}[yen], plain)
    codes = currencies_in(plain)
    if len(codes) > 1:
        raise ValueError(f"two currencies in {text[:80]!r}")
    per = _denominator_in(plain, plain)
    return PrintedUnit(codes.pop() if codes else "", _words(*per) if per else "")


def _words(per: str, divisor: Decimal) -> str:
    if per == "mtok_hour":
        return "per 1M tokens per hour"
    count = divisor * 10**6 if per in ("mtok", "mchar") else divisor
    size = {1: "", 1000: "1K ", 10**6: "1M "}.get(int(count))
    if size is None:
        return "每万字符" if per == "mchar" else ""
    return f"per {size}{_IN_WORDS[per]}"
