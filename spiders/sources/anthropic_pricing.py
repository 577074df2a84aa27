"""Anthropic's price page as its own Markdown: base, cache, batch and long-context tables."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class AnthropicPricing(Source):
    name = "anthropic_pricing"
    version = 3
    start_urls = ("https://platform.claude.com/docs/en/about-claude/pricing.md",)
    declared = Declared("Anthropic", name_lines=True)
