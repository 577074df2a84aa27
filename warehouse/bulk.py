"""Many rows at once: `executemany` on SQLite, COPY on PostgreSQL, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlmodel import SQLModel

CHUNK = 20_000


def table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]


def insert(c: Connection, row: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, all with the same keys, and return how many. Constraints hold as for any insert."""
    feed = iter(rows)
    first = next(feed, None)
    if first is None:
        return 0
    names = list(first)
    values = itemgetter(*names) if len(names) > 1 else lambda r: (r[names[0]],)
    into, driver = table(row).name, c.connection.driver_connection
    assert driver is not None
    count: int = 0
    if c.dialect.name == "sqlite":
        sql = f"INSERT INTO {into} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        count += driver.executemany(sql, (values(r) for r in (first, *islice(feed, CHUNK)))).rowcount
        while some := list(islice(feed, CHUNK)):
            count += driver.executemany(sql, map(values, some)).rowcount
        return count
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} ({', '.join(names)}) FROM STDIN") as copy:
        some = [first, *islice(feed, CHUNK)]
        while some:
            copy.write("".join(_line(values(r)) for r in some))
            count += len(some)
            some = list(islice(feed, CHUNK))
    return count


def _line(values: tuple[Any, ...]) -> str:
    """Return a row in COPY's text form."""
    return "\t".join([_cell(v) for v in values]) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value if isinstance(value, str) else str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text.replace("\x00", "\ufffd") if "\x00" in text else text  # PostgreSQL has no NUL in text
