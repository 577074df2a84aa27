"""Dify's plug-in model files: YAML with a price per `unit`, in USD or RMB.

A unit of 0.001 is a thousand tokens, one of 0.000001 a million.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.schemas.terms import STANDARD
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, PriceKey, stage

MODALITIES = {"vision": "image", "audio": "audio", "video": "video", "document": "pdf"}
LONGEST = ("max_tokens", "max_output_tokens", "max_completion_tokens", "max_tokens_to_sample")
CURRENCIES = {"USD": "USD", "RMB": "CNY", "CNY": "CNY", "EUR": "EUR"}


class Dify(Source):
    name = "dify"
    version = 2
    named_by_url = True
    start_urls = (
        "https://raw.githubusercontent.com/langgenius/dify-official-plugins/main/models/anthropic/models/llm/claude-sonnet-4-6.yaml",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.yaml
        if not isinstance(data, dict) or not {"model", "model_type"} <= data.keys():
            raise LayoutChanged("no model and model_type: this is no model file")
        rules = {
            "parameters": _parameters,
            "prices": _prices,
            "price": _price,
            "deprecated": stage("deprecated"),
        }
        records = KeyedRecords(page, card(self.name).records, rules)
        record = KeyedRecord(data, str(data["model"]), _provider(page.url), "")
        yield from records.row("model", record)
        yield from _modalities(records, record)
        records.refuse_unknown()


def _modalities(records: KeyedRecords, model: KeyedRecord) -> list[Claim]:
    """Return what a model takes besides text, told from its features."""
    features = [str(f) for f in model.fields.get("features") or ()]
    kinds = tuple(MODALITIES[f] for f in features if f in MODALITIES)
    entry, content = FIELDS[("offer", "input_modalities")], ("text", *kinds) if kinds else None
    return records.stated(entry, content, ", ".join(features), model, "features", basis="derived")


def _parameters(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the most tokens of an answer: the greatest value its parameter takes."""
    for n, rule in enumerate(model.fields[key]):
        if rule.get("name") in LONGEST and rule.get("max") is not None:
            parameter = model.within(key, n)
            yield from records.fact(FIELDS[("offer", "max_output_tokens")], parameter, "max")


def _prices(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the prices, or none of them where their currency or unit is not to be had."""
    pricing = model.within(key)
    yield from records.page.attempt(
        records.read, "pricing", pricing, locator=pricing.at, model=model.model
    )


def _price(records: KeyedRecords, pricing: KeyedRecord, key: str) -> list[Claim]:
    """Return the price of a meter, for as many tokens as `unit` is the inverse of."""
    unit = Decimal(str(pricing.fields["unit"]))
    if not unit:
        raise ValueError(f"prices for a unit of {pricing.fields['unit']}")
    currency = CURRENCIES[str(pricing.fields["currency"])]
    return records.price(
        PriceKey(key, (currency, "mtok", 1 / unit / 10**6), STANDARD, True), pricing, key
    )


def _provider(url: str) -> str:
    """Return the plug-in a file belongs to, which only its path names."""
    m = re.search(r"/models/([\w-]+)/models/", url) or re.search(r"([\w-]+?)__[^/]*$", url)
    return m[1] if m else "unnamed"
