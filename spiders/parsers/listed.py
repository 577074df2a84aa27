"""An API's list of models, each a keyed record that the source's card has a table for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.record_keys import RecordKeys
from almanac.spiders.base import card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, Rule, pointer

UNDER = ("models", "data")
"""Keys under which answers hold their list; a path of keys has `/` between them."""
NAMED = ("id", "name")
"""Keys that name a model, the first that there is taken."""


def is_answer(page: Page) -> bool:
    """Whether a page is an answer of an API, not a document."""
    return page.text.lstrip()[:1] in ("{", "[")


def read_listed(
    page: Page,
    provider: str,
    rules: Mapping[str, Rule] | None = None,
    *,
    under: Sequence[str] = UNDER,
    named: Sequence[str] = NAMED,
    keys: RecordKeys | None = None,
) -> Iterator[Claim]:
    """Yield the claims of an answer that lists models. Raises LayoutChanged for another.

    What their keys say stands in `keys`, or in the table `model` of the source's card.
    """
    kinds = {"model": keys} if keys is not None else card(page.source).records
    records = KeyedRecords(page, kinds, rules)
    for at, model in listed_models(page.json, under, named):
        name = next(str(model[key]) for key in named if key in model)
        yield from records.row("model", KeyedRecord(model, name, provider, at))
    records.refuse_unknown()


def listed_models(
    answer: Any, under: Sequence[str], named: Sequence[str]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the models of an answer, each with the pointer to it."""
    data, at = answer, ""
    if isinstance(answer, dict):
        data, at = next((held for path in under if (held := _held(answer, path))[0]), (None, ""))
    if not data or not all(isinstance(m, dict) and any(k in m for k in named) for m in data):
        raise LayoutChanged("no list of models with a name")
    return [(at + pointer(n), model) for n, model in enumerate(data)]


def _held(answer: Mapping[str, Any], path: str) -> tuple[list[Any] | None, str]:
    """Return the list under a path of keys, and the pointer to it; None where there is none."""
    inner: Any = answer
    for key in path.split("/"):
        inner = inner.get(key) if isinstance(inner, dict) else None
    return (inner if isinstance(inner, list) else None), pointer(*path.split("/"))
