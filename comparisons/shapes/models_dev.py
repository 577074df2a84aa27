"""models.dev's `api.json`: providers with models, dollars a million tokens, limits as served.

Its shape has no way to say "unknown" of some facts: a model of which one of these is not known is
left out. How a client connects is not ours to know, so `env` and `npm` are empty; `last_updated`
repeats the release date, for want of anything that says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypedDict

from almanac.comparisons.model_profile import provider_name
from almanac.comparisons.shapes.offered import Offered
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredFigure

COST = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "input_audio",
    "output_audio",
)
"""Meters that its shape has a price for, by the same names."""


class ProviderEntry(TypedDict):
    """One provider with its models by name."""

    id: str
    name: str
    env: list[str]
    npm: str
    doc: str
    models: dict[str, dict[str, object]]


def shape(snapshot: Warehouse, offers: list[Offered]) -> tuple[dict[str, ProviderEntry], int]:
    """Return the providers by id and how many offers are in them."""
    providers: dict[str, ProviderEntry] = {}
    told = [(o, entry) for o in offers if (entry := _model(o)) is not None]
    for offer, entry in told:
        provider = offer.spelled[0][0] if offer.spelled else offer.provider
        name = provider_name(offer.provider)
        row = providers.setdefault(
            provider,
            {"id": provider, "name": name, "env": [], "npm": "", "doc": "", "models": {}},
        )
        for spelled in {n for _, n in offer.spelled} or {offer.model.partition("/")[2]}:
            row["models"][spelled] = {"id": spelled, **entry}
    return providers, len(told)


NEEDED = (
    "release_date",
    "context_window",
    "max_output_tokens",
    "input_modalities",
    "output_modalities",
    "open_weights",
    "reasoning",
    "function_calling",
)
"""Facts its shape has no way to leave out."""


def _model(offer: Offered) -> dict[str, object] | None:
    """Return a model's entry, None where a fact it needs is not known."""
    facts = {name: f for name in NEEDED if (f := offer.fact(name))}
    if len(facts) < len(NEEDED):
        return None
    inputs = json.loads(facts["input_modalities"].value or "[]")
    outputs = json.loads(facts["output_modalities"].value or "[]")
    released = facts["release_date"].value
    return {
        "name": offer.name,
        "attachment": any(m != "text" for m in inputs),
        "reasoning": facts["reasoning"].value == "true",
        "tool_call": facts["function_calling"].value == "true",
        "open_weights": facts["open_weights"].value == "true",
        "release_date": released,
        "last_updated": released,
        "modalities": {"input": inputs, "output": outputs},
        "limit": _limits(offer, facts),
        **_where_known(offer),
        **_cost(offer),
    }


def _limits(offer: Offered, facts: Mapping[str, StoredFigure]) -> dict[str, int | None]:
    prompt = offer.fact("max_input_tokens")
    return {
        "context": facts["context_window"].number,
        "output": facts["max_output_tokens"].number,
        **({"input": prompt.number} if prompt else {}),
    }


def _where_known(offer: Offered) -> dict[str, object]:
    structured, knowledge = offer.flag("structured_outputs"), offer.fact("knowledge_cutoff")
    return {
        **({"structured_output": structured} if structured is not None else {}),
        **({"knowledge": knowledge.value} if knowledge else {}),
    }


def _cost(offer: Offered) -> dict[str, object]:
    """Return what it costs.

    Its shape has no place for a fee for each request, or for a price by the hour: a price without
    them would be too low, so there is none.
    """
    if offer.price("request") or offer.windows():
        return {}
    cost = {meter: price for meter in COST if (price := offer.price(meter)) is not None}
    return {"cost": cost} if {"input", "output"} <= cost.keys() else {}
