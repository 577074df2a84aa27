"""MiniMax's pay-as-you-go prices: tables by modality, prices with their unit in the cell."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class MinimaxPricing(Source):
    name = "minimax_pricing"
    version = 2
    start_urls = ("https://platform.minimax.io/docs/guides/pricing.md",)
    declared = Declared("MiniMax", yen="CNY")
