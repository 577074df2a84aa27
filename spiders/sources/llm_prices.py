"""llm-prices: a hand-kept list of US dollars a million tokens with the days each price held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

LONG = re.compile(r"-(\d+)k$")


class LlmPrices(Source):
    name = "llm_prices"
    version = 2
    start_urls = ("https://www.llm-prices.com/current-v1.json",)

    def read(self, page: Page) -> Iterator[Claim]:
        records = KeyedRecords(page, card(self.name).records)
        claims: list[Claim] = []
        for vendor, model, row, at in _rows(page.json):
            named = str(model.get("id"))
            claims += page.attempt(_price, records, vendor, model, row, at, locator=at, model=named)
        yield from records.agreed(claims)
        records.refuse_unknown()


def _price(
    records: KeyedRecords, vendor: str, model: dict[str, Any], row: dict[str, Any], at: str
) -> Iterator[Claim]:
    """Yield the prices of a row; of a model that is named by a length, those above it."""
    name, above = str(model["id"]), None
    if ">" in str(model.get("name", "")) and (m := LONG.search(name)):
        name, above = name[: m.start()], int(m[1]) * 1000
    start, end = row.get("from_date"), row.get("to_date")
    ended = end if end and date.fromisoformat(end) <= records.page.fetched_at.date() else None
    yield from records.read(
        "price",
        KeyedRecord(
            row,
            name,
            vendor,
            at,
            Terms.of(above_input=above, until=ended),
            effective_from=date.fromisoformat(start) if start else None,
        ),
    )


def _rows(data: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], str]]:
    """Yield (vendor, model, price row, place) of a vendor's file, or a list of those.

    Or of the site's flat lists.
    """
    if isinstance(data, dict) and isinstance(data.get("prices"), list):
        for n, row in enumerate(data["prices"]):
            yield row["vendor"], row, row, pointer("prices", n)
        return
    many = isinstance(data, list)
    files = data if many else [data]
    if not files or not all(isinstance(f, dict) and "vendor" in f and "models" in f for f in files):
        raise LayoutChanged("neither vendor and models, nor prices")
    for k, file in enumerate(files):
        place = pointer(k) if many else ""
        for n, model in enumerate(file["models"]):
            for m, row in enumerate(model["price_history"]):
                yield file["vendor"], model, row, place + pointer("models", n, "price_history", m)
