"""Evaluations that count passes, made up; text in which empty cells were lost."""

from __future__ import annotations

from almanac.schemas.claim import Claim
from almanac.schemas.dates import utc
from almanac.spiders.page import Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

SUITE = Declared("", facts="model", evaluations=("Weft trials", "weft"), loses_blanks=True)


def read(text: str) -> tuple[list[Claim], Page]:
    page = Page("roboflow_playground", "https://weft.example/", text.encode(), utc("2026-11-01"))
    return list(read_document(page, SUITE)), page


TABLE = (
    "<html><body><table><tr><th>Attribute</th><th>Loom 8B</th><th>Braid 70B</th></tr>"
    "<tr><td>Parameters</td><td>8B</td><td>70B</td></tr>"
    "<tr><td>Knots</td><td>50% (4/8)</td><td></td></tr></table></body></html>"
)


def test_passes_are_of_the_model_that_they_stand_under() -> None:
    claims, _ = read(TABLE)
    counts = {(c.model, c.field, c.value) for c in claims if c.subject == "evaluation"}
    assert counts == {("Loom 8B", "passes", 4), ("Loom 8B", "total", 8)}
    assert {str(c.terms) for c in claims if c.field == "passes"} == {
        "benchmark=Weft trials: knots;reporter=weft"
    }


def test_a_row_of_text_that_lost_a_cell_is_refused() -> None:
    text = (
        "| Attribute | Loom 8B | Braid 70B |\n|---|---|---|\n| Parameters | 8B | 70B |\n"
        "| Context window | 32K | |\n"
    )
    claims, page = read(text)
    assert {c.field for c in claims} == {"parameters"}
    assert any("empty cell was lost" in r.reason for r in page.refusals)


def test_a_day_and_its_month_are_one_day() -> None:
    claims, page = read(
        "Loom 8B, released on May 4, 2031, is a model.\n\n| Attribute | Loom 8B | Braid 70B |\n"
        "|---|---|---|\n| Release date | May 2031 | June 2031 |\n"
    )
    days = {(c.model, c.value) for c in claims}
    assert days == {("Loom 8B", "2031-05-04"), ("Braid 70B", "2031-06")} and not page.refusals


def test_a_turned_table_of_properties_names_the_same_models() -> None:
    turned = (
        "<html><body><table><tr><th>Attribute</th><th>Parameters</th><th>Knots</th></tr>"
        "<tr><td>Loom 8B</td><td>8B</td><td>50% (4/8)</td></tr>"
        "<tr><td>Braid 70B</td><td>70B</td><td></td></tr></table></body></html>"
    )
    before, after = read(TABLE)[0], read(turned)[0]
    assert {(c.model, c.field, c.value) for c in before} == {
        (c.model, c.field, c.value) for c in after
    }


def test_a_head_of_properties_over_no_names_gives_none() -> None:
    text = "| Property | Parameters |\n|---|---|\n| Base edition | 8B |\n| Large | 70B |\n"
    claims, page = read(text)
    assert not claims and page.refusals
