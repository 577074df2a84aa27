"""Artificial Analysis' model list (API v2, key in ARTIFICIAL_ANALYSIS_API_KEY).

With its own evaluations and speed measurements.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import exact
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

PROVIDER = "median of providers"
PRICES = {"price_1m_input_tokens": "input", "price_1m_output_tokens": "output"}
SPEED = {
    "median_time_to_first_token_seconds": "time to first token",
    "median_time_to_first_answer_token": "time to first answer token",
}


class ArtificialAnalysis(Source):
    name = "artificial_analysis"
    start_urls = ("https://artificialanalysis.ai/api/v2/data/llms/models",)
    key = ("x-api-key", "ARTIFICIAL_ANALYSIS_API_KEY")

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        models = (
            next((data[k] for k in ("data", "models") if isinstance(data.get(k), list)), None)
            if isinstance(data, dict)
            else None
        )
        if not models or not all(
            isinstance(m, dict) and "slug" in m and "evaluations" in m for m in models
        ):
            raise LayoutChanged("no list of models with evaluations")
        for i, model in enumerate(models):
            yield from page.attempt(
                self._model,
                page,
                model,
                f"/models/{i}",
                locator=f"/models/{i}",
                model=str(model.get("slug")),
            )

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        name = m["slug"]
        yield from page.say(
            "release_date", m.get("release_date"), model=name, locator=f"{at}/release_date"
        )
        for benchmark, score in (m.get("evaluations") or {}).items():
            yield from page.say(
                "score",
                score,
                model=name,
                subject="evaluation",
                terms=terms(benchmark=benchmark, reporter="Artificial Analysis"),
                locator=f"{at}/evaluations/{benchmark}",
            )
        offer: dict[str, Any] = {"model": name, "provider": PROVIDER}
        for key, meter in PRICES.items():
            number = (m.get("pricing") or {}).get(key)
            if number:  # 0 stands for "no provider tracked" as well as for free
                yield from page.price(
                    number,
                    "USD",
                    "mtok",
                    **offer,
                    meter=meter,
                    terms=terms(statistic="median"),
                    locator=f"{at}/pricing/{key}",
                )
        if m.get("median_output_tokens_per_second"):
            yield from page.say(
                "throughput",
                m["median_output_tokens_per_second"],
                **offer,
                terms=terms(statistic="median", kind="measured"),
                locator=f"{at}/median_output_tokens_per_second",
            )
        for key, metric in SPEED.items():
            if m.get(key):
                yield from page.say(
                    "latency",
                    exact(str(Decimal(str(m[key])) * 1000)),
                    **offer,
                    terms=terms(statistic="median", kind="measured", metric=metric),
                    printed=f"{m[key]} s",
                    locator=f"{at}/{key}",
                )
        more = m.get("metadata") or {}
        for key, field in (
            ("context_window_tokens", "context_window"),
            ("is_open_weights", "open_weights"),
            ("is_reasoning", "reasoning"),
            ("license_name", "licence"),
        ):
            yield from page.say(
                field,
                more.get(key) or None if field == "context_window" else more.get(key),
                model=name,
                locator=f"{at}/metadata/{key}",
            )
