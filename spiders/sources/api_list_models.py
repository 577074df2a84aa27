"""Model lists in OpenAI's shape, with what Anthropic, Groq and routers' upstreams add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer, printed_of, stage

HOSTS = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.mistral.ai": "mistral",
    "api.x.ai": "xai",
    "api.moonshot.ai": "moonshotai",
    "api.moonshot.cn": "moonshotai",
    "api.cerebras.ai": "cerebras",
    "api.sambanova.ai": "sambanova",
    "integrate.api.nvidia.com": "nvidia",
    "api.together.xyz": "togetherai",
    "api.fireworks.ai": "fireworks-ai",
    "catalog.endpoints.ai.ovh.net": "ovhcloud",
    "api.tokenfactory.nebius.com": "nebius",
    "api.inceptron.io": "inceptron",
    "api.perplexity.ai": "perplexity",
    "api.z.ai": "zai",
    "api.minimax.io": "minimax",
}


class ApiListModels(Source):
    name = "api_list_models"
    version = 2
    named_by_url = True
    start_urls = (
        "https://catalog.endpoints.ai.ovh.net/rest/v1/models_v2",
        "https://api.cerebras.ai/public/v1/models",
        "https://api.sambanova.ai/v1/models",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        models = (
            data if isinstance(data, list) else data.get("data") if isinstance(data, dict) else None
        )
        if (
            not models
            or not isinstance(models, list)
            or not all(isinstance(m, dict) and "id" in m for m in models)
        ):
            raise LayoutChanged("no list of models with an id under data")
        provider = _provider(page.url, models)
        records = KeyedRecords(page, card(self.name).records, RULES)
        for n, model in enumerate(models):
            at = pointer(n) if isinstance(data, list) else pointer("data", n)
            yield from records.row("model", KeyedRecord(model, str(model["id"]), provider, at))
        records.refuse_unknown()


def _offered(records: KeyedRecords, model: KeyedRecord, key: str) -> list[Claim]:
    """Return whether a model is offered: what the list says of it, or that it is listed."""
    if key == "id" and "active" in model.fields:
        return []
    content = key == "id" or bool(model.fields[key])
    printed = printed_of(model.fields[key])
    return records.stated(FIELDS[("offer", "offered")], content, printed, model, key)


def _effort(records: KeyedRecords, capabilities: KeyedRecord, key: str) -> list[Claim]:
    """Return the levels of effort that are supported."""
    levels = tuple(
        name
        for name, level in capabilities.fields[key].items()
        if isinstance(level, dict) and level.get("supported")
    )
    entry = FIELDS[("model", "reasoning_levels")]
    return records.stated(entry, levels or None, ", ".join(levels), capabilities, key)


def _prices(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield prices. All zero may mean free, or priced by what has no field: it is no price."""
    pricing = model.within(key)
    rules = {name: rule for name in pricing.fields if (rule := records.price_key("pricing", name))}
    numbers = [pricing.fields[name] for name in rules if pricing.fields[name] is not None]
    if numbers and not any(Decimal(str(number)) for number in numbers):
        reason = "every component is 0: free, or not priced by the token; the list does not say"
        records.refuse_block(reason, pricing)
        return
    currency = str(pricing.fields.get("currency_unit") or pricing.fields.get("currency") or "USD")
    for name, rule in rules.items():
        if pricing.fields[name] is not None:
            yield from records.price(replace(rule, unit=(currency, *rule.unit[1:])), pricing, name)
    others = {name: pricing.fields[name] for name in pricing.fields if name not in rules}
    yield from records.read("pricing", replace(pricing, fields=others))


RULES = {
    "offered": _offered,
    "deprecated": stage("deprecated"),
    "preview": stage("preview"),
    "effort": _effort,
    "prices": _prices,
}


def _provider(url: str, models: list[dict[str, Any]]) -> str:
    """Return whose API answered: its host, or the name a saved answer was filed under."""
    if (m := re.match(r"https?://([\w.-]+)/", url)) and m[1] in HOSTS:
        return HOSTS[m[1]]
    if m := re.search(r"([a-z][\w.-]*?)__[^/]*$", url) or re.search(
        r"/providers/([a-z][\w.-]*)/[^/]*$", url
    ):
        return m[1]
    owners = {str(m.get("owned_by")) for m in models if m.get("owned_by")}
    return (
        next(iter(owners))
        if len(owners) == 1
        else (
            "anthropic"
            if all(m.get("type") == "model" for m in models)
            else "openai"
            if "openai-internal" in owners
            else "unnamed"
        )
    )
