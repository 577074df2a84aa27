"""Letting go of old releases."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from almanac.schemas.moment import stamp
from almanac.schemas.parts import parts
from almanac.warehouse.tables import FigureRow, ReleaseRow
from almanac.warehouse.write.bulk import table


def retain(
    c: Connection, since: datetime, now: datetime, dry: bool = False
) -> tuple[list[int], int]:
    """Let go of releases made before `since` that are not the last of their month.

    Return (which, how many figures only they said).

    The latest release always stays. Looks, claims, spells and the releases' own rows stay too.
    """
    row, figure = table(ReleaseRow), table(FigureRow)
    query = select(row.c.id, row.c.created_at, row.c.retired_at).order_by(row.c.id)
    releases = c.execute(query).all()
    kept = _kept(releases, stamp(since))
    retired = [r.id for r in releases if not r.retired_at and r.id not in kept]
    only = _only_said_between(c, kept)
    if not dry:
        for chunk in parts(only):
            c.execute(delete(figure).where(figure.c.id.in_(chunk)))
        c.execute(update(row).where(row.c.id.in_(retired)).values(retired_at=stamp(now)))
    return retired, len(only) if retired else 0


def _kept(releases: Sequence[Any], since: str) -> list[int]:
    """Return the releases that stay: new ones, the last of each month, the latest."""
    last = {r.created_at[:7]: r.id for r in releases}
    return [
        r.id
        for r in releases
        if not r.retired_at
        and (r.created_at >= since or last[r.created_at[:7]] == r.id or r.id == releases[-1].id)
    ]


def _only_said_between(c: Connection, kept: list[int]) -> list[int]:
    """Return the figures that no release which stays says."""
    figure = table(FigureRow)
    query = select(figure.c.id, figure.c.first_release, figure.c.closed_release).where(
        figure.c.closed_release.is_not(None)
    )
    return [
        i
        for i, first, closed in c.execute(query)
        if bisect_left(kept, first) == bisect_left(kept, closed)
    ]
