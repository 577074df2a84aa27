"""Printed values under labels that stand in an answer of an API, such as a price card in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.quantity import LONGEST
from almanac.spiders.document.blocks import Cell, Grid, Place
from almanac.spiders.page import Page
from almanac.spiders.parsers.records import pointer
from almanac.spiders.reading.cells import Row, read_cell
from almanac.spiders.reading.columns import Column
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import unique
from almanac.spiders.reading.surroundings import Surroundings
from almanac.spiders.vocabulary.keys import key_words
from almanac.spiders.vocabulary.names import Name


def read_labelled(
    page: Page, declared: Declared, model: str, values: Mapping[str, Any], at: str
) -> Iterator[Claim]:
    """Yield the claims of the values of a model, each read by its label as a cell by its head."""
    context = Context(page, declared)
    row = Row([Name(model)], {}, Surroundings())
    for key, value in values.items():
        if value is not None:
            _read(context, row, key, value, at + pointer(key))
    page.ledger.entries += context.ledger.entries
    yield from unique(context)


def _read(context: Context, row: Row, key: str, value: Any, at: str) -> None:
    head = key_words(key) if key.isidentifier() else key
    model = row.models[0].text
    stated = context.declared.label(head)
    if not isinstance(value, str) or len(value) > LONGEST or len(key) > LONGEST:
        context.refuse(
            "no one printed value under a label", str(value)[:200], at, model, "price", head[:100]
        )
    elif stated.role in ("price", "terms", "field", "prose"):
        cell = Cell(value)
        grid = Grid((), ((cell,),), Place(), at)
        read_cell(context, grid, row, Column(0, head, stated), cell, at=at)
    else:
        reason = "a value under a label that this reader does not know"
        context.refuse(reason, f"{key}: {value}"[:200], at, model, "price", head)
