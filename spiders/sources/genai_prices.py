"""genai-prices: an installed package's data, its published JSON, or its repository's YAML."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Basis, Claim
from almanac.schemas.terms import Terms
from almanac.schemas.weekly_hours import WeeklyHours
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer, stage


class GenaiPrices(Source):
    name = "genai_prices"
    version = 3
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
        one = bool(re.search(r"\.ya?ml$", page.url))
        data = [page.yaml] if one else page.json
        if not isinstance(data, list) or not all(
            isinstance(p, dict) and "models" in p for p in data
        ):
            raise LayoutChanged("not a list of providers with models")
        records = KeyedRecords(page, card(self.name).records, RULES)
        for n, provider in enumerate(data):
            name, place = str(provider["id"]), "" if one else pointer(n)
            yield from records.row("provider", KeyedRecord(provider, name, name, place))
            for m, model in enumerate(provider["models"]):
                at = place + pointer("models", m)
                yield from records.row("model", KeyedRecord(model, str(model["id"]), name, at))
        records.refuse_unknown()


def _prices(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield a model's prices: of one block, or of several with the days or hours of each.

    The price beside those of some hours holds in the others.
    """
    record = replace(model, basis=_basis(model))
    if isinstance(model.fields[key], dict):
        yield from _components(records, record, key)
        return
    blocks = [record.within(key, n) for n, _ in enumerate(model.fields[key])]
    placed = {block.at: _constrained(records, block) for block in blocks}
    taken = [block for block in placed.values() if block]
    timed = [block for block in taken if block.terms.get("window")]
    hours = records.hours_left(
        "price",
        [block.within("prices") for block in timed],
        [block.within("prices") for block in blocks if not placed[block.at]],
    )
    for block in taken:
        rest = {} if block in timed else hours
        yield from records.read("block", replace(block, hours=rest))


def _constrained(records: KeyedRecords, block: KeyedRecord) -> KeyedRecord | None:
    """Return a block under its constraint; none, with a refusal, for what is not understood."""
    constraint = dict(block.fields.get("constraint") or {})
    start = constraint.pop("start_date", None)
    times = [constraint.pop(key, None) for key in ("start_time", "end_time")]
    if constraint or times.count(None) == 1:
        records.refuse_block("prices under a constraint this reader does not know", block)
        return None
    window = WeeklyHours.parse("-".join(map(str, times))) if None not in times else None
    return replace(
        block,
        terms=Terms.of(window=window).merged(block.terms),
        effective_from=date.fromisoformat(str(start)) if start else None,
    )


def _variants(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the prices of a tier, or of what else is chosen for a call."""
    for n, variant in enumerate(model.fields[key]):
        when = dict(variant.get("when") or {})
        tiers = [when.pop(name, None) for name in ("service_tier", "processing")]
        block = model.within(key, n, tier=next((t for t in tiers if t), None), **when)
        yield from records.read("block", replace(block, basis=_basis(model)))


def _components(records: KeyedRecords, block: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the price of each component; of one in steps, each above its threshold."""
    prices = block.within(key)
    for name, content in prices.fields.items():
        rule = records.price_key("price", name)
        if rule is None or not isinstance(content, dict):
            yield from records.read("price", replace(prices, fields={name: content}))
            continue
        yield from records.price(rule, prices.within(name), "base")
        for n, step in enumerate(content["tiers"]):
            above = Terms.of(above_input=_whole(step["start"]))
            tier = prices.within(name, "tiers", n)
            yield from records.price(rule, replace(tier, terms=above.merged(tier.terms)), "price")


def _basis(model: KeyedRecord) -> Basis:
    comments = str(model.fields.get("price_comments", "")).lower()
    return "inherited" if comments.startswith("imported from") else "stated"


RULES = {
    "prices": _prices,
    "variants": _variants,
    "components": _components,
    "deprecated": stage("deprecated"),
}


def _whole(number: Any) -> Any:
    """Return a whole number that YAML writes as 200_000."""
    return int(str(number).replace("_", ""))


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
