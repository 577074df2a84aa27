"""Model lists in OpenAI's shape, with what Anthropic, Groq and routers' upstreams add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.dates import read_date
from almanac.schemas.money import TOKEN, Per
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

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
# Prices in the schema that routers ask of their upstreams: one token, as a string.
PRICES: dict[str, tuple[str, Per, Decimal | int]] = {
    "prompt": ("input", "mtok", TOKEN),
    "completion": ("output", "mtok", TOKEN),
    "image": ("image", "image", 1),
    "request": ("request", "request", 1),
    "input_cache_reads": ("cache_read", "mtok", TOKEN),
    "input_cache_read": ("cache_read", "mtok", TOKEN),
    "input_cache_writes": ("cache_write", "mtok", TOKEN),
    "input_cache_write": ("cache_write", "mtok", TOKEN),
    "internal_reasoning": ("reasoning", "mtok", TOKEN),
    "web_search": ("search", "search", 1),
}
LIMITS = {
    "context_window": "context_window",
    "context_length": "context_window",
    "max_model_len": "context_window",
    "max_context_length": "context_window",
    "max_completion_tokens": "max_output_tokens",
    "max_output_length": "max_output_tokens",
    "max_output_tokens": "max_output_tokens",
    "max_input_tokens": "max_input_tokens",
    "max_tokens": "max_output_tokens",
}
CAPABILITIES = {
    "batch": "batch",
    "code_execution": "code_execution",
    "structured_outputs": "structured_outputs",
    "image_input": "vision",
    "thinking": "reasoning",
}
FEATURES = {
    "tools": "function_calling",
    "function_calling": "function_calling",
    "structured_outputs": "structured_outputs",
    "json_mode": "structured_outputs",
    "reasoning": "reasoning",
}


class ApiListModels(Source):
    name = "api_list_models"
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
        for i, model in enumerate(models):
            yield from page.attempt(
                self._model,
                page,
                {"model": str(model["id"]), "provider": provider},
                model,
                f"/data/{i}",
                locator=f"/data/{i}",
                model=str(model["id"]),
            )

    def _model(
        self, page: Page, who: dict[str, Any], m: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        active = m.get("active", True)
        yield from page.say(
            "offered",
            bool(active),
            **who,
            printed=f"active: {active}" if "active" in m else str(m["id"]),
            locator=f"{at}/{'active' if 'active' in m else 'id'}",
        )
        said = set()
        for key, field in LIMITS.items():
            if m.get(key) and field not in said:  # 0 and null stand for "not known"
                said.add(field)
                yield from page.say(field, m[key], **who, locator=f"{at}/{key}")
        if day := _day(m.get("created") or m.get("created_at")):
            yield from page.say(
                "first_offered",
                read_date(day),
                **who,
                printed=str(m.get("created") or m.get("created_at")),
                locator=f"{at}/created",
            )
        yield from page.say(
            "withdrawn", m.get("shutdown_date"), **who, locator=f"{at}/shutdown_date"
        )
        yield from page.say(
            "quantisation", m.get("quantization"), **who, locator=f"{at}/quantization"
        )
        for side in ("input", "output"):
            kinds = tuple(m.get(f"{side}_modalities") or ())
            yield from page.say(
                f"{side}_modalities", kinds or None, **who, locator=f"{at}/{side}_modalities"
            )
        for feature in m.get("supported_features") or ():
            if feature in FEATURES:
                yield from page.say(
                    FEATURES[feature],
                    True,
                    **who,
                    printed=feature,
                    locator=f"{at}/supported_features",
                )
        yield from self._capabilities(page, who, m.get("capabilities") or {}, f"{at}/capabilities")
        yield from self._prices(page, who, m.get("pricing") or {}, f"{at}/pricing")

    def _capabilities(self, page: Page, who: dict[str, Any], said: Any, at: str) -> Iterator[Claim]:
        if not isinstance(said, dict):
            return
        for key, field in CAPABILITIES.items():
            flag = said[key].get("supported") if isinstance(said.get(key), dict) else said.get(key)
            yield from page.say(
                field, flag if isinstance(flag, bool) else None, **who, locator=f"{at}/{key}"
            )
        effort = said.get("effort")
        if isinstance(effort, dict):
            levels = tuple(
                k for k, v in effort.items() if isinstance(v, dict) and v.get("supported")
            )
            yield from page.say(
                "reasoning_levels", levels or None, model=who["model"], locator=f"{at}/effort"
            )

    def _prices(self, page: Page, who: dict[str, Any], pricing: Any, at: str) -> Iterator[Claim]:
        """All zero may mean free, or priced by something with no field: it is no price."""
        if not isinstance(pricing, dict):
            return
        numbers = {k: v for k, v in pricing.items() if k in PRICES and v is not None}
        if numbers and not any(Decimal(str(v)) for v in numbers.values()):
            page.refuse(
                "every component is 0: free, or not priced by the token; the list does not say",
                printed=str(pricing)[:200],
                locator=at,
                field="price",
                **who,
            )
            return
        for key, number in numbers.items():
            meter, per, units = PRICES[key]
            if Decimal(str(number)):
                yield from page.price(
                    number,
                    str(pricing.get("currency_unit") or "USD"),
                    per,
                    units,
                    **who,
                    meter=meter,
                    locator=f"{at}/{key}",
                )


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


def _day(said: Any) -> str | None:
    if isinstance(said, int) and said > 0:
        return (
            datetime.fromtimestamp(said / 1000 if said > 10**11 else said, UTC).date().isoformat()
        )
    return str(said)[:10] if isinstance(said, str) and re.match(r"\d{4}-\d\d-\d\d", said) else None
