"""Moments as the warehouse keys them: UTC text that sorts, `2026-08-18T00:00:00Z`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from almanac.schemas.dates import utc

YEARS = range(1970, 9999)
"""The years a moment can be in.

Text of earlier ones may lack a digit and then sorts wrongly, and later ones stand for "for ever".
"""


def stamp(moment: str | date | datetime) -> str:
    """Return a moment as UTC text.

    Raises ValueError for text that is no ISO date or time, and for a year out of range.

    >>> stamp("2026-05-19T14:00:00+02:00")
    '2026-05-19T12:00:00Z'
    """
    shown = f"{str(moment)[:60]!r}"
    try:
        instant = utc(moment)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"not a date or time: {shown} (write 2026-05-19 or 2026-05-19T12:00:00Z)"
        ) from error
    if instant.year not in YEARS:
        raise ValueError(
            f"not a date or time of the almanac: {shown} (the years are {YEARS[0]} to {YEARS[-1]})"
        )
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def until(moment: str | date | datetime) -> datetime:
    """Return the last moment meant: of a bare day its last second, else the moment itself.

    Raises ValueError as `stamp` does.

    >>> until("2026-05-19").isoformat(), until("2026-05-19T12:00:00Z").isoformat()
    ('2026-05-19T23:59:59+00:00', '2026-05-19T12:00:00+00:00')
    """
    whole_day = (isinstance(moment, str) and len(moment) == 10) or (
        isinstance(moment, date) and not isinstance(moment, datetime)
    )
    first = utc(stamp(moment))
    return datetime.combine(first.date(), time(23, 59, 59), UTC) if whole_day else first
