"""DeepInfra's model lists: cents for one token, or US dollars a million under metadata."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer, stage

PROVIDER = "deepinfra"
TAGS = {"vision": "vision", "reasoning": "reasoning", "prompt_cache": "prompt_caching"}


class DeepInfra(Source):
    name = "deepinfra"
    version = 2
    start_urls = ("https://api.deepinfra.com/v1/openai/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        bare = isinstance(data, list)
        models = data if bare else data.get("data") if isinstance(data, dict) else None
        if not models or not all(
            isinstance(m, dict) and ("model_name" in m or "metadata" in m) for m in models
        ):
            raise LayoutChanged("no list of models with model_name or metadata")
        rules = {"tags": _tags, "deprecated": stage("deprecated")}
        records = KeyedRecords(page, card(self.name).records, rules)
        for n, model in enumerate(models):
            name, at = str(model.get("model_name") or model["id"]), pointer(n)
            at = at if bare else pointer("data") + at
            yield from records.row("model", KeyedRecord(model, name, PROVIDER, at))
        records.refuse_unknown()


def _tags(records: KeyedRecords, metadata: KeyedRecord, key: str) -> Iterator[Claim]:
    for tag in metadata.fields[key]:
        if tag in TAGS:
            entry = FIELDS[("offer", TAGS[tag])]
            yield from records.stated(entry, True, tag, metadata, key)
