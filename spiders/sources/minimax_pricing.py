"""MiniMax's pay-as-you-go prices: tables by modality, prices with their unit in the cell."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.claim import Claim
from spiders.base import Source
from spiders.flat import tables
from spiders.forms.price_table import Form, read_tables
from spiders.page import Page


class MinimaxPricing(Source):
    name = "minimax_pricing"
    start_urls = ("https://platform.minimax.io/docs/guides/pricing.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), Form("MiniMax", yen="CNY"))
