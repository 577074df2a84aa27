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

Line = tuple[Any, ...]
"""The values of a row, in the order of its columns."""


def table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]


def insert(c: Connection, kind: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, all with the same keys, two at least, and return how many.

    Constraints hold as for any insert.
    """
    feed = iter(rows)
    first = next(feed, None)
    if first is None:
        return 0
    names, driver = list(first), c.connection.driver_connection
    lines = map(itemgetter(*names), chain((first,), feed))
    write = _executed if c.dialect.name == "sqlite" else _copied
    return write(driver, table(kind).name, names, lines)


def _executed(driver: Any, into: str, names: list[str], lines: Iterator[Line]) -> int:
    """Insert lines into a table of SQLite, a chunk at a time, and return how many."""
    sql = f"INSERT INTO {into} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    count = 0
    while chunk := list(islice(lines, CHUNK)):
        count += driver.executemany(sql, chunk).rowcount
    return count


def _copied(driver: Any, into: str, names: list[str], lines: Iterator[Line]) -> int:
    """Copy lines into a table of PostgreSQL and return how many."""
    count = 0
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {into} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        for line in lines:
            copy.write_row(_without_nul(line))
            count += 1
    return count


def _without_nul(line: Line) -> Line:
    """Return a line with NUL, which PostgreSQL has not in text, as the replacement character."""
    if not any(type(v) is str and "\x00" in v for v in line):
        return line
    return tuple(v.replace("\x00", "\ufffd") if isinstance(v, str) else v for v in line)
