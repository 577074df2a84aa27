"""Perplexity's API prices: tables of token prices by model, and of searches."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, read_tables


class PerplexityPricing(Source):
    name = "perplexity_pricing"
    start_urls = ("https://docs.perplexity.ai/getting-started/pricing.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), Form("Perplexity"))
