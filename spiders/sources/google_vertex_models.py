"""Google Cloud's model pages as Markdown: labels with values below them, lists, notices."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class GoogleVertexModels(Source):
    name = "google_vertex_models"
    version = 3
    start_urls = (
        "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-1-flash-lite",
    )
    declared = Declared("Google Vertex AI", facts="both")
