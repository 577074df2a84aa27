"""Faults met in the wild: each sentence of what a case expects is an assertion of its own.

The pages lie in `../shared/cases/wild`, which only this project's own machines have.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from almanac.commands.read import claim_json
from almanac.schemas.dates import utc
from almanac.schemas.money import read_price
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.spiders.test_reading_cases import ROOT, TERMS, answers, same_value

WILD = ROOT.parent / "shared/cases/wild"
READING = (
    "01-litellm-time-of-day",
    "03-openrouter-long-prompt",
    "04-deepseek-peak-rows",
    "06-anthropic-header-wording",
    "07-anthropic-long-context-lost",
    "25-other-dollars",
    "26-endpoint-number-as-region",
)
"""The cases that are about reading; the others are about what becomes of claims."""
CASES = {
    name: json.loads((WILD / name / "case.json").read_text(encoding="utf-8"))
    for name in READING
    if (WILD / name / "case.json").exists()
}
NOT_YET: dict[tuple[str, str], str] = {}
"""What fails, by the case and how the sentence begins, each with what is not built yet."""

pytestmark = pytest.mark.skipif(not CASES, reason="../shared/cases is not here")


@dataclass(frozen=True)
class Came:
    """What `almanac read` prints of a case's file, or the lines of one that is no page."""

    claims: list[dict[str, Any]]
    refused: list[str]
    """Where each thing stands that was refused."""
    lines: list[str]

    @property
    def prices(self) -> list[dict[str, Any]]:
        return [claim for claim in self.claims if claim["field"] == "price"]

    def is_claimed(self, meter: str, value: float, model: str = "", **terms: object) -> bool:
        """Whether a price is claimed under exactly these terms, named as cases propose."""
        stated = {TERMS.get(name, name): str(condition) for name, condition in terms.items()}
        wanted = {"field": "price", "meter": meter, "value": value, "terms": terms}
        wanted |= {"model": model} if model else {}
        return any(answers(wanted, c) and c["terms"] == stated for c in self.prices)

    def in_windows(self, whole: str) -> list[dict[str, Any]]:
        """Return the prices in whose hours a text stands."""
        return [claim for claim in self.prices if whole in claim["terms"].get("window", "")]


def came_of(name: str) -> Came:
    words = CASES[name]["command"].replace(";", " ").split()
    options = dict(itertools.pairwise(words))
    if words[0] != "almanac":
        lines = (WILD / name / "amounts.txt").read_text(encoding="utf-8").splitlines()
        return Came([], [], [line.strip() for line in lines])
    source = base.source(options["--source"])
    url = options.get("--url") or source.start_urls[0]
    body = (WILD / name / options["read"]).read_bytes()
    reading = base.read_page(source, Page(source.name, url, body, utc("2026-11-01")))
    claims = [dict(claim_json(claim)) for claim in reading.claims]
    return Came(claims, [item.locator for item in reading.refusals], [])


def _off_peak(came: Came) -> bool:
    stated = came.in_windows("sat-sun 00:00-24:00")
    return _are(stated, {"input": 0.70, "output": 2.10, "cache_read": 0.025})


def _are(claims: list[dict[str, Any]], values: dict[str, float]) -> bool:
    stated = {claim["meter"]: float(claim["value"]) for claim in claims}
    return len(claims) == len(values) and stated == values


def _peak(came: Came) -> bool:
    weekend = came.in_windows("sat-sun")
    others = [claim for claim in came.prices if claim not in weekend]
    timed = all("window" in claim["terms"] for claim in came.prices)
    return timed and _are(others, {"input": 1.40, "output": 4.20, "cache_read": 0.05})


DEEPSEEK = {
    ("deepseek-v4-pro", "input"): (0.71, 1.42),
    ("deepseek-v4-pro", "output"): (2.05, 4.10),
    ("deepseek-v4-pro", "cache_read"): (0.031, 0.062),
    ("deepseek-v4-flash", "input"): (0.27, 0.54),
    ("deepseek-v4-flash", "output"): (0.63, 1.26),
    ("deepseek-v4-flash", "cache_read"): (0.009, 0.018),
}


def _twelve(came: Came) -> bool:
    peak = "01:00-04:00,06:00-10:00"
    off = {claim["terms"]["window"] for claim in came.prices} - {peak}
    halves = [
        came.is_claimed(meter, value, model, window=window)
        for (model, meter), values in DEEPSEEK.items()
        for value, window in zip(values, (*off, peak), strict=True)
    ]
    return len(came.prices) == 12 and all(halves)


def _each_once(came: Came) -> bool:
    keys = [(c["model"], c["meter"], str(sorted(c["terms"].items()))) for c in came.prices]
    return len(keys) == len(set(keys))


def _versions(came: Came) -> bool:
    return all(
        any(same_value(version, claim["value"]) for claim in came.claims if claim["model"] == model)
        for model, version in (
            ("deepseek-v4-pro", "DeepSeek-V4-Pro-0813"),
            ("deepseek-v4-flash", "DeepSeek-V4-Flash-0731"),
        )
    )


ANTHROPIC = {"Claude Opus 5": (5, 6.25, 10, 0.50, 25), "Claude Haiku 4.5": (1, 1.25, 2, 0.10, 5)}
COLUMNS: tuple[tuple[str, dict[str, str]], ...] = (
    ("input", {}),
    ("cache_write", {"cache_ttl": "5m"}),
    ("cache_write", {"cache_ttl": "1h"}),
    ("cache_read", {}),
    ("output", {}),
)


def _ten(came: Came) -> bool:
    stated = [
        came.is_claimed(meter, value, model, **terms)
        for model, values in ANTHROPIC.items()
        for value, (meter, terms) in zip(values, COLUMNS, strict=True)
    ]
    return len(came.prices) == 10 and all(stated)


def _overrides(came: Came) -> bool:
    return (
        came.is_claimed("input", 1.30)
        and came.is_claimed("output", 6.10)
        and came.is_claimed("input", 2.60, above_input=128000)
        and came.is_claimed("output", 12.20, above_input=128000)
    )


def _premium(came: Came) -> bool:
    model = "Claude Sonnet 4.5"
    return came.is_claimed("input", 6.20, model, above_input=200000) and came.is_claimed(
        "output", 23, model, above_input=200000
    )


def _dollars(came: Came) -> bool:
    codes = [read_price(line).currency for line in came.lines]
    last = read_price(came.lines[-1]).amount
    return codes == ["CAD", "AUD", "HKD", "TWD", "BRL", "USD", "USD"] and last.bound == "lower"


HOLDS: dict[tuple[str, str], Callable[[Came], bool]] = {
    ("01", "price input 0.70"): _off_peak,
    ("01", "price input 1.40"): _peak,
    ("01", "at least: off_peak"): lambda came: any(
        "off_peak_pricing" in at for at in (*came.refused, *(c["locator"] for c in came.claims))
    ),
    ("03", "input 1.30"): _overrides,
    ("04", "12 prices"): _twelve,
    ("04", "no two prices"): _each_once,
    ("04", "model version row"): _versions,
    ("06", "ten price claims"): _ten,
    ("07", "input 6.20"): _premium,
    ("25", "CAD, AUD"): _dollars,
    ("26", "no region term"): lambda came: (
        bool(came.prices) and all("region" not in claim["terms"] for claim in came.claims)
    ),
}
"""What holds each sentence, by the number of its case and how it begins."""


def key_of(name: str, sentence: str) -> tuple[str, str]:
    keys = [(case, start) for case, start in HOLDS if case == name[:2]]
    (key,) = [key for key in keys if sentence.startswith(key[1])]
    return key


@pytest.mark.parametrize(
    ("name", "sentence"),
    [(name, text) for name, case in CASES.items() for text in case["expected"]],
)
def test_what_a_case_expects_holds(
    name: str, sentence: str, request: pytest.FixtureRequest
) -> None:
    key = key_of(name, sentence)
    if key in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[key], strict=True))
    assert HOLDS[key](came_of(name))


def test_every_assertion_is_of_a_sentence() -> None:
    sentences = {key_of(name, text) for name, case in CASES.items() for text in case["expected"]}
    assert sentences == HOLDS.keys()
    assert NOT_YET.keys() <= sentences
