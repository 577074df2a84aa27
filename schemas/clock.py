"""The clock of a run: given to it at the start, never asked of the machine."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from almanac.schemas.dates import utc


class Clock:
    """Counts on from the moment it was given.

    What goes by is measured by the monotonic clock, which no one sets back.

    >>> Clock(utc("2026-05-19T12:00:00Z")).now().isoformat()
    '2026-05-19T12:00:00+00:00'
    """

    __slots__ = ("_since", "_start")

    def __init__(self, start: datetime) -> None:
        self._start, self._since = utc(start), time.monotonic()

    def now(self) -> datetime:
        """Return the moment it is by this clock: UTC, whole seconds."""
        return (self._start + timedelta(seconds=time.monotonic() - self._since)).replace(
            microsecond=0
        )
