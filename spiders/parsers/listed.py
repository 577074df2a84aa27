"""An API's list of models, each a keyed record that the source's card has a table for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from almanac.schemas.claim import Claim
from almanac.schemas.record_keys import RecordKeys
from almanac.spiders.base import card
from almanac.spiders.document.answer import listed_models
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
    models = listed_models(page.json, under, named)
    if not models:
        raise LayoutChanged("no list of models with a name")
    for at, model in models:
        name = next(str(model[key]) for key in named if key in model)
        yield from records.row("model", KeyedRecord(model, name, provider, pointer(*at)))
    records.refuse_unknown()
