"""Printed numbers.

They are exact where they are, an interval where they are rounded, refused where they are neither.
"""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.schemas.dates import read_date, utc
from almanac.schemas.money import price_of, read_price
from almanac.schemas.quantity import exact, read_count, read_flag, read_number, split_glued

SCALES = {"k": 10**3, "m": 10**6, "b": 10**9}


@given(st.integers(1_000, 10**13), st.integers(0, 3), st.sampled_from(sorted(SCALES)))
def test_printing_a_count_at_any_precision_and_reading_it_back_contains_it(
    value: int, decimals: int, letter: str
) -> None:
    printed = (Decimal(value) / SCALES[letter]).quantize(
        Decimal(1).scaleb(-decimals), ROUND_HALF_UP
    )
    assert read_count(f"{printed}{letter}").contains(value)


@given(st.integers(0, 10**10), st.integers(0, 9))
def test_printing_a_price_at_any_precision_and_reading_it_back_contains_it(
    nano: int, decimals: int
) -> None:
    printed = (Decimal(nano) / 10**9).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    price = read_price(f"~${printed:f} / 1M tokens")
    assert price.amount.contains(nano) or abs(price.amount.high - nano) < 1


@given(st.text(alphabet="0123456789.,$€ kKmM/~-", max_size=12))
def test_no_text_makes_it_guess_a_denominator_or_currency(text: str) -> None:
    """Without a word for what is counted, or a sign for the money, every reading is refused."""
    with pytest.raises(ValueError):
        read_price(text)


@given(st.decimals(min_value=0, max_value=1000, places=6, allow_nan=False))
def test_the_unit_decides_the_amount(amount: Decimal) -> None:
    by_token = price_of(amount / 10**6, "USD", "mtok", Decimal("0.000001"))
    assert by_token.nano == price_of(amount, "USD", "mtok").nano


@pytest.mark.parametrize(
    "text, value, low, high",
    [
        ("1.05m", 1_050_000, 1_045_000, 1_055_000),
        ("1,048,576", 1_048_576, 1_048_576, 1_048_576),
        ("204.800", 204_800, 204_800, 204_800),
        ("24B", 24 * 10**9, 23.5e9, 24.5e9),
        ("128K", 128_000, 127_500, 131_584),
        ("1M tokens", 1_000_000, 500_000, 1_572_864),
    ],
)
def test_counts(text: str, value: int, low: float, high: float) -> None:
    read = read_count(text)
    assert (read.value, read.low, read.high) == (value, low, high)


def test_a_rounded_count_has_both_its_readings_and_nothing_between() -> None:
    read = read_count("128K")
    assert read.contains(128_000) and read.contains(131_072) and not read.contains(129_000)
    assert not read_count("1.05m").contains(1_055_000), "the upper end rounds to 1.06m"


@pytest.mark.parametrize(
    "a, b, agree",
    [
        ("1.05m", "1,048,576", True),
        ("1M", "1,048,576", True),
        ("128k", "131,072", True),
        ("128K", "256K", False),
        ("1.05m", "128k", False),
    ],
)
def test_twins_agree_and_others_do_not(a: str, b: str, agree: bool) -> None:
    assert read_count(a).agrees(read_count(b)) is agree


@pytest.mark.parametrize(
    "text", ["", "many", "128K4K", "mid-sized", "1,04", "1.2.3", "200K / 1M", "-5", "1 or 2"]
)
def test_counts_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_count(text)


@pytest.mark.parametrize(
    "text, context, nano, unit",
    [
        ("$3 / MTok", "", 3_000_000_000, "usd_per_mtok"),
        ("$0.15 / 1K tokens", "", 150_000_000_000, "usd_per_mtok"),
        ("$0,05 / 1M tokens", "", 50_000_000, "usd_per_mtok"),
        ("0.02元", "百万tokens输入（缓存命中）", 20_000_000, "cny_per_mtok"),
        ("$0.0045 / minute", "", 4_500_000, "usd_per_minute"),
        ("$10.00 / 1k calls", "", 10_000_000, "usd_per_request"),
        ("$12.00 / 1M characters", "", 12_000_000_000, "usd_per_mchar"),
        ("$0.80/1M input", "", 800_000_000, "usd_per_mtok"),
        ("~$0.075", "Input ($/1M)", 75_000_000, "usd_per_mtok"),
        ("€1,234.50 per million tokens", "", 1_234_500_000_000, "eur_per_mtok"),
    ],
)
def test_prices(text: str, context: str, nano: int, unit: str) -> None:
    read = read_price(text, context)
    assert (read.nano, read.unit) == (nano, unit)


@pytest.mark.parametrize(
    "text",
    [
        "$0.25",
        "0.25 / 1M tokens",
        "$0.25 / 1M",
        "$0.20$1.50 / 1M tokens",
        "$-1 / 1M tokens",
        "$1 / €2 per 1M tokens",
        "contact us per token",
    ],
)
def test_prices_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_price(text)


def test_a_range_is_approximate_and_keeps_both_ends() -> None:
    read = read_price("~$0.03–0.05/1M tokens").amount
    assert read.approximate and (read.low, read.high) == (30_000_000, 50_000_000)


def test_money_is_never_a_float() -> None:
    with pytest.raises(ValueError, match="not an exact number"):
        exact(0.1)  # type: ignore[arg-type]
    assert isinstance(read_price("$0.0125 / MTok").nano, int)


@pytest.mark.parametrize(
    "text, decimal, value",
    [
        ("1,234", ".", 1234),
        ("1,234", ",", Decimal("1.234")),
        ("0,075", None, Decimal("0.075")),
        ("1.234,56", None, Decimal("1234.56")),
    ],
)
def test_locale(text: str, decimal: str | None, value: Decimal) -> None:
    assert read_number(text, decimal)[0] == value  # type: ignore[arg-type]


def test_a_comma_that_can_be_either_is_refused() -> None:
    with pytest.raises(ValueError, match="decimal comma or thousands"):
        read_number("1,234")


@pytest.mark.parametrize(
    "text, value, low, high",
    [
        ("May 7, 2026", "2026-05-07", date(2026, 5, 7), date(2026, 5, 7)),
        ("Mar 2025", "2025-03", date(2025, 3, 1), date(2025, 3, 31)),
        ("July, 2025", "2025-07", date(2025, 7, 1), date(2025, 7, 31)),
        ("2024-02", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_dates(text: str, value: str, low: date, high: date) -> None:
    read = read_date(text)
    assert (read.value, read.low, read.high) == (value, low, high)


@pytest.mark.parametrize("text", ["2026-13", "2025-25-11", "soon", "", "2025-01-012024-04-02"])
def test_dates_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_date(text)


def test_glued_cells_split_in_one_way_or_not_at_all() -> None:
    assert split_glued("86.957.1", r"\d+\.\d") == ["86.9", "57.1"]
    assert split_glued("2025-012024-04", r"\d{4}-\d{2}") == ["2025-01", "2024-04"]
    with pytest.raises(ValueError, match="0 ways"):
        split_glued("12B", r"\d+[KMB]")
    with pytest.raises(ValueError, match="ways"):
        split_glued("1234", r"\d+")


@pytest.mark.parametrize("text", ["maybe", "Yes (beta)", "", "1"])
def test_flags_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_flag(text)


EDGES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999-00:00:01",
)


@pytest.mark.parametrize("text", EDGES)
def test_a_moment_that_falls_out_of_the_calendar_is_none(text: str) -> None:
    """As text, and as a moment that somebody else read: what falls out is no OverflowError."""
    for moment in (text, datetime.fromisoformat(text)):
        with pytest.raises(ValueError, match="falls out of the calendar"):
            utc(moment)


def test_the_first_and_the_last_moment_of_the_calendar_are_moments() -> None:
    assert utc(datetime.min) == utc("0001-01-01T00:00:00-00:00") == utc("0001-01-01T14:00:00+14:00")
    last = datetime.max.replace(tzinfo=UTC)
    assert utc("9999-12-31T23:59:59.999999") == utc(datetime.max) == last


@pytest.mark.parametrize(
    "moment", [5, None, True, 1.5, ["2026-05-01"], {"year": 2026}, b"2026-05-01", [0] * 10_000]
)
def test_what_is_no_moment_at_all_is_said_in_words(moment: object) -> None:
    with pytest.raises(ValueError, match="no date or time, which is written as text: ") as told:
        utc(moment)  # type: ignore[arg-type]
    assert len(str(told.value)) < 200
