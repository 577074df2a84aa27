"""DeepSeek's price page, English or Chinese: one table, a column for each model."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class DeepSeekPricing(Source):
    name = "deepseek_pricing"
    version = 3
    start_urls = ("https://api-docs.deepseek.com/quick_start/pricing",)
    declared = Declared("DeepSeek", facts="model")
