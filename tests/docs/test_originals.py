"""The founding documents beside ours.

Every section is the same, corrected or more by a rule that can fail, on the recorded pages and on
real ones at large.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almanac.flows.harvest.saved_captures import SavedLook, listing
from docs.tools.originals.page import PAGE, page, pairs
from docs.tools.originals.pair import Pair
from docs.tools.originals.registry import READERS, RULES
from docs.tools.originals.sections import DOCUMENTS, OriginalSection, Unexplained, load, verdict
from tests.conftest import Built, build

SECTIONS = [
    pytest.param(document.tag, row, id=f"{document.tag} {row.section}")
    for document in DOCUMENTS
    for row in document.rows
]


@pytest.fixture(scope="module")
def here(everything: Built) -> dict[str, Pair]:
    """The three comparisons over the recorded pages."""
    return pairs(everything.open())


@pytest.fixture(scope="module")
def at_large(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """The three comparisons over the newest look at every real page that lies beside the project.

    They take two minutes to build, once.
    """
    saved = tmp_path_factory.mktemp("large")
    newest: dict[tuple[str, str], SavedLook] = {}
    for look in sorted(listing(shared / "captures").looks, key=lambda look: look.fetched_at):
        newest[look.source, look.url] = look
    for number, look in enumerate(newest.values()):
        folder = saved / look.source / str(number)
        folder.mkdir(parents=True)
        (folder / "body").write_bytes(look.body())
        about = {"url": look.url, "page": look.page, "fetched_at": look.fetched_at.isoformat()}
        (folder / "capture.json").write_text(json.dumps(about))
    return pairs(build(saved / "home", saved).open())


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
    assert {p.c.as_of for p in pairs(snapshot, "2026-07-31").values()} == {"2026-07-31"}
    assert strangers["S0"].snapshot.release().created_at > "2026-11" and {
        p.c.as_of for p in strangers.values()
    } == {"2026-01-01"}


def test_a_difference_that_nothing_explains_raises(here: dict[str, Pair]) -> None:
    """Sides that are swapped read wrong wherever the two differ."""
    wrong = []
    for document in DOCUMENTS:
        first, second = document.models
        swapped = Pair(here[document.tag].snapshot, (second, first))
        for row in document.rows:
            try:
                verdict(row, swapped)
            except Unexplained:
                wrong.append(row.section)
    assert len(wrong) > 30


def test_every_reader_and_rule_is_named_by_a_section() -> None:
    rows = [row for document in DOCUMENTS for row in document.rows]
    rules = {call.function for row in rows for r in row.readings for call in r.rules}
    assert {row.ours.function for row in rows} == set(READERS.values())
    assert rules == set(RULES.values())


@pytest.mark.parametrize(
    "entry",
    [
        "{section: A, original: b, ours: nobody, readings: [{kind: same, holds: gap}]}",
        "{section: A, original: b, ours: {text: [a, b]}, readings: [{kind: same, holds: gap}]}",
        "{section: A, original: b, ours: scores, readings: [{kind: same, holds: nothing}]}",
        "{section: A, original: b, ours: scores, readings: [{kind: same, holds: {gap: 1}}]}",
        "{section: A, original: b, ours: scores, readings: [{kind: same, holds: []}]}",
        "{section: A, original: b, ours: scores, readings: [{kind: other, holds: gap}]}",
        "{section: A, original: b, ours: scores, readings: []}",
        "{section: A, original: b, ours: scores, readings: [{kind: same, hold: gap}]}",
    ],
)
def test_a_section_whose_verdict_could_not_be_told_is_refused(entry: str, tmp_path: Path) -> None:
    file = tmp_path / "sections.yaml"
    file.write_text(f"[{{tag: S9, title: T, models: [a, b], sections: [{entry}]}}]")
    with pytest.raises((ValueError, TypeError)):
        load(file)


@pytest.mark.parametrize("tag, row", SECTIONS)
def test_a_section_reads_as_it_should_on_the_recorded_pages(
    here: dict[str, Pair], tag: str, row: OriginalSection
) -> None:
    if row.open_here:
        with pytest.raises(Unexplained):
            verdict(row, here[tag])
    else:
        assert verdict(row, here[tag])


@pytest.mark.parametrize("tag, row", SECTIONS)
def test_a_section_reads_as_it_should_on_real_pages_at_large(
    at_large: dict[str, Pair], tag: str, row: OriginalSection
) -> None:
    """A fault that is known must still be there: whoever mends it takes its mark off."""
    if row.open:
        with pytest.raises(Unexplained):
            verdict(row, at_large[tag])
    else:
        assert verdict(row, at_large[tag])


@pytest.mark.parametrize("tag, row", SECTIONS)
def test_no_section_reads_well_where_nothing_is_known(
    strangers: dict[str, Pair], tag: str, row: OriginalSection
) -> None:
    """Each verdict rests on what pages say: where none says anything, there is none."""
    with pytest.raises(Unexplained):
        verdict(row, strangers[tag])
