"""What could not be seen: looks that gave no body, and the time in which a source is stale."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from almanac.schemas.text import address, one_line
from almanac.warehouse.read.rows import Stale
from almanac.warehouse.tables import MissedLookRow, StaleSourceRow
from almanac.warehouse.write.bulk import table

LONGEST_PAGE, LONGEST_REASON = 2_000, 500
"""Characters of an address and of a reason that are kept."""


class Untold(NamedTuple):
    """A source that went stale, or is well again, and who does not know of it yet."""

    stale: Stale
    waiting: tuple[str, ...] | None
    """Names of those who could not be told; None where nobody was told."""


def keep(
    c: Connection,
    moment: str,
    looked_at: Collection[str],
    stale: Mapping[str, str],
    missed: Mapping[tuple[str, str], str],
) -> None:
    """Keep what a run at a moment could not see of the sources that it looked at.

    `stale` says of a source why nothing of it could be believed, `missed` of a (source, page) why
    it gave no body. What is not among them is well again.
    """
    for (source, page), reason in sorted(missed.items()):
        _miss(c, source, address(page, LONGEST_PAGE), one_line(reason, LONGEST_REASON), moment)
    row = table(StaleSourceRow)
    standing = {
        r.source: r
        for r in c.execute(
            select(row).where(row.c.until.is_(None), row.c.source.in_(sorted({*looked_at, *stale})))
        )
    }
    for source, why in sorted(stale.items()):
        reason = one_line(why, LONGEST_REASON)
        if source in standing:
            c.execute(
                update(row)
                .where(row.c.id == standing[source].id)
                .values(last_at=max(moment, standing[source].last_at), reason=reason)
            )
        else:
            c.execute(
                insert(row).values(
                    source=source, since=moment, last_at=moment, reason=reason, told=""
                )
            )
    for source in sorted(standing.keys() - stale.keys()):
        c.execute(
            update(row)
            .where(row.c.id == standing[source].id)
            .values(until=max(moment, standing[source].last_at))
        )


def _miss(c: Connection, source: str, page: str, reason: str, moment: str) -> None:
    row = table(MissedLookRow)
    last: Any = c.execute(
        select(row)
        .where(row.c.source == source, row.c.page == page)
        .order_by(row.c.last_at.desc(), row.c.id.desc())
        .limit(1)
    ).first()
    if last is None or last.reason != reason or last.last_at > moment:
        c.execute(
            insert(row).values(
                source=source, page=page, reason=reason, first_at=moment, again="", last_at=moment
            )
        )
    elif last.last_at < moment:
        c.execute(
            update(row)
            .where(row.c.id == last.id)
            .values(again=f"{last.again} {moment}".lstrip(), last_at=moment)
        )


def untold(c: Connection) -> list[Untold]:
    """Return, in order, the sources that went stale, or were well again, of which not all know."""
    row = table(StaleSourceRow)
    news = (row.c.until.is_(None) & (row.c.told == "")) | (
        row.c.until.is_not(None) & (row.c.told != "well")
    )
    rows = c.execute(
        select(row).where(news | (row.c.waiting != "")).order_by(row.c.source, row.c.id)
    )
    return [
        Untold(
            Stale(r.id, r.source, r.since, r.last_at, r.until, r.reason),
            None if r.told != _state(r.until) else tuple(r.waiting.split()),
        )
        for r in rows
    ]


def tell(c: Connection, waiting: Mapping[Stale, Collection[str]]) -> None:
    """Keep that these have been told, to all but those named who could not be reached."""
    row = table(StaleSourceRow)
    for stale, names in waiting.items():
        values = {"told": _state(stale.until), "waiting": " ".join(sorted(names))}
        c.execute(update(row).where(row.c.id == stale.id).values(**values))


def _state(until: str | None) -> str:
    return "well" if until else "stale"
