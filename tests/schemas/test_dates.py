"""Printed dates: three numbers in an order that is told, parts of years, months and days."""

from __future__ import annotations

import pytest

from almanac.schemas.dates import day_order, read_date, utc
from almanac.spiders.page import Page
from almanac.spiders.reading.facts import facts_of

WHOLE = {
    "7/31/2026": "2026-07-31",
    "31/7/2026": "2026-07-31",
    "31.07.2026": "2026-07-31",
    "4/4/2026": "2026-04-04",
    "31-Jul-2026": "2026-07-31",
    "2026年7月31日": "2026-07-31",
    "2026年7月": "2026-07",
    "Jul 2026": "2026-07",
}
PARTS = {
    "Q3 2026": ("2026-07-01", "2026-09-30"),
    "2026-Q1": ("2026-01-01", "2026-03-31"),
    "second quarter of 2026": ("2026-04-01", "2026-06-30"),
    "H2 2026": ("2026-07-01", "2026-12-31"),
    "first half of 2026": ("2026-01-01", "2026-06-30"),
}
PAGE = "# A-1\n\nSome words.\n\n{0}\n"


@pytest.mark.parametrize("text", WHOLE)
def test_a_date_is_read_as_precise_as_it_is_printed(text: str) -> None:
    assert (read_date(text).value, read_date(text).is_whole) == (WHOLE[text], True)


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_a_year_keeps_its_ends(text: str) -> None:
    day = read_date(text)
    assert (day.low.isoformat(), day.high.isoformat(), day.is_whole) == (*PARTS[text], False)


@pytest.mark.parametrize("text", ["3/4/2026", "13/13/2026", "2/30/2026", "7/31/26", "Q5 2026"])
def test_what_cannot_be_told_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day or month"):
        read_date(text)


@pytest.mark.parametrize(
    ("others", "order"),
    [
        ("7/31/2026", "month first"),
        ("31/7/2026 and 1/2/2025", "day first"),
        ("7/31/2026 but 31/7/2026", ""),
        ("https://acme.example/13/1/2026/x and 2/3/2024", ""),
    ],
)
def test_the_other_dates_of_a_page_tell_which_number_is_the_day(others: str, order: str) -> None:
    assert day_order(others) == order
    page = Page("groq", "https://acme.example/", PAGE.format(others).encode(), utc("2026-11-01"))
    claims = page.say("retirement_date", "3/4/2026", model="A-1", locator="line 1")
    stated = {"month first": ["2026-03-04"], "day first": ["2026-04-03"]}.get(order, [])
    assert [claim.value for claim in claims] == stated
    assert len(page.refusals) == (not stated)


def test_a_claim_of_a_quarter_holds_its_first_and_last_day() -> None:
    page = Page("groq", "https://acme.example/", b"x", utc("2026-11-01"))
    (claim,) = page.say("retirement_date", "Q3 2026", model="A-1", locator="line 1")
    assert (claim.low, claim.high, claim.printed) == ("2026-07-01", "2026-09-30", "Q3 2026")


@pytest.mark.parametrize("mark", ["2", " 2", "[12]", " (3)", "¹", "*"])
def test_a_footnote_behind_a_date_is_none_of_it(mark: str) -> None:
    for day in ("July 31, 2026", "2026-07-31", "7/31/2026"):
        assert facts_of("retirement_date", f"{day}{mark}") == {"retirement_date": day}


def test_a_day_of_all_regions_has_no_condition_and_one_of_some_is_none() -> None:
    assert facts_of("retirement_date", "July 21, 2025 (all Regions)") == {
        "retirement_date": "July 21, 2025"
    }
    with pytest.raises(ValueError, match="not a date"):
        read_date(str(facts_of("retirement_date", "July 21, 2025 (only in Ohio)").popitem()[1]))
