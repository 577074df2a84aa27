"""Bills: exact to the nano-unit, under their terms, and refused where anything is not known."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac import comparisons
from almanac.comparisons.model_profile import ModelProfile
from almanac.comparisons.pricing.monthly import Traffic, costs, months
from almanac.comparisons.pricing.quotes import Prices, usage
from almanac.comparisons.pricing.tariff import FEMTO, Tariff, Unpriced, Usage
from almanac.warehouse.read.reader import FOREVER, StoredFigure
from tests.conftest import Built, almanac, build

GA = "google/gemini-3.1-flash-lite"


def component(
    meter: str,
    dollars: str,
    terms: str = "",
    state: str = "known",
    unit: str = "usd_per_mtok",
    rule: str = "one source",
) -> StoredFigure:
    nano = int(Decimal(dollars) * 10**9)
    value = str(nano) if state in ("known", "approximate") else None
    return StoredFigure(
        1,
        "offer",
        "p:m/x",
        "m/x",
        "p",
        "price",
        meter,
        terms,
        unit,
        value,
        nano if value else None,
        state,
        0.9,
        rule,
        "",
        "[]",
        "[]",
        "2026-01-01T00:00:00Z",
        FOREVER,
        1,
        None,
    )


def tariff(*figures: StoredFigure) -> Tariff:
    return Tariff("p:m/x", figures)


STANDARD = (
    component("input", "3"),
    component("output", "15"),
    component("cache_read", "0.3"),
    component("cache_write", "3.75"),
    component("cache_write", "6", "cache_ttl=1h"),
    component("input", "6", "above_input=200000"),
    component("output", "22.5", "above_input=200000"),
    component("cache_write", "7.5", "above_input=200000"),
    component("input", "1.5", "tier=batch"),
    component("output", "7.5", "tier=batch"),
    component("input", "1", "window=22:00:00Z-06:00:00Z"),
)


@pytest.mark.parametrize(
    "used, total",
    [
        (usage(1_000_000, 1_000_000), "28.5"),  # above 200,000 the whole request is dearer
        (usage(200_000, 1000), "0.615"),  # at the threshold it is not
        (usage(200_001, 0), "1.200006"),
        (usage(1000, 0, cached=400), "0.00192"),
        (usage(1000, 10, tier="batch"), "0.001575"),
        # Reasoning without a price of its own is output.
        (usage(1000, 10, reasoning=10), "0.00315"),
        # The kept hour is the cache's, the rest stays as it is.
        (usage(1000, 0, cache_write=400, cache_ttl="1h"), "0.0042"),
        (usage(1, 0), "0.000003"),
        (usage(1000, 0, at=datetime(2026, 1, 1, 23, tzinfo=UTC)), "0.001"),
        (usage(1000, 0, at=datetime(2026, 1, 1, 5, 59, 59, tzinfo=UTC)), "0.001"),
        (usage(1000, 0, at=datetime(2026, 1, 1, 6, tzinfo=UTC)), "0.003"),
    ],
)
def test_a_bill_is_exact(used: Usage, total: str) -> None:
    assert tariff(*STANDARD).bill(used).total == Decimal(total)


@pytest.mark.parametrize(
    "used, said",
    [
        (usage(1, of={"search": 2}), "no search price"),
        (usage(10, cached=5, tier="batch"), "no cache_read price"),
        (usage(300_000, 5, tier="batch"), "above 200,000 input tokens is not known on tier=batch"),
        (usage(10, tier="flex"), "there are prices on: standard terms"),
        (usage(10, region="eu"), "region=eu"),
        (usage(300_000, cache_write=5, cache_ttl="1h"), "cache_write price of p:m/x above 200,000"),
        (usage(10, cache_write=5, cache_ttl="12h"), "cache_ttl=1h"),
    ],
)
def test_what_is_not_known_is_refused_and_never_nothing(used: Usage, said: str) -> None:
    with pytest.raises(Unpriced, match=said):
        tariff(*STANDARD).bill(used)


def test_a_conflicted_price_refuses_the_bill_that_needs_it() -> None:
    some = tariff(component("input", "1"), component("output", "0", state="conflicted"))
    assert some.bill(usage(1_000_000)).total == 1
    with pytest.raises(Unpriced, match="conflicted"):
        some.bill(usage(1, 1))


def test_free_is_free_and_no_price_is_not() -> None:
    assert tariff(component("input", "0"), component("output", "0")).bill(usage(5, 5)).total == 0
    with pytest.raises(Unpriced, match="no price of p:m/x is known"):
        tariff().bill(usage(5, 5))


def test_a_fee_for_each_request_is_in_the_bill() -> None:
    some = tariff(component("input", "1"), component("request", "0.01", unit="usd_per_request"))
    assert some.bill(usage(1_000_000)).total == Decimal("1.01")
    assert some.bill(Usage(1_000_000, requests=1000, request_input=1000)).total == Decimal(11)


def test_native_currency_is_kept() -> None:
    some = tariff(
        component("input", "2", "currency=CNY", unit="cny_per_mtok"),
        component("output", "8", "currency=CNY", unit="cny_per_mtok"),
    )
    bill = some.bill(usage(1_000_000, 500_000))
    assert (bill.total, bill.currency) == (Decimal(6), "CNY")
    with pytest.raises(Unpriced, match="currency=CNY"):
        some.bill(usage(1, currency="USD"))


def test_components_in_two_currencies_have_no_one_total() -> None:
    some = tariff(component("input", "2"), component("output", "8", unit="cny_per_mtok"))
    with pytest.raises(Unpriced, match="in CNY and USD: there is no one total"):
        some.bill(usage(1, 1))
    assert (
        some.bill(usage(10**6)).currency == "USD" and some.bill(usage(0, 10**6)).currency == "CNY"
    )


def test_a_price_without_a_direction_is_of_both_and_of_nothing_else() -> None:
    some = tariff(component("token", "2"))
    bill = some.bill(usage(1000, 500, reasoning=100))
    assert [(line.meter, line.billed_as, line.count) for line in bill.lines] == [
        ("input", "token", 1000),
        ("output", "token", 400),
        ("reasoning", "token", 100),
    ]
    with pytest.raises(Unpriced, match="no cache_read price"):
        some.bill(usage(1000, cached=5))


def test_a_figure_that_may_not_be_used_bills_nothing_even_with_a_number() -> None:
    for odd in (
        component("input", "1")._replace(state="conflicted"),
        component("input", "1")._replace(number=None),
    ):
        with pytest.raises(Unpriced, match="the input price of p:m/x is"):
            tariff(odd).bill(usage(1))


def test_a_bill_says_whose_it_is_and_how_many_other_terms_there_are() -> None:
    bill = tariff(*STANDARD).bill(usage(1))
    assert (bill.provider, bill.model) == ("p", "m/x")
    for regions, more in ((4, "$"), (5, " and 1 more$"), (6, " and 2 more$")):
        some = tariff(*(component("input", "1", f"region=r{i}") for i in range(regions)))
        with pytest.raises(
            Unpriced,
            match=rf"there are prices on: region=r0; region=r1; region=r2; region=r3{more}",
        ):
            some.bill(usage(1))


def test_a_bill_is_marked_by_its_weakest_component() -> None:
    rough, own = (
        component("output", "2", state="approximate"),
        component("output", "2", rule="self-reported"),
    )
    for output, marks in (
        (component("output", "2"), (False, False)),
        (rough, (True, False)),
        (own, (False, True)),
    ):
        bill = tariff(component("input", "1"), output).bill(usage(1, 1))
        assert (bill.approximate, bill.unchecked) == marks
    assert not tariff(component("input", "1"), rough).bill(usage(1)).approximate, (
        "what is not billed marks nothing"
    )


def test_the_only_currency_is_taken_on_the_terms_that_were_chosen_and_on_no_others() -> None:
    some = tariff(
        component("input", "2", "currency=CNY", unit="cny_per_mtok"),
        component("input", "1", "currency=CNY;tier=batch", unit="cny_per_mtok"),
    )
    assert [some.bill(usage(10**6, tier=t)).total for t in ("", "batch")] == [2, 1]
    with pytest.raises(Unpriced, match="on tier=flex"):
        some.bill(usage(1, tier="flex"))
    several = tariff(
        component("input", "2", "currency=CNY", unit="cny_per_mtok"),
        component("input", "2", "currency=EUR", unit="eur_per_mtok"),
    )
    with pytest.raises(Unpriced, match="standard terms"):
        several.bill(usage(1))


def test_a_threshold_of_the_standard_price_asks_nothing_of_a_short_prompt_or_of_none() -> None:
    assert tariff(*STANDARD).bill(usage(200_000, tier="batch")).total == Decimal("0.3")
    assert tariff(*STANDARD).bill(usage(0, 1000, tier="batch")).total == Decimal("0.0075")


# Times of day


def hourly(window: str) -> Tariff:
    """Input costs three dollars a million tokens, and one within the window."""
    return tariff(component("input", "3"), component("input", "1", f"window={window}"))


def at(text: str) -> Usage:
    return usage(10**6, at=datetime.fromisoformat(text))


@pytest.mark.parametrize(
    "window, inside, outside",
    [
        # Without an offset it is UTC.
        ("01:00-04:00", ("01:00:00", "03:59:59"), ("00:59:59", "04:00:00", "13:00:00")),
        ("01:00:00Z-04:00:00Z", ("01:00:00", "02:30:00"), ("00:59:59", "04:00:00")),
        # Over midnight.
        (
            "22:00Z-06:00Z",
            ("22:00:00", "23:59:59", "00:00:00", "05:59:59"),
            ("21:59:59", "06:00:00", "12:00:00"),
        ),
        ("00:00Z-12:00Z", ("00:00:00", "11:59:59"), ("12:00:00", "23:59:59")),
        ("09:00+08:00-18:00+08:00", ("01:00:00", "09:59:59"), ("00:59:59", "10:00:00", "17:00:00")),
        ("14:00-05:00-17:30-05:00", ("19:00:00", "22:29:59"), ("18:59:59", "22:30:00", "14:00:00")),
    ],
)
def test_a_price_by_the_hour_holds_from_its_first_second_until_its_last(
    window: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    some = hourly(window)
    assert {
        clock: some.bill(at(f"2026-01-01T{clock}Z")).total for clock in (*inside, *outside)
    } == dict.fromkeys(inside, 1) | dict.fromkeys(outside, 3)


@pytest.mark.parametrize(
    "window, inside, outside",
    [
        (
            "00:30+08:00-08:30+08:00",
            ("16:30:00", "20:00:00", "23:59:59", "00:29:59"),
            ("16:29:59", "00:30:00", "08:00:00"),
        ),
        ("02:00+08:00-06:00+08:00", ("18:00:00", "21:59:59"), ("17:59:59", "22:00:00", "02:00:00")),
        ("20:00-05:00-23:00-05:00", ("01:00:00", "03:59:59"), ("00:59:59", "04:00:00", "20:00:00")),
    ],
)
def test_a_window_of_another_zone_may_lie_on_another_day_in_utc(
    window: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    some = hourly(window)
    assert {
        clock: some.bill(at(f"2026-01-01T{clock}Z")).total for clock in (*inside, *outside)
    } == dict.fromkeys(inside, 1) | dict.fromkeys(outside, 3)


@pytest.mark.parametrize(
    "window, clock, dollars",
    [
        ("18:00-24:00", "23:59:59", 1),
        ("18:00-24:00", "00:00:00", 3),
        ("25:00-26:00", "12:00:00", 3),
    ],
)
def test_the_end_of_the_day_is_a_time_and_what_is_none_never_holds(
    window: str, clock: str, dollars: int
) -> None:
    assert hourly(window).bill(at(f"2026-01-01T{clock}Z")).total == dollars


def test_the_moment_of_a_request_is_one_whatever_zone_it_is_told_in() -> None:
    some = hourly("22:00Z-06:00Z")
    assert (
        some.bill(at("2026-01-01T07:00:00+09:00")).total
        == some.bill(at("2026-01-01T17:00:00-05:00")).total
        == 1
    )
    assert (
        some.bill(at("2026-01-01T06:59:59+09:00")).total
        == some.bill(at("2026-01-01T01:00:00-05:00")).total
        == 3
    )


def test_without_a_moment_the_price_of_no_hour_holds() -> None:
    assert hourly("00:00-12:00").bill(usage(10**6)).total == 3
    with pytest.raises(Unpriced, match="size or time"):
        tariff(component("input", "1", "window=00:00-12:00")).bill(usage(1))


@pytest.mark.parametrize(
    "moment, day, dollars",
    [
        ("2026-01-31T23:59:59Z", "", 1),
        ("2026-02-01T00:00:00Z", "", 3),
        ("2026-02-01T08:59:59+09:00", "", 1),
        ("2026-01-31T19:00:00-05:00", "", 3),
        # The moment of the request goes before the day asked about.
        ("2026-01-30T00:00:00Z", "2026-03-01", 1),
        ("", "2026-01-31", 1),
        ("", "2026-02-01", 3),
        ("", "", 3),
    ],
)
def test_a_price_that_ends_holds_through_its_last_day(moment: str, day: str, dollars: int) -> None:
    some = Tariff(
        "p:m/x", [component("input", "3"), component("input", "1", "until=2026-01-31")], day
    )
    assert (
        some.bill(usage(10**6, at=datetime.fromisoformat(moment) if moment else None)).total
        == dollars
    )


PEAK = "mon-fri 01:00-04:00,mon-fri 06:00-10:00"
OFF_PEAK = "mon-fri 00:00-01:00,mon-fri 04:00-06:00,mon-fri 10:00-24:00,sat-sun 00:00-24:00"


@pytest.mark.parametrize(
    "moment, dollars",
    [
        ("2026-08-03T01:00:00+00:00", 2),
        ("2026-08-03T00:59:59+00:00", 1),
        ("2026-08-07T09:59:59+00:00", 2),
        ("2026-08-07T10:00:00+00:00", 1),
        ("2026-08-08T02:00:00+00:00", 1),
        ("2026-08-08T02:00:00+08:00", 1),
        ("2026-08-10T09:30:00+08:00", 2),
    ],
)
def test_a_week_of_peak_and_off_peak_hours_bills_each_hour_at_its_own_price(
    moment: str, dollars: int
) -> None:
    week = tariff(
        component("input", "2", f"window={PEAK}"), component("input", "1", f"window={OFF_PEAK}")
    )
    assert week.bill(at(moment)).total == dollars
    with pytest.raises(Unpriced, match="size or time"):
        week.bill(usage(10**6))


def test_of_several_conditions_the_most_particular_holds_and_two_alike_are_refused() -> None:
    long = component("input", "6", "above_input=200000")
    night = component("input", "1", "window=22:00Z-06:00Z")
    some = tariff(component("input", "3"), long, night)
    assert some.bill(usage(300_000, at=datetime(2026, 1, 1, 23, tzinfo=UTC))).total == Decimal(
        "1.8"
    ), "a size goes before an hour"
    both = component("input", "2", "above_input=200000;window=22:00Z-06:00Z")
    assert tariff(long, night, both).bill(
        usage(300_000, at=datetime(2026, 1, 1, 23, tzinfo=UTC))
    ).total == Decimal("0.6")
    twice = tariff(
        component("input", "1", "window=22:00Z-06:00Z"),
        component("input", "2", "window=20:00Z-23:30Z"),
    )
    with pytest.raises(Unpriced, match="two input prices of p:m/x hold at once"):
        twice.bill(usage(1, at=datetime(2026, 1, 1, 23, tzinfo=UTC)))


def test_a_long_answer_has_its_own_threshold() -> None:
    some = tariff(component("output", "10"), component("output", "20", "above_output=1000"))
    assert [some.bill(usage(0, n)).total for n in (1000, 1001)] == [
        Decimal("0.01"),
        Decimal("0.02002"),
    ]


def test_terms_that_are_not_understood_never_hold() -> None:
    with pytest.raises(Unpriced, match="size or time"):
        tariff(component("input", "1", "window=at night")).bill(
            usage(1, at=datetime(2026, 1, 1, tzinfo=UTC))
        )


@pytest.mark.parametrize(
    "used",
    [
        usage(10, cached=11),
        usage(10, 5, reasoning=6),
        usage(-1),
        usage(10, cached=6, cache_write=5),
    ],
)
def test_parts_cannot_exceed_the_whole(used: Usage) -> None:
    with pytest.raises(ValueError, match=r"left|negative"):
        used.meters()


tokens, prices = st.integers(0, 10**12), st.integers(0, 10**12)


@given(tokens, tokens, st.integers(0, 100), prices, prices, prices)
def test_the_total_is_the_sum_in_fractions(
    inp: int, out: int, share: int, a: int, b: int, c: int
) -> None:
    cached = inp * share // 100
    rows = [
        component(m, "1")._replace(number=n, value=str(n))
        for m, n in (("input", a), ("output", b), ("cache_read", c))
    ]
    bill = tariff(*rows).bill(usage(inp, out, cached=cached))
    assert Fraction(bill.total) == Fraction((inp - cached) * a + out * b + cached * c, FEMTO)


@given(st.permutations([("input", 5), ("output", 7)]), st.integers(1, 10**9))
def test_a_bill_does_not_depend_on_the_order_of_its_tariff(
    order: list[tuple[str, int]], n: int
) -> None:
    assert (
        tariff(*(component(m, str(p)) for m, p in order)).bill(usage(n, n)).total
        == Decimal(12 * n) / 10**6
    )


# A real release


def test_price_reads_the_release_of_this_home(
    everything: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALMANAC_HOME", str(everything.home))
    bill = comparisons.price(
        GA, provider="google-ai-studio", input=1_000_000, output=100_000, cached=400_000
    )
    assert bill.total == Decimal("0.31") and [line.meter for line in bill.lines] == [
        "input",
        "output",
        "cache_read",
    ]
    assert comparisons.price(
        f"google-ai-studio:{GA}", input=1_000_000, tier="batch"
    ).total == Decimal("0.125")
    with pytest.raises(LookupError, match=r"no price of .made/up."):
        comparisons.price("made/up", provider="openai", input=5)
    with pytest.raises(ValueError, match="at which provider"):
        comparisons.price(GA, input=5)
    with pytest.raises(LookupError, match="before 20"):
        comparisons.price(GA, provider="google-ai-studio", input=5, as_of="2019-01-01")


def test_prices_of_another_day(tmp_path: pytest.TempPathFactory, save) -> None:  # type: ignore[no-untyped-def]
    for day, dollars in (("2026-01-01", 1e-06), ("2026-03-01", 2e-06)):
        folder = save(
            "litellm",
            day,
            json.dumps(
                {
                    "gpt-4o-mini": {
                        "litellm_provider": "openai",
                        "mode": "chat",
                        "input_cost_per_token": dollars,
                        "output_cost_per_token": dollars,
                    }
                }
            ),
        )
    book = Prices(build(tmp_path / "h", folder).open())  # type: ignore[operator]
    cost = {
        day: book.price("openai/gpt-4o-mini", provider="openai", input=10**6, as_of=day).total
        for day in ("2026-01-01", "2026-02-28", "2026-03-01", None)
    }
    assert cost == {"2026-01-01": 1, "2026-02-28": 1, "2026-03-01": 2, None: 2}
    with pytest.raises(Unpriced):
        book.price("openai/gpt-4o-mini", provider="openai", input=1, as_of="2025-12-31")


def test_every_offer_is_ranked_or_says_why_not(everything: Built) -> None:
    book = Prices(everything.open())
    bills, refused = book.rank(GA, usage(10**6, 10**6))
    assert {b.provider for b in bills} | refused.keys() == set(book.providers(GA)) and len(
        bills
    ) > 3
    totals = [b.total for b in bills if not b.unchecked and b.currency == "USD"]
    assert totals == sorted(totals)
    assert [b.provider for b in bills if b.unchecked] == ["llm-api"] == [bills[-1].provider], (
        "what only its seller says comes last, however cheap"
    )


# A month


def test_the_reference_month_is_that_of_the_founding_document(s0: Built) -> None:
    seen = s0.open()
    sides = [
        ModelProfile(m, m, seen.figures(model=m), "2026-11-21")
        for m in (GA, "mistral/mistral-nemo")
    ]
    c = costs(sides, Traffic())
    assert (
        [r["best"]["shown"] for r in c["models"]] == ["$575", "$26.00"]
        and c["gap_shown"] == "$549"
        and c["lower"] == "mistral/mistral-nemo"
    )


def test_cached_and_batch_shares_are_of_the_whole() -> None:
    one = ModelProfile(
        "m/x",
        "X",
        [f._replace(subject="p:m/x") for f in STANDARD if not f.terms.startswith("window")]
        + [component("cache_read", "0.15", "tier=batch")],
        "2026-11-21",
    )
    (found,), _ = months(
        one,
        Traffic.of(
            {"input": "100", "output": "10", "cached": "50", "batch": "20", "prompt": "1000"}
        ),
    )
    standard = (40 * 3 + 40 * Decimal("0.3") + 8 * 15) * 1
    batch = 10 * Decimal("1.5") + 10 * Decimal("0.15") + 2 * Decimal("7.5")
    assert found.total == standard + batch
    (dear,), _ = months(one, Traffic.of({"input": "100", "output": "10", "prompt": "300000"}))
    assert dear.total == 100 * 6 + 10 * Decimal("22.5")


@pytest.mark.parametrize(
    "said",
    [
        {"input": "-1"},
        {"input": "nan"},
        {"cached": "101"},
        {"output": "1e3000"},
        {"tier": "gold"},
        {"batch": "x"},
        {"input": "0.0000001"},
    ],
)
def test_traffic_that_cannot_be_is_refused_in_a_sentence(said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(said))):
        Traffic.of(said)


# The command


def test_the_command_prints_the_bill_and_every_offer(everything: Built) -> None:
    done = almanac(
        "price",
        GA,
        "--input",
        "1000000",
        "--cached",
        "400000",
        "--output",
        "100000",
        home=everything.home,
    )
    assert (
        done.returncode == 0
        and "cache_read\t400,000\t$0.025/1M tokens\t$0.01" in done.stdout
        and "Every offer, cheapest first" in done.stdout
    )
    said = json.loads(
        almanac(
            "price",
            GA,
            "--provider",
            "Google AI Studio",
            "--input",
            "1000000",
            "--tier",
            "batch",
            "--json",
            home=everything.home,
        ).stdout
    )
    assert said["bill"]["total"] == "0.125" and said["bill"]["components"][0]["terms"] == {
        "tier": "batch"
    }


@pytest.mark.parametrize(
    "args, code, said",
    [
        ((GA,), 2, "say what was used"),
        ((GA, "--input", "5", "--of", "nonsense=1"), 2, "no meter"),
        ((GA, "--input", "5", "--of", "search"), 2, "NAME=VALUE"),
        ((GA, "--input", "5", "--cached", "6"), 2, "input counts them too"),
        (("no-such-model", "--input", "5"), 1, "no model"),
        ((GA, "--provider", "nobody", "--input", "5"), 1, "there are:"),
        ((GA, "--input", "5", "--tier", "gold"), 1, "no offer"),
    ],
)
def test_a_wrong_question_gets_one_line(
    everything: Built, args: tuple[str, ...], code: int, said: str
) -> None:
    done = almanac("price", *args, home=everything.home)
    assert done.returncode == code and said in done.stderr and done.stderr.count("\n") == 1, (
        done.stderr
    )


def test_the_example_of_the_page_runs_as_it_stands(
    everything: Built, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALMANAC_HOME", str(everything.home))
    page = (Path(__file__).parents[2] / "docs/pages.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.S)
    exec(compile(block, "docs/pages.md", "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("0.31 USD") and said[1] == "0.125" and "no price of" in said[2]
