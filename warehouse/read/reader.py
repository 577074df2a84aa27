"""The public read API.

Plain SQL over SQLite or PostgreSQL, without the ORM, so that a query starts fast.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from almanac.schemas.fields import FIELDS
from almanac.warehouse.paths import database_url, file_of, read_only, shown
from almanac.warehouse.read.claims import Claims
from almanac.warehouse.read.figures import Figures
from almanac.warehouse.read.looked import Looked
from almanac.warehouse.read.rows import (
    FOREVER,
    Missed,
    NotThere,
    Release,
    Stale,
    StoredClaim,
    StoredFigure,
)

__all__ = [
    "FOREVER",
    "Missed",
    "NotThere",
    "Release",
    "Stale",
    "StoredClaim",
    "StoredFigure",
    "Warehouse",
    "kind_of",
    "open",
]


class Warehouse(Figures, Claims, Looked):
    """One release of a warehouse, seen at one moment of the world.

    `known` is the release whose word is taken, `valid` the moment asked about: both default
    to the latest.
    """


def open(url: str | None = None, any_thread: bool = False) -> Warehouse:
    """Return the latest release of the warehouse at `url`, read-only.

    By default it is the one of this home.

    Not for several threads at once; `any_thread` lets one after the other use it.

    Raises NotThere, with what to do, where there is none.
    """
    place = url or database_url()
    if path := file_of(place):
        if not path.exists():
            raise NotThere(f"no warehouse at {path}: run `almanac refresh`, or set ALMANAC_HOME")
        connection: Any = sqlite3.connect(
            read_only(path),
            uri=True,
            timeout=60,
            check_same_thread=not any_thread,
        )
        placeholder = "?"
    elif place.startswith("postgresql"):
        import psycopg

        try:
            connection, placeholder = (
                psycopg.connect(place.replace("+psycopg", ""), autocommit=True),
                "%s",
            )
        except psycopg.OperationalError as error:
            raise NotThere(
                f"no database at {shown(place)}: {str(error).splitlines()[0]}"
            ) from error
    else:
        raise NotThere(f"not a database this almanac reads: {shown(place)}")
    try:
        return Warehouse(connection, placeholder)
    except NotThere:
        raise
    except Exception as error:
        raise NotThere(
            f"the database at {shown(place)} is no warehouse: {str(error).splitlines()[0]}"
        ) from error


def kind_of(subject_kind: str, field: str) -> str:
    """Return the kind of value a field holds."""
    return FIELDS[(subject_kind, field)].kind
