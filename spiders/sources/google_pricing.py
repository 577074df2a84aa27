"""Gemini API pricing: free and paid tiers by model, as HTML or flattened to lines."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class GooglePricing(Source):
    name = "google_pricing"
    version = 2
    start_urls = ("https://ai.google.dev/gemini-api/docs/pricing",)
    declared = Declared("Google AI Studio")
