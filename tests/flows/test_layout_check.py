"""The layout guard: what is believed of a page by what it said before."""

from __future__ import annotations

from pathlib import Path

import pytest

from almanac.flows.validation.layout_check import ClaimText, LastGood, changes, collapse
from almanac.schemas.claim import Capture
from almanac.schemas.dates import utc


def page(models: int = 10, **cells: str) -> list[ClaimText]:
    """Return what a table of prices says: input and output of so many models.

    `cells` replaces texts by `m3_input`.
    """
    return [
        (
            f"m{i}",
            "acme",
            "price",
            meter,
            "",
            f"table 1 row {i + 1} column {meter}",
            cells.get(f"m{i}_{meter}", f"${i}.{k}"),
        )
        for i in range(models)
        for k, meter in enumerate(("input", "output"))
        if cells.get(f"m{i}_{meter}") != "-"
    ]


WHOLE = LastGood.of(page())


@pytest.mark.parametrize(
    "now, said",
    [
        (page(), ""),
        (page(9), ""),
        (page(30), ""),
        (page(4), "4 models, where the last look had 10"),
        (page(m3_input="$3.5", m3_output="$9"), ""),
        (page(m3_input="$3.1", m3_output="$3.0"), "two cells of table 1 row 4 changed places"),
        (page(m3_input="$3.1", m3_output="-"), ""),
        ([c for c in page() if c[3] == "input"], ""),
    ],
)
def test_a_reading_is_held_by_the_last_look(now: list[ClaimText], said: str) -> None:
    reason = collapse(LastGood.of(now), WHOLE, None)
    assert said in reason and bool(said) == bool(reason)


def test_a_cell_that_moved_into_an_empty_one_is_held() -> None:
    before = LastGood.of(page(m3_output="-"))
    now = LastGood.of(page(m3_input="-", m3_output="$3.0"))
    assert "stood in another cell" in collapse(now, before, None)


def test_a_head_that_is_named_anew_moves_nothing() -> None:
    renamed = [
        (m, p, f, meter, t, at.replace("column output", "column Output tokens"), said)
        for m, p, f, meter, t, at, said in page()
    ]
    assert not collapse(LastGood.of(renamed), WHOLE, None)


def test_a_row_that_is_set_in_moves_nothing() -> None:
    shifted = [
        (m, p, f, meter, t, at.replace(f"row {int(m[1:]) + 1}", f"row {int(m[1:]) + 2}"), said)
        for m, p, f, meter, t, at, said in page()
    ]
    assert not collapse(LastGood.of(shifted), WHOLE, None)


def test_a_field_that_is_gone_is_a_collapse() -> None:
    limits: list[ClaimText] = [
        (f"m{i}", "", "context_window", "", "", f"table 1 row {i + 1}", "128K") for i in range(10)
    ]
    assert "no context_window (10) any more" in collapse(
        LastGood.of(page()), LastGood.of([*page(), *limits]), None
    )


def test_a_field_that_few_models_had_may_go() -> None:
    """Else one mark of a few rows closes a page of thousands for good."""
    models = [(f"m{n}", "", "context_window", "", "", "", "1") for n in range(100)]
    marks = [(f"m{n}", "", "code_execution", "", "", "", "true") for n in range(9)]
    assert collapse(LastGood.of(models), LastGood.of([*models, *marks]), None) == ""
    many = [(f"m{n}", "", "code_execution", "", "", "", "true") for n in range(10)]
    assert "no code_execution (10)" in collapse(
        LastGood.of(models), LastGood.of([*models, *many]), None
    )


def test_the_card_says_how_many_models_are_well() -> None:
    assert "the card expects 20 to 60" in collapse(WHOLE, None, (20, 60))
    assert not collapse(WHOLE, None, (8, 20))


def test_a_structure_that_changed_is_said_once(tmp_path: Path) -> None:
    look = Capture(
        source="s",
        url="https://example.org",
        page="https://example.org",
        fetched_at=utc("2026-01-01"),
        digest="0" * 64,
    )
    file = tmp_path / "layout.json"
    assert changes(file, "s", [(look, ("table a", "head b"))]) == []
    (note,) = changes(file, "s", [(look, ("table a", "head c"))])
    assert "gone: head b" in note and "new: head c" in note
    assert changes(file, "s", [(look, ("table a", "head c"))]) == []
