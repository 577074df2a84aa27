"""Moonshot's price pages, English or Chinese: one table of models with its unit in a column."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.claim import Claim
from spiders.base import Source
from spiders.flat import tables
from spiders.forms.price_table import Form, read_tables
from spiders.page import Page

FORM = Form("Moonshot AI", yen="CNY")


class MoonshotPricing(Source):
    name = "moonshot_pricing"
    start_urls = ("https://platform.moonshot.ai/docs/pricing/chat",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), FORM)
