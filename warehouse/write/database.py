"""The database that is written to."""

from __future__ import annotations

from almanac.warehouse.engine import engine, migrate
from almanac.warehouse.paths import database_url


class Database:
    """The writing side of one warehouse. One writer at a time; each method is one transaction."""

    def __init__(self, url: str | None = None) -> None:
        self.engine = engine(url or database_url())
        migrate(self.engine)

    def close(self) -> None:
        self.engine.dispose()
