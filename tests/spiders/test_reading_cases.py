"""Made-up pages, each for a kind of fault: what must be claimed of them, and what must not be.

The pages lie in `../shared/cases/reading`, which only this project's own machines have.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from almanac.commands.read import claim_json
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.page import Page

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT.parent / "shared/cases/reading").glob("*/case.json"))
TERMS: dict[str, str] = json.loads(
    (ROOT / "tests/support/case_terms.json").read_text(encoding="utf-8")
)
"""The name of a term as a case proposes it, and as it is chosen here."""
NOT_YET = {
    "31-sentences": "sentences are not read yet",
}
"""Cases that fail, each with what is not moved yet. A name leaves this list with its fault."""

pytestmark = pytest.mark.skipif(not CASES, reason="../shared/cases is not here")


def folded(text: object) -> str:
    return re.sub(r"[^a-z0-9.+\u0080-\uffff]", "", str(text).lower())


def same_value(expected: object, claimed: object) -> bool:
    if isinstance(expected, list):
        return sorted(expected) == sorted(claimed if isinstance(claimed, list) else [claimed])
    if isinstance(expected, bool) or expected is None:
        return expected is claimed
    if isinstance(expected, str):
        return folded(expected) == folded(claimed)
    try:
        number = float(claimed)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return abs(number - float(expected)) <= 1e-9 * max(1, abs(number))  # type: ignore[arg-type]


def answers(expected: dict[str, Any], claim: dict[str, Any]) -> bool:
    """Whether a claim is what a case expects; it may have further terms, but no length."""
    if "model" in expected and folded(expected["model"]) != folded(claim["model"]):
        return False
    if any(expected[key] != claim[key] for key in ("field", "meter", "unit") if key in expected):
        return False
    if "value" in expected and not same_value(expected["value"], claim["value"]):
        return False
    terms = {TERMS[name]: value for name, value in (expected.get("terms") or {}).items()}
    stated = {**claim["terms"], "effective_from": claim.get("effective_from", "")}
    if any(folded(stated.get(name, "")) != folded(value) for name, value in terms.items()):
        return False
    return not (expected.get("meter") and "above_input" in stated and "above_input" not in terms)


def claims_of(case: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    options = dict(zip(case["args"][2::2], case["args"][3::2], strict=True))
    source = base.source(options["--source"])
    url = options.get("--url") or (
        f"file:{case['args'][1]}"
        if source.named_by_url or not source.start_urls
        else source.start_urls[0]
    )
    body = (folder / case["args"][1]).read_bytes()
    page = Page(source.name, url, body, utc("2026-11-01"))
    return [dict(claim_json(claim)) for claim in base.read_page(source, page).claims]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_a_case_is_read_as_it_should_be(path: Path, request: pytest.FixtureRequest) -> None:
    name = path.parent.name
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[name], strict=True))
    case = json.loads(path.read_text(encoding="utf-8"))
    claims = claims_of(case, path.parent)
    assert claims
    lacking = [e for e in case["expect"] if not any(answers(e, claim) for claim in claims)]
    wrong = [claim for claim in claims if any(answers(e, claim) for e in case["forbid"])]
    assert not lacking and not wrong


def test_every_case_that_fails_is_one_of_the_cases() -> None:
    assert NOT_YET.keys() <= {path.parent.name for path in CASES}
