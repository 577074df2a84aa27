"""Tables under the heading of a model, whose rows are what each tier asks a price for."""

from __future__ import annotations

import pytest

from almanac.spiders.document.blocks import Grid
from almanac.spiders.document.reader import document
from almanac.spiders.parsers.html import parsed
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.grid import oriented
from almanac.spiders.reading.page import prepared
from tests.spiders.test_reading import facts, page_of, read

HEADS = "| | Free Tier | Paid Tier, per 1M tokens in USD |\n|---|---|---|\n"


def test_a_table_under_a_heading_is_of_the_id_below_it_in_each_tier() -> None:
    text = (
        "## Nova Wide\n\n`nova-wide-2`\n\n"
        f"{HEADS}| Input price | Free of charge | $1.25 |\n"
        "| Output price (including thinking tokens) | Not available | $10 |\n"
        "| Used to improve our products | Yes | No |\n"
    )
    assert facts(text) == {
        ("nova-wide-2", "input", "tier=free", "usd_per_mtok", 0),
        ("nova-wide-2", "input", "", "usd_per_mtok", 1.25),
        ("nova-wide-2", "output", "", "usd_per_mtok", 10),
    }


FLAT = (
    "## Nova 2\n\n_`nova-2`_\n\n[Standard](#standard)[Batch](#batch)\n\n"
    "Free Tier\n\nPaid Tier, per 1M tokens in USD\n\n"
    "Input price\n\nFree of charge\n\n$1, prompts <= 200k tokens  \n$2, prompts > 200k tokens\n\n"
    "Used to improve our products\n\nYes\n\nNo\n\n"
    "Free Tier\n\nPaid Tier, per 1M tokens in USD\n\n"
    "Input price\n\nNot available\n\n$0.5, prompts <= 200k tokens  \n$1, prompts > 200k\n\n"
)


def test_the_same_table_flattened_stands_under_the_tab_that_links_name() -> None:
    assert facts(FLAT) == {
        ("nova-2", "input", "tier=free", "usd_per_mtok", 0),
        ("nova-2", "input", "", "usd_per_mtok", 1),
        ("nova-2", "input", "above_input=200000", "usd_per_mtok", 2),
        ("nova-2", "input", "tier=batch", "usd_per_mtok", 0.5),
        ("nova-2", "input", "above_input=200000;tier=batch", "usd_per_mtok", 1),
    }


def test_tabs_that_are_not_as_many_as_the_tables_name_none() -> None:
    claims, page = read(FLAT.replace("[Batch](#batch)", "[Batch](#batch)[Flex](#flex)"))
    assert [(c.meter, str(c.terms)) for c in claims] == [("input", "tier=free")]
    assert {r.reason for r in page.refusals} == {
        "the page gives this several values under the same terms"
    }


def test_from_a_row_that_lacks_a_cell_on_a_flattened_table_is_refused() -> None:
    text = (
        "## Nova 2\n\n`nova-2`\n\nFree Tier\n\nPaid Tier, per 1M tokens in USD\n\n"
        "Input price\n\nFree of charge\n\n$1\n\nCached input price\n\n$0.1\n\n"
        "Output price\n\nFree of charge\n\n$4\n"
    )
    claims, page = read(text)
    assert {c.meter for c in claims} == {"input"}
    assert [r.reason for r in page.refusals] == ["cells do not match the head"]
    assert "$0.1" in page.refusals[0].printed and "$4" in page.refusals[0].printed


IMAGES = "| | Free Tier | Paid Tier, per Image in USD |\n|---|---|---|\n"
SEVERAL = (
    "## Picta 4\n\n`picta-4.0-generate-1`, `picta-4.0-ultra-1`, `picta-4.0-fast-1`\n\n" + IMAGES
)


@pytest.mark.parametrize(
    ("label", "model"),
    [
        ("Picta 4 Fast image price", "picta-4.0-fast-1"),
        ("Picta 4 Ultra image price", "picta-4.0-ultra-1"),
        ("Picta 4 Standard image price", "picta-4.0-generate-1"),
        ("Image price", "picta-4.0-generate-1"),
    ],
)
def test_of_several_ids_a_row_is_of_the_one_whose_word_it_says(label: str, model: str) -> None:
    text = f"{SEVERAL}| {label} | Not available | $0.02 |\n"
    assert facts(text) == {(model, "image", "", "usd_per_image", 0.02)}


def test_a_row_that_says_the_words_of_two_ids_is_refused() -> None:
    claims, page = read(f"{SEVERAL}| Fast and ultra image price | Not available | $0.02 |\n")
    assert not claims
    assert {r.reason for r in page.refusals} == {"a row that names no model"}


def test_a_heading_that_only_begins_like_a_known_model_is_another_one() -> None:
    text = (
        f"## Nova 2\n\n`nova-2`\n\n{HEADS}| Input price | - | $1 |\n\n"
        f"## Nova 2 Native Audio (Live API)\n\n`nova-2-native-audio`\n\n"
        f"{HEADS}| Input price | - | $3 |\n"
    )
    assert {(model, value) for model, *_, value in facts(text)} == {
        ("nova-2", 1),
        ("nova-2-native-audio", 3),
    }


def test_an_unknown_label_of_a_row_refuses_its_prices() -> None:
    text = f"## Nova 2\n\n{HEADS}| Frobnication price | - | $3 |\n| Input price | - | $1 |\n"
    claims, page = read(text)
    assert [c.meter for c in claims] == ["input"]
    assert [r.printed for r in page.refusals] == ["$3"]


CELL = "| Model | Input | Output |\n|---|---|---|\n| A-1 | {} | $4 per 1M tokens |\n"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "$1, prompts <= 200k tokens<br>$2, prompts > 200k tokens",
            {("input", "", 1), ("input", "above_input=200000", 2)},
        ),
        ("$1 for prompts up to 128K tokens", {("input", "", 1)}),
        ("$1 (text / image / video)<br>$3 (audio)", {("input", "", 1), ("input_audio", "", 3)}),
        ("$1 (text, image)<br>$3 (audio)", {("input", "", 1), ("input_audio", "", 3)}),
    ],
)
def test_neither_a_length_nor_a_medium_beside_an_amount_is_its_unit(
    cell: str, expected: set[tuple[str, str, float]]
) -> None:
    """`$1, prompts <= 200k tokens` was a thousand dollars a million, `/ image` a price an image."""
    text = "Prices per 1M tokens.\n\n" + CELL.format(cell)
    stated = facts(text)
    assert {
        (meter, terms, value) for _, meter, terms, _, value in stated if meter != "output"
    } == expected
    assert {unit for *_, unit, _ in stated} == {"usd_per_mtok"}


def test_what_is_free_before_a_price_is_no_part_of_it() -> None:
    text = (
        f"## Nova 2\n\n{HEADS}| Grounding with Google Search | Free of charge, up to 500 RPD"
        " | 1,500 RPD (free), then $35 / 1,000 grounded prompts |\n"
    )
    claims, page = read(text)
    assert [(c.meter, c.value, c.unit) for c in claims] == [
        ("search", 35_000_000, "usd_per_search")
    ]
    assert [r.reason for r in page.refusals] == ["free up to a limit"]


LINES = Declared("Acme", name_lines=True)


def test_an_id_alone_on_its_line_names_a_model_where_it_begins_like_another_name() -> None:
    text = (
        "## NOVA-5\n\nInput:\n$1 / 1M tokens\n\n## Live API\n\n### Audio\n\nAudio\n\nnova-live\n\n"
        "$4.00 / 1M input tokens\n\n$16 / 1M output tokens\n\n"
        "pay-as-you-go\n\n$9 / 1M input tokens\n"
    )
    assert facts(text, LINES) >= {
        ("NOVA-5", "input", "", "usd_per_mtok", 1),
        ("nova-live", "output_audio", "", "usd_per_mtok", 16),
    }
    assert {model for model, *_ in facts(text, LINES)} == {"NOVA-5", "nova-live"}


def test_a_name_on_a_line_holds_until_a_heading_as_high_as_the_one_above_it() -> None:
    text = (
        "## NOVA-5\n\nInput:\n$1 / 1M tokens\n\n"
        "## Live API\n\nnova-live\n\n$4 / 1M input tokens\n\n"
        "## Calculator\n\nPrice per 1M tokens\n\n512 x 512 tiles\n\nTotal price\n\n$0.000263\n"
    )
    claims, page = read(text, LINES)
    assert {(c.model, c.value) for c in claims} == {("NOVA-5", 10**9), ("nova-live", 4 * 10**9)}
    assert [r.printed for r in page.refusals] == ["$0.000263"]


@pytest.mark.parametrize(
    ("title", "use"),
    [
        ("Fine-tuning price", "use=fine-tuned"),
        ("Reinforcement fine-tuning price", "use=reinforcement fine-tuned"),
        ("Price", ""),
    ],
)
def test_a_title_says_that_prices_are_of_a_tuned_model(title: str, use: str) -> None:
    text = f"## Nova 5\n\n### {title}\n\nInput:\n$1 / 1M tokens\n\nTraining:\n$9 / 1M tokens\n"
    assert facts(text) == {
        ("Nova 5", "input", use, "usd_per_mtok", 1),
        ("Nova 5", "training", "", "usd_per_mtok", 9),
    }


def test_the_column_without_a_head_is_laid_out_as_what_is_priced() -> None:
    """So that whoever asks how a grid is laid out is told what the reader makes of it."""
    page, declared = page_of(f"## Nova 2\n\n{HEADS}| Input price | - | $1 |\n"), Declared("Acme")
    content = document(page.text, parsed)
    context, blocks = prepared(page, declared, content)
    grid = next(block for block in blocks if isinstance(block, Grid))
    laid_out = oriented(context, grid)
    assert laid_out and laid_out[1][0].label.is_role("item")


def test_a_price_under_a_size_need_not_begin_with_its_sign() -> None:
    text = "## Picta-1\n\nper image\n\n1024 x 1024\n\nfrom $0.04\n"
    claims, page = read(text)
    printed = [c.printed for c in claims] + [r.printed for r in page.refusals]
    assert printed == ["from $0.04"], "it is taken for a price, whatever becomes of it"
