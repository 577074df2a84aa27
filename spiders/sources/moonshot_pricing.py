"""Moonshot's price pages, English or Chinese: one table of models with its unit in a column."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class MoonshotPricing(Source):
    name = "moonshot_pricing"
    version = 2
    start_urls = ("https://platform.moonshot.ai/docs/pricing/chat",)
    declared = Declared("Moonshot AI", yen="CNY")
