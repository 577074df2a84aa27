"""Many rows at once, inside the caller's transaction.

They go by `executemany` on SQLite, by COPY on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    lines = map(values, chain((first,), feed))
    driver = c.connection.driver_connection
    assert driver is not None
    put = _execute_many if c.dialect.name == "sqlite" else _copy
    return put(driver, f"{table(kind).name} ({', '.join(names)})", len(names), lines)


def _execute_many(driver: Any, into: str, width: int, lines: Iterator[tuple[Any, ...]]) -> int:
    sql = f"INSERT INTO {into} VALUES ({', '.join('?' * width)})"
    count = 0
    while chunk := list(islice(lines, CHUNK)):
        count += driver.executemany(sql, chunk).rowcount
    return count


def _copy(driver: Any, into: str, width: int, lines: Iterator[tuple[Any, ...]]) -> int:
    count = 0
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for line in lines:
            copy.write_row(_without_nul(line))
            count += 1
    return count


def _without_nul(line: tuple[Any, ...]) -> tuple[Any, ...]:
    """PostgreSQL has no NUL in text."""
    if not any(type(v) is str and "\x00" in v for v in line):
        return line
    return tuple(v.replace("\x00", "\ufffd") if isinstance(v, str) else v for v in line)
