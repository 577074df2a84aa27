"""Mistral's documentation as Markdown: prices in EUR, limits, versions, retirements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

TABLES = Declared(
    "Mistral", facts="model", labels={"Max Tokens": "context window", "Endpoint": "id"}
)
LISTED = re.compile(r"following models are available:[^\S\n]*\n((?:\s*[-*] .+\n?)+)")
CLOUDS = (
    ("azure", re.compile(r"^id: azure|Azure AI", re.M)),
    ("google-vertex", re.compile(r"^id: vertex|Vertex AI", re.M)),
)


class Mistral(Source):
    name = "mistral"
    version = 2
    start_urls = ("https://docs.mistral.ai/getting-started/models/models_overview.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        if listed := LISTED.search(page.text):
            yield from self._clouds(page, listed)
            return
        yield from read_document(page, TABLES)

    def _clouds(self, page: Page, listed: re.Match[str]) -> Iterator[Claim]:
        provider = next((p for p, pattern in CLOUDS if pattern.search(page.text[:400])), "")
        if not provider:
            raise LayoutChanged("a list of models on a cloud this reader does not know")
        first = page.text.count("\n", 0, listed.start(1)) + 1
        for n, line in enumerate(listed[1].splitlines()):
            if model := line.strip(" -*").strip():
                yield from page.say(
                    "offered",
                    True,
                    model=model,
                    provider=provider,
                    printed=model,
                    locator=f"line {first + n}",
                )
