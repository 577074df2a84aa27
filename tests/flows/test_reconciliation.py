"""The decision: authority, weighing of third parties, copies, guards, poison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from almanac.flows.reconciliation import draft
from almanac.flows.reconciliation.evidence import voice
from almanac.flows.reconciliation.learn_reliability import Case, learn
from almanac.flows.reconciliation.outlier_checks import PriceGuards
from almanac.flows.reconciliation.reconcile import CONFIDENCE, resolve
from almanac.flows.reconciliation.source_reliability import Learned, as_json, from_json, shipped
from almanac.schemas import catalogue
from almanac.schemas.card import SourceCard
from almanac.schemas.fields import FIELDS
from almanac.schemas.figure import Figure
from almanac.schemas.observation import Observation
from almanac.schemas.quantity import read_count
from almanac.schemas.rulings import FigureRuling, Rulings
from tests.support.observations import observation

CARDS = draft.cards()
LEARNED = Learned(
    {
        ("models_dev", "price"): 0.9,
        ("litellm", "price"): 0.8,
        ("portkey", "price"): 0.97,
        ("genai_prices", "price"): 0.75,
    },
    {},
    100,
)
MODEL, PROVIDER = "mistral/mistral-nemo", "deepinfra"
_NEXT = iter(range(1, 10**6))


def price(
    source: str,
    amount: int,
    day: str = "2026-08-01",
    provider: str = PROVIDER,
    basis: str = "stated",
) -> Observation:
    """A claim of an input price in nano-dollars per million tokens."""
    return observation(
        id=next(_NEXT),
        source=source,
        page=f"https://{source}.example",
        subject_kind="offer",
        subject=f"{provider}:{MODEL}",
        provider=provider,
        field="price",
        meter="input",
        value=str(amount),
        unit="usd_per_mtok",
        printed=str(amount),
        basis=basis,
        first_look=f"{day}T00:00:00Z",
        last_seen=f"{day}T00:00:00Z",
    )


def invented(count: int) -> Mapping[str, SourceCard]:
    """Cards of sources nobody knows."""
    card = replace_card(CARDS["models_dev"], imports=[])
    return {**CARDS, **{f"invented_{i:02}": card for i in range(count)}}


def replace_card(card: SourceCard, **changes: object) -> SourceCard:
    return card.model_copy(update=changes)


def test_the_more_reliable_of_two_is_believed_where_nobody_has_authority() -> None:
    figure = resolve([price("portkey", 20), price("litellm", 30)], CARDS, learned=LEARNED)
    assert (figure.value, figure.rule) == (20, "weighed") and 0.8 < figure.confidence < 0.97
    assert (
        figure.why == "Nobody with authority states it;"
        " Portkey model prices (right about 97% of prices) says so; 1 disagrees."
    )


def test_two_equals_that_disagree_are_a_conflict() -> None:
    figure = resolve([price("models_dev", 20), price("litellm", 30)], CARDS, learned=LEARNED)
    assert (figure.value, figure.state) == (
        None,
        "conflicted",
    ) and "$0.00000002/1M tokens, $0.00000003/1M tokens" in figure.why


def test_what_a_lone_source_says_is_as_sure_as_the_source() -> None:
    assert resolve([price("litellm", 30)], CARDS, learned=LEARNED).confidence == 0.8


def test_an_old_look_weighs_less_where_prices_change() -> None:
    fresh = resolve(
        [price("models_dev", 20, "2026-08-01"), price("litellm", 30, "2026-08-01")],
        CARDS,
        learned=LEARNED,
    )
    stale = resolve(
        [price("models_dev", 20, "2025-08-01"), price("portkey", 30, "2026-08-01")],
        CARDS,
        learned=LEARNED,
    )
    assert fresh.value is None and stale.value == 30


def test_an_authority_last_heard_too_long_ago_is_one_voice_among_others() -> None:
    own = price("openrouter", 10, "2026-07-01", provider="openrouter")
    others = [
        price("portkey", 20, "2026-08-01", provider="openrouter"),
        price("models_dev", 20, "2026-08-01", provider="openrouter"),
    ]
    assert resolve([own, *others], CARDS, learned=LEARNED).value == 10
    later = [replace(o, last_seen="2026-12-01T00:00:00Z") for o in others]
    assert resolve([own, *later], CARDS, learned=LEARNED).value == 20
    agreeing = [replace(o, value="10", printed="10") for o in later]
    assert resolve([own, *agreeing], CARDS, learned=LEARNED).rule == "authority agrees with others"


def test_twenty_invented_sources_do_not_move_what_an_authority_states_and_are_named_as_copies() -> (
    None
):
    cards = invented(20)
    own = price("openrouter", 100, provider="openrouter")
    poison = [
        replace(
            price(f"invented_{i:02}", 7, provider="openrouter"),
            first_look=f"2026-07-{i + 1:02}T00:00:00Z",
        )
        for i in range(20)
    ]
    figure = resolve([own, *poison], cards, learned=LEARNED)
    assert (figure.value, figure.state, figure.rule) == (100, "known", "one authority")
    notes = [s.note for s in figure.dissent]
    assert sum("a copy: 20 sources repeat what invented_00 said first" in n for n in notes) == 19


def test_twenty_invented_sources_are_one_voice_against_catalogues_too() -> None:
    cards = invented(20)
    poison = [price(f"invented_{i:02}", 7) for i in range(20)]
    figure = resolve(
        [price("portkey", 100), price("models_dev", 100), *poison], cards, learned=LEARNED
    )
    assert figure.value == 100
    assert sum("a copy of invented_00's" in s.note for s in figure.dissent) == 19


def test_a_source_that_errs_as_another_does_is_no_second_voice() -> None:
    twins = Learned({**LEARNED.right}, {"genai_prices": "litellm"}, 100)
    said = [price("models_dev", 20), price("litellm", 30), price("genai_prices", 30)]
    apart, together = (resolve(said, CARDS, learned=learned) for learned in (LEARNED, twins))
    assert together.confidence != apart.confidence
    assert any("errs as litellm does" in s.note for s in together.dissent)


def test_a_price_that_travelled_from_another_route_is_held() -> None:
    """C-01b: a catalogue that takes over OpenRouter's prices puts one of them on the maker."""
    guards = PriceGuards(
        [(MODEL, "openrouter", "openrouter", "input", "", "usd_per_mtok", 351)], {}
    )
    figure = resolve(
        [price("genai_prices", 351, provider="mistral", basis="inherited")], CARDS, guards, LEARNED
    )
    assert (figure.value, figure.rule) == (
        None,
        "held",
    ) and "a copy of what openrouter asks" in figure.why
    assert (
        resolve(
            [price("genai_prices", 352, provider="mistral", basis="inherited")],
            CARDS,
            guards,
            LEARNED,
        ).value
        == 352
    )
    assert (
        resolve([price("genai_prices", 351, provider="mistral")], CARDS, guards, LEARNED).value
        == 351
    ), "routes often ask what the maker asks"


def test_what_was_learned_can_be_kept() -> None:
    assert from_json(as_json(LEARNED)).right == LEARNED.right
    known = shipped()
    assert known.facts >= 1_000 and all(0.5 <= share <= 0.99 for share in known.right.values())
    assert {source for source, _ in known.right} <= set(CARDS)


def test_claims_about_different_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="exactly one figure"):
        resolve([price("litellm", 1), price("litellm", 1, provider="other")], CARDS)


def test_a_slipped_digit_is_held_for_a_third_party_and_believed_of_the_seller() -> None:
    others = [
        (MODEL, f"host-{i}", "models_dev", "input", "", "usd_per_mtok", 20 + i) for i in range(5)
    ]
    guards = PriceGuards(
        [*others, (MODEL, PROVIDER, "litellm", "input", "", "usd_per_mtok", 220)], {}
    )
    tenfold = [replace(price("litellm", 220), unit="usd_per_mtok")]
    assert resolve(tenfold, CARDS, guards, LEARNED).rule == "held"
    assert "slipped digit" in resolve(tenfold, CARDS, guards, LEARNED).dissent[0].note
    own = [replace(price("openrouter", 220, provider="openrouter"), unit="usd_per_mtok")]
    assert resolve(own, CARDS, guards, LEARNED).value == 220
    twofold = [replace(price("litellm", 44), unit="usd_per_mtok")]
    assert resolve(twofold, CARDS, guards, LEARNED).value == 44


def test_how_sure_a_rule_is_is_a_probability_and_authority_goes_before_the_rest() -> None:
    assert all(0 < sure < 1 for sure in CONFIDENCE.values()) and len(CONFIDENCE) > 10
    assert (
        CONFIDENCE["authority agrees with others"]
        > CONFIDENCE["one authority"]
        > CONFIDENCE["the authority's newest page"]
        > CONFIDENCE["most sources"]
        > CONFIDENCE["corroborated"]
    )
    assert max(CONFIDENCE["conflicted"], CONFIDENCE["held"]) < CONFIDENCE["self-reported"] < 0.7


# Guards, at their edges


def asked(
    *amounts: int, meter: str = "input", terms: str = "", unit: str = "usd_per_mtok"
) -> PriceGuards:
    """Guards that know what hosts ask for the model."""
    return PriceGuards(
        [
            (MODEL, f"host-{i}", "models_dev", meter, terms, unit, amount)
            for i, amount in enumerate(amounts)
        ],
        {},
    )


def proportion(
    guards: PriceGuards, amount: int, provider: str = PROVIDER, authority: bool = False
) -> str:
    return guards.magnitude(MODEL, provider, "input", "", "usd_per_mtok", amount, authority)


@pytest.mark.parametrize("peers", [3, 4, 5])
def test_three_other_providers_are_enough_to_judge_a_price(peers: int) -> None:
    assert f"the median of {peers} other providers" in proportion(asked(*[20] * peers), 2_000)


@pytest.mark.parametrize("peers", [0, 1, 2])
def test_fewer_than_three_are_not(peers: int) -> None:
    assert proportion(asked(*[20] * peers), 2_000_000) == ""


def test_a_provider_is_no_peer_of_its_own() -> None:
    guards = asked(20, 20, 20)
    assert proportion(guards, 2_000, "host-0") == "" and proportion(guards, 2_000, "host-9")


@pytest.mark.parametrize(
    "amount, held",
    [(100_000, True), (99_999, False), (10, True), (11, False), (1_000, False), (0, False)],
)
def test_a_hundredfold_and_a_hundredth_are_held_even_of_the_seller(amount: int, held: bool) -> None:
    assert ("unit slip" in proportion(asked(900, 1_000, 1_100), amount, authority=True)) is held
    assert proportion(asked(900, 1_000, 1_100), amount, authority=True) == "" or held


@pytest.mark.parametrize(
    "amount, held",
    [
        (10_000, True),
        (10_200, True),
        (10_201, False),
        (9_800, True),
        (9_799, False),
        (100, True),
        (102, True),
        (103, False),
        (98, True),
        (97, False),
    ],
)
def test_ten_times_as_much_within_two_hundredths_is_held_of_a_third_party(
    amount: int, held: bool
) -> None:
    guards = asked(900, 1_000, 1_100)
    assert ("slipped digit" in proportion(guards, amount)) is held
    assert proportion(guards, amount, authority=True) == "", (
        "a seller may ask ten times what others ask"
    )


def test_peers_are_judged_under_the_same_terms_meter_and_unit() -> None:
    assert (
        proportion(asked(20, 20, 20, terms="tier=batch"), 2_000)
        == proportion(asked(20, 20, 20, unit="cny_per_mtok"), 2_000)
        == ""
    )
    assert (
        proportion(asked(20, 20, 20, meter="output"), 2_000)
        == proportion(asked(20, 20, 20, meter="search"), 2_000)
        == ""
    )
    assert proportion(asked(0, 20, 20), 2_000) == "", "what is free is no peer"
    assert "median" in asked(20, 20, 20, meter="output").magnitude(
        MODEL, PROVIDER, "output", "", "usd_per_mtok", 2_000
    )
    assert (
        asked(20, 20, 20, meter="search").magnitude(
            MODEL, PROVIDER, "search", "", "usd_per_mtok", 2_000
        )
        == ""
    ), "only tokens are compared"


def test_a_siblings_price_is_that_of_the_makers_own_platform_at_plain_terms() -> None:
    rows = [
        ("acme/a", "acme-api", "models_dev", "input", "", "usd_per_mtok", 7),
        ("acme/b", "acme-api", "models_dev", "input", "tier=batch", "usd_per_mtok", 8),
        ("acme/c", "host", "models_dev", "input", "", "usd_per_mtok", 9),
        ("acme/d", "acme-api", "models_dev", "input", "", "usd_per_mtok", 10),
    ]
    guards = PriceGuards(rows, {"acme": {"acme-api"}})
    assert (
        guards.sibling("acme/x", "input", "usd_per_mtok", 7)
        == "equals the price of acme/a: perhaps a sibling's"
    )
    assert [guards.sibling("acme/x", "input", "usd_per_mtok", n) for n in (8, 9)] == ["", ""]
    assert (
        guards.sibling("acme/d", "input", "usd_per_mtok", 10)
        == guards.sibling("other/x", "input", "usd_per_mtok", 7)
        == guards.sibling("acme/x", "output", "usd_per_mtok", 7)
        == ""
    )


# What grows old, at its edge


DAYS = FIELDS[("offer", "price")].stale_days or 0


def day_after(seen: str, days: int) -> str:
    return (date.fromisoformat(seen) + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("days, believed", [(0, 10), (DAYS, 10), (DAYS + 1, 20)])
def test_an_authority_stands_through_the_last_day_of_its_look(days: int, believed: int) -> None:
    own = price("openrouter", 10, "2026-01-01", provider="openrouter")
    others = [
        price(s, 20, day_after("2026-01-01", days), provider="openrouter")
        for s in ("portkey", "models_dev")
    ]
    assert DAYS == 90 and resolve([own, *others], CARDS, learned=LEARNED).value == believed


@pytest.mark.parametrize("days, rule", [(DAYS, "authorities agree"), (DAYS + 1, "one authority")])
def test_an_old_look_of_an_authority_yields_to_a_new_one_after_its_last_day(
    days: int, rule: str
) -> None:
    cards = {**CARDS, "second": replace_card(CARDS["openrouter"])}
    two = [
        price("openrouter", 10, "2026-01-01", provider="openrouter"),
        price("second", 10, day_after("2026-01-01", days), provider="openrouter"),
    ]
    figure = resolve(two, cards, learned=LEARNED)
    assert (
        figure.value == 10
        and figure.rule in (rule, "authority agrees with others")
        and (figure.rule == "authorities agree") is (days == DAYS)
    )


# What is not disclosed


def silence(source: str, state: str = "not_disclosed") -> Observation:
    """A claim of a model's size that says there is none to be had."""
    return observation(
        id=next(_NEXT),
        source=source,
        page=f"https://{source}.example",
        field="parameters",
        state=state,
        unit="parameters",
        printed="not disclosed",
    )


def size(source: str, number: int) -> Observation:
    return replace(silence(source, "known"), value=str(number), printed=str(number))


def test_what_a_maker_does_not_disclose_is_borne_out_by_those_who_say_so_and_by_no_other() -> None:
    own, echo, other = silence("mistral"), silence("models_dev"), size("litellm", 12)
    figure = resolve([own, echo, other], CARDS, learned=LEARNED)
    assert (figure.value, figure.state, figure.rule) == (None, "not_disclosed", "not disclosed")
    assert {s.claim for s in figure.support} == {own.id, echo.id} and [
        s.claim for s in figure.dissent
    ] == [other.id]
    assert (
        "does not beat its maker" in figure.dissent[0].note
        and figure.why == "Its maker says it is not disclosed."
    )


def test_a_maker_that_states_a_figure_is_not_silenced_by_its_own_older_silence() -> None:
    figure = resolve(
        [silence("mistral"), replace(size("mistral", 12), last_seen="2026-09-01T00:00:00Z")],
        CARDS,
        learned=LEARNED,
    )
    assert (
        (figure.value, figure.state) == (12, "known")
        and len(figure.support) == 1
        and len(figure.dissent) == 1
    )


def test_silence_of_a_third_party_is_no_figure_against_one_who_states_it() -> None:
    figure = resolve([silence("models_dev"), size("litellm", 12)], CARDS, learned=LEARNED)
    assert (figure.value, figure.state) == (12, "known")
    alone = resolve([silence("models_dev")], CARDS, learned=LEARNED)
    assert (alone.value, alone.state, len(alone.support)) == (None, "not_disclosed", 1)


# Authorities of one rank against each other


def makers(count: int) -> Mapping[str, SourceCard]:
    """Cards of as many sources that each speak as the maker."""
    return {**CARDS, **{f"maker_{i}": CARDS["mistral"] for i in range(count)}}


def say(*numbers: int, others: Mapping[str, int] | None = None) -> Figure:
    """Decide on sizes that makers' pages state, each of another source, and `others` by theirs."""
    cards = makers(len(numbers))
    return resolve(
        [
            *(size(f"maker_{i}", n) for i, n in enumerate(numbers)),
            *(size(s, n) for s, n in (others or {}).items()),
        ],
        cards,
        learned=LEARNED,
    )


@pytest.mark.parametrize(
    "numbers, value, rule",
    [
        ((12,), 12, "one authority"),
        ((12, 12), 12, "authorities agree"),
        ((12, 12, 13), 12, "most sources"),
        ((12, 12, 12, 13, 13), 12, "most sources"),
        ((12, 13), None, "conflicted"),
        ((12, 12, 13, 13), None, "conflicted"),
        ((12, 12, 13, 14), None, "conflicted"),
        ((12, 13, 14), None, "conflicted"),
    ],
)
def test_of_equals_more_than_half_decide(
    numbers: tuple[int, ...], value: int | None, rule: str
) -> None:
    figure = say(*numbers)
    assert (figure.value, figure.rule) == (value, rule)
    assert len(figure.support) == (numbers.count(value) if value else 0) and len(
        figure.support
    ) + len(figure.dissent) == len(numbers)


@pytest.mark.parametrize(
    "others, value",
    [
        ({"models_dev": 13}, 13),
        ({"models_dev": 13, "portkey": 12}, None),
        ({"models_dev": 13, "litellm": 13, "portkey": 12}, 13),
        ({"models_dev": 14}, None),
        ({}, None),
    ],
)
def test_equals_that_disagree_are_decided_by_those_who_back_one_of_them(
    others: dict[str, int], value: int | None
) -> None:
    figure = say(12, 13, others=others)
    assert (figure.value, figure.rule) == (value, "corroborated" if value else "conflicted")


def test_an_authority_that_another_agrees_with_is_surer_and_counts_it() -> None:
    alone, backed = say(12), say(12, others={"models_dev": 12})
    assert (
        (alone.rule, backed.rule) == ("one authority", "authority agrees with others")
        and backed.confidence > alone.confidence
        and "1 more agree" in backed.why
    )


@pytest.mark.parametrize(
    "dates, value",
    [
        (("2026-01-01", "2026-06-01"), 20),
        (("2026-06-01", "2026-01-01"), 10),
        ((None, "2026-06-01"), 20),
        ((None, None), None),
        (("2026-06-01", "2026-06-01"), None),
    ],
)
def test_of_one_sellers_dated_prices_the_last_holds(
    dates: tuple[str | None, str | None], value: int | None
) -> None:
    two = [
        replace(price("openrouter", n, provider="openrouter"), effective_from=day)
        for n, day in zip((10, 20), dates, strict=True)
    ]
    figure = resolve(two, CARDS, learned=LEARNED)
    assert (figure.value, figure.rule) == (
        value,
        "the authority's newest page" if value else "conflicted",
    )


def rounded(source: str, text: str) -> Observation:
    """A claim of a size as it is printed: in round billions."""
    quantity = read_count(text)
    readings = json.dumps([[str(r.low), str(r.high), r.closed] for r in quantity.readings])
    return replace(size(source, int(quantity.value)), printed=text, readings=readings)


@pytest.mark.parametrize(
    "others, value, rule",
    [
        ({"models_dev": 12_247_782_400}, 12_247_782_400, "authority made exact"),
        # Two that fit: neither.
        (
            {"models_dev": 12_247_782_400, "litellm": 12_300_000_000},
            12 * 10**9,
            "authority agrees with others",
        ),
        ({"models_dev": 13_000_000_000}, 12 * 10**9, "one authority"),
        # A blog makes nothing exact.
        ({"modelslab": 12_247_782_400}, 12 * 10**9, "authority agrees with others"),
    ],
)
def test_a_rounded_figure_of_an_authority_is_made_exact_by_the_one_that_fits(
    others: dict[str, int], value: int, rule: str
) -> None:
    figure = resolve(
        [rounded("mistral", "12B"), *(size(s, n) for s, n in others.items())],
        CARDS,
        learned=LEARNED,
    )
    assert (figure.value, figure.rule) == (value, rule)
    assert figure.state == ("known" if rule == "authority made exact" else "approximate"), (
        "a rounded figure is not exact"
    )


def test_words_have_no_intervals_and_are_known_as_they_are() -> None:
    licence = replace(
        silence("mistral", "known"),
        field="licence",
        value="Apache-2.0",
        printed="Apache 2.0",
        unit="",
    )
    assert resolve([licence], CARDS, learned=LEARNED).state == "known"
    assert (
        resolve([replace(licence, state="approximate")], CARDS, learned=LEARNED).state
        == "approximate"
    )
    day = replace(
        licence,
        field="release_date",
        value="2026-05",
        readings='[["2026-05-01", "2026-05-31", ""]]',
        printed="May 2026",
        unit="date",
    )
    assert resolve([day], CARDS, learned=LEARNED).state == "known", (
        "a month is all that is said, and it is said for sure"
    )


@pytest.mark.parametrize("count, more", [(2, ""), (4, ""), (5, " and 1 more"), (7, " and 3 more")])
def test_a_conflict_names_four_values_and_counts_the_rest(count: int, more: str) -> None:
    why = say(*range(10, 10 + count)).why
    assert why.endswith("10, 11" + (", 12, 13" if count > 3 else "") + more + ").")


def test_a_conflict_names_what_equals_say_and_not_what_a_blog_does() -> None:
    assert "99" not in say(12, 13, others={"modelslab": 99}).why


def test_a_ruling_decides_while_just_its_values_stand() -> None:
    ruling = FigureRuling(
        MODEL, "parameters", "13", "A. Person", date(2026, 8, 2), "it is on the card", ("12", "13")
    )
    rulings = Rulings(figures={ruling.about: ruling})
    said = [size("models_dev", 12), size("litellm", 13), silence("portkey")]
    ruled = resolve(said, CARDS, learned=LEARNED, rulings=rulings)
    assert (ruled.value, ruled.state, ruled.rule, ruled.why) == (
        13,
        "known",
        "ruled",
        "Ruled by A. Person on 2026-08-02: it is on the card.",
    )
    assert [s.claim for s in ruled.support] == [said[1].id] and {
        s.claim for s in ruled.dissent
    } == {said[0].id, said[2].id}
    assert (
        resolve([*said, size("llm_prices", 14)], CARDS, learned=LEARNED, rulings=rulings).rule
        != "ruled"
    )
    assert resolve(said[:1], CARDS, learned=LEARNED, rulings=rulings).rule != "ruled"


@pytest.mark.parametrize(
    "change, dropped",
    [
        ({}, True),
        ({"value": "8"}, False),
        ({"source": "litellm"}, False),
        ({"provider": "other", "subject": f"other:{MODEL}"}, False),
        ({"meter": "output"}, False),
        ({"model": "mistral/other"}, False),
    ],
)
def test_a_correction_drops_just_the_claim_it_names(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], dropped: bool
) -> None:
    correction = catalogue.Correction(
        "models_dev",
        MODEL,
        "price",
        "drop",
        "7",
        "A. Person",
        date(2026, 8, 2),
        "printed for a thousand",
        PROVIDER,
        "input",
    )
    monkeypatch.setattr(catalogue, "corrections", lambda: (correction,))
    figure = resolve([replace(price("models_dev", 7), **change)], CARDS, learned=LEARNED)  # type: ignore[arg-type]
    assert (figure.value is None) is dropped and (
        "corrected by A. Person" in " ".join(s.note for s in figure.dissent)
    ) is dropped


def test_a_resellers_price_that_is_exactly_a_siblings_is_held_where_another_says_otherwise() -> (
    None
):
    guards = PriceGuards(
        [("mistral/other", "mistral", "models_dev", "input", "", "usd_per_mtok", 7)],
        {"mistral": {"mistral"}},
    )
    suspect, other = price("llm_reference", 7), price("portkey", 9)
    figure = resolve([suspect, other], CARDS, guards, LEARNED)
    assert figure.value == 9 and {s.claim: s.note for s in figure.dissent}[suspect.id].startswith(
        "held: equals the price of mistral/other"
    )
    assert resolve([suspect], CARDS, guards, LEARNED).value == 7, "nobody says otherwise"
    catalogued = resolve([price("portkey", 7), other], CARDS, guards, LEARNED)
    assert not [s for s in catalogued.dissent if "sibling" in s.note], (
        "of a catalogue it is no sign"
    )


def case(item: str, right: int | None, *values: dict[str, str]) -> Case:
    """A figure at one moment: for each value, who says it since when."""
    entry = FIELDS[("offer", "price")]
    said = [
        [
            voice(replace(price(s, n + 1), first_look=f"{since}T00:00:00Z"), entry, CARDS[s])
            for s, since in who.items()
        ]
        for n, who in enumerate(values)
    ]
    return Case(f"{PROVIDER}:{MODEL}{item}", item, entry, "2026-08-01T00:00:00Z", said, right)


def test_who_was_first_with_shared_errors_is_the_one_that_is_copied() -> None:
    early, late = "2026-01-01", "2026-02-01"
    wrong = [
        case(
            f"w{i}",
            0,
            {"models_dev": early, "portkey": early},
            {"litellm": late, "genai_prices": early},
        )
        for i in range(40)
    ]
    fine = [
        case(
            f"r{i}",
            0,
            {"models_dev": early, "litellm": early, "genai_prices": late, "portkey": late},
            {"llm_prices": early},
        )
        for i in range(80)
    ]
    learned = learn([*wrong, *fine], CARDS)
    assert learned.voice == {"litellm": "genai_prices"} and learned.facts == 120
    assert (
        learned.right[("models_dev", "price")]
        > learned.right[("litellm", "price")]
        > learned.right[("llm_prices", "price")]
    )


def test_nothing_is_learned_without_facts() -> None:
    with pytest.raises(ValueError, match="nothing can be learned"):
        learn([case("x", None, {"litellm": "2026-01-01"})], CARDS)
