"""genai-prices' data: providers with models, in dollars a million tokens.

Thresholds are tiers, service tiers are variants, hours are constraints.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from almanac.comparisons.model_profile import provider_name
from almanac.comparisons.shapes.offered import Offered
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


def shape(snapshot: Warehouse, offers: list[Offered]) -> tuple[list[dict[str, Any]], int]:
    """Return the list of providers and how many offers are in it.

    A model is matched by the names genai-prices has for it, and by ours.
    """
    made: dict[str, dict[str, Any]] = {}
    count = 0
    for one in offers:
        if not one.billable or not (prices := _by_hour(one)):
            continue
        count += 1
        provider = one.spelled[0][0] if one.spelled else one.provider
        entry = made.setdefault(
            provider,
            {
                "id": provider,
                "name": provider_name(one.provider),
                "api_pattern": r"(?!)",
                "models": [],
            },
        )
        names = sorted(
            {name.lower() for _, name in one.spelled}
            | {one.model.partition("/")[2].lower(), one.model.lower()}
        )
        context = one.fact("context_window")
        variants = [
            {"when": when, "prices": some}
            for tier, when in VARIANTS.items()
            if {"input_mtok", "output_mtok"} <= (some := _prices(one, tier)).keys()
        ]
        row: dict[str, Any] = {
            "id": one.spelled[0][1] if one.spelled else one.model.partition("/")[2],
            "name": one.name,
            "match": {"or": [{"equals": n} for n in names]},
        }
        row["prices"] = prices
        row |= {"context_window": context.number} if context else {}
        row |= {"price_variants": variants} if variants else {}
        entry["models"].append(row)
    return [made[p] for p in sorted(made)], count


def _by_hour(one: Offered) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the standard prices, and after them those within hours of the day.

    Of these the calculator takes the last that fits.

    Nothing where hours are told in other words.
    """
    standard, hours = (
        _prices(one, ""),
        [(_WINDOW.fullmatch(window), _prices(one, "", window)) for window in one.windows()],
    )
    if not standard or not hours:
        return standard
    if not all(when and prices for when, prices in hours):
        return {}
    return [
        {"prices": standard},
        *({"constraint": when.groupdict(), "prices": prices} for when, prices in hours if when),
    ]


def _prices(one: Offered, tier: str, window: str = "") -> dict[str, Any]:
    """Return the prices of a tier; within a window, where one has a price of its own there."""
    found: dict[str, Any] = {}
    chosen = {"tier": tier} if tier else {}
    for meter, key in TOKENS.items():
        base = _asked(one, meter, chosen, window)
        if base is not None:
            found[key] = _tiered(one, meter, chosen, base, window)
    hour = _asked(one, "cache_write", {**chosen, "cache_ttl": "1h"}, window)
    if hour is not None and "cache_write_mtok" in found:
        found["cache_write_1h_mtok"] = hour
    search = _asked(one, "search", chosen, window)
    if search is not None and not tier:
        found["web_searches_kcount"] = search * 1000
    fee = _asked(one, "request", chosen, window)
    if fee:
        found["requests_kcount"] = fee * 1000
    if "output_mtok" not in found and not tier and found:
        found.setdefault("input_mtok", Decimal(0))
    # The calculator asks for the price of what is both, and rightly:
    # it is not known where the part's price is another.
    for part in ("audio", "image"):
        joins = [
            how
            for how in ("read", "write")
            if f"cache_{how}_mtok" in found and f"cache_{part}_{how}_mtok" not in found
        ]
        alone = (
            found.get(f"cache_{part}_read_mtok")
            if f"input_{part}_mtok" not in found or joins
            else None
        )
        if alone is not None and found.pop(f"cache_{part}_read_mtok") != found.get(
            "cache_read_mtok"
        ):
            return {}
        if (
            joins
            and (priced := found.pop(f"input_{part}_mtok", None)) is not None
            and priced != found.get("input_mtok")
        ):
            return {}
    if (
        found.keys() & {"output_image_mtok", "output_audio_mtok"}
        and (thought := found.pop("output_reasoning_mtok", None)) is not None
        and thought != found.get("output_mtok")
    ):
        return {}
    # Parts need their whole: a price of cached or spoken input says nothing to this calculator
    # without that of input.
    return found if "input_mtok" in found else {}


def _asked(one: Offered, meter: str, chosen: dict[str, Any], window: str) -> Decimal | None:
    """Return a price within a window, or else at any hour."""
    inside = one.price(meter, window=window, **chosen) if window else None
    return one.price(meter, **chosen) if inside is None else inside


def _tiered(one: Offered, meter: str, chosen: dict[str, Any], base: Decimal, window: str) -> Any:
    tiers = [
        {"start": above, "price": price}
        for above in one.thresholds()
        if (price := _asked(one, meter, {**chosen, "above_input": above}, window)) is not None
    ]
    return {"base": base, "tiers": tiers} if tiers else base
