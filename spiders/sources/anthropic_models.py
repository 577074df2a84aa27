"""Anthropic's page of models as Markdown: a column a model, ids, limits, abilities, prices."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class AnthropicModels(Source):
    name = "anthropic_models"
    version = 3
    start_urls = ("https://platform.claude.com/docs/en/about-claude/models/overview.md",)
    declared = Declared("Anthropic", facts="model")
