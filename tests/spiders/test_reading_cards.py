"""Cards, made up: of one model and of a family, and whose each line is."""

from __future__ import annotations

import pytest

from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.page import Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

FAMILY = Declared("acme", facts="model", family=True, scores="all")
CARD = Declared("acme", facts="model", subject=("repository", "card title", "title"), scores="own")
Fact = tuple[str, str, object]


def facts(text: str, declared: Declared, url: str = "https://acme.example/card") -> set[Fact]:
    page = Page("huggingface_cards", url, text.encode(), utc("2026-11-01"))
    return {(c.model, c.field, c.value) for c in read_document(page, declared)}


ROWS = (
    "<table><tr><th></th><th>Parameters</th><th>Context window</th></tr>"
    "<tr><td rowspan=2>Braid 3</td><td>7B</td><td rowspan=2>32K</td></tr>"
    "<tr><td>70B</td></tr></table>\n\n"
)
BLANKS = (
    "| Braid | Context window | Params |\n|---|---|---|\n"
    "| Braid 3 (text only) | 32K | 7B (7.24B) |\n| | | 70B (70.1B) |\n\n"
)
MEMBERS: set[Fact] = {
    ("Braid 3 7B", "parameters", 7 * 10**9),
    ("Braid 3 70B", "parameters", 70 * 10**9),
    ("Braid 3 7B", "context_window", 32_000),
    ("Braid 3 70B", "context_window", 32_000),
}


@pytest.mark.parametrize("table", [ROWS, BLANKS], ids=["spans", "blanks"])
@pytest.mark.parametrize("declared", [FAMILY, CARD], ids=["family", "card"])
def test_each_size_of_a_family_is_a_model(table: str, declared: Declared) -> None:
    assert facts(table, declared) == MEMBERS


@pytest.mark.parametrize(
    "line",
    [
        "**Release date:** May 4, 2031",
        "**Release date** May 4, 2031.",
        "- Release date: May 4, 2031",
    ],
)
def test_a_labelled_line_speaks_of_every_member(line: str) -> None:
    days = {f for f in facts(BLANKS + line, FAMILY) if f[1] == "release_date"}
    assert days == {(f"Braid 3 {size}", "release_date", "2031-05-04") for size in ("7B", "70B")}


def test_a_day_of_one_size_is_that_sizes() -> None:
    lines = "**Release date:**\n\n- **70B Instruct: May 5, 2031**\n"
    days = {f for f in facts(BLANKS + lines, FAMILY) if f[1] == "release_date"}
    assert days == {("Braid 3 70B Instruct", "release_date", "2031-05-05")}


@pytest.mark.parametrize(
    "line, licence",
    [
        ("**License:** Apache 2.0", "Apache 2.0"),
        ("**License** A custom licence, the Braid 3 Community License Agreement", ""),
        ("License: use is governed by the Braid Public License, printed below.", ""),
    ],
)
def test_a_licence_is_its_name_within_a_sentence(line: str, licence: str) -> None:
    stated = {f[2] for f in facts(BLANKS + line, FAMILY) if f[1] == "licence"}
    named = {"Braid 3 Community License", "Braid Public License"} if not licence else {licence}
    assert len(stated) == 1 and stated <= named


def test_a_size_in_brackets_that_is_another_size_is_none() -> None:
    table = "| | Params |\n|---|---|\n| Braid 3 | 7B (9B) |\n| Braid 3 | 70B |\n"
    assert ("Braid 3 7B", "parameters", 7 * 10**9) not in facts(table, FAMILY)


def test_counts_of_their_own_kinds_in_one_cell() -> None:
    table = (
        "| Model name | Params |\n|---|---|\n| Braid 4 Hare | 9B (Activated), 90B (Total) |\n"
        "| Braid 4 Tortoise | 9B (Activated), 200B (Total) |\n"
    )
    stated = facts(table, FAMILY)
    assert ("Braid 4 Hare", "active_parameters", 9 * 10**9) in stated
    assert ("Braid 4 Tortoise", "parameters", 200 * 10**9) in stated


@pytest.mark.parametrize(
    "text, url, name",
    [
        ("# Anything\n", "https://huggingface.co/acme/braid-4/raw/main/README.md", "acme/braid-4"),
        ("# Model Card for acme/braid-4\n", "https://acme.example/", "braid-4"),
        ("# Braid model card\n", "https://acme.example/", "Braid"),
        ("# Braid 4\n", "https://acme.example/", "Braid 4"),
    ],
)
def test_a_card_is_of_the_model_that_its_address_or_title_names(
    text: str, url: str, name: str
) -> None:
    stated = facts(f"---\nlicense: mit\n---\n{text}\n## Details\n\nContext window: 8K\n", CARD, url)
    assert stated == {(name, "licence", "MIT"), (name, "context_window", 8_000)} or stated == {
        (name, "licence", "mit"),
        (name, "context_window", 8_000),
    }


def test_a_card_of_nobody_is_refused() -> None:
    page = Page("huggingface_cards", "https://acme.example/", b"# Usage\n\nx", utc("2026-11-01"))
    reading = base.read_page(base.source("huggingface_cards"), page)
    assert "names the model" in reading.failed


def test_the_front_matter_says_the_licence_before_any_line() -> None:
    text = "---\nlicense: mit\n---\n# Braid 4\n\n**License:** The MIT License\n"
    assert {f[2] for f in facts(text, CARD) if f[1] == "licence"} <= {"mit", "MIT"}


@pytest.mark.parametrize("heading", ["### {}\n\n{}", "- **{}**\n  - {}"], ids=["cards", "list"])
def test_builds_by_tag_are_models_of_their_own(heading: str) -> None:
    build = heading.format("`acme/weft:latest`<br>`acme/weft:8B-Q4`", "Parameters: 8B")
    stated = facts(f"# Weft 2\n\nContext window: 8K\n\n## Builds\n\n{build}\n", CARD)
    assert stated == {
        ("Weft 2", "context_window", 8_000),
        ("acme/weft:8B-Q4", "parameters", 8 * 10**9),
    }
