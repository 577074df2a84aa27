"""Vercel AI Gateway's list of models: US dollars for one token, as strings."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

PROVIDER = "vercel"


class VercelAIGateway(Source):
    name = "vercel_ai_gateway"
    version = 2
    start_urls = ("https://ai-gateway.vercel.sh/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        models = data.get("data") if isinstance(data, dict) else None
        if not models or not all(
            isinstance(m, dict) and "id" in m and "pricing" in m for m in models
        ):
            raise LayoutChanged("no list of models with pricing under data")
        records = KeyedRecords(page, card(self.name).records)
        for n, model in enumerate(models):
            record = KeyedRecord(model, str(model["id"]), PROVIDER, pointer("data", n))
            yield from records.row("model", record)
        records.refuse_unknown()
