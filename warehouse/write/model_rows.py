"""The models there are, and what became of ids that no name gives any more."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
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
    for id, successors in _successors(before.keys() - now, links).items():
        # Its names may have gone before: then what they meant stays.
        if not before[id] or successors != "[]":
            _put(c, id, successors)
    for id in sorted(now):
        if before.get(id) is not None:
            _put(c, id, None)


def _successors(retired: Collection[str], links: Iterable[LinkedName]) -> dict[str, str]:
    """Return by id what the names of some mean now, as a JSON list."""
    models: dict[str, set[str]] = {id: set() for id in sorted(retired)}
    for link in links:
        if link.model and link.name.model in models:
            models[link.name.model].add(link.model)
    return {id: json.dumps(sorted(meant)) for id, meant in models.items()}


def _put(c: Connection, id: str, successors: str | None) -> None:
    model = table(ModelRow)
    c.execute(update(model).where(model.c.id == id).values(successors=successors))
