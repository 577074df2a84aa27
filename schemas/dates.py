"""Printed dates with their precision: `2025-03` is any day of that March."""

from __future__ import annotations

import calendar
import re
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from almanac.schemas.quantity import short

_MONTHS = {
    name.lower(): i
    for i in range(1, 13)
    for name in (calendar.month_name[i], calendar.month_abbr[i])
} | {"sept": 9}
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<m>\d{2})-(?P<day>\d{2})(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"),
    re.compile(r"(?P<year>\d{4})/(?P<m>\d{1,2})/(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})-(?P<m>\d{2})"),
    re.compile(_MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})", re.I),
    re.compile(r"(?P<day>\d{1,2})[\s-]+" + _MONTH + r"(?:,?\s+|-)(?P<year>\d{4})", re.I),
    re.compile(_MONTH + r"(?:,?\s+|-)(?P<year>\d{4})", re.I),
    re.compile(r"(?P<year>\d{4})年(?:(?P<m>\d{1,2})月)?(?:(?<=月)(?P<day>\d{1,2})日)?"),
    re.compile(r"(?P<year>(?:19|20)\d{2})"),
)
_NUMBERED = r"(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>(?:19|20)\d\d)"
_PART = (
    r"(?:q(?P<quarter>[1-4])|(?P<count>first|second|third|fourth) quarter(?: of)?|h(?P<half>[12])"
    r"|(?P<which>first|second) half(?: of)?)"
)
_PARTS = tuple(
    re.compile(form, re.I)
    for form in (
        rf"{_PART}[\s-]+(?P<year>(?:19|20)\d\d)",
        rf"(?P<year>(?:19|20)\d\d)[\s-]*{_PART}",
    )
)
_COUNTED = {"first": 1, "second": 2, "third": 3, "fourth": 4}
DayOrder = Literal["", "day first", "month first"]


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as precise as it was printed: `value` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    Of a quarter or half of a year `value` is the year, and `low` and `high` are its ends.
    """

    value: str
    low: date
    high: date
    approximate: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether `value` says all: it is no part of a year."""
        return len(self.value) > 4 or (self.high - self.low).days > 360


_AT_LEAST = re.compile(r"\s*\bor later\b|\bnot? (?:sooner|earlier|before)(?: than)?\b\s*", re.I)


def day_order(text: str) -> DayOrder:
    """Return the order that a text's dates in numbers show: a number above 12 is a day.

    >>> day_order("from 3/4/2026 to 7/31/2026"), day_order("31.7.2026"), day_order("3/4/2026")
    ('month first', 'day first', '')
    """
    first = second = False
    for m in re.finditer(rf"(?<![\d/.]){_NUMBERED}(?![\d/])", text):
        first |= int(m["first"]) > 12 >= int(m["second"])
        second |= int(m["second"]) > 12 >= int(m["first"])
    if first == second:
        return ""
    return "day first" if first else "month first"


def read_date(text: str, order: Callable[[], DayOrder] = lambda: "") -> PrintedDate:
    """Return the one date printed in `text`.

    `order` tells which of two numbers is the day, where they do not tell it themselves.

    >>> read_date("July, 2025").value, read_date("May 7, 2026").value, read_date("Mar 2025").high
    ('2025-07', '2026-05-07', datetime.date(2025, 3, 31))
    >>> read_date("7/31/2026").value, read_date("Q3 2026").low, read_date("Q3 2026").high
    ('2026-07-31', datetime.date(2026, 7, 1), datetime.date(2026, 9, 30))

    Raises ValueError for no date, an impossible one, or words that change it.
    """
    if m := _FORMS[0].fullmatch(short(text)):
        return _date(int(m["year"]), int(m["m"]), int(m["day"]), False, text)
    body = text.strip().rstrip(".")
    approximate = bool(re.match(r"(?:~|early|mid|late|around|about)[\s-]*", body, re.I))
    body = re.sub(r"^(?:~|early|mid|late|around|about)[\s-]*", "", body, flags=re.I)
    if _AT_LEAST.search(body):
        approximate = True
        body = _AT_LEAST.sub("", body)
    body = body.strip()
    if m := re.fullmatch(_NUMBERED, body):
        return _numbered(m, order, approximate, text)
    if m := next((m for form in _PARTS if (m := form.fullmatch(body))), None):
        return _part_of_year(m, approximate)
    for form in _FORMS:
        if m := form.fullmatch(body):
            parts = m.groupdict()
            month = (
                int(parts["m"])
                if parts.get("m")
                else _MONTHS.get((parts.get("month") or "").lower(), 0)
            )
            return _date(int(parts["year"]), month, int(parts.get("day") or 0), approximate, text)
    raise ValueError(f"not a date: {text!r}")


def _numbered(
    m: re.Match[str], order: Callable[[], DayOrder], approximate: bool, text: str
) -> PrintedDate:
    """Return a date of three numbers, of which one above 12 is the day."""
    year, month, day = int(m["year"]), int(m["first"]), int(m["second"])
    swapped = month > 12
    if month <= 12 and day <= 12 and month != day:
        first_part = order()
        if not first_part:
            raise ValueError(f"whether day or month comes first cannot be told: {text!r}")
        swapped = first_part == "day first"
    return _date(year, *((day, month) if swapped else (month, day)), approximate, text)


def _part_of_year(m: re.Match[str], approximate: bool) -> PrintedDate:
    """Return a quarter or half of a year: the year, and the days between which it lies."""
    half = m["half"] or m["which"]
    number, months = half or m["quarter"] or m["count"], 6 if half else 3
    last = months * (_COUNTED.get(number.lower()) or int(number))
    year = int(m["year"])
    end = date(year, last, calendar.monthrange(year, last)[1])
    return PrintedDate(f"{year:04d}", date(year, last - months + 1, 1), end, approximate)


def _date(year: int, month: int, day: int, approximate: bool, text: str) -> PrintedDate:
    try:
        if day:
            exact = date(year, month, day)
            return PrintedDate(exact.isoformat(), exact, exact, approximate)
        if month:
            last = calendar.monthrange(year, month)[1]
            return PrintedDate(
                f"{year:04d}-{month:02d}",
                date(year, month, 1),
                date(year, month, last),
                approximate,
            )
        return PrintedDate(f"{year:04d}", date(year, 1, 1), date(year, 12, 31), approximate)
    except (ValueError, calendar.IllegalMonthError) as error:
        raise ValueError(f"no such date: {text!r}") from error


def utc(moment: str | date | datetime) -> datetime:
    """Return an aware UTC moment; a bare date is its first second, a naive time is read as UTC.

    Raises ValueError for text that is no ISO date or time, for what is neither text nor a date, and
    for a moment that in UTC is before the year 1 or after 9999.
    """
    if not isinstance(moment, (str, date)):
        raise ValueError(f"no date or time, which is written as text: {reprlib.repr(moment)}")
    if isinstance(moment, str):
        text = moment.strip()
        if re.fullmatch(r"\d{4}-\d{2}", text):
            text += "-01"
        elif re.fullmatch(r"\d{4}", text):
            text += "-01-01"
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    elif type(moment) is not datetime:
        # A library's own kind may lose its zone when a span is added.
        moment = datetime.combine(moment.date(), moment.timetz())
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"falls out of the calendar: {moment}") from None
