"""Expectations: every failing row is found, an empty table never passes."""

from typing import Any

import pytest

from almanac.flows.validation.expectations import Rejected, run, validate
from almanac.flows.validation.quality_report import render
from almanac.schemas.expectations import Rule, figures_suite


def figure(i: int, **change: Any) -> dict[str, Any]:
    row = {
        "subject_kind": "offer",
        "subject": f"p:m/x{i}",
        "model": f"m/x{i}",
        "provider": "p",
        "field": "context_window",
        "meter": "",
        "terms": "",
        "unit": "tokens",
        "value": "1000",
        "value_integer": 1000,
        "state": "known",
        "confidence": 0.9,
        "valid_from": "2026-01-01T00:00:00Z",
    }
    return {**row, **change}


def test_every_failing_row_goes_to_quarantine_not_the_first_twenty() -> None:
    rows = [figure(i) for i in range(2000)] + [
        figure(3000 + i, value_integer=10**12) for i in range(60)
    ]
    kept, refused, summary = validate(rows)
    assert (len(kept), len(refused), summary["quarantined"]) == (2000, 60, 60)
    assert all("between value_integer" in r.reason for r in refused)


def test_an_empty_table_is_rejected() -> None:
    with pytest.raises(Rejected, match="row_count"):
        validate([])


def test_too_many_broken_rows_stop_the_release() -> None:
    with pytest.raises(Rejected, match="break an expectation"):
        validate([figure(i, value_integer=10**12) for i in range(100)])


def test_a_resolver_that_decides_nothing_is_stopped_but_a_few_conflicts_are_not() -> None:
    undecided = {"value": None, "value_integer": None, "state": "conflicted"}
    with pytest.raises(Rejected, match="not_null_share"):
        validate([figure(i, **undecided) for i in range(300)])
    assert len(validate([figure(i, **undecided) for i in range(3)])[0]) == 3


def test_duplicates_are_named() -> None:
    (result,) = run(
        [figure(1), figure(1), figure(2)], [Rule("unique", columns=("subject", "field"), why="")]
    )
    assert not result.success and result.rows == (0, 1)


def test_the_suite_follows_the_registry_and_counts_rows_first() -> None:
    suite = figures_suite(5)
    assert suite[0].check == "row_count" and suite[0].low == 5
    assert any(r.where == ("offer", "price") for r in suite) and all(r.why for r in suite)


def test_the_quality_page_escapes_and_shows_what_broke_first() -> None:
    results = [
        {"rule": "a", "said": "a", "why": "w", "success": True, "checked": 1, "broken": 0},
        {"rule": "b", "said": "<b>", "why": "", "success": False, "checked": 1, "broken": 1},
    ]
    page = render(7, {"rows": 1, "quarantined": 1, "results": results})
    assert (
        "&lt;b&gt;" in page
        and "<b>" not in page
        and page.index("&lt;b&gt;") < page.index("<td>a</td>")
    )
