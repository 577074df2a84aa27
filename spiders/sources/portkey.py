"""Portkey's price files: US CENTS for one token.

Regions, tiers and context lengths are nested blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import Per
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.row_checks import unique

CENT_TOKEN = Decimal("0.0001")
"""A price in cents for one token is a price in dollars for this many million tokens."""
TOKENS = {
    "request_token": "input",
    "response_token": "output",
    "request_text_token": "input",
    "response_text_token": "output",
    "cache_read_input_token": "cache_read",
    "cache_read_text_input_token": "cache_read",
    "cached_text_input_token": "cache_read",
    "cache_write_input_token": "cache_write",
    "reasoning_token": "reasoning",
    "request_audio_token": "input_audio",
    "response_audio_token": "output_audio",
    "cache_read_audio_input_token": "cache_read_audio",
    "request_image_token": "input_image",
    "response_image_token": "output_image",
    "cache_read_image_input_token": "cache_read_image",
    "cached_image_input_token": "cache_read_image",
}
UNITS: dict[str, tuple[str, Per, dict[str, str]]] = {
    "web_search": ("search", "search", {}),
    "search": ("search", "search", {}),
    "file_search": ("search", "search", {"tool": "files"}),
    "x_search": ("search", "search", {"tool": "x"}),
    "attachment_search": ("search", "search", {"tool": "attachments"}),
    "code_execution": ("request", "request", {"tool": "code execution"}),
    "maps": ("search", "search", {"tool": "maps"}),
    "enterprise_web_search": ("search", "search", {"tool": "enterprise web"}),
    "generated_images": ("image", "image", {}),
    **{
        f"web_search_{size}_context": ("search", "search", {"context": size})
        for size in ("low", "medium", "high")
    },
    "input_image": ("input_image", "image", {}),
    "image_1k": ("image", "image", {"resolution": "1k"}),
    "video_seconds": ("second", "second", {}),
}
UNIT_TOKENS = {
    "request_audio_token": "input_audio",
    "response_audio_token": "output_audio",
    "image_token": "output_image",
    "output_video_token": "output_video",
}


class Portkey(Source):
    name = "portkey"
    named_by_url = True
    start_urls = tuple(
        f"https://raw.githubusercontent.com/Portkey-AI/models/main/pricing/{p}.json"
        for p in ("openai", "anthropic", "google", "mistral-ai", "bedrock", "openrouter")
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        if not isinstance(data, dict):
            raise LayoutChanged("not a map of models")
        files = (
            {PurePosixPath(page.url.removeprefix("file:")).stem: data}
            if any(isinstance(v, dict) and "pricing_config" in v for v in data.values())
            else data
        )
        for provider, models in files.items():
            if not isinstance(models, dict) or not any(
                isinstance(v, dict) and "pricing_config" in v for v in models.values()
            ):
                raise LayoutChanged("no map of models with pricing_config")
            for model, entry in models.items():
                if model != "default":  # what is left out elsewhere, no model
                    yield from unique(
                        page,
                        page.attempt(
                            self._model,
                            page,
                            {"model": model, "provider": provider},
                            entry,
                            locator=f"/{model}",
                            model=model,
                        ),
                    )

    def _model(self, page: Page, who: dict[str, Any], entry: dict[str, Any]) -> Iterator[Claim]:
        at = f"/{who['model']}"
        yield from self._config(
            page, who, entry.get("pricing_config") or {}, {}, f"{at}/pricing_config"
        )
        custom = entry.get("custom_pricing") or {}
        above = {
            label: int(start) for start, label in (custom.get("context_tier_map") or {}).items()
        }
        yield from self._custom(page, who, custom, {}, above, f"{at}/custom_pricing")

    def _custom(
        self,
        page: Page,
        who: dict[str, Any],
        block: dict[str, Any],
        where: dict[str, Any],
        above: dict[str, int],
        at: str,
    ) -> Iterator[Claim]:
        """Descend regions, execution modes and context tiers; each level adds its term."""
        if "pricing_config" in block and where:
            yield from self._config(
                page, who, block["pricing_config"] or {}, where, f"{at}/pricing_config"
            )
        for key, term in (
            ("regions", "region"),
            ("execution_modes", "tier"),
            ("context_tiers", "above_input"),
        ):
            for name, inner in (block.get(key) or {}).items():
                said = (
                    above.get(name) or None
                    if term == "above_input"
                    else (
                        None
                        if (term, name) in (("tier", "standard"), ("region", "default"))
                        else name
                    )
                )
                yield from self._custom(
                    page, who, inner, {**where, term: said}, above, f"{at}/{key}/{name}"
                )

    def _config(
        self,
        page: Page,
        who: dict[str, Any],
        config: dict[str, Any],
        where: dict[str, Any],
        at: str,
    ) -> Iterator[Claim]:
        if config.get("currency", "USD") != "USD":
            raise ValueError(f"cents of which currency? {config['currency']}")
        yield from self._block(
            page, who, config.get("pay_as_you_go") or {}, where, f"{at}/pay_as_you_go"
        )
        yield from self._block(
            page,
            who,
            config.get("batch_config") or {},
            {**where, "tier": "batch"},
            f"{at}/batch_config",
        )
        tuning = config.get("finetune_config") or {}
        yield from page.price(
            (tuning.get("pay_per_token") or {}).get("price"),
            "USD",
            "mtok",
            CENT_TOKEN,
            **who,
            meter="training",
            locator=f"{at}/finetune_config/pay_per_token",
        )
        yield from page.price(
            (tuning.get("pay_per_hour") or {}).get("price"),
            "USD",
            "hour",
            100,
            **who,
            meter="training",
            locator=f"{at}/finetune_config/pay_per_hour",
        )

    def _block(
        self, page: Page, who: dict[str, Any], block: dict[str, Any], where: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        """0 stands for what no token is charged for; it is a price only where all is free."""
        found = list(_prices(block))
        free = not any(Decimal(str(number)) for *_, number, _ in found if number is not None)
        for meter, per, units, extra, number, path in found:
            if number is not None and (free or Decimal(str(number))):
                yield from page.price(
                    number,
                    "USD",
                    per,
                    units,
                    **who,
                    meter=meter,
                    terms=terms(**where, **extra),
                    locator=f"{at}/{path}",
                )
        for key in block.get("additional_units") or {}:
            if (
                key not in UNITS
                and key not in UNIT_TOKENS
                and not re.match(r"default_|cache_write_1h|video_duration_seconds_", key)
            ):
                page.refuse(
                    "a unit this reader does not know",
                    printed=str(block["additional_units"][key])[:200],
                    locator=f"{at}/additional_units/{key}",
                    field="price",
                    **who,
                )


Priced = tuple[str, Per, Decimal | int, dict[str, Any], Any, str]


def _prices(block: dict[str, Any]) -> Iterator[Priced]:
    """Yield (meter, per, units, terms, number, path) of everything a block prices."""
    for key, inner in block.items():
        if key in TOKENS:
            yield TOKENS[key], "mtok", CENT_TOKEN, {}, inner.get("price"), key
        elif key == "image":
            for quality, sizes in inner.items():
                for size, priced in sizes.items():
                    extra: dict[str, Any] = {
                        "quality": None if quality == "default" else quality,
                        "resolution": None if size == "default" else size,
                    }
                    yield (
                        "image",
                        "image",
                        100,
                        extra,
                        priced.get("price"),
                        f"image/{quality}/{size}",
                    )
        elif key == "additional_units":
            for unit, priced in inner.items():
                path, number = f"{key}/{unit}", priced.get("price")
                if unit in UNITS:
                    meter, per, extra = UNITS[unit]
                    yield meter, per, 100, extra, number, path
                elif unit in UNIT_TOKENS:
                    yield UNIT_TOKENS[unit], "mtok", CENT_TOKEN, {}, number, path
                elif unit == "cache_write_1h":
                    yield "cache_write", "mtok", CENT_TOKEN, {"cache_ttl": "1h"}, number, path
                elif m := re.fullmatch(r"video_duration_seconds_(\d+)_(\d+)", unit):
                    yield "second", "second", 100, {"resolution": f"{m[1]}x{m[2]}"}, number, path
