"""xAI: the models of its documentation, or its models API (1e-10 US dollars for one token)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from almanac.schemas.claim import Claim
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.listed import is_answer, read_listed
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

PROVIDER = "xAI"
LONG = "_long_context"


class XAI(Source):
    name = "xai"
    version = 2
    start_urls = ("https://docs.x.ai/docs/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        if is_answer(page):
            yield from read_listed(page, PROVIDER, {"long": _long})
        else:
            yield from read_document(page, Declared(PROVIDER))


def _long(records: KeyedRecords, model: KeyedRecord, key: str) -> list[Claim]:
    """Return a price for requests longer than the model's threshold."""
    above = model.fields.get("long_context_threshold")
    price = records.price_key("model", key.removesuffix(LONG))
    if not above or price is None:
        records.refuse("a price for long requests, of which no length is stated", model, key)
        return []
    return records.price(price, replace(model, terms=Terms.of(above_input=str(above))), key)
