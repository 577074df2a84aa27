"""LiteLLM's price map: an entry for each name it knows an offer by, dollars for one token."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import product

from almanac.comparisons.shapes.offered import Offered
from almanac.warehouse import Warehouse

MILLION = 10**6
TOKENS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "input_audio": "input_cost_per_audio_token",
    "output_audio": "output_cost_per_audio_token",
    "cache_read_audio": "cache_read_input_audio_token_cost",
    "input_image": "input_cost_per_image_token",
    "output_image": "output_cost_per_image_token",
    "reasoning": "output_cost_per_reasoning_token",
}
TIERS = {"batch": "_batches", "priority": "_priority", "flex": "_flex"}
FREE_THERE = frozenset({"huggingface", "ollama"})
"""Providers LiteLLM bills nothing for, whatever the map says.

An entry of ours would turn a price into zero.
"""
NO_THRESHOLDS = frozenset({"dashscope"})
"""Providers of which LiteLLM's own function bills a long prompt at the price of a short one."""
FLAGS = {
    "function_calling": "supports_function_calling",
    "vision": "supports_vision",
    "reasoning": "supports_reasoning",
    "structured_outputs": "supports_response_schema",
    "prompt_caching": "supports_prompt_caching",
    "computer_use": "supports_computer_use",
}


Entry = dict[str, object]
"""What the map says of one name."""


def shape(snapshot: Warehouse, offers: list[Offered]) -> tuple[dict[str, Entry], int]:
    """Return the map and how many offers are in it."""
    calls = _providers(offers)
    entries: dict[str, Entry] = {}
    count = 0
    for offer in offers:
        own = calls.get(offer.provider, offer.provider.replace("-", "_"))
        names = offer.spelled or ((own, ""),)
        first = names[0][0]
        if not _can_be_told(offer) or first in FREE_THERE:
            continue
        if first in NO_THRESHOLDS and offer.thresholds():
            continue
        entry = _entry(offer)
        count += 1
        for provider, name in names:
            key = name or f"{provider}/{offer.model.partition('/')[2]}"
            entries[key] = {"litellm_provider": provider, **entry}
    return entries, count


def _can_be_told(offer: Offered) -> bool:
    """Whether its map can say what an offer costs.

    It has no place for a fee for each request, or for a price by the hour: without them the bill
    would be too low.
    """
    return offer.billable and not offer.price("request") and not offer.windows()


def _providers(offers: list[Offered]) -> dict[str, str]:
    """Return what LiteLLM calls each provider most often."""
    calls: dict[str, Counter[str]] = {}
    for offer in offers:
        for provider, _ in offer.spelled:
            calls.setdefault(offer.provider, Counter())[provider] += 1
    return {ours: max(sorted(counts), key=lambda p: counts[p]) for ours, counts in calls.items()}


def _above(tokens: int) -> str:
    """Return a threshold as its keys name it, in whole thousands.

    From 200,000 (above 199,999) reads as above 200,000.
    """
    return f"_above_{(tokens + 500) // 1000}k_tokens" if tokens else ""


def _entry(offer: Offered) -> Entry:
    written = offer.fact("output_modalities")
    embeds = bool(written and written.value and '"embedding"' in written.value)
    prices = _prices(offer)
    if "output_cost_per_token" not in prices:
        prices["output_cost_per_token"] = Decimal(0)  # an embedding writes nothing
    return {
        "mode": "embedding" if embeds else "chat",
        **prices,
        **_limits(offer),
        **{key: flag for field, key in FLAGS.items() if (flag := offer.flag(field)) is not None},
        "metadata": {"model_almanac": f"{offer.provider}:{offer.model}"},
    }


def _prices(offer: Offered) -> dict[str, Decimal]:
    """Return dollars for one token by key: each meter, above each size, in each tier."""
    prices: dict[str, Decimal] = {}
    sizes = (0, *offer.thresholds())
    tiers = (("", ""), *TIERS.items())
    for (meter, key), above, (tier, suffix) in product(TOKENS.items(), sizes, tiers):
        tiered = {"tier": tier} if tier else {}
        if (cost := offer.price(meter, **_from(above), **tiered)) is not None:
            prices[f"{key}{_above(above)}{suffix}"] = cost / MILLION
    for above in sizes:
        hour = offer.price("cache_write", cache_ttl="1h", **_from(above))
        if hour is not None:
            prices[f"cache_creation_input_token_cost_above_1hr{_above(above)}"] = hour / MILLION
    return prices


def _from(above: int) -> dict[str, int]:
    return {"above_input": above} if above else {}


def _limits(offer: Offered) -> dict[str, int | None]:
    prompt = offer.fact("max_input_tokens") or offer.fact("context_window")
    most = offer.fact("max_output_tokens")
    return {
        **({"max_input_tokens": prompt.number} if prompt else {}),
        **({"max_output_tokens": most.number, "max_tokens": most.number} if most else {}),
    }
