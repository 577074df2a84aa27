"""Meta's Llama model cards: the family's table, benchmarks, release dates and licence."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class LlamaCards(Source):
    name = "llama_cards"
    version = 2
    start_urls = (
        "https://raw.githubusercontent.com/meta-llama/llama-models/main/models/llama3_3/MODEL_CARD.md",
    )
    declared = Declared("meta", facts="model", family=True, scores="all")
