"""The hours of a week: one text for equal hours, and no moment in two halves or in none."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from almanac.schemas.weekly_hours import WEEK, WeeklyHours

MONDAY = datetime(2026, 8, 3, tzinfo=UTC)


def some_hours(seed: int) -> WeeklyHours:
    """Return hours drawn by a seed, to the minute."""
    draw = random.Random(seed)
    starts = [draw.randrange(0, WEEK, 60) for _ in range(draw.randint(1, 6))]
    return WeeklyHours.of((s, s + draw.randrange(60, 2 * 86_400, 60)) for s in starts)


@pytest.mark.parametrize("seed", range(40))
def test_every_moment_is_within_hours_or_within_their_rest(seed: int) -> None:
    hours = some_hours(seed)
    rest = hours.rest()
    moments = [MONDAY + timedelta(minutes=15 * n) for n in range(7 * 96)]
    assert all(hours.holds(m) is not rest.holds(m) for m in moments)
    assert WeeklyHours.parse(str(hours)) == hours and rest.rest() == hours
    assert str(hours | rest) == "00:00-24:00" and not (hours | rest).rest()


@pytest.mark.parametrize(
    "text, same",
    [
        ("10:00-01:00,04:00-06:00", "04:00-06:00,10:00-01:00"),
        ("10:00-00:00,00:00-01:00", "10:00-01:00"),
        ("00:30:00Z-16:30:00Z", "00:30-16:30"),
        ("20:00-05:00-23:30-05:00", "01:00-04:30"),
        ("mon-sun 01:00-02:00", "01:00-02:00"),
        ("sat-sun 00:00-00:00", "sat-sun 00:00-24:00"),
        ("fri-mon 22:00-23:00", "mon 22:00-23:00,fri-sun 22:00-23:00"),
        ("sun 22:00-02:00", "mon 00:00-02:00,sun 22:00-24:00"),
        ("01:00:30-02:00", "01:00:30-02:00"),
    ],
)
def test_equal_hours_have_one_text(text: str, same: str) -> None:
    assert str(WeeklyHours.parse(text)) == same
    assert str(WeeklyHours.parse(same)) == same


@pytest.mark.parametrize(
    "text", ["", "at night", "25:00-26:00", "01:00", "work 01:00-02:00", "mon 09:00+08:00-18:00"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        WeeklyHours.parse(text)
