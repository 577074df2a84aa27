"""Hugging Face's router: which provider serves a model, at what price, how fast.

Prices are US dollars a million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

FLAGS = {"supports_tools": "function_calling", "supports_structured_output": "structured_outputs"}


class HuggingFaceInference(Source):
    name = "huggingface_inference"
    start_urls = ("https://router.huggingface.co/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        models = (
            data.get("data")
            if isinstance(data, dict) and isinstance(data.get("data"), list)
            else [data]
        )
        if not models or not all(
            isinstance(m, dict) and "id" in m and isinstance(m.get("providers"), list)
            for m in models
        ):
            raise LayoutChanged("no models with a list of providers")
        for i, model in enumerate(models):
            for j, route in enumerate(model["providers"]):
                at = f"/data/{i}/providers/{j}"
                yield from page.attempt(
                    self._route, page, model["id"], route, at, locator=at, model=model["id"]
                )

    def _route(self, page: Page, model: str, route: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": model, "provider": route["provider"]}
        yield from page.say(
            "offered",
            route["status"] == "live",
            **who,
            printed=route["status"],
            locator=f"{at}/status",
        )
        yield from page.say(
            "context_window", route.get("context_length"), **who, locator=f"{at}/context_length"
        )
        for meter in ("input", "output"):
            yield from page.price(
                (route.get("pricing") or {}).get(meter),
                "USD",
                "mtok",
                **who,
                meter=meter,
                terms=terms(via="huggingface"),
                locator=f"{at}/pricing/{meter}",
            )
        for key, field in FLAGS.items():
            yield from page.say(field, route.get(key), **who, locator=f"{at}/{key}")
        measured = terms(kind="measured", via="huggingface")
        yield from page.say(
            "throughput", route.get("throughput"), **who, terms=measured, locator=f"{at}/throughput"
        )
        yield from page.say(
            "latency",
            route.get("first_token_latency_ms"),
            **who,
            terms=terms(kind="measured", via="huggingface", metric="time to first token"),
            locator=f"{at}/first_token_latency_ms",
        )
