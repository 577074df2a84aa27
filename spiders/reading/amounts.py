"""The prices of one cell: amounts, the words beside each, and units from the nearest text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from almanac.schemas.currencies import SIGNS
from almanac.schemas.money import Price, price_of, printed_unit, read_price
from almanac.schemas.quantity import is_missing, short
from almanac.spiders.vocabulary.labels import Label, label
from almanac.spiders.vocabulary.lengths import cut
from almanac.spiders.vocabulary.media import media_of, resolution_in, without_resolution
from almanac.spiders.vocabulary.words import fold

NOT_OFFERED = re.compile(
    r"(?:/|\\-|不支持|暂不支持|暂无|无|not supported(?: yet)?|unsupported|not available"
    r"|not offered|-+)?",
    re.I,
)
_FREE = re.compile(
    r"(?:(?P<limited>限时|limited[- ]time|temporarily)\s*)?(?:免费|不计费|free)(?: of charge)?",
    re.I,
)
_FREE_UP_TO = re.compile(r"(?:free(?: of charge)?|免费)[,，]?\s*(?:up to|for the first)\b", re.I)
_ON_REQUEST = re.compile(
    r"contact\s*(?:us|sales)|custom(?: pricing)?|联系.*|.*咨询.*|on request|inquire|talk to .*",
    re.I,
)
_SIGN = r"(?:[A-Z]{1,3}\$|[$€£¥￥]|CN¥|JP¥)"
_ALLOWANCE = re.compile(rf"^[^$€£¥￥]{{0,120}}\bfree\b[^$€£¥￥]{{0,80}}\bthen\s+(?={_SIGN})", re.I)
"""What is free before the price, as in `1,500 a day (free), then $35`."""
_CUT = re.compile(
    r"(?:原价)?\s*(?P<was>\D{0,3}[\d.]+\s*(?:元(?:\s*/\s*\w+)?)?)\s*限时\s*(?P<tenths>\d(?:\.\d)?)\s*折"
)
_AMOUNT = re.compile(rf"{_SIGN}\s*\d[\d.,]*\d|{_SIGN}\s*\d|\d[\d.,]*\s*(?:元|美元|[$€£¤])")


@dataclass(frozen=True, slots=True)
class Amount:
    """One price of a cell, with what the words beside it say of it."""

    price: Price
    label: Label
    terms: tuple[tuple[str, str], ...] = ()
    derived: bool = False


def amounts(text: str, levels: Sequence[str], yen: str) -> list[Amount]:
    """Return the prices that a cell states; none for a mark that nothing is offered.

    `levels` are the texts around it that may print its currency and denominator, nearest first.
    Raises ValueError for what is no price, or is several that cannot be told.
    """
    text = _ALLOWANCE.sub("", text)
    plain = " ".join(short(text).split())
    if NOT_OFFERED.fullmatch(plain) or is_missing(plain):
        return []
    if _ON_REQUEST.fullmatch(plain):
        raise ValueError("priced on request")
    if m := _FREE.fullmatch(plain):
        terms = (("promotion", "limited time"),) if m["limited"] else ()
        return [Amount(_zero(levels, yen), Label("price"), terms)]
    if _FREE_UP_TO.match(plain):
        raise ValueError("free up to a limit")
    if m := _CUT.search(plain):
        return _discounted(m, levels, yen)
    parts = list(_AMOUNT.finditer(text))
    if len(parts) > 1 and not _is_range(text, parts):
        return list(_several(text, parts, levels, yen))
    return [Amount(_price(plain, levels, yen), _beside(plain, parts))]


def is_free(text: str) -> bool:
    """Whether a text says that there is no price to pay.

    >>> is_free("Free of charge"), is_free("$0")
    (True, False)
    """
    return bool(_FREE.fullmatch(" ".join(text.split())))


def states_amount(text: str) -> bool:
    """Whether a text holds a number with the sign of a currency.

    >>> states_amount("9.9元 (once)"), states_amount("90 days")
    (True, False)
    """
    return bool(_AMOUNT.search(text))


def _is_range(text: str, parts: list[re.Match[str]]) -> bool:
    between = text[parts[0].end() : parts[1].start()]
    return len(parts) == 2 and bool(re.fullmatch(r"\s*(?:-|–|—|~|to)\s*", between))


_BARE = re.compile(r"[~≈]?\s*\d[\d.,]*\s*(?:-|–|~)?\s*[\d.,]*")
_QUALIFIER = re.compile(
    r"^(?:from|starting (?:at|from)|up to|about|approx\w*|~|≈|as low as|under|over|约|低至)\b\s*"
    r"|起$|\+$",
    re.I,
)


def _beside(text: str, parts: list[re.Match[str]]) -> Label:
    """Return what the words beside a cell's one amount mean.

    Raises ValueError for words that are neither units, conditions nor parts of a price, and for a
    number among words without a sign of its currency.
    """
    if not parts:
        if not _BARE.fullmatch(text) and not printed_unit(text).words:
            raise ValueError(f"no price: {text[:80]!r}")
        words = _BARE.sub("", text, count=1)
        if label(words).parts:
            raise ValueError(f"words, not a price: {text[:80]!r}")
        return Label("price")
    words = f"{text[: parts[0].start()]} {text[parts[-1].end() :]}"
    words = _QUALIFIER.sub("", words.strip(" :：,;()"))
    stated = label(words) if words else Label("price")
    if stated.role not in ("price", "terms", "blank") and not printed_unit(text).words:
        raise ValueError(f"words beside a price that this reader cannot place: {text[:80]!r}")
    return stated if stated.role in ("price", "terms") else Label("price")


def _discounted(m: re.Match[str], levels: Sequence[str], yen: str) -> list[Amount]:
    full = _price(m["was"], levels, yen)
    now = Price(full.amount.scaled(Decimal(m["tenths"]) / 10), full.currency, full.per)
    return [
        Amount(full, Label("price")),
        Amount(now, Label("price"), (("promotion", "limited time"),), derived=True),
    ]


def _several(
    text: str, parts: list[re.Match[str]], levels: Sequence[str], yen: str
) -> Iterator[Amount]:
    """Yield the amounts of a cell, each with its own words: before it, behind it, or none at all.

    Two amounts without words, under a head that names no direction, are input and output.
    """
    before = bool(re.search(r"\w", text[: parts[0].start()]))
    ends = [m.start() for m in parts[1:]] + [len(text)]
    behind = [text[m.end() : end] for m, end in zip(parts, ends, strict=True)]
    if not before and not re.search(r"\w", "".join(behind)):
        yield from _paired(parts, levels, yen)
        return
    starts = [0] + [m.end() for m in parts[:-1]]
    over = Label("price")
    for m, start, after in zip(parts, starts, behind, strict=True):
        around = text[start : m.start()] if before else after
        own = _without_conditions(around) + (f" {m[0]}{_own_unit(after)}" if before else "")
        size, stated = _sized_label(around, len(parts))
        over = over if size and before and not (stated.parts - {"price"}) else stated
        yield Amount(_price(m[0], (own, *levels), yen), over, _sized(size))


def _sized_label(words: str, count: int) -> tuple[str, Label]:
    """Return the resolution that stands in the words of an amount, and what the others mean."""
    size = resolution_in(words)
    return size, _stated(without_resolution(words) if size else words, count)


def _sized(size: str) -> tuple[tuple[str, str], ...]:
    return (("resolution", size),) if size else ()


def _own_unit(text: str) -> str:
    return re.split(r"[\n;；,，]", text)[0]


def _stated(words: str, count: int) -> Label:
    plain = re.sub(r"equivalent to|approx(?:imately|\.)?|about|约|折合", " ", fold(words)).strip(
        " :：,;()/"
    )
    stated = label(f"price {plain}")
    if stated.role not in ("price", "terms"):
        raise ValueError(f"{count} prices, and not all say for what: {words.strip()[:60]!r}")
    return stated


def _paired(parts: list[re.Match[str]], levels: Sequence[str], yen: str) -> Iterator[Amount]:
    if len(parts) != 2:
        raise ValueError(f"{len(parts)} prices without a word for what")
    for m, part in zip(parts, ("in", "out"), strict=True):
        yield Amount(_price(m[0], levels, yen), Label("price", parts=frozenset((part,))))


def _price(text: str, levels: Sequence[str], yen: str) -> Price:
    """Read a price: currency and denominator each from the nearest text that prints one."""
    text = _without_conditions(text)
    currency, per = "", ""
    for level in (text, *levels):
        unit = printed_unit(level, yen=yen)
        currency, per = currency or unit.currency, per or unit.words
        if currency and per:
            break
    return read_price(text, f"{SIGNS.get(currency, currency)} {per}", yen=yen)


_MEDIA_IN_BRACKETS = re.compile(r"\(([a-z][a-z ,/]{2,60})\)", re.I)


def _without_conditions(text: str) -> str:
    """Return a text without lengths of requests and media in brackets: neither is a denominator.

    `$1.25, prompts <= 200k tokens` is no price of a thousand tokens.
    """
    text = _MEDIA_IN_BRACKETS.sub(lambda m: " " if media_of(m[1]) else m[0], text)
    stated, rest = cut(fold(text))
    return rest if stated else text


def _zero(levels: Sequence[str], yen: str) -> Price:
    """Return a price free of charge in the unit of its column."""
    try:
        return _price("0", levels, yen)
    except ValueError:
        return price_of(0, "CNY" if yen == "CNY" else "USD", "mtok")
