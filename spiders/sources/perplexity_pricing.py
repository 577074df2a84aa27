"""Perplexity's API prices: tables of token prices by model, and of searches."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.claim import Claim
from spiders.base import Source
from spiders.flat import tables
from spiders.forms.price_table import Form, read_tables
from spiders.page import Page


class PerplexityPricing(Source):
    name = "perplexity_pricing"
    start_urls = ("https://docs.perplexity.ai/getting-started/pricing.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), Form("Perplexity"))
