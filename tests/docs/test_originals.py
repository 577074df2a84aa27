"""The founding documents beside ours.

Every section is the same, corrected or more by a rule that can fail, on the recorded pages and on
real ones at large.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs.tools.originals import DOCUMENTS, PAGE, Pair, Row, Unexplained, page, pairs, verdict
from tests.conftest import Built, build

SECTIONS = [
    pytest.param(tag, row, id=f"{tag} {row.section}")
    for tag, _, _, rows in DOCUMENTS
    for row in rows
]


@pytest.fixture(scope="module")
def here(everything: Built) -> dict[str, Pair]:
    """The three comparisons over the recorded pages."""
    return pairs(everything.open())


@pytest.fixture(scope="module")
def at_large(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """The three comparisons over all real pages that lie beside the project.

    They take two minutes to build, once.
    """
    return pairs(build(tmp_path_factory.mktemp("large"), shared / "captures").open())


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """The three comparisons where one page gives the models' prices of input and nothing else."""
    saved = tmp_path_factory.mktemp("strangers")
    rows = {
        f"{provider}/{model}": {
            "litellm_provider": provider,
            "mode": "chat",
            "input_cost_per_token": 7e-06,
        }
        for provider, model in (
            ("gemini", "gemini-3.1-flash-lite"),
            ("deepinfra", "mistralai/Mistral-Nemo-Instruct-2407"),
            ("groq", "gemma-4-12b-it"),
            ("together_ai", "mistral-small-3.1-24b-instruct"),
            ("nebius", "nemotron-nano-12b-v2-vl"),
        )
    }
    folder = saved / "litellm" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "body").write_text(json.dumps(rows))
    (folder / "capture.json").write_text(
        json.dumps({"url": "https://example.org/page", "fetched_at": "2026-01-01T00:00:00Z"})
    )
    return pairs(build(saved / "home", saved).open())


def test_the_page_is_what_the_recorded_pages_give(everything: Built) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(everything.open())


def test_the_day_is_that_of_the_newest_look_or_the_one_asked_for(
    everything: Built, strangers: dict[str, Pair]
) -> None:
    """Never that on which the release was made, or the page is read."""
    snapshot = everything.open()
    assert page(snapshot) == page(snapshot, snapshot.newest_look())
    assert {p.c["as_of"] for p in pairs(snapshot, "2026-07-31").values()} == {"2026-07-31"}
    assert strangers["S0"].snapshot.release().created_at > "2026-11" and {
        p.c["as_of"] for p in strangers.values()
    } == {"2026-01-01"}


def test_a_difference_that_nothing_explains_raises(here: dict[str, Pair]) -> None:
    """Sides that are swapped read wrong wherever the two differ."""
    swapped = {
        tag: Pair(here[tag].snapshot, (models[1], models[0])) for tag, _, models, _ in DOCUMENTS
    }
    wrong = []
    for tag, _, _, rows in DOCUMENTS:
        for row in rows:
            try:
                verdict(row, swapped[tag])
            except Unexplained:
                wrong.append(row.section)
    assert len(wrong) > 30


@pytest.mark.parametrize("tag, row", SECTIONS)
def test_a_section_reads_as_it_should_on_the_recorded_pages(
    here: dict[str, Pair], tag: str, row: Row
) -> None:
    if row.open_here:
        with pytest.raises(Unexplained):
            verdict(row, here[tag])
    else:
        assert verdict(row, here[tag])


@pytest.mark.parametrize("tag, row", SECTIONS)
def test_a_section_reads_as_it_should_on_real_pages_at_large(
    at_large: dict[str, Pair], tag: str, row: Row
) -> None:
    """A fault that is known must still be there: whoever mends it takes its mark off."""
    if row.open:
        with pytest.raises(Unexplained):
            verdict(row, at_large[tag])
    else:
        assert verdict(row, at_large[tag])


@pytest.mark.parametrize("tag, row", SECTIONS)
def test_no_section_reads_well_where_nothing_is_known(
    strangers: dict[str, Pair], tag: str, row: Row
) -> None:
    """Each verdict rests on what pages say: where none says anything, there is none."""
    with pytest.raises(Unexplained):
        verdict(row, strangers[tag])
