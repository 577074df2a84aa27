"""LiteLLM's price map: US dollars a token, conditions spelled into the keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import TOKEN, Per
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

BASES: dict[str, tuple[str, Per, Decimal | int]] = {
    "input_cost_per_token": ("input", "mtok", TOKEN),
    "output_cost_per_token": ("output", "mtok", TOKEN),
    "input_cost_per_token_cache_hit": ("cache_read", "mtok", TOKEN),
    "cache_read_input_token_cost": ("cache_read", "mtok", TOKEN),
    "cache_creation_input_token_cost": ("cache_write", "mtok", TOKEN),
    "output_cost_per_reasoning_token": ("reasoning", "mtok", TOKEN),
    "input_cost_per_audio_token": ("input_audio", "mtok", TOKEN),
    "output_cost_per_audio_token": ("output_audio", "mtok", TOKEN),
    "cache_read_input_audio_token_cost": ("cache_read_audio", "mtok", TOKEN),
    "cache_creation_input_audio_token_cost": ("cache_write_audio", "mtok", TOKEN),
    "input_cost_per_image_token": ("input_image", "mtok", TOKEN),
    "output_cost_per_image_token": ("output_image", "mtok", TOKEN),
    "cache_read_input_image_token_cost": ("cache_read_image", "mtok", TOKEN),
    "input_cost_per_video_token": ("input_video", "mtok", TOKEN),
    "output_cost_per_video_token": ("output_video", "mtok", TOKEN),
    "input_cost_per_image": ("input_image", "image", 1),
    "output_cost_per_image": ("image", "image", 1),
    "input_cost_per_second": ("second", "second", 1),
    "output_cost_per_second": ("second", "second", 1),
    "input_cost_per_character": ("character", "mchar", TOKEN),
    "output_cost_per_character": ("character", "mchar", TOKEN),
    "input_cost_per_query": ("search", "search", 1),
    "input_cost_per_request": ("request", "request", 1),
    "ocr_cost_per_page": ("page", "page", 1),
    "annotation_cost_per_page": ("page", "page", 1),
    "cost_per_second": ("second", "second", 1),
    "input_cost_per_video_per_second": ("second", "second", 1),
    "output_cost_per_video_per_second": ("second", "second", 1),
    "input_cost_per_audio_per_second": ("second", "second", 1),
    "google_maps_grounding_cost_per_query": ("search", "search", 1),
    "code_interpreter_cost_per_session": ("session", "session", 1),
}
TIERS = {
    "batches": "batch",
    "priority": "priority",
    "flex": "flex",
    "balanced": "balanced",
    "ultrafast": "ultrafast",
}
WHERE: dict[str, dict[str, str | None]] = {
    "annotation_cost_per_page": {"component": "annotation"},
    "google_maps_grounding_cost_per_query": {"tool": "maps"},
    "code_interpreter_cost_per_session": {"tool": "code interpreter"},
    "cost_per_second": {"side": None},
    **{
        f"{side}_cost_per_{media}_per_second": {"side": side, "media": media}
        for side in ("input", "output")
        for media in ("audio", "video")
    },
}
CONDITION = re.compile(
    r"_(?P<size>(?:480|720|768|1080)p|[0-9.]+[kK])$|_above_(?P<k>\d+)k_tokens"
    r"|_above_(?P<hours>\d+)hr|_(?P<tier>batches|priority|flex|balanced|ultrafast)(?=_|$)"
)
FLAGS = {
    "supports_vision": "vision",
    "supports_reasoning": "reasoning",
    "supports_function_calling": "function_calling",
    "supports_response_schema": "structured_outputs",
    "supports_prompt_caching": "prompt_caching",
    "supports_computer_use": "computer_use",
    "supports_native_streaming": "streaming",
}


class LiteLLM(Source):
    name = "litellm"
    version = 2
    start_urls = (
        "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        if not isinstance(data, dict) or not any(
            isinstance(v, dict) and "litellm_provider" in v for v in data.values()
        ):
            raise LayoutChanged("no map of models with litellm_provider")
        for name, row in data.items():
            if name == "sample_spec":
                continue
            yield from page.attempt(self._row, page, name, row, locator=f"/{name}", model=name)

    def _row(self, page: Page, name: str, m: dict[str, Any]) -> Iterator[Claim]:
        offer: dict[str, Any] = {"model": name, "provider": str(m["litellm_provider"])}
        for key, said in m.items():
            here = f"/{name}/{key}"
            if "cost" in key:
                yield from self._price(page, key, said, offer, here)
            elif key in ("max_input_tokens", "max_output_tokens"):
                yield from page.say(key, _count(said), **offer, printed=str(said), locator=here)
            elif key in FLAGS and isinstance(said, bool):
                yield from page.say(FLAGS[key], said, **offer, locator=here)
            elif key == "deprecation_date":
                yield from page.say("withdrawn", str(said), **offer, locator=here)
        for side, key in (
            ("input", "supported_modalities"),
            ("output", "supported_output_modalities"),
        ):
            kinds = tuple(str(k).replace("embeddings", "embedding") for k in m.get(key) or ())
            yield from page.say(
                f"{side}_modalities", kinds or None, **offer, locator=f"/{name}/{key}"
            )

    def _price(
        self, page: Page, key: str, said: Any, offer: dict[str, Any], here: str
    ) -> Iterator[Claim]:
        base = CONDITION.sub("", key)
        if key == "search_context_cost_per_query" and isinstance(said, dict):
            for size, number in said.items():
                yield from page.price(
                    number,
                    "USD",
                    "search",
                    **offer,
                    meter="search",
                    terms=terms(context=size.removeprefix("search_context_size_")),
                    locator=f"{here}/{size}",
                )
            return
        if base not in BASES or not isinstance(said, (int, Decimal, str)):
            page.refuse(
                "a price key this reader does not know",
                printed=str(said)[:200],
                locator=here,
                field="price",
                **offer,
            )
            return
        meter, per, units = BASES[base]
        conditions: dict[str, Any] = {
            "side": base.split("_", 1)[0] if meter in ("second", "character") else None
        } | WHERE.get(base, {})
        for m in CONDITION.finditer(key):
            if m["size"]:
                conditions["resolution"] = m["size"]
            elif m["k"]:
                conditions["above_input"] = int(m["k"]) * 1000
            elif m["hours"]:
                conditions["cache_ttl"] = f"{m['hours']}h"
            else:
                conditions["tier"] = TIERS[m["tier"]]
        yield from page.price(
            said, "USD", per, units, **offer, meter=meter, terms=terms(**conditions), locator=here
        )


def _count(said: Any) -> int | None:
    """LiteLLM writes limits as ints, as whole floats and, here and there, as words."""
    if isinstance(said, str):
        return int(said) if said.isdigit() else None
    return int(said) if said and int(said) == said else None
