"""Terms are a value: what is printed is read back, and names never stand twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.schemas.terms import STANDARD, Terms

WORDS = st.text(st.characters(blacklist_characters=";=", blacklist_categories=["Cs"]), min_size=1)
TERMS = st.dictionaries(WORDS, WORDS, max_size=5).map(lambda d: Terms(sorted(d.items())))


@given(TERMS)
def test_what_is_printed_is_read_back(terms: Terms) -> None:
    assert Terms.parse(str(terms)) == terms
    assert all(terms.get(name) == value for name, value in terms)


@given(TERMS, TERMS)
def test_merged_keeps_its_own_and_adds_the_others(own: Terms, others: Terms) -> None:
    merged = own.merged(others)
    assert dict(merged) == {**dict(others), **dict(own)}
    assert list(merged) == sorted(merged) and own.merged(()) == own


def test_without_takes_names_out() -> None:
    terms = Terms.of(tier="batch", plan="team")
    assert terms.without("plan") == Terms.of(tier="batch") and terms.without("region") == terms
    assert isinstance(terms.without("plan"), Terms)


def test_nothing_and_empty_ones_are_no_conditions() -> None:
    assert Terms.of(region=None, tier="") == Terms.parse("") == STANDARD == ()
    assert str(Terms.of(tier="batch", above_input=200_000)) == "above_input=200000;tier=batch"
    assert Terms.parse("window=00:30-08:30=utc").get("window") == "00:30-08:30=utc"
    assert STANDARD.get("tier", "standard") == "standard"


def test_a_part_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="a condition without a value: 'batch'"):
        Terms.parse("tier=flex;batch")
