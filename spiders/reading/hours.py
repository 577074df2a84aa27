"""The hours of the day that a text beside prices calls peak, as a term that a tariff evaluates."""

from __future__ import annotations

import re
from collections.abc import Iterable

from almanac.schemas.weekly_hours import WeeklyHours

_PEAK = re.compile(r"\bpeak\b|高峰", re.I)
_OFF = re.compile(r"\boff[- ]?peak\b|低谷|平峰|优惠时段|非高峰", re.I)
_SPAN = re.compile(r"(?P<start>\d{1,2}:\d{2})\s*(?:-|–|—|~|至|到|to)\s*(?P<end>\d{1,2}:\d{2})")
_ZONES = (
    ("UTC", ""),
    ("GMT", ""),
    ("北京时间", "+08:00"),
    ("Beijing", "+08:00"),
    ("CST", "+08:00"),
)


def hours_of(period: str, texts: Iterable[str]) -> str:
    """Return the hours that a period (`peak`, `off-peak`) lasts, in UTC; nothing where none say.

    A text that names the hours of the one period gives the other the rest of the day. Raises
    ValueError for hours in no time zone that is known.

    >>> hours_of("off-peak", ["Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC."])
    '04:00-06:00,10:00-01:00'
    """
    for text in texts:
        for sentence in re.split(r"(?<=[.。;；])\s*", text):
            if hours := _stated(sentence):
                named = "off-peak" if _OFF.search(_before_hours(sentence)) else "peak"
                return str(hours if named == period else hours.rest())
    return ""


def _before_hours(sentence: str) -> str:
    m = _SPAN.search(sentence)
    return sentence[: m.start()] if m else sentence


def _stated(sentence: str) -> WeeklyHours | None:
    spans = list(_SPAN.finditer(sentence))
    if not spans or not (_PEAK.search(sentence) or _OFF.search(sentence)):
        return None
    offset = next((offset for word, offset in _ZONES if word in sentence), None)
    if offset is None:
        raise ValueError(f"hours in no time zone that is known: {sentence[:80]!r}")
    times = (f"{m['start']:0>5}{offset}-{m['end']:0>5}{offset}" for m in spans)
    return WeeklyHours.parse(",".join(times))
