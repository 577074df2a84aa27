"""The quarantine: what was not taken, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from almanac.schemas.claim import RefusedItem
from almanac.schemas.parts import parts
from almanac.warehouse.tables import RefusalRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table


def refuse(
    c: Connection,
    refusals: Iterable[RefusedItem],
    candidates: dict[tuple[str, str, str], str] | None = None,
) -> None:
    """Put refusals into the quarantine; the same one twice is one.

    `candidates` are the nearest models of a name, by (source, provider, model).
    """
    rows: dict[str, dict[str, Any]] = {}
    for r in refusals:
        # What it says makes it the same refusal, and the code says nothing more.
        columns = r.model_dump(exclude={"code"})
        key = hashlib.blake2b(
            "\x1f".join(str(columns[k]) for k in sorted(columns)).encode(), digest_size=16
        ).hexdigest()
        rows[key] = {
            **columns,
            "code": r.code.value,
            "key": key,
            "candidates": (candidates or {}).get((r.source, r.provider, r.model), ""),
        }
    keys = sorted(rows)
    there: set[str] = set()
    for chunk in parts(keys):
        there |= set(
            c.execute(
                select(table(RefusalRow).c.key).where(table(RefusalRow).c.key.in_(chunk))
            ).scalars()
        )
    next_id = (c.execute(select(func.max(table(RefusalRow).c.id))).scalar() or 0) + 1
    bulk.insert(
        c,
        RefusalRow,
        [{**rows[k], "id": next_id + i} for i, k in enumerate(k for k in keys if k not in there)],
    )
