"""LLMStats: models with limits, licences and scores as published, and their prices.

Providers' prices are for one token in US dollars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import TOKEN
from almanac.schemas.quantity import exact
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

FACTS = {
    "release_date": "release_date",
    "knowledge_cutoff": "knowledge_cutoff",
    "input_context_size": "max_input_tokens",
    "output_context_size": "max_output_tokens",
    "param_count": "parameters",
    "license": "licence",
    "multimodal": "multimodal",
}
PRICES = {"price_per_input_token": "input", "price_per_output_token": "output"}


class LLMStats(Source):
    name = "llmstats"
    named_by_url = True
    start_urls = (
        "https://raw.githubusercontent.com/JonathanChavezTamales/LLMStats/main/providers/anthropic/provider.json",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        files = (
            data.items()
            if isinstance(data, dict) and all(str(k).endswith(".json") for k in data) and data
            else [(page.url, data)]
        )
        for path, file in files:
            if not isinstance(file, dict) or not (
                {"providermodels", "qualitative_metrics"} & file.keys()
            ):
                raise LayoutChanged(f"neither a model nor a provider: {path}")
            if "providermodels" in file:
                for i, row in enumerate(file["providermodels"]):
                    yield from page.attempt(
                        self._offer,
                        page,
                        file["name"],
                        row,
                        f"{path}/providermodels/{i}",
                        locator=path,
                        model=str(row.get("model_id")),
                    )
            else:
                name = (
                    m[1]
                    if (m := re.search(r"models/[\w.-]+/([^/]+)/model\.json$", path))
                    else str(file.get("name") or "")
                )
                yield from page.attempt(
                    self._model, page, name, file, path, locator=path, model=name
                )

    def _offer(self, page: Page, provider: str, row: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": row["model_id"], "provider": provider}
        for key, meter in PRICES.items():
            yield from page.price(
                row.get(key), "USD", "mtok", TOKEN, **who, meter=meter, locator=f"{at}/{key}"
            )
        if row.get("throughput"):
            yield from page.say(
                "throughput",
                Decimal(str(row["throughput"])),
                **who,
                printed=str(row["throughput"]),
                locator=f"{at}/throughput",
            )
        if row.get("latency"):
            yield from page.say(
                "latency",
                exact(str(Decimal(str(row["latency"])) * 1000)),
                **who,
                printed=f"{row['latency']} s",
                locator=f"{at}/latency",
            )

    def _model(self, page: Page, name: str, m: dict[str, Any], at: str) -> Iterator[Claim]:
        for key, field in FACTS.items():
            yield from page.say(field, m.get(key), model=name, locator=f"{at}/{key}")
        for i, score in enumerate(m.get("qualitative_metrics") or ()):
            reporter = "maker" if score.get("is_self_reported") else "third party"
            yield from page.say(
                "score",
                score.get("score"),
                model=name,
                subject="evaluation",
                locator=f"{at}/qualitative_metrics/{i}",
                terms=terms(
                    benchmark=score["dataset_name"],
                    variant=score.get("analysis_method"),
                    reporter=reporter,
                    date=score.get("date_recorded"),
                ),
            )
