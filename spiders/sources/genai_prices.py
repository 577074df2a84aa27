"""genai-prices: an installed package's data, its published JSON, or its repository's YAML."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from almanac.schemas import safe_yaml
from almanac.schemas.claim import Basis, Claim, terms
from almanac.schemas.money import Per, price_of
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page, Unreadable

UNITS: dict[str, tuple[str, Per, int]] = {
    "input_mtok": ("input", "mtok", 1),
    "output_mtok": ("output", "mtok", 1),
    "cache_read_mtok": ("cache_read", "mtok", 1),
    "cache_write_mtok": ("cache_write", "mtok", 1),
    "cache_write_1h_mtok": ("cache_write", "mtok", 1),
    "cache_write_5m_mtok": ("cache_write", "mtok", 1),
    "output_reasoning_mtok": ("reasoning", "mtok", 1),
    "input_audio_mtok": ("input_audio", "mtok", 1),
    "output_audio_mtok": ("output_audio", "mtok", 1),
    "cache_audio_read_mtok": ("cache_read_audio", "mtok", 1),
    "input_image_mtok": ("input_image", "mtok", 1),
    "output_image_mtok": ("output_image", "mtok", 1),
    "cache_image_read_mtok": ("cache_read_image", "mtok", 1),
    "input_video_mtok": ("input_video", "mtok", 1),
    "output_video_mtok": ("output_video", "mtok", 1),
    "requests_kcount": ("request", "request", 1000),
    "web_searches_kcount": ("search", "search", 1000),
    "audio_hours": ("audio", "hour", 1),
    "input_audio_hours": ("input_audio", "hour", 1),
    "input_mchars": ("character", "mchar", 1),
    "input_document_kpages": ("page", "page", 1000),
}
TTL = {"cache_write_1h_mtok": "1h", "cache_write_5m_mtok": "5m"}


class GenaiPrices(Source):
    name = "genai_prices"
    version = 2
    start_urls = ("https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/data.json",)

    def installed(self) -> tuple[str, bytes] | None:
        try:
            from importlib.metadata import version

            from genai_prices import data
        except ImportError:
            return None
        dumped = [_dump(p, ("models", "id", "name")) for p in data.providers]
        return (
            f"package://genai-prices/{version('genai-prices')}",
            json.dumps(dumped, separators=(",", ":")).encode(),
        )

    def read(self, page: Page) -> Iterator[Claim]:
        data = [_yaml(page)] if re.search(r"\.ya?ml$", page.url) else page.json
        if not isinstance(data, list) or not all(
            isinstance(p, dict) and "models" in p for p in data
        ):
            raise LayoutChanged("not a list of providers with models")
        for provider in data:
            for model in provider["models"]:
                at = f"/{provider['id']}/{model['id']}"
                yield from page.attempt(
                    self._model, page, provider["id"], model, at, locator=at, model=str(model["id"])
                )

    def _model(self, page: Page, provider: str, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": m["id"], "provider": provider}
        basis: Basis = (
            "inherited"
            if str(m.get("price_comments", "")).lower().startswith("imported from")
            else "stated"
        )
        yield from page.say(
            "context_window", _whole(m.get("context_window")), **who, locator=f"{at}/context_window"
        )
        blocks = m["prices"] if isinstance(m["prices"], list) else [{"prices": m["prices"]}]
        blocks = [(f"{at}/prices/{i}", b, {}) for i, b in enumerate(blocks)]
        blocks += [
            (f"{at}/price_variants/{i}", v, dict(v.get("when") or {}))
            for i, v in enumerate(m.get("price_variants") or ())
        ]
        for here, block, when in blocks:
            yield from self._block(page, block, when, who, here, basis)

    def _block(
        self,
        page: Page,
        block: dict[str, Any],
        when: dict[str, Any],
        who: dict[str, Any],
        at: str,
        basis: Basis,
    ) -> Iterator[Claim]:
        constraint = block.get("constraint") or {}
        start = constraint.get("start_date")
        window = (
            f"{constraint['start_time']}-{constraint['end_time']}"
            if "start_time" in constraint
            else None
        )
        conditions = {
            "tier": when.pop("service_tier", None) or when.pop("processing", None),
            "window": window,
            **when,
        }
        for key, said in block["prices"].items():
            if said is None:
                continue
            if key not in UNITS:
                page.refuse(
                    "a unit this reader does not know",
                    printed=str(said),
                    locator=f"{at}/{key}",
                    field="price",
                    **who,
                )
                continue
            steps = (
                [(None, said)]
                if not isinstance(said, dict)
                else [
                    (None, said["base"]),
                    *((_whole(t["start"]), t["price"]) for t in said["tiers"]),
                ]
            )
            meter, per, units = UNITS[key]
            for above, number in steps:
                price = price_of(str(number), "USD", per, units)
                yield from page.say(
                    "price",
                    price,
                    **who,
                    meter=meter,
                    printed=str(number),
                    locator=f"{at}/{key}",
                    basis=basis,
                    terms=terms(**conditions, above_input=above, cache_ttl=TTL.get(key)),
                    effective_from=date.fromisoformat(start) if start else None,
                )


def _yaml(page: Page) -> Any:
    """Return one provider's file of the repository; every number as the text it is written in."""
    try:
        return safe_yaml.load(page.text, as_printed=True)
    except ValueError as error:
        raise Unreadable(f"not YAML: {error}") from None


def _whole(number: Any) -> Any:
    """Return a whole number that YAML writes as 200_000."""
    return (
        int(number.replace("_", ""))
        if isinstance(number, str) and number.replace("_", "").isdigit()
        else number
    )


def _dump(value: Any, keep: tuple[str, ...] = ()) -> Any:
    """Return the package's own objects as plain JSON, in the shape of the published file."""
    if dataclasses.is_dataclass(value):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {
            k: _dump(v)
            for k, v in pairs
            if v is not None and not k.startswith("_") and k != "match" and (not keep or k in keep)
        }
    if type(value).__name__ == "ModelPrice":  # the one class of theirs that is no dataclass
        value = vars(value)
    if isinstance(value, dict):
        return {k: _dump(v) for k, v in value.items() if v is not None and not k.startswith("_")}
    if isinstance(value, (list, tuple)):
        return [_dump(v) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(str(value))
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return value
