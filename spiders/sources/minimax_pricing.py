"""MiniMax's pay-as-you-go prices: tables by modality, prices with their unit in the cell."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, read_tables


class MinimaxPricing(Source):
    name = "minimax_pricing"
    start_urls = ("https://platform.minimax.io/docs/guides/pricing.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), Form("MiniMax", yen="CNY"))
