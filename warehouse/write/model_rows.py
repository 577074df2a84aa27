"""The models there are, and what became of ids that no name gives any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from almanac.warehouse.tables import ModelRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table

if TYPE_CHECKING:
    from almanac.warehouse.write.name_store import LinkedName


def keep(
    c: Connection, models: Sequence[tuple[str, str, str]], links: Iterable[LinkedName]
) -> None:
    """Keep all models as (id, display name, who introduced it).

    An id that was known and is none of them is retired; its successors are what its names
    mean by `links`.
    """
    model = table(ModelRow)
    query = select(model.c.id, model.c.successors)
    before: dict[str, str | None] = dict(c.execute(query).tuples().all())
    now = {id for id, _, _ in models}
    bulk.insert(
        c,
        ModelRow,
        [
            {"id": id, "maker": id.split("/")[0], "name": name, "introduced_by": by}
            for id, name, by in models
            if id not in before
        ],
    )
    became: dict[str, set[str]] = {id: set() for id in before.keys() - now}
    for link in links:
        if link.model and link.name.model in became:
            became[link.name.model].add(link.model)
    for id, kept in sorted(before.items()):
        told = json.dumps(sorted(became[id])) if id in became else None
        if told != kept and not (kept and told == "[]"):  # its names went before
            c.execute(update(model).where(model.c.id == id).values(successors=told))
