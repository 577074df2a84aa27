"""An API's list of models, each a keyed record that the source's card has a table for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from almanac.schemas.claim import Claim
from almanac.spiders.base import card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, Rule, pointer

UNDER = ("models", "data")
"""Keys under which answers hold their list."""
NAMED = ("id", "name")
"""Keys that name a model, the first that there is taken."""


def is_answer(page: Page) -> bool:
    """Whether a page is an answer of an API, not a document."""
    return page.text.lstrip()[:1] in ("{", "[")


def read_listed(page: Page, provider: str, rules: Mapping[str, Rule]) -> Iterator[Claim]:
    """Yield the claims of an answer that lists models. Raises LayoutChanged for another."""
    records = KeyedRecords(page, card(page.source).records, rules)
    for at, model in _models(page):
        name = next(str(model[key]) for key in NAMED if key in model)
        yield from records.row("model", KeyedRecord(model, name, provider, at))
    records.refuse_unknown()


def _models(page: Page) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the models of an answer, each with the pointer to it."""
    data, at = page.json, ""
    if isinstance(data, dict):
        under = next((key for key in UNDER if isinstance(data.get(key), list)), "")
        data, at = data.get(under), pointer(under)
    if not data or not all(isinstance(m, dict) and any(k in m for k in NAMED) for m in data):
        raise LayoutChanged("no list of models with a name")
    return [(at + pointer(n), model) for n, model in enumerate(data)]
