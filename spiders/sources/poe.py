"""Poe: bots priced in compute points, or in US dollars a token.

They stand in its model list with scraped price cards, or on catalogue pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.labelled import read_labelled
from almanac.spiders.reading.page import read_document

NO_PRICE = "what a chat begins at, or a share off a price"
PAGES = Declared(
    "poe",
    titled=True,
    unit="¤",
    points=("points", "point", "credits", "credit"),
    labels={
        "base cost": "cost per request",
        "message cost": "cost per request",
        "per message": "cost per request",
        "output (message)": "cost",
        "base request fee": "base request fee price per request",
        "bot message (text)": "output",
        "input & output tokens": "price",
    },
    ignored=dict.fromkeys(
        (
            "initial points cost",
            "cache discount",
            "chat history cache discount",
            "chat history",
            "bot message",
        ),
        NO_PRICE,
    ),
)


class Poe(Source):
    name = "poe"
    version = 3
    start_urls = ("https://api.poe.com/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        if page.text.lstrip()[:1] not in "{[":
            yield from read_document(page, PAGES)
            return
        data = page.json.get("data") if isinstance(page.json, dict) else page.json
        if not data or not all(isinstance(m, dict) and "id" in m for m in data):
            raise LayoutChanged("no list of bots under data")
        records = KeyedRecords(page, card(self.name).records, {"costs": self._costs})
        at = pointer("data") if isinstance(page.json, dict) else ""
        for n, bot in enumerate(data):
            record = KeyedRecord(bot, str(bot["id"]), "poe", at + pointer(n))
            yield from records.row("bot", record)
        records.refuse_unknown()

    def _costs(self, records: KeyedRecords, pricing: KeyedRecord, key: str) -> Iterator[Claim]:
        """Yield the prices of a card: each label with its amount."""
        details = pricing.within(key)
        yield from read_labelled(records.page, PAGES, details.model, details.fields, details.at)
