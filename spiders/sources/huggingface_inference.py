"""Hugging Face's router: which provider serves a model, at what price, how fast.

Prices are US dollars a million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, content_of, pointer

VIA = "huggingface"
MEASURED = {"throughput": None, "first_token_latency_ms": "time to first token"}


class HuggingFaceInference(Source):
    name = "huggingface_inference"
    version = 2
    start_urls = ("https://router.huggingface.co/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        listed = isinstance(data, dict) and isinstance(data.get("data"), list)
        models = data["data"] if listed else [data]
        if not models or not all(
            isinstance(m, dict) and "id" in m and isinstance(m.get("providers"), list)
            for m in models
        ):
            raise LayoutChanged("no models with a list of providers")
        rules = {"offered": _offered, "pricing": _pricing, "measured": _measured}
        records = KeyedRecords(page, card(self.name).records, rules)
        for n, model in enumerate(models):
            record = KeyedRecord(
                model, str(model["id"]), None, pointer("data", n) if listed else ""
            )
            yield from records.row("model", record)
            for m, route in enumerate(model["providers"]):
                at = record.at + pointer("providers", m)
                yield from records.row(
                    "route", KeyedRecord(route, record.model, str(route["provider"]), at)
                )
        records.refuse_unknown()


def _offered(records: KeyedRecords, route: KeyedRecord, key: str) -> list[Claim]:
    status = str(route.fields[key])
    return records.stated(FIELDS[("offer", "offered")], status == "live", status, route, key)


def _pricing(records: KeyedRecords, route: KeyedRecord, key: str) -> Iterator[Claim]:
    yield from records.read("pricing", route.within(key, via=VIA))


def _measured(records: KeyedRecords, route: KeyedRecord, key: str) -> list[Claim]:
    entry = FIELDS[("offer", "throughput" if key == "throughput" else "latency")]
    content, printed = content_of(entry, route.fields[key]), str(route.fields[key])
    terms = Terms.of(kind="measured", via=VIA, metric=MEASURED[key])
    return records.stated(entry, content, printed, route, key, terms=terms)
