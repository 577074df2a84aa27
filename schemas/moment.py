"""Moments as the warehouse keys them: UTC text that sorts, `2026-08-18T00:00:00Z`."""

from __future__ import annotations

from datetime import date, datetime

from schemas.dates import utc


def stamp(moment: str | date | datetime) -> str:
    """Return a moment as UTC text. Raises ValueError for text that is no ISO date or time."""
    try:
        return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError as error:
        raise ValueError(f"not a date or time: {moment!r} (write 2026-05-19 or 2026-05-19T12:00:00Z)") from error
