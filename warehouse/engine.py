"""Connections that write: SQLite in WAL with one writer, or PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text

from almanac.warehouse.paths import file_of
from almanac.warehouse.read.views import V1

LOCK = 7_316_620_151
"""PostgreSQL advisory lock of the one publisher."""


def engine(url: str) -> Engine:
    """Return an engine for the warehouse at `url`, its folder made if it is a file."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    file = file_of(url)
    made = create_engine(URL.create("sqlite", database=str(file)) if file else url)
    if made.dialect.name == "sqlite":
        if made.url.database:
            Path(made.url.database).parent.mkdir(parents=True, exist_ok=True)

        @event.listens_for(made, "connect")
        def _prepare(connection: Any, _: Any) -> None:
            # Transactions are begun below, not guessed by the driver.
            connection.isolation_level = None
            for pragma in (
                "busy_timeout = 60000",
                "journal_mode = WAL",
                "synchronous = NORMAL",
                "foreign_keys = ON",
                "cache_size = -64000",
            ):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(made, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(
                "BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN"
            )

    return made


@contextmanager
def writing(made: Engine) -> Iterator[Connection]:
    """One write transaction; writers of both backends wait for each other."""
    with made.execution_options(writing=True).begin() as connection:
        if made.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        yield connection


def migrate(made: Engine, to: str = "head") -> None:
    """Bring the schema to a revision; `base` takes everything away.

    A schema that is there already is left as it is.

    The documented views are made anew whenever the schema moves, so a view that changes needs a
    revision, if an empty one.
    """
    folder = Path(__file__).parent / "migrations"
    newest = max(p.name for p in (folder / "versions").glob("[0-9]*.py"))[:4]
    if to == "head" and _revision(made) == newest:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with made.execution_options(writing=True).connect() as connection:
        if made.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        for name in V1:
            connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
        if to in ("head", newest):
            command.upgrade(config, to)
            for name, select in V1.items():
                connection.execute(text(f"CREATE VIEW {name} AS {select}"))
        elif to != "base" and to > (_revision(made) or ""):
            command.upgrade(config, to)
        else:
            command.downgrade(config, to)
        connection.commit()


def _revision(made: Engine) -> str | None:
    """Return the schema's revision; None where there is none yet."""
    with made.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
