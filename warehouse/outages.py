"""What could not be seen: looks that gave no body, and the time in which a source is stale."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from warehouse.bulk import table
from warehouse.rows import Stale
from warehouse.tables import MissedLookRow, StaleSourceRow


def keep(c: Connection, moment: str, looked_at: Collection[str], stale: Mapping[str, str], missed: Mapping[tuple[str, str], str]) -> None:
    """Keep what a run at a moment could not see of the sources that it looked at.

    `stale` says of a source why nothing of it could be believed, `missed` of a (source, page) why it gave no body. What is
    not among them is well again.
    """
    for (source, page), reason in sorted(missed.items()):
        _miss(c, source, page, reason, moment)
    row = table(StaleSourceRow)
    standing = {r.source: r for r in c.execute(select(row).where(row.c.until.is_(None), row.c.source.in_(sorted({*looked_at, *stale}))))}
    for source, reason in sorted(stale.items()):
        if source in standing:
            c.execute(update(row).where(row.c.id == standing[source].id).values(last_at=max(moment, standing[source].last_at), reason=reason))
        else:
            c.execute(insert(row).values(source=source, since=moment, last_at=moment, reason=reason, told=""))
    for source in sorted(standing.keys() - stale.keys()):
        c.execute(update(row).where(row.c.id == standing[source].id).values(until=max(moment, standing[source].last_at)))


def _miss(c: Connection, source: str, page: str, reason: str, moment: str) -> None:
    row = table(MissedLookRow)
    last: Any = c.execute(select(row).where(row.c.source == source, row.c.page == page).order_by(row.c.last_at.desc(), row.c.id.desc()).limit(1)).first()
    if last is None or last.reason != reason or last.last_at > moment:
        c.execute(insert(row).values(source=source, page=page, reason=reason, first_at=moment, again="", last_at=moment))
    elif last.last_at < moment:
        c.execute(update(row).where(row.c.id == last.id).values(again=f"{last.again} {moment}".lstrip(), last_at=moment))


def untold(c: Connection) -> list[Stale]:
    """Return the sources that went stale, or were well again, since those who asked to be told of it last were, in order."""
    row = table(StaleSourceRow)
    news = (row.c.until.is_(None) & (row.c.told == "")) | (row.c.until.is_not(None) & (row.c.told != "well"))
    return [Stale(r.id, r.source, r.since, r.last_at, r.until, r.reason) for r in c.execute(select(row).where(news).order_by(row.c.source, row.c.id))]


def tell(c: Connection, some: Collection[Stale]) -> None:
    """Keep that these have been told."""
    row = table(StaleSourceRow)
    for s in some:
        c.execute(update(row).where(row.c.id == s.id).values(told="well" if s.until else "stale"))
