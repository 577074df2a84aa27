"""Letting go of old releases; never of evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

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
    kept, gone = _divided(c, stamp(since))
    only = _between(c, kept)
    if not dry:
        for part in parts(only):
            c.execute(delete(figure).where(figure.c.id.in_(part)))
        c.execute(update(row).where(row.c.id.in_(gone)).values(retired_at=stamp(now)))
    return gone, len(only) if gone else 0


def _divided(c: Connection, since: str) -> tuple[list[int], list[int]]:
    """Return the releases that are kept, and those that are let go of now, in order."""
    row = table(ReleaseRow)
    columns = select(row.c.id, row.c.created_at, row.c.retired_at)
    releases = c.execute(columns.order_by(row.c.id)).all()
    last = {created[:7]: number for number, created, _ in releases}
    latest = {*last.values(), releases[-1].id} if releases else set()
    standing = [(number, created) for number, created, retired in releases if not retired]
    kept = [number for number, created in standing if created >= since or number in latest]
    return kept, [number for number, _ in standing if number not in kept]


def _between(c: Connection, kept: Sequence[int]) -> list[int]:
    """Return the figures that no release which is kept says."""
    figure = table(FigureRow)
    query = select(figure.c.id, figure.c.first_release, figure.c.closed_release)
    return [
        number
        for number, first, closed in c.execute(query.where(figure.c.closed_release.is_not(None)))
        if bisect_left(kept, first) == bisect_left(kept, closed)
    ]
