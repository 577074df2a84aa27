"""Perplexity's API prices: tables of token prices by model, and of searches."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class PerplexityPricing(Source):
    name = "perplexity_pricing"
    version = 2
    start_urls = ("https://docs.perplexity.ai/getting-started/pricing.md",)
    declared = Declared("Perplexity")
