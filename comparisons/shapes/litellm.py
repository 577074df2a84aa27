"""LiteLLM's price map: an entry for each name it knows an offer by, dollars for one token."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

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
FLAGS = {
    "function_calling": "supports_function_calling",
    "vision": "supports_vision",
    "reasoning": "supports_reasoning",
    "structured_outputs": "supports_response_schema",
    "prompt_caching": "supports_prompt_caching",
    "computer_use": "supports_computer_use",
}


def shape(snapshot: Warehouse, offers: list[Offered]) -> tuple[dict[str, Any], int]:
    """Return the map and how many offers are in it."""
    calls = _providers(offers)
    made: dict[str, Any] = {}
    count = 0
    for one in offers:
        names = one.spelled or ((calls.get(one.provider, one.provider.replace("-", "_")), ""),)
        if not one.billable or one.price("request") or one.windows() or names[0][0] in FREE_THERE:
            # Its map has no place for a fee for each request, or for a price by the hour: without
            # them the bill would be too low.
            continue
        entry = _entry(one)
        count += 1
        for provider, name in names:
            made[name or f"{provider}/{one.model.partition('/')[2]}"] = {
                "litellm_provider": provider,
                **entry,
            }
    return made, count


def _providers(offers: list[Offered]) -> dict[str, str]:
    """Return what LiteLLM calls each provider most often."""
    said: dict[str, dict[str, int]] = {}
    for one in offers:
        for provider, _ in one.spelled:
            counts = said.setdefault(one.provider, {})
            counts[provider] = counts.get(provider, 0) + 1
    return {ours: max(sorted(counts), key=lambda p: counts[p]) for ours, counts in said.items()}


def _above(tokens: int) -> str:
    """Return a threshold as its keys name it, in whole thousands.

    From 200,000 (above 199,999) reads as above 200,000.
    """
    return f"_above_{(tokens + 500) // 1000}k_tokens" if tokens else ""


def _entry(one: Offered) -> dict[str, Any]:
    written = one.fact("output_modalities")
    entry: dict[str, Any] = {
        "mode": (
            "embedding" if written and written.value and '"embedding"' in written.value else "chat"
        )
    }
    for meter, key in TOKENS.items():
        for above in (0, *one.thresholds()):
            for tier, suffix in (("", ""), *TIERS.items()):
                terms = {
                    **({"above_input": above} if above else {}),
                    **({"tier": tier} if tier else {}),
                }
                if (cost := one.price(meter, **terms)) is not None:
                    entry[f"{key}{_above(above)}{suffix}"] = cost / MILLION
    for above in (0, *one.thresholds()):
        hour = one.price("cache_write", cache_ttl="1h", **({"above_input": above} if above else {}))
        if hour is not None:
            entry[f"cache_creation_input_token_cost_above_1hr{_above(above)}"] = hour / MILLION
    if "output_cost_per_token" not in entry:
        entry["output_cost_per_token"] = Decimal(0)  # an embedding writes nothing
    context, most = (
        one.fact("max_input_tokens") or one.fact("context_window"),
        one.fact("max_output_tokens"),
    )
    entry |= {"max_input_tokens": context.number} if context else {}
    entry |= {"max_output_tokens": most.number, "max_tokens": most.number} if most else {}
    entry |= {key: flag for field, key in FLAGS.items() if (flag := one.flag(field)) is not None}
    return {**entry, "metadata": {"model_almanac": f"{one.provider}:{one.model}"}}
