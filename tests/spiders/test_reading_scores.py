"""Tables of scores, made up: read the same whichever way they are turned, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from almanac.schemas.claim import Claim
from almanac.schemas.dates import utc
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

OWN = Declared("", facts="model", subject=("repository",), scores="own")
ALL = replace(OWN, scores="all")
Rows = Sequence[Sequence[str]]
Score = tuple[str, str, str]


def table(rows: Rows) -> str:
    first, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([first, "|---" * len(rows[0]) + "|", *rest])


def html(rows: Rows) -> str:
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def scores(text: str, declared: Declared = OWN) -> set[Score]:
    return {(c.model, str(c.terms), str(c.value)) for c in claims(text, declared)[0]}


def claims(text: str, declared: Declared) -> tuple[list[Claim], Page]:
    page = Page(
        "huggingface_cards",
        "https://huggingface.co/acme/loom-4-8b",
        text.encode(),
        utc("2026-11-01"),
    )
    try:
        read = list(read_document(page, declared))
    except LayoutChanged:
        read = []
    return [claim for claim in read if claim.field == "score"], page


def score(benchmark: str, value: str, model: str = "acme/loom-4-8b", **terms: str) -> Score:
    parts = sorted({**terms, "benchmark": benchmark, "reporter": "card"}.items())
    return (model, ";".join(f"{k}={v}" for k, v in parts), value)


SHAPES: dict[str, tuple[str, Rows]] = {
    "models across": (
        "## Results",
        [
            ["Benchmark", "Loom 4 8B", "Weft-2 9B"],
            ["MMLU", "71.2", "70.1"],
            ["GSM8K", "80.5", "79.9"],
            ["Frobnitz", "12.5", "13"],
        ],
    ),
    "shots and metrics": (
        "## Benchmarks",
        [
            ["Area", "Benchmark", "Shots", "Metric", "Loom-4-8B", "GPT-9"],
            ["Math", "GSM8K", "8", "em", "80.5", "91"],
            ["", "MATH", "4", "em", "41.0", "62"],
            ["Code", "MBPP", "3", "pass@1", "66", "81"],
        ],
    ),
    "one column of values": (
        "## Evaluation",
        [["Task", "Score"], ["HellaSwag (10-shot)", "83.1%"], ["PIQA", "80.2%"]],
    ),
    "parts of one benchmark": (
        "### MGSM",
        [["Language", "loom-4-8b"], ["German", "69.1"], ["Thai", "55.0"]],
    ),
    "no head over benchmarks": (
        "## Evaluation results",
        [
            ["", "Loom 4 8B", "Loom 4 70B", "Weft 2"],
            ["IFEval", "80", "88", "81"],
            ["BBH", "60", "70", "61"],
        ],
    ),
    "settings": (
        "## Evaluations",
        [
            ["Benchmark", "Tools", "Loom 4 8B", "Weft 2 9B"],
            ["HLE", "none", "11.0", "10.5"],
            ["HLE", "python", "21.0", "19.5"],
        ],
    ),
    "sizes beside names": (
        "## Evaluation",
        [
            ["Model", "Size", "MMLU", "BBH"],
            ["Loom 4", "8B", "60", "41"],
            ["Loom 4", "70B", "75", "59"],
        ],
    ),
    "odd names": (
        "## Leaderboard",
        [["Name", "MMLU", "ARC-c"], ["Zephyrine", "50.5", "40"], ["acme/loom-4-8b", "60", "42.5"]],
    ),
}


def turned(rows: Rows) -> Rows:
    return list(zip(*rows, strict=True))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("as_table", [table, html])
@pytest.mark.parametrize("declared", [OWN, ALL], ids=["own", "all"])
def test_a_turned_table_says_the_same_or_is_refused(
    shape: str, as_table: object, declared: Declared
) -> None:
    heading, rows = SHAPES[shape]
    before = scores(f"{heading}\n\n{as_table(rows)}\n", declared)  # type: ignore[operator]
    text = f"{heading}\n\n{as_table(turned(rows))}\n"  # type: ignore[operator]
    after, page = claims(text, declared)
    assert before
    assert {(c.model, str(c.terms), str(c.value)) for c in after} <= before
    assert len(after) == len(before) or page.refusals


MMLU = "| Benchmark | Loom 4 8B |\n|---|---|\n| MMLU | {} |\n"
OWN_ID = "acme/loom-4-8b"


def test_titles_say_of_which_edition_scores_are() -> None:
    text = f"## Base\n\n{MMLU.format(60)}\n## Instruction-tuned models\n\n{MMLU.format(66)}\n"
    assert scores(text) == {score("MMLU", "60"), score("MMLU", "66", f"{OWN_ID} Instruct")}


def test_scores_of_an_edition_that_no_title_tells_are_refused() -> None:
    text = f"## Base\n\n{MMLU.format(60)}\n## Instruct\n\n{MMLU.format(66)}\n"
    read, page = claims(f"{text}\n## More benchmarks\n\n{MMLU.format(70)}\n", OWN)
    assert len(read) == 2 and any("which edition" in r.reason for r in page.refusals)


KINDS: dict[str, tuple[Rows, set[Score]]] = {
    "shots in a second line of heads": (
        [["", "MMLU", "MMLU"], ["", "0-shot", "5-shot"], ["Loom 4 8B", "50", "60"]],
        {score("MMLU", "50", shots="0"), score("MMLU", "60", shots="5")},
    ),
    "modes as rows": (
        [["Setting", "MMLU", "AIME"], ["thinking", "60", "50"], ["non-thinking", "50", "9"]],
        {
            score("MMLU", "60", mode="thinking"),
            score("AIME", "50", mode="thinking"),
            score("MMLU", "50", mode="non-thinking"),
            score("AIME", "9", mode="non-thinking"),
        },
    ),
    "tools beside the name": (
        [["Benchmark", "Loom 4 8B", "Loom 4 8B (with tools)"], ["HLE", "10", "20"]],
        {score("HLE", "10"), score("HLE", "20", tools="with tools")},
    ),
    "releases as columns": (
        [["Benchmark", "v1.0", "v1.1"], ["HLE", "10", "20"]],
        {score("HLE", "10", release="v1.0"), score("HLE", "20", release="v1.1")},
    ),
    "chains of thought and splits": (
        [["Dataset", "CoT", "Split", "Score"], ["BBH", "yes", "test", "60"]],
        {score("BBH", "60", cot="yes", split="test")},
    ),
    "a benchmark as the title of its parts": (
        [
            ["Benchmark", "Loom 4 8B"],
            ["**GPQA**", ""],
            ["Total", "40"],
            ["**BBH**", ""],
            ["All", "6"],
        ],
        {score("GPQA: Total", "40"), score("BBH: All", "6")},
    ),
    "a size that is another's": (
        [["Benchmark", "8B", "70B"], ["MMLU", "60", "70"]],
        {score("MMLU", "60")},
    ),
    "a part of no benchmark": ([["Language", "Loom 4 8B"], ["Thai", "60"], ["Dutch", "61"]], set()),
    "a text that may be a condition": (
        [["Benchmark", "Prompting", "Loom 4 8B"], ["MMLU", "terse", "60"], ["BBH", "long", "50"]],
        set(),
    ),
    "figures of another kind": (
        [["Device", "Loom 4 8B", "Weft 2 9B"], ["Phone", "20", "30"], ["Laptop", "60", "80"]],
        set(),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_conditions_beside_scores_are_terms(kind: str) -> None:
    rows, expected = KINDS[kind]
    title = "## Speed" if kind == "figures of another kind" else "## Evaluation"
    assert scores(f"{title}\n\n{table(rows)}\n") == expected


def test_a_rival_is_ignored_on_a_card_and_read_where_all_are() -> None:
    heading, rows = SHAPES["models across"]
    own = scores(f"{heading}\n\n{table(rows)}\n")
    assert {name for name, _, _ in own} == {OWN_ID}
    everyone = scores(f"{heading}\n\n{table(rows)}\n", ALL)
    assert own < everyone and {name for name, _, _ in everyone} == {OWN_ID, "Weft-2 9B"}
