"""Portkey's price files: US CENTS for one token.

Regions, tiers and context lengths are nested blocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source, card
from almanac.spiders.bundles import slices
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, PriceKey, pointer

FILES = "https://raw.githubusercontent.com/Portkey-AI/models/main/pricing/{}.json"
IMAGE = {"image": "US cents per image"}
SECOND = {"second": "US cents per second"}
TERMS = {"regions": "region", "execution_modes": "tier", "context_tiers": "above_input"}
STANDARD = {"region": "default", "tier": "standard"}


class Portkey(Source):
    name = "portkey"
    version = 2
    named_by_url = True
    start_urls = tuple(
        FILES.format(p)
        for p in ("openai", "anthropic", "google", "mistral-ai", "bedrock", "openrouter")
    )

    def members(self, body: bytes) -> Iterator[tuple[str, bytes]]:
        files = dict(slices(body))
        if all(_is_map(json.loads(text)) for text in files.values()):
            for provider, text in files.items():
                yield FILES.format(provider), text

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        if not isinstance(data, dict):
            raise LayoutChanged("not a map of models")
        records = KeyedRecords(page, card(self.name).records, RULES)
        whole = _is_map(data)
        provider = PurePosixPath(page.url.removeprefix("file:")).stem
        for file, models in ({provider: data} if whole else data).items():
            if not _is_map(models):
                raise LayoutChanged("no map of models with pricing_config")
            for model, entry in models.items():
                if model != "default":  # what is left out elsewhere, no model
                    at = pointer(model) if whole else pointer(file, model)
                    yield from records.row("model", KeyedRecord(entry, model, file, at))
        records.refuse_unknown()


def _is_map(models: Any) -> bool:
    return isinstance(models, dict) and any(
        isinstance(entry, dict) and "pricing_config" in entry for entry in models.values()
    )


def _config(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    config = model.within(key)
    if config.fields.get("currency", "USD") != "USD":
        raise ValueError(f"cents of which currency? {config.fields['currency']}")
    yield from records.read("config", config)


def _custom(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    custom = model.within(key)
    starts = custom.fields.get("context_tier_map") or {}
    above = {name: int(start) or None for start, name in starts.items()}
    yield from _descended(records, custom, above)


def _descended(
    records: KeyedRecords, block: KeyedRecord, above: dict[str, int | None]
) -> Iterator[Claim]:
    """Yield the prices of regions, execution modes and context tiers; each level adds its term."""
    for key in block.fields:
        if key == "pricing_config":
            yield from _config(records, block, key)
        elif key in TERMS:
            for name in block.fields[key]:
                inner = block.within(key, name, **{TERMS[key]: _term(TERMS[key], name, above)})
                yield from _descended(records, inner, above)
        elif key != "context_tier_map":
            records.unknown(block, key, block.fields[key], f"custom_pricing/{key}", price=True)


def _term(term: str, name: str, above: dict[str, int | None]) -> str | int | None:
    """Return the word of a level; nothing for the standard one.

    Raises KeyError for a tier of context whose threshold is not stated.
    """
    if term == "above_input":
        return above[name]
    return None if name == STANDARD[term] else name


def _block(records: KeyedRecords, config: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield a block's prices.

    0 stands for what no token is charged for; it is a price only where all is free.
    """
    block = config.within(key, **({"tier": "batch"} if key == "batch_config" else {}))
    if any(number for name, number in _numbers(block.fields) if not name.startswith("default_")):
        block = KeyedRecord(
            _charged(block.fields), block.model, block.provider, block.at, block.terms
        )
    yield from records.read("block", block)


def _numbers(block: Any, name: str = "") -> Iterator[tuple[str, Decimal]]:
    for key, inner in block.items():
        if isinstance(inner, dict):
            yield from _numbers(inner, key)
        elif key == "price" and inner is not None:
            yield name, Decimal(str(inner))


def _charged(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block without what costs 0."""
    return {
        key: _charged(inner) if isinstance(inner, dict) else inner
        for key, inner in block.items()
        if not (key == "price" and inner is not None and not Decimal(str(inner)))
    }


def _image(records: KeyedRecords, size: KeyedRecord, key: str) -> list[Claim]:
    *_, quality, resolution = size.at.split("/")
    words = {"quality": quality, "resolution": resolution}
    terms = {name: word for name, word in words.items() if word != "default"}
    return records.price(PriceKey.of({**IMAGE, **terms}), size, key)


def _video(records: KeyedRecords, unit: KeyedRecord, key: str) -> list[Claim]:
    size = re.search(r"video_duration_seconds_(\d+)_(\d+)$", unit.at)
    if not size:
        records.refuse("a size of video this reader does not know", unit, key)
        return []
    resolution = {"resolution": f"{size[1]}x{size[2]}"}
    return records.price(PriceKey.of({**SECOND, **resolution}), unit, key)


RULES = {
    "config": _config,
    "custom": _custom,
    "block": _block,
    "image": _image,
    "video": _video,
}
