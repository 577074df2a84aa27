"""Where the almanac lives: its home folder and its database."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return `ALMANAC_HOME`, or the user's data folder."""
    if given := os.environ.get("ALMANAC_HOME"):
        return Path(given).expanduser()
    return (
        Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "model-almanac"
    )


def database_url() -> str:
    """Return `ALMANAC_DATABASE_URL`, or the SQLite file in the home folder."""
    return os.environ.get("ALMANAC_DATABASE_URL") or f"sqlite:///{home() / 'warehouse.db'}"


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite database: all that follows `sqlite:///`, as it stands.

    None for another database.

    >>> str(file_of("sqlite:////home/50% a#b?c/warehouse.db")), file_of("postgresql://h/d")
    ('/home/50% a#b?c/warehouse.db', None)
    """
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def read_only(path: Path) -> str:
    """Return the URI by which SQLite opens a file for reading only.

    >>> read_only(Path("/home/50% a#b?c/warehouse.db"))
    'file:///home/50%25%20a%23b%3Fc/warehouse.db?mode=ro'
    """
    return f"{path.resolve().as_uri()}?mode=ro"


def archive_url() -> str:
    """Return `ALMANAC_ARCHIVE_URL`, an fsspec URL at which many machines share one archive.

    Empty where there is none.
    """
    return os.environ.get("ALMANAC_ARCHIVE_URL", "")


def shown(url: str) -> str:
    """Return a database URL without its password, for messages."""
    if file_of(url):
        return url
    head, at, tail = url.rpartition("@")
    return f"{head.split(':')[0]}://…@{tail}" if at else url
