"""Cohere: the model pages of its documentation, or its models API."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.listed import is_answer, read_listed
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, stage
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

PROVIDER = "Cohere"
DOCUMENTS = Declared(
    PROVIDER,
    facts="model",
    object_unit="USD per 1M tokens",
    ignored={
        "Endpoints": "which calls take it",
        "Amazon Bedrock Model ID": "its name at another provider",
        "Amazon SageMaker": "its name at another provider",
        "Azure AI Foundry": "its name at another provider",
        "Oracle OCI Generative AI Service": "its name at another provider",
    },
)


class Cohere(Source):
    name = "cohere"
    version = 3
    start_urls = ("https://docs.cohere.com/docs/models.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        if is_answer(page):
            yield from read_listed(
                page, PROVIDER, {"offered": _offered, "deprecated": stage("deprecated")}
            )
        else:
            yield from read_document(page, DOCUMENTS)


def _offered(records: KeyedRecords, model: KeyedRecord, key: str) -> list[Claim]:
    return records.stated(FIELDS[("offer", "offered")], True, str(model.fields[key]), model, key)
