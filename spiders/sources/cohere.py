"""Cohere: the models page of its documentation as tables, or its models API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

PROVIDER = "Cohere"
TABLES = Declared(
    PROVIDER,
    facts="model",
    unit="USD per 1M tokens",
    ignored={
        "Endpoints": "which calls take it",
        "Amazon Bedrock Model ID": "its name at another provider",
        "Amazon SageMaker": "its name at another provider",
        "Azure AI Foundry": "its name at another provider",
        "Oracle OCI Generative AI Service": "its name at another provider",
    },
)
FEATURES = {
    "tools": "function_calling",
    "json_mode": "structured_outputs",
    "json_schema": "structured_outputs",
    "vision": "vision",
    "reasoning": "reasoning",
}


class Cohere(Source):
    name = "cohere"
    version = 2
    start_urls = ("https://docs.cohere.com/docs/models.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        if page.text.lstrip()[:1] != "{":
            yield from read_document(page, TABLES)
            return
        models = page.json.get("models")
        if not models or not all(isinstance(m, dict) and "name" in m for m in models):
            raise LayoutChanged("no list of models with a name")
        for i, model in enumerate(models):
            yield from page.attempt(
                self._model,
                page,
                model,
                f"/models/{i}",
                locator=f"/models/{i}",
                model=str(model["name"]),
            )

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": m["name"], "provider": PROVIDER}
        yield from page.say("offered", True, **who, printed=m["name"], locator=f"{at}/name")
        yield from page.say(
            "context_window", m.get("context_length") or None, **who, locator=f"{at}/context_length"
        )
        if m.get("is_deprecated"):
            yield from page.say(
                "lifecycle",
                "deprecated",
                model=m["name"],
                printed="is_deprecated: true",
                locator=f"{at}/is_deprecated",
            )
        for feature in m.get("features") or ():
            if feature in FEATURES:
                yield from page.say(
                    FEATURES[feature], True, **who, printed=feature, locator=f"{at}/features"
                )
