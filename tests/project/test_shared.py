"""What only runs where ../shared lies beside the project.

That is the founding documents themselves, and real pages at large.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almanac.flows.harvest.saved_captures import listing
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.conftest import build
from tests.support.recorded import CAPTURES

DOCUMENTED = {
    "cloudflare_workers_ai",
    "cohere",
    "deepinfra",
    "huggingface_inference",
    "minimax_pricing",
    "perplexity_pricing",
    "vercel_ai_gateway",
}
"""Sources read by the form their publisher documents.

Their pages in ../shared, if any, are in another.
"""


def test_every_file_of_the_manifest_is_claimed_by_one_source_or_listed(shared: Path) -> None:
    rows = [
        json.loads(line)
        for line in (shared / "captures/MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    listed = listing(shared / "captures")
    paths = {f.path for f in listed.looks} | {p for p, _ in listed.unread}
    assert {r["path"] for r in rows} <= paths and all(why for _, why in listed.unread)
    assert set(base.names()) - DOCUMENTED <= {f.source for f in listed.looks} <= set(base.names())
    assert all(why != "no source reads this form" for path, why in listed.unread), (
        "every unread file says why"
    )


@pytest.mark.parametrize(
    "source",
    [n for n in base.names() if n not in {"models_dev", "litellm", "genai_prices", *DOCUMENTED}],
)
def test_every_real_page_is_read_or_refused_with_a_reason(source: str, shared: Path) -> None:
    pages = [capture for capture in listing(shared / "captures").looks if capture.source == source]
    if not pages:
        pytest.skip("no page of it was saved there")
    readings = [
        base.read_page(
            base.source(source), Page(source, capture.url, capture.body(), capture.fetched_at)
        )
        for capture in pages
    ]
    assert any(reading.claims for reading in readings), "nothing is read of any of its pages"
    assert not [
        capture.path
        for capture, reading in zip(pages, readings, strict=True)
        if not reading.claims and not (reading.failed and reading.refusals)
    ]


@pytest.mark.parametrize(
    "source, seed, recorded",
    [
        ("llm_reference", "000", "2026-06-19"),
        ("llm_reference", "003", "2026-05-19"),
        ("llm_api", "002", "2026-06-15"),
        ("roboflow_playground", "001", "2026-06-30"),
        ("modelslab", "004", "2026-03-15"),
    ],
)
def test_the_recorded_pages_say_what_the_founding_documents_say(
    source: str, seed: str, recorded: str, shared: Path
) -> None:
    """Our recorded page and the document give the same claims.

    Figures were carried over, words were not.
    """
    from tests.support.recorded import reading

    (path,) = (shared / "captures/seeds").glob(f"{seed}_*.txt")
    (capture,) = [f for f in listing(shared / "captures").looks if f.path.endswith(path.name)]
    real = base.read_page(
        base.source(source), Page(source, capture.url, path.read_bytes(), capture.fetched_at)
    )

    def facts(claims: tuple[object, ...]) -> set[tuple[object, ...]]:
        return {(c.provider, c.model, c.field, c.meter, c.terms, c.value, c.basis) for c in claims}  # type: ignore[attr-defined]

    assert facts(real.claims) == facts(reading(CAPTURES / source / recorded / "body").claims)


def test_the_founding_documents_replay(shared: Path, tmp_path: Path) -> None:
    built = build(
        tmp_path / "h",
        shared / "captures",
        (
            "llm_reference",
            "roboflow_playground",
            "llm_api",
            "modelslab",
            "google_vertex_models",
            "anthropic_pricing",
        ),
    )
    assert not built.report.stale
    assert built.figure("google/gemini-3.1-flash-lite", "context_window").number == 1_048_576
    assert {f for f, _ in built.report.unread} >= {"xai/consumption_rate_limits_2025-12.md"}


def test_the_hand_checked_sample(shared: Path) -> None:
    """`python -m tests.support.sample` prints what was missed and what is wrong."""
    from tests.support.sample import compare, parts

    missed, wrong, facts, claims = compare(shared / "captures")
    assert facts >= 300 and len(list(parts())) >= 25
    assert len(missed) <= 0.02 * facts, missed
    assert len(wrong) <= 0.005 * claims, wrong
