"""Connections that write: SQLite in WAL with one writer, or PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text

LOCK = 7_316_620_151
"""PostgreSQL advisory lock of the one publisher."""


def engine(url: str) -> Engine:
    """Return an engine for the warehouse at `url`, its folder made if it is a file."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    made = create_engine(url)
    if made.dialect.name == "sqlite":
        if made.url.database:
            Path(made.url.database).parent.mkdir(parents=True, exist_ok=True)

        @event.listens_for(made, "connect")
        def _prepare(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # transactions are begun below, not guessed by the driver
            for pragma in ("busy_timeout = 60000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -64000"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(made, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN")

    return made


@contextmanager
def writing(made: Engine) -> Iterator[Connection]:
    """One write transaction; writers of both backends wait for each other."""
    with made.execution_options(writing=True).begin() as connection:
        if made.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        yield connection


def migrate(made: Engine, to: str = "head") -> None:
    """Bring the schema to a revision; `base` takes everything away."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with made.execution_options(writing=True).connect() as connection:
        config.attributes["connection"] = connection
        if to == "base":
            command.downgrade(config, to)
        else:
            command.upgrade(config, to)
        connection.commit()
