"""DeepInfra's model lists: cents for one token, or US dollars a million under metadata."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.money import Per
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

PROVIDER = "deepinfra"
CENT_TOKEN = Decimal("0.0001")
CENTS: dict[str, tuple[str, Per, Decimal | int]] = {
    "cents_per_input_token": ("input", "mtok", CENT_TOKEN),
    "cents_per_output_token": ("output", "mtok", CENT_TOKEN),
    "cents_per_input_sec": ("second", "second", 100),
    "cents_per_sec": ("second", "second", 100),
    "cents_per_image_unit": ("image", "image", 100),
    "cents_per_input_chars": ("character", "mchar", CENT_TOKEN),
}
DOLLARS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
}


class DeepInfra(Source):
    name = "deepinfra"
    start_urls = ("https://api.deepinfra.com/v1/openai/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        models = (
            data if isinstance(data, list) else data.get("data") if isinstance(data, dict) else None
        )
        if not models or not all(
            isinstance(m, dict) and ("model_name" in m or "metadata" in m) for m in models
        ):
            raise LayoutChanged("no list of models with model_name or metadata")
        for i, model in enumerate(models):
            yield from page.attempt(
                self._model,
                page,
                model,
                f"/{i}",
                locator=f"/{i}",
                model=str(model.get("model_name") or model.get("id")),
            )

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": m.get("model_name") or m["id"], "provider": PROVIDER}
        more = m.get("metadata") or {}
        yield from page.say(
            "context_window",
            more.get("context_length") or m.get("max_tokens"),
            **who,
            locator=f"{at}/{'metadata/context_length' if more else 'max_tokens'}",
        )
        yield from page.say(
            "max_output_tokens", more.get("max_tokens"), **who, locator=f"{at}/metadata/max_tokens"
        )
        yield from page.say(
            "quantisation", m.get("quantization"), **who, locator=f"{at}/quantization"
        )
        for key, number in (more.get("pricing") or {}).items():
            if key in DOLLARS:
                yield from page.price(
                    number,
                    "USD",
                    "mtok",
                    **who,
                    meter=DOLLARS[key],
                    locator=f"{at}/metadata/pricing/{key}",
                )
            else:
                page.refuse(
                    "a price component this reader does not know",
                    printed=str(number)[:200],
                    locator=f"{at}/metadata/pricing/{key}",
                    field="price",
                    **who,
                )
        for key, number in (m.get("pricing") or {}).items():
            if key in CENTS:
                meter, per, units = CENTS[key]
                yield from page.price(
                    number, "USD", per, units, **who, meter=meter, locator=f"{at}/pricing/{key}"
                )
            elif key.startswith("cents_per_"):
                page.refuse(
                    "a price component this reader does not know",
                    printed=str(number)[:200],
                    locator=f"{at}/pricing/{key}",
                    field="price",
                    **who,
                )
