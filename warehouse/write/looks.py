"""Looks, with what was read from them, and as rows.

A look that finds what the look before it found adds a moment to that row, and no row.

What is written is a function of the set of looks, so the same for every order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from sqlalchemy import Connection, delete, select, update

from almanac.schemas.claim import Capture
from almanac.schemas.codes import LookFailure
from almanac.schemas.moment import stamp
from almanac.schemas.observation import Observation
from almanac.warehouse.tables import LookRow
from almanac.warehouse.write.bulk import insert, table

GONE = "0" * 40
"""The digest of a file that is no longer in its repository."""

_SAME = (
    "source",
    "page",
    "url",
    "status",
    "digest",
    "media_type",
    "reader_version",
    "good",
    "failed",
    "failure",
    "archive_file",
    "archive_offset",
)
"""What two looks have in common that are one row."""
_COLUMNS = (*_SAME, "fetched_at", "again", "last_at")
_same, _cells = attrgetter(*_SAME), attrgetter(*_COLUMNS)


@dataclass(slots=True)
class Look:
    """One look with what was read from it."""

    capture: Capture
    reader_version: int
    claims: Sequence[Observation] | None = ()
    """None for a file of a repository whose content was read at another look."""
    failed: str = ""
    failure: LookFailure = LookFailure.none
    archive_file: str = ""
    archive_offset: int = 0

    @property
    def moment(self) -> str:
        return stamp(self.capture.fetched_at)


@dataclass(frozen=True, slots=True)
class LookRun:
    """Looks at one page that found the same, one after the other: a row of the look table."""

    source: str
    page: str
    url: str
    status: int
    digest: str
    media_type: str
    reader_version: int
    good: bool
    failed: str
    failure: str
    archive_file: str
    archive_offset: int
    fetched_at: str
    """The first of them."""
    again: str
    """The moments of all but the first, separated by spaces."""
    last_at: str
    id: int | None = None
    """Its number in the table; None before it is kept there."""

    @classmethod
    def of(cls, look: Look, page: str) -> LookRun:
        """Return one look at a page as a run."""
        capture, moment = look.capture, look.moment
        return cls(
            source=capture.source,
            page=page,
            url=capture.url,
            status=capture.status,
            digest=capture.digest,
            media_type=capture.media_type,
            reader_version=look.reader_version,
            good=not look.failed,
            failed=look.failed,
            failure=look.failure.value,
            archive_file=look.archive_file,
            archive_offset=look.archive_offset,
            fetched_at=moment,
            again="",
            last_at=moment,
        )

    @property
    def moments(self) -> list[str]:
        return moments(self.fetched_at, self.again)

    @property
    def row(self) -> dict[str, str | int]:
        return dict(zip(_COLUMNS, _cells(self), strict=True))


def moments(fetched_at: str, again: str) -> list[str]:
    """Return every moment of a row of looks."""
    return [fetched_at, *again.split()]


def of_page(c: Connection, source: str, page: str) -> list[LookRun]:
    """Return the rows of a page's looks, oldest first."""
    look = table(LookRow)
    query = (
        select(look)
        .where(look.c.source == source, look.c.page == page)
        .order_by(look.c.fetched_at, look.c.digest)
    )
    return [LookRun(**row._mapping) for row in c.execute(query)]


def good_times(rows: Iterable[LookRun]) -> list[str]:
    """Return the moments of the good looks among some rows, in order."""
    return sorted({moment for row in rows if row.good for moment in row.moments})


def keep(c: Connection, rows: Sequence[LookRun], new: Sequence[LookRun]) -> None:
    """Keep new looks at one page, each a run of its own; `rows` are those it has (`of_page`)."""
    if not new:
        return
    look = table(LookRow)
    if rows and min(n.fetched_at for n in new) <= max(row.last_at for row in rows):
        c.execute(delete(look).where(look.c.source == new[0].source, look.c.page == new[0].page))
        insert_looks(c, runs([*_apart(rows), *new]))
        return
    joined = runs([*rows[-1:], *new])
    if rows:
        first, last = joined.pop(0), rows[-1]
        if first.again != last.again:
            c.execute(
                update(look)
                .where(look.c.id == last.id)
                .values(again=first.again, last_at=first.last_at)
            )
    insert_looks(c, joined)


def insert_looks(c: Connection, looks: Iterable[LookRun]) -> None:
    """Insert looks, each as a row of its own."""
    insert(c, LookRow, (look.row for look in looks))


def runs(looks: Sequence[LookRun]) -> list[LookRun]:
    """Return looks as rows, those that are alike and next to each other as one."""
    rows: list[LookRun] = []
    for look in sorted(looks, key=lambda run: (run.fetched_at, run.digest)):
        last = rows[-1] if rows else None
        if last and last.last_at < look.fetched_at and _same(last) == _same(look):
            again = f"{last.again} {look.fetched_at}".lstrip()
            rows[-1] = replace(last, again=again, last_at=look.fetched_at)
        else:
            rows.append(look)
    return rows


def _apart(rows: Iterable[LookRun]) -> list[LookRun]:
    """Return rows of looks as one run a look."""
    return [
        replace(row, fetched_at=moment, again="", last_at=moment)
        for row in rows
        for moment in row.moments
    ]
