"""Dify's plug-in model files: YAML with a price per `unit`, in USD or RMB.

A unit of 0.001 is a thousand tokens, one of 0.000001 a million.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas import safe_yaml
from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page, Unreadable

FEATURES = {
    "vision": "vision",
    "tool-call": "function_calling",
    "structured-output": "structured_outputs",
}
MODALITIES = {"vision": "image", "audio": "audio", "video": "video", "document": "pdf"}
LONGEST = ("max_tokens", "max_output_tokens", "max_completion_tokens", "max_tokens_to_sample")
CURRENCIES = {"USD": "USD", "RMB": "CNY", "CNY": "CNY", "EUR": "EUR"}


class Dify(Source):
    name = "dify"
    named_by_url = True
    start_urls = (
        "https://raw.githubusercontent.com/langgenius/dify-official-plugins/main/models/anthropic/models/llm/claude-sonnet-4-6.yaml",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        try:
            data = safe_yaml.load(page.text, as_printed=True)
        except ValueError as error:
            raise Unreadable(f"not YAML: {error}") from None
        if not isinstance(data, dict) or not {"model", "model_type"} <= data.keys():
            raise LayoutChanged("no model and model_type: this is no model file")
        who: dict[str, Any] = {"model": str(data["model"]), "provider": _provider(page.url)}
        properties = data.get("model_properties") or {}
        yield from page.say(
            "context_window",
            _whole(properties.get("context_size")),
            **who,
            locator="/model_properties/context_size",
        )
        for i, rule in enumerate(data.get("parameter_rules") or ()):
            if rule.get("name") in LONGEST:
                yield from page.say(
                    "max_output_tokens",
                    _whole(rule.get("max")),
                    **who,
                    locator=f"/parameter_rules/{i}/max",
                )
        features = [str(f) for f in data.get("features") or ()]
        for feature in features:
            if feature in FEATURES:
                yield from page.say(
                    FEATURES[feature], True, **who, printed=feature, locator="/features"
                )
        if kinds := tuple(MODALITIES[f] for f in features if f in MODALITIES):
            yield from page.say(
                "input_modalities",
                ("text", *kinds),
                **who,
                printed=", ".join(features),
                locator="/features",
                basis="derived",
            )
        if str(data.get("deprecated", "")).lower() == "true":
            yield from page.say(
                "lifecycle",
                "deprecated",
                model=who["model"],
                printed="deprecated: true",
                locator="/deprecated",
            )
        yield from page.attempt(
            self._prices,
            page,
            data.get("pricing") or {},
            who,
            locator="/pricing",
            model=who["model"],
        )

    def _prices(self, page: Page, pricing: dict[str, str], who: dict[str, Any]) -> Iterator[Claim]:
        if not pricing:
            return
        currency, unit = CURRENCIES[pricing["currency"]], Decimal(pricing["unit"])
        for key, meter in (("input", "input"), ("output", "output")):
            said = pricing.get(key)
            if said is not None:
                yield from page.price(
                    said,
                    currency,
                    "mtok",
                    1 / unit / 10**6,
                    **who,
                    meter=meter,
                    printed=f"{said}; unit {pricing['unit']} {pricing['currency']}",
                    locator=f"/pricing/{key}",
                )
        for key in pricing.keys() - {"input", "output", "unit", "currency"}:
            page.refuse(
                "a price key this reader does not know",
                printed=str(pricing[key]),
                locator=f"/pricing/{key}",
                field="price",
                **who,
            )


def _whole(said: Any) -> int | None:
    return int(said) if said is not None and re.fullmatch(r"\d+", str(said)) else None


def _provider(url: str) -> str:
    """Return the plug-in a file belongs to, which only its path names."""
    m = re.search(r"/models/([\w-]+)/models/", url) or re.search(r"([\w-]+?)__[^/]*$", url)
    return m[1] if m else "unnamed"
