"""Together AI: its serverless models page, or its models API.

Prices are US dollars a million tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, first_line, read_tables

PROVIDER = "togetherai"
PRICES = {"input": "input", "output": "output", "cached_input": "cache_read"}
SIZE = re.compile(r"\s*\(\d+Bx\d+E\)")


class Together(Source):
    name = "together"
    start_urls = ("https://docs.together.ai/docs/serverless-models.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        if page.text.lstrip()[:1] in "[{":
            models = page.json if isinstance(page.json, list) else page.json.get("data")
            if not models or not all(isinstance(m, dict) and "id" in m for m in models):
                raise LayoutChanged("no list of models")
            for i, model in enumerate(models):
                yield from page.attempt(
                    self._model, page, model, f"/{i}", locator=f"/{i}", model=str(model["id"])
                )
        else:
            yield from read_tables(
                page, tables(page), Form(PROVIDER, name=name, row_terms=row_terms)
            )

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": m["id"], "provider": PROVIDER}
        yield from page.say(
            "context_window", m.get("context_length") or None, **who, locator=f"{at}/context_length"
        )
        pricing = m.get("pricing") or {}
        if m.get("type") in (
            None,
            "chat",
            "language",
            "code",
            "embedding",
            "moderation",
            "rerank",
        ) and any(pricing.get(k) for k in PRICES):
            for key, meter in PRICES.items():
                yield from page.price(
                    pricing.get(key),
                    "USD",
                    "mtok",
                    **who,
                    meter=meter,
                    locator=f"{at}/pricing/{key}",
                )


def name(cell: str) -> str:
    """Return the name alone.

    `google/gemma-2b-it*` is deprecated, not another model; `Llama 4 Scout (17Bx16E)`
    repeats its size.
    """
    return SIZE.sub("", first_line(cell)).rstrip("*")


def row_terms(cell: str) -> Terms:
    return terms(tier="free") if re.search(r"\(free\)|-free\b", cell, re.I) else STANDARD
