"""Together AI: its serverless models page, or its models API.

Prices are US dollars a million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

PROVIDER = "togetherai"
PRICES = ("input", "output", "cached_input")
BY_TOKEN = frozenset(("chat", "language", "code", "embedding", "moderation", "rerank"))


class Together(Source):
    name = "together"
    version = 3
    start_urls = ("https://docs.together.ai/docs/serverless-models.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        if page.text.lstrip()[:1] in "[{":
            yield from _listed(page)
        else:
            yield from read_document(page, Declared(PROVIDER))


def _listed(page: Page) -> Iterator[Claim]:
    """Yield what the models API lists."""
    bare = isinstance(page.json, list)
    models = page.json if bare else page.json.get("data")
    if not models or not all(isinstance(m, dict) and "id" in m for m in models):
        raise LayoutChanged("no list of models")
    rules = {"pricing": _pricing, "other": _other}
    records = KeyedRecords(page, card(Together.name).records, rules)
    for n, model in enumerate(models):
        at = pointer(n) if bare else pointer("data", n)
        yield from records.row("model", KeyedRecord(model, str(model["id"]), PROVIDER, at))
    records.refuse_unknown()


def _pricing(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the prices of a model that is sold by the token: all 0 is no price."""
    pricing = model.within(key)
    if model.fields.get("type", "chat") not in BY_TOKEN or not any(
        pricing.fields.get(k) for k in PRICES
    ):
        records.refuse("no price by the token; for what else is not stated", model, key)
        return
    yield from records.read("pricing", pricing)


def _other(records: KeyedRecords, pricing: KeyedRecord, key: str) -> list[Claim]:
    """Refuse a price whose unit is not documented; 0 says that there is none."""
    if pricing.fields[key]:
        records.refuse("a price whose unit is not documented", pricing, key)
    return []
