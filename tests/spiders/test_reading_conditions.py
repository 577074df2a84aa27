"""Conditions of prices told from heads, cells and sections: pages made up for each rule."""

from __future__ import annotations

import pytest

from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.labelled import read_labelled
from almanac.spiders.vocabulary.labels import label
from tests.spiders.test_reading import facts, page_of, read

HEAD = "| Model | {0} | Price per second (USD) |\n|---|---|---|\n"


def test_a_head_says_whose_resolution_it_is() -> None:
    text = HEAD.format("Output video resolution") + "| V-1 | 720P | 0.1 |\n| V-1 | 1080P | 0.2 |\n"
    assert {(terms, value) for _, _, terms, _, value in facts(text)} == {
        ("resolution=720P", 0.1),
        ("resolution=1080P", 0.2),
    }


@pytest.mark.parametrize("head", ["Frobnication", ""])
def test_cells_that_are_resolutions_need_no_head(head: str) -> None:
    text = HEAD.format(head) + "| V-1 | 1280x720 | 0.1 |\n| V-2 | 640 x 480 | 0.05 |\n"
    assert {(model, terms) for model, _, terms, *_ in facts(text)} == {
        ("V-1", "resolution=1280x720"),
        ("V-2", "resolution=640 x 480"),
    }


def test_a_resolution_in_words_is_a_kind_and_two_kinds_stand_side_by_side() -> None:
    text = (
        "| Model | Output type | 输出规格 | Price per request (USD) |\n|---|---|---|---|\n"
        "| M-1 | 文生3D | plain | 1 |\n| M-1 | 文生3D | textured | 2 |\n"
    ).replace("Output type", "任务类型")
    assert {terms for _, _, terms, *_ in facts(text)} == {
        "kind=文生3D, plain",
        "kind=文生3D, textured",
    }


def test_two_columns_of_one_other_condition_refuse_a_row_where_they_differ() -> None:
    text = (
        "| Model | Region | Deployment region | Input ($ per 1M tokens) |\n|---|---|---|---|\n"
        "| M-1 | Japan | Singapore | 1 |\n| M-2 | Japan | Japan | 2 |\n"
    )
    claims, page = read(text)
    assert [(c.model, str(c.terms)) for c in claims] == [("M-2", "region=Japan")]
    assert "two columns of one condition" in page.refusals[0].reason


def test_amounts_of_one_cell_stand_under_the_resolutions_beside_them() -> None:
    text = (
        "| Model | Price |\n|---|---|\n"
        "| V-1 | Output video: 480p: $0.05 / second<br>720p: $0.09 / second |\n"
    )
    assert {(terms, value) for _, _, terms, _, value in facts(text)} == {
        ("media=video;resolution=480p;side=output", 0.05),
        ("media=video;resolution=720p;side=output", 0.09),
    }


def test_a_condition_that_says_none_is_none() -> None:
    text = HEAD.format("Bulk steps") + "| V-1 | none | 0.1 |\n| V-2 | first ten | 0.2 |\n"
    claims, page = read(text)
    assert [c.model for c in claims] == ["V-1"]
    assert [r.printed for r in page.refusals] == ["0.2"]


def test_a_price_under_an_unknown_head_is_refused_by_that_reason() -> None:
    text = (
        "| Model | Input ($ per 1M tokens) | Voice cloning |\n|---|---|---|\n| M-1 | 1 | $9.9 |\n"
    )
    claims, page = read(text)
    assert [c.meter for c in claims] == ["input"]
    assert "a head that this reader does not know" in page.refusals[0].reason
    assert not page.ledger.counts()["left over"]


def test_a_heading_in_a_section_within_ends_none_outside() -> None:
    table = "<table><tr><th>Model</th><th>Input per 1M tokens</th></tr>{0}</table>"
    row = "<tr><td>M-1</td><td>${0}</td></tr>"
    inner = "<section><h4>Texts of M</h4>{0}</section>"
    text = "".join(
        f"<section><h4>{region}</h4>{inner.format(table.format(row.format(price)))}</section>"
        for region, price in (("Japan", 1), ("Singapore", 2))
    )
    assert {(terms, value) for _, _, terms, _, value in facts(f"<html>{text}</html>")} == {
        ("region=Japan", 1),
        ("region=Singapore", 2),
    }


def test_a_word_for_a_condition_alone_is_still_what_it_was() -> None:
    assert label("Output").role == "price"
    assert label("Input type").name == "input_modalities"
    assert label("Image quality").name == "quality"


@pytest.mark.parametrize(
    "text",
    [
        "| Model | Model version | Input ($ per 1M tokens) |\n|---|---|---|\n"
        "| m-top | M-Top-0813 | 1 |\n",
        "| Model | Input ($ per 1M tokens) |\n|---|---|\n"
        "| m-top<br>Currently points to M-Top-0813 | 1 |\n",
        "| Model | m-top |\n|---|---|\n| Model version | M-Top-0813 |\n"
        "| Input ($ per 1M tokens) | 1 |\n",
    ],
)
def test_the_dated_version_of_a_moving_name_is_claimed(text: str) -> None:
    assert {(model, what, value) for model, what, _, _, value in facts(text)} == {
        ("m-top", "input", 1.0),
        ("m-top", "dated_version", "M-Top-0813"),
    }


def test_a_version_that_is_no_other_name_is_none() -> None:
    text = "| Model version | Input ($ per 1M tokens) |\n|---|---|\n| m-top-0813 | 1 |\n"
    assert {what for _, what, *_ in facts(text)} == {"input"}


POINTS = Declared(
    "Acme",
    titled=True,
    unit="¤",
    points=("credits", "credit"),
    labels={"flat cost": "cost per request"},
    ignored={"start": "what a chat begins at"},
)


def test_points_of_a_seller_are_a_currency_where_it_says_so() -> None:
    text = (
        "# [Weaver](https://acme.example/Weaver){ .button .wide }\n\n| Type | Cost |\n|---|---|\n"
        "| Start | 9+ |\n| Input | 12 credits/1k tokens |\n| Output | 2 per token |\n"
        "| Video output (720p) | 5 credits / s |\n| Flat cost | 7 |\n"
    )
    assert facts(text, POINTS) == {
        ("Weaver", "input", "", "points_per_mtok", 12_000.0),
        ("Weaver", "output", "", "points_per_mtok", 2_000_000.0),
        ("Weaver", "second", "media=video;resolution=720p;side=output", "points_per_second", 5.0),
        ("Weaver", "request", "", "points_per_request", 7.0),
    }


def test_a_price_card_of_an_answer_is_read_by_its_labels() -> None:
    page = page_of("{}")
    card = {
        "image_output": "3 credits / message",
        "Input (>200K tokens)": "4 credits/1k tokens",
        "start": "9 credits",
        "Warp": "1 credit/image",
        "several": ["1", "2"],
        "input_text": None,
    }
    claims = list(read_labelled(page, POINTS, "Weaver", card, "/data/0"))
    assert {(c.meter, str(c.terms), c.locator) for c in claims} == {
        ("request", "media=image;side=output", "/data/0/image_output"),
        ("input", "above_input=200000", "/data/0/Input (>200K tokens)"),
    }
    assert [r.locator for r in page.refusals] == ["/data/0/Warp", "/data/0/several"]


def test_a_permalink_is_no_part_of_a_title() -> None:
    text = "<html><h1>Weaver<a href='#w'>¶</a></h1><table><tr><th>Type</th><th>Cost</th></tr>"
    text += "<tr><td>Input</td><td>12 credits/1k tokens</td></tr></table></html>"
    assert {model for model, *_ in facts(text, POINTS)} == {"Weaver"}


FLAVORS = (
    "| Model | {0} | Input per 1M tokens |\n|---|---|---|\n"
    "| A-1 | Base | $1 |\n| A-1 | Fast | $2 |\n| A-1 | Velvet | $3 |\n"
)


def test_a_cell_of_filler_words_alone_is_the_standard_case() -> None:
    assert {(terms, value) for _, _, terms, _, value in facts(FLAVORS.format("Tier"))} == {
        ("", 1),
        ("tier=fast", 2),
        ("tier=velvet", 3),
    }


def test_a_source_says_what_its_own_heads_and_cells_mean() -> None:
    own = Declared("Acme", labels={"Flavor": "tier", "Base": "batch", "Velvet": "standard"})
    assert {(terms, value) for _, _, terms, _, value in facts(FLAVORS.format("Flavor"), own)} == {
        ("tier=batch", 1),
        ("tier=fast", 2),
        ("", 3),
    }


def test_a_sentence_that_gives_a_price_in_words_is_counted_as_not_read() -> None:
    _, page = read(FLAVORS.format("Tier") + "\nBatch inference is half the price of the rest.\n")
    assert page.ledger.counts()["sentence: not read yet"] == 1
