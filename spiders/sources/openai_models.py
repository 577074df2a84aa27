"""OpenAI's pages of one model each, and the page that lists them by links."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class OpenAIModels(Source):
    name = "openai_models"
    version = 2
    start_urls = (
        "https://platform.openai.com/docs/models",
        "https://platform.openai.com/docs/models/gpt-5",
    )
    declared = Declared("OpenAI", facts="model", addresses={"/docs/models/": ""}, links_offer=True)
