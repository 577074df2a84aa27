"""llm-prices: a hand-kept list of US dollars a million tokens with the days each price held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

METERS = {"input": "input", "output": "output", "input_cached": "cache_read"}
LONG = re.compile(r"-(\d+)k$")


class LlmPrices(Source):
    name = "llm_prices"
    start_urls = ("https://www.llm-prices.com/current-v1.json",)

    def read(self, page: Page) -> Iterator[Claim]:
        for i, (vendor, model, row) in enumerate(_rows(page.json)):
            yield from page.attempt(
                self._row,
                page,
                vendor,
                model,
                row,
                f"/{model['id']} {i}",
                locator=f"/{i}",
                model=str(model.get("id")),
            )

    def _row(
        self, page: Page, vendor: str, model: dict[str, Any], row: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        name, above = str(model["id"]), None
        if ">" in str(model.get("name", "")) and (m := LONG.search(name)):
            # The same model, above a length.
            name, above = name[: m.start()], int(m[1]) * 1000
        start, end = row.get("from_date"), row.get("to_date")
        ended = end if end and date.fromisoformat(end) <= page.fetched_at.date() else None
        for key, meter in METERS.items():
            yield from page.price(
                row.get(key),
                "USD",
                "mtok",
                model=name,
                provider=vendor,
                meter=meter,
                terms=terms(above_input=above, until=ended),
                locator=f"{at}/{key}",
                effective_from=date.fromisoformat(start) if start else None,
            )


def _rows(data: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (vendor, model, price row) of a vendor's file, or a list of those.

    Or of the site's flat lists.
    """
    if isinstance(data, dict) and isinstance(data.get("prices"), list):
        for row in data["prices"]:
            yield row["vendor"], row, row
        return
    files = data if isinstance(data, list) else [data]
    if not files or not all(isinstance(f, dict) and "vendor" in f and "models" in f for f in files):
        raise LayoutChanged("neither vendor and models, nor prices")
    for file in files:
        for model in file["models"]:
            for row in model["price_history"]:
                yield file["vendor"], model, row
