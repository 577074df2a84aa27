"""genai-prices' data: providers with models, in dollars a million tokens.

Thresholds are tiers, service tiers are variants, hours are constraints.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NotRequired, TypedDict

from almanac.comparisons.model_profile import provider_name
from almanac.comparisons.shapes.offered import Offered
from almanac.schemas.weekly_hours import WeeklyHours
from almanac.warehouse import Warehouse

TOKENS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "input_audio": "input_audio_mtok",
    "output_audio": "output_audio_mtok",
    "cache_read_audio": "cache_audio_read_mtok",
    "input_image": "input_image_mtok",
    "output_image": "output_image_mtok",
    "reasoning": "output_reasoning_mtok",
}
VARIANTS = {
    "batch": {"processing": "batch"},
    "priority": {"service_tier": "priority"},
    "flex": {"service_tier": "flex"},
}
_WINDOW = re.compile(
    r"(?P<start_time>\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)"
    r"-(?P<end_time>\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)"
)


class PriceStep(TypedDict):
    """A price from an input size on."""

    start: int
    price: Decimal


class Tiers(TypedDict):
    """A price that goes by the input's size."""

    base: Decimal
    tiers: list[PriceStep]


Prices = dict[str, Decimal | Tiers]
"""Dollars by unit: a million tokens, a thousand searches or requests."""


class Hours(TypedDict):
    """Prices, and the hours of the day within which they hold; always, without any."""

    constraint: NotRequired[dict[str, str]]
    prices: Prices


class Variant(TypedDict):
    """Prices of a service tier, and the words of a call that ask for it."""

    when: dict[str, str]
    prices: Prices


class PricedProvider(TypedDict):
    """One provider with its models."""

    id: str
    name: str
    api_pattern: str
    models: list[dict[str, object]]


def shape(snapshot: Warehouse, offers: list[Offered]) -> tuple[list[PricedProvider], int]:
    """Return the list of providers and how many offers are in it.

    A model is matched by the names genai-prices has for it, and by ours.
    """
    entries: dict[str, PricedProvider] = {}
    priced = [(o, prices) for o in offers if (prices := _by_hour(o))]
    for offer, prices in priced:
        provider = offer.spelled[0][0] if offer.spelled else offer.provider
        name = provider_name(offer.provider)
        entry = entries.setdefault(
            provider, {"id": provider, "name": name, "api_pattern": r"(?!)", "models": []}
        )
        entry["models"].append(_model(offer, prices))
    return [entries[p] for p in sorted(entries)], len(priced)


def _model(offer: Offered, prices: Prices | list[Hours]) -> dict[str, object]:
    names = sorted({name.lower() for _, name in offer.spelled} | {offer.slug, offer.model.lower()})
    context = offer.fact("context_window")
    variants = _variants(offer)
    return {
        "id": offer.spelled[0][1] if offer.spelled else offer.model.partition("/")[2],
        "name": offer.name,
        "match": {"or": [{"equals": n} for n in names]},
        "prices": prices,
        **({"context_window": context.number} if context else {}),
        **({"price_variants": variants} if variants else {}),
    }


def _variants(offer: Offered) -> list[Variant]:
    tiers = [(when, _prices(offer, tier)) for tier, when in VARIANTS.items()]
    return [
        {"when": when, "prices": prices}
        for when, prices in tiers
        if {"input_mtok", "output_mtok"} <= prices.keys()
    ]


def _by_hour(offer: Offered) -> Prices | list[Hours]:
    """Return the standard prices, and after them those within hours of the day.

    Of these the calculator takes the last that fits.

    Nothing where hours are told in other words.
    """
    windows = offer.windows()
    standard = _prices(offer, "") if offer.billable else _of_the_rest(offer, windows)
    if not standard or not windows:
        return standard
    within = [hours for window in windows for hours in _within(offer, window)]
    if not all(hours["prices"] and hours["constraint"] for hours in within):
        return {}
    return [{"prices": standard}, *within]


def _of_the_rest(offer: Offered, windows: list[str]) -> Prices:
    """Return the prices of the last of hours that leave none over, and take these off the list.

    They hold wherever those of the others do not.
    """
    if not _fill_a_week(windows):
        return {}
    prices = _prices(offer, "", windows.pop())
    return prices if "output_mtok" in prices else {}


def _within(offer: Offered, window: str) -> list[Hours]:
    """Return the prices of each range of some hours; without a constraint where it tells days."""
    prices = _prices(offer, "", window)
    ranges = [_WINDOW.fullmatch(part) for part in window.split(",")]
    return [
        {
            "constraint": {k: _timed(v) for k, v in part.groupdict().items()} if part else {},
            "prices": prices,
        }
        for part in ranges
    ]


def _timed(text: str) -> str:
    """Return a time of day with its offset, which its calculator asks for; 24:00 is midnight."""
    text = re.sub(r"^24", "00", text)
    if re.search(r"Z$|[+-]\d\d:\d\d$", text):
        return text
    return f"{text}:00Z" if len(text) == 5 else f"{text}Z"


def _fill_a_week(windows: list[str]) -> bool:
    """Whether each moment is within one of these hours, and within no other."""
    taken = WeeklyHours(())
    for window in windows:
        try:
            hours = WeeklyHours.parse(window)
        except ValueError:
            return False
        if taken & hours:
            return False
        taken |= hours
    return not taken.rest()


def _prices(offer: Offered, tier: str, window: str = "") -> Prices:
    """Return the prices of a tier; within a window, where one has a price of its own there.

    Nothing where this calculator would bill what is not known.
    """
    prices = {**_of_tokens(offer, tier, window), **_of_calls(offer, tier, window)}
    if "output_mtok" not in prices and not tier and prices:
        prices.setdefault("input_mtok", Decimal(0))
    if not all(_joins(prices, part) for part in ("audio", "image")) or not _thinks(prices):
        return {}
    # Parts need their whole: a price of cached or spoken input says nothing to this calculator
    # without that of input.
    return prices if "input_mtok" in prices else {}


def _of_tokens(offer: Offered, tier: str, window: str) -> Prices:
    prices: Prices = {}
    chosen = _chosen(tier)
    for meter, key in TOKENS.items():
        base = _asked(offer, meter, chosen, window)
        if base is not None:
            prices[key] = _tiered(offer, meter, chosen, base, window)
    hour = _asked(offer, "cache_write", {**chosen, "cache_ttl": "1h"}, window)
    if hour is not None and "cache_write_mtok" in prices:
        prices["cache_write_1h_mtok"] = hour
    return prices


def _of_calls(offer: Offered, tier: str, window: str) -> Prices:
    """Return the prices of a thousand searches, and of a thousand requests."""
    search = _asked(offer, "search", _chosen(tier), window)
    fee = _asked(offer, "request", _chosen(tier), window)
    return {
        **({"web_searches_kcount": search * 1000} if search is not None and not tier else {}),
        **({"requests_kcount": fee * 1000} if fee else {}),
    }


def _joins(prices: Prices, part: str) -> bool:
    """Whether what is both a part of the input and read from a cache, or written to one, is priced.

    The calculator asks for that price, and rightly: it is not known where the part's price is
    another. Prices it cannot use are taken out.
    """
    read, whole = f"cache_{part}_read_mtok", f"input_{part}_mtok"
    joined = any(
        f"cache_{way}_mtok" in prices and f"cache_{part}_{way}_mtok" not in prices
        for way in ("read", "write")
    )
    alone = read in prices and (whole not in prices or joined)
    if alone and prices.pop(read) != prices.get("cache_read_mtok"):
        return False
    return not joined or _same(prices.pop(whole, None), prices.get("input_mtok"))


def _thinks(prices: Prices) -> bool:
    """Whether what is thought is priced, where what is drawn or spoken is too."""
    if prices.keys() & {"output_image_mtok", "output_audio_mtok"}:
        return _same(prices.pop("output_reasoning_mtok", None), prices.get("output_mtok"))
    return True


def _same(part: object, whole: object) -> bool:
    return part is None or part == whole


def _chosen(tier: str) -> dict[str, str]:
    return {"tier": tier} if tier else {}


def _asked(
    offer: Offered, meter: str, chosen: Mapping[str, str | int], window: str
) -> Decimal | None:
    """Return a price within a window, or else at any hour."""
    inside = offer.price(meter, window=window, **chosen) if window else None
    return offer.price(meter, **chosen) if inside is None else inside


def _tiered(
    offer: Offered, meter: str, chosen: dict[str, str], base: Decimal, window: str
) -> Decimal | Tiers:
    tiers: list[PriceStep] = [
        {"start": above, "price": price}
        for above in offer.thresholds()
        if (price := _asked(offer, meter, {**chosen, "above_input": above}, window)) is not None
    ]
    return {"base": base, "tiers": tiers} if tiers else base
