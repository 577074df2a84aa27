"""Together AI: its serverless models page, or its models API.

Prices are US dollars a million tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim, terms
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, first_line, read_tables
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

PROVIDER = "togetherai"
PRICES = ("input", "output", "cached_input")
BY_TOKEN = frozenset(("chat", "language", "code", "embedding", "moderation", "rerank"))
SIZE = re.compile(r"\s*\(\d+Bx\d+E\)")


class Together(Source):
    name = "together"
    version = 2
    start_urls = ("https://docs.together.ai/docs/serverless-models.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        if page.text.lstrip()[:1] in "[{":
            yield from _listed(page)
        else:
            yield from read_tables(
                page, tables(page), Form(PROVIDER, name=name, row_terms=row_terms)
            )


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


def name(cell: str) -> str:
    """Return the name alone.

    `google/gemma-2b-it*` is deprecated, not another model; `Llama 4 Scout (17Bx16E)`
    repeats its size.
    """
    return SIZE.sub("", first_line(cell)).rstrip("*")


def row_terms(cell: str) -> Terms:
    return terms(tier="free") if re.search(r"\(free\)|-free\b", cell, re.I) else STANDARD
