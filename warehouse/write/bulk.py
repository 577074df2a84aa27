"""Many rows at once, inside the caller's transaction.

They go by `executemany` on SQLite, by COPY on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlmodel import SQLModel

CHUNK = 20_000


def table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]


def insert(c: Connection, kind: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, all with the same keys, and return how many.

    Constraints hold as for any insert.
    """
    feed = iter(rows)
    first = next(feed, None)
    if first is None:
        return 0
    names = list(first)
    values = itemgetter(*names) if len(names) > 1 else lambda r: (r[names[0]],)
    into, driver = table(kind).name, c.connection.driver_connection
    assert driver is not None
    count: int = 0
    if c.dialect.name == "sqlite":
        sql = f"INSERT INTO {into} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        count += driver.executemany(
            sql, (values(r) for r in (first, *islice(feed, CHUNK)))
        ).rowcount
        while some := list(islice(feed, CHUNK)):
            count += driver.executemany(sql, map(values, some)).rowcount
        return count
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {into} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        for row in chain((first,), feed):
            line = values(row)
            if any(type(v) is str and "\x00" in v for v in line):  # PostgreSQL has no NUL in text
                line = tuple(v.replace("\x00", "\ufffd") if isinstance(v, str) else v for v in line)
            copy.write_row(line)
            count += 1
    return count
