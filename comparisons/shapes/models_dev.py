"""models.dev's `api.json`: providers with models, dollars a million tokens, limits as served.

Its shape has no way to say "unknown" of some facts: a model of which one of these is not known is
left out. How a client connects is not ours to know, so `env` and `npm` are empty; `last_updated`
repeats the release date, for want of anything that says otherwise.
"""

from __future__ import annotations

import json
from typing import Any

from almanac.comparisons.model_profile import provider_name
from almanac.comparisons.shapes.offered import Offered
from almanac.warehouse import Warehouse

COST = {
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "reasoning": "reasoning",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
}


def shape(snapshot: Warehouse, offers: list[Offered]) -> tuple[dict[str, Any], int]:
    """Return the providers by id and how many offers are in them."""
    made: dict[str, Any] = {}
    count = 0
    for one in offers:
        entry = _model(one)
        if entry is None:
            continue
        count += 1
        provider = one.spelled[0][0] if one.spelled else one.provider
        found = made.setdefault(
            provider,
            {
                "id": provider,
                "name": provider_name(one.provider),
                "env": [],
                "npm": "",
                "doc": "",
                "models": {},
            },
        )
        for name in {name for _, name in one.spelled} or {one.model.partition("/")[2]}:
            found["models"][name] = {"id": name, **entry}
    return made, count


def _model(one: Offered) -> dict[str, Any] | None:
    """Return a model's entry, None where a fact it needs is not known."""
    released, context, most, takes, makes, weights = (
        one.fact(f)
        for f in (
            "release_date",
            "context_window",
            "max_output_tokens",
            "input_modalities",
            "output_modalities",
            "open_weights",
        )
    )
    reasons, calls = one.flag("reasoning"), one.flag("function_calling")
    if (
        not (released and context and most and takes and makes and weights)
        or reasons is None
        or calls is None
    ):
        return None
    inputs, outputs = json.loads(takes.value or "[]"), json.loads(makes.value or "[]")
    cost = {key: price for meter, key in COST.items() if (price := one.price(meter)) is not None}
    knowledge, least = one.fact("knowledge_cutoff"), one.fact("max_input_tokens")
    if one.price("request") or one.windows():
        # Its shape has no place for a fee for each request, or for a price by the hour: a price
        # without them would be too low.
        cost = {}
    return {
        "name": one.name,
        "attachment": any(m != "text" for m in inputs),
        "reasoning": reasons,
        "tool_call": calls,
        "open_weights": weights.value == "true",
        "release_date": released.value,
        "last_updated": released.value,
        "modalities": {"input": inputs, "output": outputs},
        "limit": {
            "context": context.number,
            "output": most.number,
            **({"input": least.number} if least else {}),
        },
        **(
            {"structured_output": flag}
            if (flag := one.flag("structured_outputs")) is not None
            else {}
        ),
        **({"knowledge": knowledge.value} if knowledge else {}),
        **({"cost": cost} if {"input", "output"} <= cost.keys() else {}),
    }
