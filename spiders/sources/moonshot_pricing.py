"""Moonshot's price pages, English or Chinese: one table of models with its unit in a column."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, read_tables

FORM = Form("Moonshot AI", yen="CNY")


class MoonshotPricing(Source):
    name = "moonshot_pricing"
    start_urls = ("https://platform.moonshot.ai/docs/pricing/chat",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), FORM)
