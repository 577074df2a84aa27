"""Hugging Face model cards: YAML front matter, then Markdown with tables, pipes or HTML."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class HuggingFaceCards(Source):
    name = "huggingface_cards"
    version = 4
    named_by_url = True
    start_urls = ("https://huggingface.co/mistralai/Mistral-Nemo-Instruct-2407/raw/main/README.md",)
    declared = Declared(
        "hugging-face",
        facts="model",
        subject=("repository", "front matter", "card title", "licence", "title"),
        scores="own",
    )
