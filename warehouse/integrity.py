"""Whether a warehouse's database is whole, as far as the database itself can tell."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from almanac.warehouse.engine import engine
from almanac.warehouse.paths import file_of, read_only
from almanac.warehouse.tables import metadata

QUICK = 256 * 2**20
"""Bytes of an SQLite file up to which its pages are also looked over at a glance: about a second.
"""
PATIENCE = 60
"""Seconds to wait for another program that holds the database."""
_MANY = 100
"""Faults of one kind that are listed."""
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What SQLite answers of a file that is not whole; all else is that it cannot be looked at."""


class NotLookedAt(Exception):
    """A database that may be whole, but cannot be opened, or is held by another program."""


def glance(url: str) -> str:
    """Return why an SQLite file cannot be whole, at a glance; empty where it may be.

    It is cut off, or no database, or a small one with a damaged page. Raises NotLookedAt.
    """
    path = file_of(url)
    if path is None or not path.exists():
        return ""
    head, size = _head(path)
    if not head:
        return ""
    if not head.startswith(b"SQLite format 3\0") or len(head) < 100:
        return "no SQLite database: its first bytes are others"
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    # Whoever wrote it last kept the count of pages (SQLite's file format, 1.3.8).
    known = head[24:28] == head[92:96]
    waiting = path.with_name(f"{path.name}-wal")
    whole = pages * (65536 if page == 1 else page)
    if known and size < whole and not (waiting.exists() and waiting.stat().st_size):
        return f"the file is cut off: {size:,} of {whole:,} bytes"
    return next(_pragma(path, "quick_check(1)"), "") if size <= QUICK else ""


def _head(path: Path) -> tuple[bytes, int]:
    """Return a file's first 100 bytes, and how many there are. Raises NotLookedAt."""
    try:
        with path.open("rb") as file:
            return file.read(100), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise NotLookedAt(error.strerror or str(error)) from error


def faults(url: str) -> list[str] | None:
    """Return what is wrong with a database, having read all of it; None where there is none yet.

    Raises NotLookedAt.
    """
    path = file_of(url)
    if path is None:
        return list(_postgres(url))
    return list(_sqlite(path)) if path.exists() else None


def _sqlite(path: Path) -> Iterator[str]:
    """Read pages, cells and indexes as `PRAGMA integrity_check` does.

    Then find rows that name a row which is not there.
    """
    yield from _pragma(path, f"integrity_check({_MANY})")
    yield from _pragma(path, "foreign_key_check")


def _pragma(path: Path, check: str) -> Iterator[str]:
    """Yield what one of SQLite's own checks finds, or the damage that keeps it from being made.

    Raises NotLookedAt.
    """
    try:
        connection = sqlite3.connect(read_only(path), uri=True, timeout=PATIENCE)
        try:
            for row in connection.execute(f"PRAGMA {check}").fetchmany(_MANY):
                if row[0] != "ok":
                    yield (
                        " ".join(str(row[0]).split())
                        if len(row) == 1
                        else f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
                    )
        finally:
            connection.close()
    except sqlite3.Error as error:
        if _code(error) not in _DAMAGE:
            raise NotLookedAt(str(error)) from error
        yield str(error)


def _code(error: sqlite3.Error) -> int:
    """Return what SQLite answered; a text that cannot be read has no code, and is damage."""
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return int(extended) & 0xFF


def _postgres(url: str) -> Iterator[str]:
    """Read every value of every table, which is where damaged pages show.

    Then find rows that name a row which is not there.
    """
    made = engine(url)
    try:
        for name, table in sorted(metadata.tables.items()):
            yield from _table(
                made,
                name,
                [
                    (key.parent.name, key.column.table.name, key.column.name)
                    for key in table.foreign_keys
                ],
            )
    finally:
        made.dispose()


def _table(made: Engine, name: str, keys: list[tuple[str, str, str]]) -> Iterator[str]:
    try:
        with made.connect() as c:
            c.execute(text(f"SELECT sum(length(t::text)) FROM {name} AS t"))
            for mine, other, theirs in keys:
                missing = (
                    f"t.{mine} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} AS o"
                    f" WHERE o.{theirs} = t.{mine})"
                )
                if count := c.execute(
                    text(f"SELECT count(*) FROM {name} AS t WHERE {missing}")
                ).scalar():
                    yield f"{count} rows of {name} name a row of {other} that is not there"
    except SQLAlchemyError as error:
        yield f"{name}: {str(error).splitlines()[0]}"
