"""An observation: what its key is made of, that it is stored and read back whole, and at a moment.

The table of claims has its columns, and no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from almanac.schemas.claim import Capture, Claim, State
from almanac.schemas.codes import LinkStatus
from almanac.schemas.observation import COLUMNS, Observation
from almanac.schemas.terms import Terms
from almanac.warehouse.tables import ClaimRow
from almanac.warehouse.write.store import Look, Store


@dataclass(frozen=True, slots=True)
class Match:
    """A name that was linked."""

    model: str = "openai/gpt-9"
    score: float = 0.95
    reason: str = "an alias"
    status: LinkStatus = LinkStatus.linked
    marks: tuple[tuple[str, str], ...] = ()


PRICE = Claim(
    source="models_dev",
    capture="a" * 64,
    subject="offer",
    provider="Nano GPT",
    model="gpt-9",
    field="price",
    meter="input",
    terms=Terms.of(tier="batch"),
    value=150_000_000,
    readings=((145_000_000, 155_000_000, False),),
    unit="usd_per_mtok",
    printed="$0.15",
    locator="table 1 row 2",
    effective_from=date(2026, 3, 1),
)
WINDOW = Claim(
    source="models_dev",
    capture="a" * 64,
    subject="model",
    model="gpt-9",
    field="context_window",
    value=1000,
    unit="tokens",
    printed="1k",
    locator="x",
)


def observed(claim: Claim = PRICE, match: Match | None = None, page: str = "p") -> Observation:
    return Observation.of(claim, match or Match(), "nano-gpt", page)


def test_the_columns_are_those_of_the_table() -> None:
    assert tuple(ClaimRow.model_fields) == COLUMNS


def test_the_bytes_of_a_key_stay_what_they_are() -> None:
    """A key that was made otherwise would make every stored claim a new one."""
    assert observed().key == "9b68fe2ea481a2157f040c1a089b9fa2"
    assert observed(WINDOW).key == "2fb2a8123b44d024f69311bbd1d24fbe"


@pytest.mark.parametrize(
    "change",
    [
        {"printed": "$0.150"},
        {"terms": Terms.of(tier="flex")},
        {"value": 150_000_001},
        {"effective_from": None},
        {"basis": "inherited"},
        {"provider": "Nano-GPT"},
        {"bound": "upper"},
        {"value": None, "state": State.not_disclosed},
    ],
    ids=str,
)
def test_what_is_said_makes_another_key(change: dict[str, object]) -> None:
    assert observed(PRICE.model_copy(update=change)).key != observed().key


def test_where_it_stands_and_what_was_made_of_its_name_make_no_other_key() -> None:
    moved = PRICE.model_copy(update={"locator": "elsewhere", "capture": "b" * 64, "unit": "x"})
    assert observed(moved).key == observed().key
    assert observed(match=Match("openai/gpt-8", 0.5, "otherwise")).key == observed().key
    assert observed(page="q").key != observed().key


def test_a_name_that_moves_makes_another_claim_of_each_model_it_meant() -> None:
    then, now = (
        observed(match=Match(model, status=LinkStatus.linked_as_of))
        for model in ("openai/gpt-8", "openai/gpt-9")
    )
    assert then.key != now.key and then.moves and now.moves and not observed().moves


def test_what_it_is_about_follows_from_its_kind_and_its_link() -> None:
    marked = Match(marks=(("quantisation", "fp8"),))
    offer, fact = observed(match=marked), observed(WINDOW, marked)
    assert (offer.subject, offer.provider) == ("nano-gpt:openai/gpt-9", "nano-gpt")
    assert offer.terms == "quantisation=fp8;tier=batch"
    assert (fact.subject, fact.provider, fact.terms) == ("openai/gpt-9", "", "")
    waiting = observed(match=Match("", status=LinkStatus.unknown))
    assert (waiting.subject, waiting.model) == ("", "")


@pytest.mark.parametrize(
    "value, text, integer",
    [
        (1000, "1000", 1000),
        (True, "true", None),
        (Decimal("0.50"), "0.5", None),
        (("text", "image"), '["image","text"]', None),
        (None, None, None),
    ],
)
def test_a_value_is_kept_as_its_text_and_as_a_whole_number_if_it_is_one(
    value: object, text: str | None, integer: int | None
) -> None:
    observation = observed(WINDOW.model_copy(update={"value": value}))
    assert (observation.value, observation.value_integer) == (text, integer)


def test_it_is_read_back_as_it_was_stored(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'w.db'}")
    price, window = observed(), observed(WINDOW)
    for day, claims in ((1, [price, window]), (2, [price])):
        moment = datetime(2026, 1, day, tzinfo=UTC)
        look = Capture(
            source="models_dev", url="u", page="p", fetched_at=moment, digest=str(day) * 64
        )
        store.add("models_dev", "p", [Look(look, 1, claims)])
    first = "2026-01-01T00:00:00Z"
    assert store.claims_of([price.subject, window.subject]) == [
        replace(price, id=1, first_look=first),
        replace(window, id=2, first_look=first, last_look=first),
    ]
    store.close()


def test_rows_are_read_by_name() -> None:
    observation = replace(observed(), id=7, first_look="2026-01-01T00:00:00Z")
    row = {**observation.row(7), "first_look": observation.first_look, "last_look": None}
    for names in (list(row), sorted(row)):
        assert list(Observation.from_rows(names, [[row[n] for n in names]])) == [observation]
    with pytest.raises(KeyError):
        Observation.from_rows(list(row)[1:], [])


def test_at_a_moment_it_is_the_same_but_for_the_look_that_showed_it() -> None:
    observation = observed()
    assert observation.as_seen("2026-02-01T00:00:00Z") == replace(
        observation, last_seen="2026-02-01T00:00:00Z"
    )
