"""Subjects whose claims changed since the last release: what is to be resolved."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, delete

from almanac.schemas.parts import parts
from almanac.warehouse.tables import UnresolvedRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table


def mark(c: Connection, subjects: Iterable[str]) -> None:
    """Have subjects resolved by the next run; what was resolved of them before is void."""
    names, row = sorted(set(subjects)), table(UnresolvedRow)
    for part in parts(names):
        c.execute(delete(row).where(row.c.subject.in_(part)))
    number = secrets.randbits(62)
    bulk.insert(c, UnresolvedRow, ({"subject": name, "mark": number} for name in names))
