"""A document to claims: pages made up for each rule, whatever source they might be of."""

from __future__ import annotations

import pytest

from almanac.schemas.claim import Claim
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.hours import hours_of
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.page import read_document

ACME = Declared("Acme", yen="CNY")
Fact = tuple[str, str, str, str, object]


def page_of(text: str) -> Page:
    return Page("groq", "https://acme.example/", text.encode(), utc("2026-11-01"))


def read(text: str, declared: Declared = ACME) -> tuple[list[Claim], Page]:
    page = page_of(text)
    return list(read_document(page, declared)), page


def facts(text: str, declared: Declared = ACME) -> set[Fact]:
    claims, _ = read(text, declared)
    return {(c.model, c.meter or c.field, str(c.terms), c.unit, _plain(c)) for c in claims}


def _plain(claim: Claim) -> object:
    whole = isinstance(claim.value, int) and claim.field == "price"
    return claim.value / 10**9 if whole else claim.value  # type: ignore[operator]


IN = ("A-1", "input", "", "usd_per_mtok", 1.5)
OUT = ("A-1", "output", "", "usd_per_mtok", 4.0)


@pytest.mark.parametrize(
    "text",
    [
        "| Model | Input | Output |\n|---|---|---|\n| A-1 | $1.5 / MTok | $4 / MTok |\n",
        "| | A-1 |\n|---|---|\n| Input | $1.5 / MTok |\n| Output | $4 / MTok |\n",
        "Prices per 1M tokens (USD).\n\n| Model | Output | Input |\n|---|---|---|\n"
        "| A-1 | $4 | $1.5 |",
        "| Model | Type | Price per 1M tokens |\n|---|---|---|\n| A-1 | Input | $1.5 |\n"
        "| A-1 | Output | $4 |\n",
        "| Model | Type | Price per 1M tokens |\n|---|---|---|\n| A-1 | Input | $1.5 |\n"
        "| | Output | $4 |\n",
        "| Model | Price per 1M tokens |\n|---|---|\n| A-1 | Input: $1.5<br>Output: $4 |\n",
        "| Model | Pricing |\n|---|---|\n| **Chat** | Per million tokens |\n| A-1 | $1.5$4.0 |\n",
        "## A-1\n\nInput\n\n$1.5 / MTok\n\nOutput\n\n$4 / MTok\n",
        "## A-1\n\n- Input: $1.5 per 1M tokens\n- Output: $4 per 1M tokens\n",
        "<table><tr><td rowspan=2>Model</td><td colspan=2>USD / 1M tokens</td></tr>"
        "<tr><td>Input</td><td>Output</td></tr><tr><td>A-1</td><td>1.5</td><td>4</td></tr></table>",
    ],
)
def test_the_same_facts_are_read_however_they_are_laid_out(text: str) -> None:
    assert facts(text) == {IN, OUT}


def test_the_unit_of_the_nearest_text_holds() -> None:
    text = (
        "Prices per 1M tokens.\n\n## Text\n\n| Model | Input |\n|---|---|\n| A-1 | $1.5 |\n\n"
        "## Images\n\nPrices per image.\n\n| Model | Price |\n|---|---|\n| A-2 | $0.02 |\n"
    )
    assert facts(text) == {IN, ("A-2", "image", "", "usd_per_image", 0.02)}


def test_two_currencies_of_one_price_are_two_claims() -> None:
    text = (
        "| Model | Input (USD) | Input (EUR) |\n|---|---|---|\n"
        "| A-1 | 1.5$ / 1M tokens | 1.4€ / 1M tokens |\n"
    )
    assert facts(text) == {IN, ("A-1", "input", "", "eur_per_mtok", 1.4)}


def test_conditions_of_heads_rows_titles_and_tabs_are_terms() -> None:
    head = "| Model | ≤ 200K input tokens | > 200K input tokens |\n|---|---|---|\n"
    text = f"## Batch API\n\n{head}| A-1 | Input: $1 / MTok | Input: $2 / MTok |\n"
    assert facts(text) == {
        ("A-1", "input", "tier=batch", "usd_per_mtok", 1.0),
        ("A-1", "input", "above_input=200000;tier=batch", "usd_per_mtok", 2.0),
    }
    rows = "| Model | Region | Input |\n|---|---|---|\n| A-1 | eu-west-1 | $1 / MTok |\n"
    assert facts(rows) == {("A-1", "input", "region=eu-west-1", "usd_per_mtok", 1.0)}


def test_a_text_column_that_nobody_knows_refuses_the_prices_of_its_row() -> None:
    claims, page = read("| Model | Grade | Input |\n|---|---|---|\n| A-1 | gold | $1 / MTok |\n")
    assert not claims and "may be a condition" in page.refusals[0].reason


def test_one_key_with_two_values_refuses_both() -> None:
    head = "| Model | Input |\n|---|---|\n"
    claims, page = read(f"{head}| A-1 | $1 / MTok |\n| A-1 | $2 / MTok |\n| A-2 | $3 / MTok |\n")
    assert [c.model for c in claims] == ["A-2"]
    assert [r.printed for r in page.refusals] == ["$1 / MTok", "$2 / MTok"]


@pytest.mark.parametrize(
    "cell",
    ["1M INPUT TOKENS (CACHE HIT)", "$1 for friends", "$1 / MTok $2", "see below 3", "X$1 / MTok"],
)
def test_what_is_no_price_is_refused_and_never_guessed(cell: str) -> None:
    claims, page = read(f"| Model | Input |\n|---|---|\n| A-1 | {cell} |\n| A-2 | $3 / MTok |\n")
    assert [c.model for c in claims] == ["A-2"] and len(page.refusals) == 1


def test_a_tab_that_cannot_be_told_refuses_its_grid() -> None:
    table = (
        "<table><tr><th>Model</th><th>Input</th></tr><tr><td>A-1</td><td>${}/MTok</td></tr></table>"
    )
    tables = table.format(1) + table.format(2)
    claims, page = read(f"<main><p>US</p><p>EU</p><p>Asia</p>{tables}</main>")
    assert not claims and {r.reason for r in page.refusals} == {
        "which tab it stands under cannot be told"
    }


def test_what_replaces_a_model_is_not_what_is_retired() -> None:
    text = (
        "| Shutdown date | Model | Substitute model |\n|---|---|---|\n"
        "| March 3, 2031 | a-1 | a-2 |\n"
    )
    assert facts(text) == {("a-1", "retirement_date", "", "date", "2031-03-03")}


def test_a_list_says_of_its_own_items_what_is_supported() -> None:
    text = (
        "## Loom\n\nModel ID\n\n`loom-5`\n\nSupported\n\n- Function calling\n"
        "- Structured output\n\n"
        "Not supported\n\n- Context caching\n"
    )
    assert facts(text, Declared("Acme", facts="model")) == {
        ("loom-5", "function_calling", "", "", True),
        ("loom-5", "structured_outputs", "", "", True),
        ("loom-5", "prompt_caching", "", "", False),
    }
    after = "`loom-5`\n\nFunction calling\n\nNot supported\n\nStructured output\n\nSupported\n"
    assert facts(after, Declared("Acme", facts="model")) == {
        ("loom-5", "function_calling", "", "", False),
        ("loom-5", "structured_outputs", "", "", True),
    }


def test_a_no_to_a_kind_of_a_capability_is_no_no_to_it() -> None:
    text = "| Feature | a-1 |\n|---|---|\n| Extended thinking | No |\n| Adaptive thinking | Yes |\n"
    assert facts(text, Declared("Acme", facts="model")) == {("a-1", "reasoning", "", "", True)}


def test_a_value_under_a_notice_is_not_the_value() -> None:
    text = "| Model | Context window |\n|---|---|\n| a-1 | 200K tokens /<br>1M tokens (beta) |\n"
    claims, page = read(text)
    assert [c.value for c in claims] == [200_000] and len(page.refusals) == 1


@pytest.mark.parametrize(
    ("text", "peak"),
    [
        ("Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC.", "01:00-04:00,06:00-10:00"),
        ("高峰时段为北京时间 09:00-18:00。", "01:00-10:00"),
        ("Off-peak: 16:30-00:30 UTC.", "00:30-16:30"),
    ],
)
def test_hours_of_a_period_are_read_and_the_rest_is_the_other(text: str, peak: str) -> None:
    assert hours_of("peak", [text]) == peak
    assert hours_of("off-peak", [text]) not in ("", peak)


def test_hours_in_no_time_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        hours_of("peak", ["Peak hours are 01:00 - 04:00."])


def test_every_figure_of_a_grid_is_in_the_ledger_once() -> None:
    text = (
        "| Model | Input | Frobs | Notes | Output |\n|---|---|---|---|---|\n"
        "| A-1 | $1.5 / MTok | 12 | see 3 | $4 / MTok |\n| A-2 | - | 13 |  | about $5 |\n"
    )
    _, page = read(text)
    entries = {entry.locator: entry.outcome for entry in page.ledger.entries}
    assert len(entries) == len(page.ledger.entries)
    assert sorted(entries.values()) == sorted(
        [Outcome.claimed] * 2 + [Outcome.left] * 2 + [Outcome.ignored, Outcome.refused]
    )
    assert page.ledger.unknown_labels() == {"Frobs": 2}


def test_a_page_that_states_nothing_is_a_changed_layout() -> None:
    with pytest.raises(LayoutChanged):
        read("# Hello\n\nNothing here.\n")


MOVED = [name for name in base.names() if base.source(name).declared is not None]


@pytest.mark.parametrize("name", MOVED)
def test_a_source_read_as_a_document_declares_and_does_not_read(name: str) -> None:
    source = base.source(name)
    assert "read" not in vars(type(source))


def test_a_turned_table_of_properties_names_the_same_models() -> None:
    rows = (("Attribute", "Loom 8B", "Braid 70B"), ("Parameters", "8B", "70B"), ("Knots", "4", ""))
    ways = (rows, tuple(zip(*rows, strict=True)))
    texts = ["\n".join(f"| {' | '.join(row)} |" for row in way) for way in ways]
    model = Declared("", facts="model")
    straight, turned = (facts(_ruled(text), model) for text in texts)
    assert straight == turned and len(straight) == 2


def test_a_head_of_properties_over_no_names_gives_none() -> None:
    text = "| Property | Parameters |\n|---|---|\n| Base edition | 8B |\n| Large | 70B |\n"
    claims, page = read(text, Declared("", facts="model"))
    assert not claims and page.refusals


def _ruled(text: str) -> str:
    """Return lines of cells with the rule of a Markdown table below the first."""
    head, _, rest = text.partition("\n")
    return f"{head}\n{'|---' * (head.count('|') - 1)}|\n{rest}\n"


@pytest.mark.parametrize(
    "text",
    [
        "| Model | Context window | Max output |\n|---|---|---|\n| A-1 | 4,000 | 50,000 |\n"
        "| A-2 | 8,000 | 2,000 |\n",
        "| Model | A-1 | A-2 |\n|---|---|---|\n| Context window | 4,000 | 8,000 |\n"
        "| Max output | 50,000 | 2,000 |\n",
    ],
)
def test_limits_in_no_order_are_held_however_a_table_is_turned(text: str) -> None:
    reading = base.read_page(base.source("groq"), page_of(text))
    assert {c.model for c in reading.claims} == {"A-2"}
    assert sum("above context_window" in r.reason for r in reading.refusals) == 2


@pytest.mark.parametrize("order", [("A-1", "B-2", "8K", "32K"), ("B-2", "A-1", "32K", "8K")])
def test_columns_without_heads_are_told_by_a_row_that_stands_under_heads(
    order: tuple[str, str, str, str],
) -> None:
    left, right, first, second = order
    named = (
        f"| Property | {left} | {right} |\n|---|---|---|\n| Context window | {first} | {second} |\n"
    )
    bare = "| Specification | | |\n|---|---|---|\n| Context window | 8K | 32K |\n"
    stated = facts(f"{named}\nWords.\n\n{bare}| Max output | 1K | 2K |\n", Declared("Acme"))
    assert ("A-1", "max_output_tokens", "", "tokens", 1000) in stated
    assert ("B-2", "max_output_tokens", "", "tokens", 2000) in stated


def test_columns_without_heads_are_refused_where_no_row_tells_them() -> None:
    named = "| Property | A-1 | B-2 |\n|---|---|---|\n| Context window | 8K | 8K |\n"
    bare = "| Specification | | |\n|---|---|---|\n| Context window | 8K | 8K |\n"
    claims, page = read(f"{named}\nWords.\n\n{bare}| Max output | 1K | 2K |\n", Declared("Acme"))
    assert {c.field for c in claims} == {"context_window"}
    assert {r.printed for r in page.refusals} >= {"1K", "2K"}


def test_glued_cells_stand_under_the_names_in_their_heads_order() -> None:
    lines = "Property{}{}\nContext window8k32k\nMax output tokens\nCheapest$1.5$4\n"
    archived = Declared("", facts="model", archived=True)
    for names, window in (("A-1", "B-2"), 8000), (("B-2", "A-1"), 32000):
        text = f"A-1 vs B-2\n\n{lines.format(*names)}"
        claims, page = read(text, archived)
        assert {(c.model, c.value) for c in claims} >= {("A-1", window)}
        assert [r.printed for r in page.refusals if "price" in r.reason] == ["Cheapest$1.5$4"]


def test_a_table_that_goes_on_in_the_next_one_is_parted_at_its_head() -> None:
    text = (
        "| Property | A-1 | B-2 |\n|---|---|---|\n| Context window | 8K | 32K |\nLimits\n"
        "| Property | B-2 | A-1 |\n|---|---|---|\n| Max output | 2K | 1K |\nBehind it\n"
    )
    stated = facts(text, Declared("", facts="model", archived=True))
    assert ("A-1", "max_output_tokens", "", "tokens", 1000) in stated
