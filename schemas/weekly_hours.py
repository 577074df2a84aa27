"""The hours of a week within which a price holds: `mon-fri 00:00-01:00,sat-sun 00:00-24:00`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

DAY = 86_400
"""Seconds of a day."""
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFSETS = {"UTC": 0, "Asia/Shanghai": 8 * 3600, "Asia/Singapore": 8 * 3600}
"""Time zones without a summer time, in seconds ahead of UTC."""
Span = tuple[int, int]
_DAY = "|".join(DAYS)
_TIME = r"\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d(?::\d\d)?)?"
_SPAN = re.compile(
    rf"(?:(?P<first>{_DAY})(?:-(?P<last>{_DAY}))? )?(?P<start>{_TIME})-(?P<end>{_TIME})"
)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours of the week in UTC: disjoint spans of seconds since Monday's midnight, in order."""

    spans: tuple[Span, ...]

    @classmethod
    def of(cls, spans: Iterable[Span]) -> WeeklyHours:
        """Return the hours of these spans; what reaches beyond a week's end is its beginning.

        A span that ends where it starts, or before, goes on over the end of the week.
        """
        return cls(_joined(part for span in spans for part in _within_a_week(*span)))

    @classmethod
    def parse(cls, text: str) -> WeeklyHours:
        """Return the hours that a term states. A time without an offset is UTC's.

        >>> str(WeeklyHours.parse("09:00+08:00-18:00+08:00"))
        '01:00-10:00'
        >>> str(WeeklyHours.parse("fri 22:00-02:00,sat-sun 00:00-24:00"))
        'fri 22:00-24:00,sat-sun 00:00-24:00'

        Raises ValueError for other words, and for an hour that no day has.
        """
        return cls.of(span for part in text.split(",") for span in _spans(part))

    def __str__(self) -> str:
        """The hours as a term states them, one way for equal hours: daily ones without days."""
        by_day = [self._of_day(n) for n in range(7)]
        if all(day == by_day[0] for day in by_day):
            return ",".join(_printed(*span) for span in _over_midnight(by_day[0]))
        return ",".join(
            f"{days} {_printed(*span)}" for days, spans in _runs(by_day) for span in spans
        )

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __or__(self, other: WeeklyHours) -> WeeklyHours:
        return WeeklyHours(_joined((*self.spans, *other.spans)))

    def __and__(self, other: WeeklyHours) -> WeeklyHours:
        return (self.rest() | other.rest()).rest()

    def on(self, days: Iterable[int], zone: str = "UTC") -> WeeklyHours:
        """Return these hours on some days of a zone's week, Monday as 0.

        >>> str(WeeklyHours.parse("10:00-24:00").on([5, 6], "Asia/Shanghai"))
        'fri 16:00-24:00,sat 10:00-24:00,sun 10:00-16:00'

        Raises ValueError for a zone whose days are not the same all year, or that is not known.
        """
        if zone not in OFFSETS:
            raise ValueError(f"days of a time zone that is not known: {zone}")
        ahead = OFFSETS[zone]
        return self & WeeklyHours.of((d * DAY - ahead, (d + 1) * DAY - ahead) for d in days)

    def rest(self) -> WeeklyHours:
        """Return all other hours of the week.

        >>> str(WeeklyHours.parse("16:30-00:30").rest())
        '00:30-16:30'
        """
        edges = [0, *(edge for span in self.spans for edge in span), WEEK]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return WeeklyHours(tuple((start, end) for start, end in pairs if start < end))

    def holds(self, moment: datetime) -> bool:
        """Whether a moment, of any time zone, is within these hours."""
        utc = moment.astimezone(UTC)
        second = utc.weekday() * DAY + utc.hour * 3600 + utc.minute * 60 + utc.second
        return any(start <= second < end for start, end in self.spans)

    def _of_day(self, day: int) -> tuple[Span, ...]:
        midnight = day * DAY
        clipped = ((max(s - midnight, 0), min(e - midnight, DAY)) for s, e in self.spans)
        return tuple((start, end) for start, end in clipped if start < end)


def _within_a_week(start: int, end: int) -> Iterator[Span]:
    length = (end - start) % WEEK or WEEK
    start %= WEEK
    yield start, min(start + length, WEEK)
    if start + length > WEEK:
        yield 0, start + length - WEEK


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _spans(part: str) -> Iterator[Span]:
    m = _SPAN.fullmatch(part.strip())
    if not m:
        raise ValueError(f"no hours of a week: {part!r}")
    if m["first"] and not all(re.fullmatch(r"[\d:]+Z?", m[side]) for side in ("start", "end")):
        raise ValueError(f"days are UTC's, and so must be their times: {part!r}")
    first = DAYS.index(m["first"]) if m["first"] else 0
    last = DAYS.index(m["last"] or m["first"]) if m["first"] else 6
    start, end = second_of_day(m["start"]), second_of_day(m["end"])
    for day in range(first, last + 1 if last >= first else last + 8):
        midnight = day % 7 * DAY
        yield midnight + start, midnight + end + (0 if end > start else DAY)


def second_of_day(text: str) -> int:
    """Return a printed time of day as seconds after UTC's midnight; 24:00 is that at its end.

    >>> second_of_day("09:00+08:00"), second_of_day("24:00")
    (3600, 0)

    Raises ValueError for a time that no day has.
    """
    clock = time.fromisoformat(re.sub(r"^24(?=:00(?::00)?(?:$|[Z+-]))", "00", text))
    offset = clock.utcoffset()
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return (seconds - (int(offset.total_seconds()) if offset else 0)) % DAY


def _over_midnight(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the spans of every day, those that meet at midnight as one."""
    if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == DAY:
        return (*spans[1:-1], (spans[-1][0], spans[0][1]))
    return spans


def _runs(by_day: list[tuple[Span, ...]]) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Yield the days in a row that have the same hours, with these."""
    first = 0
    for day in range(1, 8):
        if day == 7 or by_day[day] != by_day[first]:
            days = DAYS[first] if day - first == 1 else f"{DAYS[first]}-{DAYS[day - 1]}"
            yield days, by_day[first]
            first = day


def _printed(start: int, end: int) -> str:
    return f"{_clock(start)}-{_clock(end)}"


def _clock(second: int) -> str:
    hour, rest = divmod(second, 3600)
    minute, seconds = divmod(rest, 60)
    return f"{hour:02}:{minute:02}" + (f":{seconds:02}" if seconds else "")
