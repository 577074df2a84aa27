"""Groq's models page, a table or one flattened into lines, and its pages of one model."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class Groq(Source):
    name = "groq"
    version = 2
    start_urls = ("https://console.groq.com/docs/models.md",)
    declared = Declared(
        "groq",
        unit="USD per 1M tokens",
        addresses={"/docs/model/": "", "/docs/compound/systems/": "groq/"},
    )
