"""Gemini API models: a card for each model with label and value in turn."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class GoogleModels(Source):
    name = "google_models"
    version = 2
    start_urls = ("https://ai.google.dev/gemini-api/docs/models",)
    declared = Declared("Google AI Studio", facts="both")
