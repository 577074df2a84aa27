"""Vercel AI Gateway's list of models: US dollars for one token, as strings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.money import TOKEN, Per
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

PROVIDER = "vercel"
PRICES: dict[str, tuple[str, Per, Any]] = {
    "input": ("input", "mtok", TOKEN),
    "output": ("output", "mtok", TOKEN),
    "input_cache_read": ("cache_read", "mtok", TOKEN),
    "input_cache_write": ("cache_write", "mtok", TOKEN),
    "image": ("image", "image", 1),
    "web_search": ("search", "search", 1000),
}
TAGS = {
    "vision": "vision",
    "tool-use": "function_calling",
    "reasoning": "reasoning",
    "implicit-caching": "prompt_caching",
}


class VercelAIGateway(Source):
    name = "vercel_ai_gateway"
    start_urls = ("https://ai-gateway.vercel.sh/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        models = data.get("data") if isinstance(data, dict) else None
        if not models or not all(
            isinstance(m, dict) and "id" in m and "pricing" in m for m in models
        ):
            raise LayoutChanged("no list of models with pricing under data")
        for i, model in enumerate(models):
            yield from page.attempt(
                self._model, page, model, f"/data/{i}", locator=f"/data/{i}", model=str(model["id"])
            )

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": m["id"], "provider": PROVIDER}
        yield from page.say(
            "context_window", m.get("context_window") or None, **who, locator=f"{at}/context_window"
        )
        yield from page.say(
            "max_output_tokens", m.get("max_tokens") or None, **who, locator=f"{at}/max_tokens"
        )
        for key, number in (m["pricing"] or {}).items():
            if key in PRICES:
                meter, per, units = PRICES[key]
                yield from page.price(
                    number, "USD", per, units, **who, meter=meter, locator=f"{at}/pricing/{key}"
                )
            else:
                page.refuse(
                    "a price component this reader does not know",
                    printed=str(number)[:200],
                    locator=f"{at}/pricing/{key}",
                    field="price",
                    **who,
                )
        for tag in m.get("tags") or ():
            if tag in TAGS:
                yield from page.say(TAGS[tag], True, **who, printed=tag, locator=f"{at}/tags")
