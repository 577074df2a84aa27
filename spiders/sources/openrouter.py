"""OpenRouter's list of models: its own routes, and what it says of each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer
from almanac.spiders.sources._openrouter_prices import image, prices

RATING = {"arena": "arena", "category": "category"} | dict.fromkeys(("elo", "win_rate", "rank"), "")


def unwrap(answer: Any) -> tuple[str, list[dict[str, Any]]]:
    """Return the models of an answer, bare or as collectors wrap it, and where they stand.

    Raises LayoutChanged for another shape.
    """
    at = ""
    for _ in range(3):
        if (
            isinstance(answer, list)
            and answer
            and all(isinstance(m, dict) and "id" in m for m in answer)
        ):
            return at, answer
        if not isinstance(answer, dict):
            break
        key = next((k for k in ("body", "data", "models") if k in answer), "")
        at, answer = at + pointer(key), answer.get(key)
    raise LayoutChanged("no list of models under data")


class OpenRouter(Source):
    name = "openrouter"
    version = 2
    start_urls = ("https://openrouter.ai/api/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        rules = {"prices": prices, "image": image, "index": _index, "arena": _arena}
        records = KeyedRecords(page, card(self.name).records, rules)
        at, models = unwrap(page.json)
        for n, model in enumerate(models):
            record = KeyedRecord(model, str(model["id"]), "openrouter", f"{at}/{n}")
            yield from records.row("model", record)
        records.refuse_unknown()


def _index(records: KeyedRecords, indexes: KeyedRecord, key: str) -> list[Claim]:
    """Return a score on an index of Artificial Analysis, such as `coding_index`."""
    benchmark = f"Artificial Analysis {key.replace('_', ' ').title()}"
    return records.score(indexes, key, benchmark=benchmark, reporter="Artificial Analysis")


def _arena(records: KeyedRecords, benchmarks: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the ratings of Design Arena; a rank changes with the others' and is left out."""
    for n, row in enumerate(benchmarks.fields[key]):
        for metric in ("elo", "win_rate"):
            if row.get(metric) is not None:
                rating = benchmarks.within(key, n)
                terms = {"benchmark": "Design Arena", "metric": metric}
                yield from records.scored(rating, metric, RATING, **terms)
