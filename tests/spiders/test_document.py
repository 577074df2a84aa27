"""A page as blocks: nothing that a reader sees is lost, and what stands around it is kept."""

from __future__ import annotations

import re

import pytest

from almanac.spiders.bounds import TooMuch
from almanac.spiders.document.blocks import UNTOLD, Document, Grid, Line
from almanac.spiders.document.reader import document
from almanac.spiders.parsers.html import parsed
from tests.support.recorded import RECORDED


def of(text: str) -> Document:
    return document(text, parsed)


def grid(text: str) -> Grid:
    (only,) = of(text).grids()
    return only


def rows(block: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in block.rows]


def test_spans_are_laid_out_and_every_cell_knows_its_place() -> None:
    block = grid(
        "<table><tr><th>Model</th><th>In</th></tr>"
        "<tr><td rowspan=2>A</td><td>1</td></tr><tr><td>2</td></tr></table>"
    )
    assert block.heads() == ("Model", "In") and rows(block) == [["A", "1"], ["A", "2"]]
    assert block.where(block.rows[1][1], "In") == "table 1 row 2 column In"


def test_a_head_of_two_lines_is_one_head() -> None:
    block = grid(
        "<table><tr><td rowspan=2>Model</td><td colspan=2>Price</td></tr>"
        "<tr><td>In</td><td>Out</td></tr><tr><td>A</td><td>1</td><td>2</td></tr></table>"
    )
    assert block.heads() == ("Model", "Price\nIn", "Price\nOut") and rows(block) == [
        ["A", "1", "2"]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Model | In | Out\n---|---|---\nA | 1 | 2\n",
        "| Model | In | Out |\n|:--|--:|---|\n| A | 1 | 2 |\n",
        "> | Model | In | Out |\n> |---|---|---|\n> | A | 1 | 2 |\n",
        "<div>\n\n| Model | In | Out |\n|---|---|---|\n| A | 1 | 2 |\n\n</div>\n",
        "<table><thead><tr><th>Model</th><th>In</th><th>Out</th></tr></thead>"
        "<tr><td>A</td><td>1</td><td>2</td></tr></table>",
    ],
)
def test_a_table_is_a_grid_however_it_is_written(text: str) -> None:
    block = grid(text)
    assert block.heads() == ("Model", "In", "Out") and rows(block) == [["A", "1", "2"]]


def test_a_row_with_more_cells_than_the_head_is_ragged_and_not_cut() -> None:
    block = grid("| Model | In |\n|---|---|\n| A | 1 |\n| B | 1 | 2 |\n")
    assert rows(block) == [["A", "1"]] and len(block.ragged) == 1


def test_a_head_in_one_table_and_its_body_in_the_next_are_joined() -> None:
    block = grid(
        "<h2>Prices</h2><table><tr><td>Model</td><td>In</td></tr></table>"
        "<table><tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr></table>"
    )
    assert block.heads() == ("Model", "In") and rows(block) == [["A", "1"], ["B", "2"]]


TABLE = "<table><tr><th>Model</th><th>In</th></tr><tr><td>A</td><td>{}</td></tr></table>"


@pytest.mark.parametrize(
    "tabs",
    [
        "<div role=tablist><a role=tab id=x>US</a><a role=tab id=y>EU</a></div>"
        "<div role=tabpanel aria-labelledby=x>{}</div>"
        "<div role=tabpanel aria-labelledby=y>{}</div>",
        '<div class="t-tabs"><div class="t-tabs__item"><p class="t-tabs__item-label">US</p></div>'
        '<div class="t-tabs__item"><p class="t-tabs__item-label">EU</p></div>'
        '<div class="t-tabs__cont">{}</div><div class="t-tabs__cont">{}</div></div>',
        '<tabs><tabitem label="US">{}</tabitem><tabitem label="EU">{}</tabitem></tabs>',
        "<p>US</p><p>EU</p>{}{}",
    ],
)
def test_n_labels_and_n_panels_are_paired_in_order(tabs: str) -> None:
    blocks = list(of(f"<main>{tabs.format(TABLE.format(1), TABLE.format(2))}</main>").grids())
    assert [b.place.tabs for b in blocks] == [("US",), ("EU",)]


def test_labels_of_another_count_than_panels_tell_nothing() -> None:
    tabs = "<p>US</p><p>EU</p><p>Asia</p>" + TABLE.format(1) + TABLE.format(2)
    assert {b.place.tabs for b in of(f"<main>{tabs}</main>").grids()} == {(UNTOLD,)}


def test_a_block_knows_its_headings_and_the_texts_around_it() -> None:
    block = grid(
        f"<h1>A</h1><h2>B</h2><p>before</p>{TABLE.format(1)}<p>after</p><h2>C</h2><p>no</p>"
    )
    assert block.place.headings == ("B", "A")
    assert block.notes == ("before",) and block.after == ("after",)


def test_an_item_keeps_its_lines_and_knows_what_its_list_is_of() -> None:
    text = "Supported\n\n- Batch\n- Tools<br>with care\n\nNot supported\n\n- Tuning\n"
    items = [(b.owner, b.text) for b in of(text).lines() if b.kind == "item"]
    assert items == [
        ("Supported", "Batch"),
        ("Supported", "Tools\nwith care"),
        ("Not supported", "Tuning"),
    ]


def test_an_object_in_mdx_is_a_record_and_no_text() -> None:
    text = (
        "---\ntitle: X\n---\n<Show model={{\n name: 'Loom', price: { input: 0.5 },\n}}/>\n\nEnd 7\n"
    )
    content = of(text)
    assert [(r.kind, r.value) for r in content.records()] == [
        ("front matter", {"title": "X"}),
        ("model", {"name": "Loom", "price": {"input": 0.5}}),
    ]
    assert [b.locator for b in content.lines() if b.text == "End 7"] == ["line 8"]


def test_an_object_that_is_none_is_told() -> None:
    content = of("<Show model={{ ]broken[ }}/>\n")
    assert content.problems or not list(content.records())


def test_more_cells_than_any_page_has_are_refused() -> None:
    with pytest.raises(TooMuch):
        of("<table><tr>" + "<td colspan=900>x</td>" * 900 + "</tr></table>")


def figures(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


TABLED = [b for b in RECORDED if b.read_bytes()[:1] not in b"[{" and b"|---" in b.read_bytes()]


@pytest.mark.parametrize(
    "body", TABLED, ids=lambda body: str(body.parent.relative_to(body.parents[2]))
)
def test_no_visible_figure_of_a_table_is_lost(body: object) -> None:
    text = body.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    printed = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    shown = " ".join(
        block.text
        if isinstance(block, Line)
        else " ".join(c.text for row in (*block.head, *block.rows, *block.ragged) for c in row)
        for block in of(text).blocks
        if isinstance(block, (Line, Grid))
    )
    cells = re.sub(r"\]\([^)]*\)|<[^>]+>|&#\d+;", " ", " ".join(printed))
    assert len(TABLED) > 5 and figures(cells) <= figures(shown)
