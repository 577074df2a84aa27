"""The quarantine: what was not taken, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, func, select

from almanac.schemas.claim import RefusedItem
from almanac.schemas.codes import RefusalCode
from almanac.schemas.parts import parts
from almanac.warehouse.tables import RefusalRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table

Name = tuple[str, str, str]
"""Source, provider and model, as the source spells them."""


def keep(
    c: Connection, refusals: Iterable[RefusedItem], candidates: Mapping[Name, str] | None = None
) -> None:
    """Put refusals into the quarantine; the same one twice is one.

    `candidates` are the models that a name without one is nearest to, each with a comma between.
    """
    rows = dict(_row(refusal, candidates or {}) for refusal in refusals)
    refusal, keys = table(RefusalRow), sorted(rows)
    kept: set[str] = set()
    for part in parts(keys):
        kept |= set(c.execute(select(refusal.c.key).where(refusal.c.key.in_(part))).scalars())
    next_id = (c.execute(select(func.max(refusal.c.id))).scalar() or 0) + 1
    new = [rows[key] for key in keys if key not in kept]
    bulk.insert(c, RefusalRow, [{**row, "id": next_id + i} for i, row in enumerate(new)])


def _row(refusal: RefusedItem, candidates: Mapping[Name, str]) -> tuple[str, dict[str, str]]:
    """Return a refusal's key and its row."""
    # What it says makes it the same refusal, and the code says nothing more.
    words: dict[str, str] = refusal.model_dump(exclude={"code"})
    text = "\x1f".join(str(words[name]) for name in sorted(words))
    key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    name = refusal.source, refusal.provider, refusal.model
    return key, {
        **words,
        "code": refusal.code.value,
        "key": key,
        "candidates": candidates.get(name, ""),
    }


def forget_waiting(c: Connection) -> None:
    """Take out the list of names that have no model."""
    refusal = table(RefusalRow)
    c.execute(delete(refusal).where(refusal.c.code == RefusalCode.name_waits.value))
