"""The models there are, and what became of ids that no name gives any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select, update

from almanac.schemas.known_model import KnownModel
from almanac.warehouse.tables import ModelRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.linked_names import LinkedName

Row = dict[str, str | bool | None]


def keep(
    c: Connection,
    models: Sequence[KnownModel],
    twins: Mapping[str, str],
    links: Iterable[LinkedName],
) -> None:
    """Keep all models that names give, and which of them stand under their twins.

    An id that was known and is none of them is retired; its successors are what its names
    mean by `links`.
    """
    model = table(ModelRow)
    before: dict[str, Row] = {row["id"]: dict(row) for row in c.execute(select(model)).mappings()}
    now: dict[str, Row] = {m.id: _row(m, twins.get(m.id)) for m in models}
    bulk.insert(c, ModelRow, [row for id, row in now.items() if id not in before])
    for id, successors in _successors(before.keys() - now.keys(), links).items():
        # Its names may have gone before: then what they meant stays.
        kept = before[id]["successors"] if successors == "[]" else None
        now[id] = {**before[id], "in_use": False, "successors": kept or successors}
    for id in before:
        if now[id] != before[id]:
            c.execute(update(model).where(model.c.id == id).values(now[id]))


def _row(model: KnownModel, twin: str | None) -> Row:
    return {
        "id": model.id,
        "maker": model.id.split("/")[0],
        "name": model.name,
        "introduced_by": model.introduced_by,
        "listed": model.listed,
        "in_use": True,
        "successors": json.dumps([twin]) if twin else None,
    }


def _successors(retired: Iterable[str], links: Iterable[LinkedName]) -> dict[str, str]:
    """Return by id what the names of some mean now, as a JSON list."""
    models: dict[str, set[str]] = {id: set() for id in sorted(retired)}
    for link in links:
        if link.model and link.name.model in models:
            models[link.name.model].add(link.model)
    return {id: json.dumps(sorted(meant)) for id, meant in models.items()}
