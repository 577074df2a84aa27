"""The decision: authority, weighing of third parties, copies, guards, poison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from flows import draft
from flows.guards import PriceGuards
from flows.learn import Case, learn
from flows.resolve import resolve
from flows.voices import Standing, voice
from flows.weigh import Learned, as_json, from_json, shipped
from schemas.card import SourceCard
from schemas.fields import FIELDS

CARDS = draft.cards()
LEARNED = Learned({("models_dev", "price"): 0.9, ("litellm", "price"): 0.8, ("portkey", "price"): 0.97, ("genai_prices", "price"): 0.75}, {}, 100)
MODEL, PROVIDER = "mistral/mistral-nemo", "deepinfra"
_NEXT = iter(range(1, 10**6))


def price(source: str, amount: int, seen: str = "2026-08-01", provider: str = PROVIDER, basis: str = "stated") -> Standing:
    """A claim of an input price in nano-dollars per million tokens."""
    return Standing(next(_NEXT), source, f"https://{source}.example", "offer", f"{provider}:{MODEL}", MODEL, provider, "mistral-nemo", "price", "input", "", str(amount), "", "",
                    "known", "usd_per_mtok", str(amount), basis, None, f"{seen}T00:00:00Z", f"{seen}T00:00:00Z")  # fmt: skip


def invented(count: int) -> Mapping[str, SourceCard]:
    """Cards of sources nobody knows."""
    card = replace_card(CARDS["models_dev"], imports=[])
    return {**CARDS, **{f"invented_{i:02}": card for i in range(count)}}


def replace_card(card: SourceCard, **changes: object) -> SourceCard:
    return card.model_copy(update=changes)


def test_the_more_reliable_of_two_is_believed_where_nobody_has_authority() -> None:
    figure = resolve([price("portkey", 20), price("litellm", 30)], CARDS, learned=LEARNED)
    assert (figure.value, figure.rule) == (20, "weighed") and 0.8 < figure.confidence < 0.97
    assert figure.why == "Nobody with authority states it; Portkey model prices (right about 97% of prices) says so; 1 disagrees."


def test_two_equals_that_disagree_are_a_conflict() -> None:
    figure = resolve([price("models_dev", 20), price("litellm", 30)], CARDS, learned=LEARNED)
    assert (figure.value, figure.state) == (None, "conflicted") and "$0.00000002/1M tokens, $0.00000003/1M tokens" in figure.why


def test_what_a_lone_source_says_is_as_sure_as_the_source() -> None:
    assert resolve([price("litellm", 30)], CARDS, learned=LEARNED).confidence == 0.8


def test_an_old_look_weighs_less_where_prices_change() -> None:
    fresh = resolve([price("models_dev", 20, "2026-08-01"), price("litellm", 30, "2026-08-01")], CARDS, learned=LEARNED)
    stale = resolve([price("models_dev", 20, "2025-08-01"), price("portkey", 30, "2026-08-01")], CARDS, learned=LEARNED)
    assert fresh.value is None and stale.value == 30


def test_an_authority_last_heard_too_long_ago_is_one_voice_among_others() -> None:
    own = price("openrouter", 10, "2026-07-01", provider="openrouter")
    others = [price("portkey", 20, "2026-08-01", provider="openrouter"), price("models_dev", 20, "2026-08-01", provider="openrouter")]
    assert resolve([own, *others], CARDS, learned=LEARNED).value == 10
    later = [replace(o, seen="2026-12-01T00:00:00Z") for o in others]
    assert resolve([own, *later], CARDS, learned=LEARNED).value == 20
    agreeing = [replace(o, value="10", printed="10") for o in later]
    assert resolve([own, *agreeing], CARDS, learned=LEARNED).rule == "authority agrees with others"


def test_twenty_invented_sources_do_not_move_what_an_authority_states_and_are_named_as_copies() -> None:
    cards = invented(20)
    own = price("openrouter", 100, provider="openrouter")
    poison = [replace(price(f"invented_{i:02}", 7, provider="openrouter"), since=f"2026-07-{i + 1:02}T00:00:00Z") for i in range(20)]
    figure = resolve([own, *poison], cards, learned=LEARNED)
    assert (figure.value, figure.state, figure.rule) == (100, "known", "one authority")
    notes = [s.note for s in figure.dissent]
    assert sum("a copy: 20 sources repeat what invented_00 said first" in n for n in notes) == 19


def test_twenty_invented_sources_are_one_voice_against_catalogues_too() -> None:
    cards = invented(20)
    poison = [price(f"invented_{i:02}", 7) for i in range(20)]
    figure = resolve([price("portkey", 100), price("models_dev", 100), *poison], cards, learned=LEARNED)
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
    guards = PriceGuards([(MODEL, "openrouter", "openrouter", "input", "", "usd_per_mtok", 351)], {})
    figure = resolve([price("genai_prices", 351, provider="mistral", basis="inherited")], CARDS, guards, LEARNED)
    assert (figure.value, figure.rule) == (None, "held") and "a copy of what openrouter asks" in figure.why
    assert resolve([price("genai_prices", 352, provider="mistral", basis="inherited")], CARDS, guards, LEARNED).value == 352
    assert resolve([price("genai_prices", 351, provider="mistral")], CARDS, guards, LEARNED).value == 351, "routes often ask what the maker asks"


def test_what_was_learned_can_be_kept() -> None:
    assert from_json(as_json(LEARNED)).right == LEARNED.right
    known = shipped()
    assert known.facts >= 1_000 and all(0.5 <= share <= 0.99 for share in known.right.values())
    assert {source for source, _ in known.right} <= set(CARDS)


def test_claims_about_different_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="exactly one figure"):
        resolve([price("litellm", 1), price("litellm", 1, provider="other")], CARDS)


def test_a_slipped_digit_is_held_for_a_third_party_and_believed_of_the_seller() -> None:
    others = [(MODEL, f"host-{i}", "models_dev", "input", "", "usd_per_mtok", 20 + i) for i in range(5)]
    guards = PriceGuards([*others, (MODEL, PROVIDER, "litellm", "input", "", "usd_per_mtok", 220)], {})
    tenfold = [replace(price("litellm", 220), unit="usd_per_mtok")]
    assert resolve(tenfold, CARDS, guards, LEARNED).rule == "held"
    assert "slipped digit" in resolve(tenfold, CARDS, guards, LEARNED).dissent[0].note
    own = [replace(price("openrouter", 220, provider="openrouter"), unit="usd_per_mtok")]
    assert resolve(own, CARDS, guards, LEARNED).value == 220
    twofold = [replace(price("litellm", 44), unit="usd_per_mtok")]
    assert resolve(twofold, CARDS, guards, LEARNED).value == 44


def case(item: str, right: int | None, *values: dict[str, str]) -> Case:
    """A figure at one moment: for each value, who says it since when."""
    entry = FIELDS[("offer", "price")]
    said = [[voice(replace(price(s, n + 1), since=f"{since}T00:00:00Z"), entry, CARDS[s]) for s, since in who.items()] for n, who in enumerate(values)]
    return Case(f"{PROVIDER}:{MODEL}{item}", item, entry, "2026-08-01T00:00:00Z", said, right)


def test_who_was_first_with_shared_errors_is_the_one_that_is_copied() -> None:
    early, late = "2026-01-01", "2026-02-01"
    wrong = [case(f"w{i}", 0, {"models_dev": early, "portkey": early}, {"litellm": late, "genai_prices": early}) for i in range(40)]
    fine = [case(f"r{i}", 0, {"models_dev": early, "litellm": early, "genai_prices": late, "portkey": late}, {"llm_prices": early}) for i in range(80)]
    learned = learn([*wrong, *fine], CARDS)
    assert learned.voice == {"litellm": "genai_prices"} and learned.facts == 120
    assert learned.right[("models_dev", "price")] > learned.right[("litellm", "price")] > learned.right[("llm_prices", "price")]


def test_nothing_is_learned_without_facts() -> None:
    with pytest.raises(ValueError, match="nothing can be learned"):
        learn([case("x", None, {"litellm": "2026-01-01"})], CARDS)
