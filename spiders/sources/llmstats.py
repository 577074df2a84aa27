"""LLMStats: models with limits, licences and scores as published, and their prices.

Providers' prices are for one token in US dollars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.schemas.quantity import exact
from almanac.spiders.base import Source, card
from almanac.spiders.bundles import slices
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

FILES = "https://raw.githubusercontent.com/JonathanChavezTamales/LLMStats/main/{}"


SCORE = {
    "dataset_name": "benchmark",
    "analysis_method": "variant",
    "date_recorded": "date",
    "is_self_reported": "",
    "source_link": "",
}


class LLMStats(Source):
    name = "llmstats"
    version = 2
    named_by_url = True
    start_urls = (FILES.format("providers/anthropic/provider.json"),)

    def members(self, body: bytes) -> Iterator[tuple[str, bytes]]:
        files = dict(slices(body))
        if all(path.endswith(".json") for path in files):
            for path, text in files.items():
                yield FILES.format(path), text

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        bundle = isinstance(data, dict) and all(str(k).endswith(".json") for k in data) and data
        rules = {"scores": _scores, "throughput": _throughput, "latency": _latency}
        records = KeyedRecords(page, card(self.name).records, rules)
        for path, file in data.items() if bundle else ((page.url, data),):
            if not isinstance(file, dict) or not (
                {"providermodels", "qualitative_metrics"} & file.keys()
            ):
                raise LayoutChanged(f"neither a model nor a provider: {path}")
            yield from _file(records, file, path, pointer(path) if bundle else "")
        records.refuse_unknown()


def _file(records: KeyedRecords, file: dict[str, Any], path: str, at: str) -> Iterator[Claim]:
    if "providermodels" in file:
        for n, row in enumerate(file["providermodels"]):
            place = at + pointer("providermodels", n)
            record = KeyedRecord(row, str(row["model_id"]), str(file["name"]), place)
            yield from records.row("offer", record)
    else:
        m = re.search(r"models/[\w.-]+/([^/]+)/model\.json$", path)
        name = m[1] if m else str(file.get("name") or "")
        yield from records.row("model", KeyedRecord(file, name, None, at))


def _throughput(records: KeyedRecords, offer: KeyedRecord, key: str) -> list[Claim]:
    """Return tokens a second; 0 stands for "not measured"."""
    number = Decimal(str(offer.fields[key]))
    entry = FIELDS[("offer", "throughput")]
    return records.stated(entry, number or None, str(offer.fields[key]), offer, key)


def _latency(records: KeyedRecords, offer: KeyedRecord, key: str) -> list[Claim]:
    """Return milliseconds, of seconds; 0 stands for "not measured"."""
    seconds = Decimal(str(offer.fields[key]))
    content = exact(str(seconds * 1000)) if seconds else None
    entry = FIELDS[("offer", "latency")]
    return records.stated(entry, content, str(offer.fields[key]), offer, key)


def _scores(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    for n, score in enumerate(model.fields[key]):
        reporter = "maker" if score.get("is_self_reported") else "third party"
        yield from records.scored(model.within(key, n), "score", SCORE, reporter=reporter)
