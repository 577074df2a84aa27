"""OpenRouter's endpoints: each provider's terms for one model.

They hold when it is bought through OpenRouter.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.sources._openrouter_prices import prices
from almanac.spiders.sources.openrouter import unwrap

TIERS = {"flex", "priority", "batch", "fast", "turbo"}


class OpenRouterEndpoints(Source):
    name = "openrouter_endpoints"
    start_urls = ("https://openrouter.ai/api/v1/models/google/gemini-3.1-flash-lite/endpoints",)

    def read(self, page: Page) -> Iterator[Claim]:
        answer = page.json
        data = answer.get("data") if isinstance(answer, dict) else None
        models = [data] if isinstance(data, dict) else unwrap(answer)
        if not any("endpoints" in m for m in models):
            raise LayoutChanged("no endpoints in the answer")
        for i, model in enumerate(models):
            for j, endpoint in enumerate(model.get("endpoints") or ()):
                at = f"/models/{i}/endpoints/{j}"
                yield from page.attempt(
                    self._endpoint,
                    page,
                    str(model["id"]),
                    endpoint,
                    at,
                    locator=at,
                    model=str(model["id"]),
                )

    def _endpoint(self, page: Page, model: str, e: dict[str, Any], at: str) -> Iterator[Claim]:
        provider = e["provider_name"]
        marks = str(e.get("tag") or "").split("/")[1:]
        quantisation = (
            e.get("quantization") if e.get("quantization") not in (None, "unknown") else None
        )
        conditions = terms(
            via="openrouter",
            tier=next((m for m in marks if m in TIERS), None),
            region=next((m for m in marks if m not in TIERS and m != quantisation), None),
            quantisation=quantisation,
        )
        offer: dict[str, Any] = {"model": model, "provider": provider, "terms": conditions}
        yield from prices(
            page,
            e["pricing"],
            model=model,
            provider=provider,
            locator=f"{at}/pricing",
            extra=conditions,
        )
        yield from page.say(
            "context_window", e.get("context_length"), **offer, locator=f"{at}/context_length"
        )
        yield from page.say(
            "max_output_tokens",
            e.get("max_completion_tokens"),
            **offer,
            locator=f"{at}/max_completion_tokens",
        )
        yield from page.say(
            "max_input_tokens",
            e.get("max_prompt_tokens"),
            **offer,
            locator=f"{at}/max_prompt_tokens",
        )
        yield from page.say("quantisation", quantisation, **offer, locator=f"{at}/quantization")
        if "tools" in (e.get("supported_parameters") or ()):
            yield from page.say(
                "function_calling",
                True,
                **offer,
                printed="tools",
                locator=f"{at}/supported_parameters",
            )
        if (uptime := e.get("uptime_last_30m")) is not None:
            measured = {**offer, "terms": terms(**dict(conditions), kind="measured", window="30m")}
            yield from page.say(
                "uptime", Decimal(str(uptime)), **measured, locator=f"{at}/uptime_last_30m"
            )
