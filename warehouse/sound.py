"""Whether a warehouse's database is whole, as far as the database itself can tell."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from warehouse.engine import engine
from warehouse.tables import metadata

QUICK = 256 * 2**20
"""Bytes of an SQLite file up to which its pages are also looked over at a glance: about a second."""
_MANY = 100
"""Faults of one kind that are listed."""


def glance(url: str) -> str:
    """Return why an SQLite file cannot be whole, at a glance: it is cut off, or no database, or a small one with a damaged page. Empty where it may be."""
    path = _file(url)
    if path is None or not path.exists():
        return ""
    with path.open("rb") as file:
        head = file.read(100)
        size = os.fstat(file.fileno()).st_size
    if not head:
        return ""
    if not head.startswith(b"SQLite format 3\0") or len(head) < 100:
        return "no SQLite database: its first bytes are others"
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    known = head[24:28] == head[92:96]  # whoever wrote it last kept the count of pages (SQLite's file format, 1.3.8)
    waiting = path.with_name(f"{path.name}-wal")
    whole = pages * (65536 if page == 1 else page)
    if known and size < whole and not (waiting.exists() and waiting.stat().st_size):
        return f"the file is cut off: {size:,} of {whole:,} bytes"
    return next(_pragma(path, "quick_check(1)"), "") if size <= QUICK else ""


def faults(url: str) -> list[str] | None:
    """Return what is wrong with a database, having read all of it; None where there is none yet."""
    path = _file(url)
    if path is None:
        return list(_postgres(url))
    return list(_sqlite(path)) if path.exists() else None


def _file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _sqlite(path: Path) -> Iterator[str]:
    """Pages, cells and indexes as `PRAGMA integrity_check` reads them, then rows that name a row which is not there."""
    yield from _pragma(path, f"integrity_check({_MANY})")
    yield from _pragma(path, "foreign_key_check")


def _pragma(path: Path, check: str) -> Iterator[str]:
    """Yield what one of SQLite's own checks finds, or what keeps it from being made."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
        try:
            for row in connection.execute(f"PRAGMA {check}").fetchmany(_MANY):
                if row[0] != "ok":
                    yield " ".join(str(row[0]).split()) if len(row) == 1 else f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
        finally:
            connection.close()
    except sqlite3.Error as error:
        yield str(error)


def _postgres(url: str) -> Iterator[str]:
    """Read every value of every table, which is where damaged pages show, then rows that name a row which is not there."""
    made = engine(url)
    try:
        for name, table in sorted(metadata.tables.items()):
            yield from _table(made, name, [(key.parent.name, key.column.table.name, key.column.name) for key in table.foreign_keys])
    finally:
        made.dispose()


def _table(made: Engine, name: str, keys: list[tuple[str, str, str]]) -> Iterator[str]:
    try:
        with made.connect() as c:
            c.execute(text(f"SELECT sum(length(t::text)) FROM {name} AS t"))
            for mine, other, theirs in keys:
                missing = f"t.{mine} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} AS o WHERE o.{theirs} = t.{mine})"
                if count := c.execute(text(f"SELECT count(*) FROM {name} AS t WHERE {missing}")).scalar():
                    yield f"{count} rows of {name} name a row of {other} that is not there"
    except SQLAlchemyError as error:
        yield f"{name}: {str(error).splitlines()[0]}"
