"""Names met in the wild: what each case expects is an assertion of its own.

The cases lie in `../shared/cases`, which only this project's own machines have.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Save, almanac, build

WILD = Path(__file__).resolve().parents[3] / "shared/cases/wild"


def linked(names: Path, home: Path) -> list[dict[str, str]]:
    done = almanac("link", str(names), home=home)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(done.stdout.splitlines()))


@pytest.fixture
def wild(shared: Path) -> Path:
    if not WILD.is_dir():
        pytest.skip("no ../shared/cases/wild beside the project")
    return WILD


def test_tiers_in_names_are_one_model_with_two_prices(wild: Path, tmp_path: Path) -> None:
    built = build(tmp_path, wild / "09-portkey-tier-in-name/replay")
    assert [m for m, *_ in built.open().models()] == ["google/gemini-2.5-pro"]
    bill = almanac(
        "price",
        "gemini-2.5-pro",
        "--provider",
        "google-ai-studio",
        "--input",
        "250000",
        "--output",
        "1000",
        "--json",
        home=tmp_path,
    )
    assert "0.666" in bill.stdout, bill.stdout + bill.stderr


def test_geographies_before_names_are_regions(wild: Path, tmp_path: Path) -> None:
    built = build(tmp_path, wild / "11-bedrock-geo-prefix/replay")
    prices = {
        (f.model, f.meter, f.terms): f.number
        for f in built.open().figures(kind="offer", field="price")
        if f.provider == "amazon-bedrock"
    }
    sonnet, nemotron = (
        {(meter, terms): n for (m, meter, terms), n in prices.items() if m == model}
        for model in ("anthropic/claude-sonnet-4-6", "nvidia/nemotron-3-super-120b-a12b")
    )
    assert sonnet["input", "region=global"] == 3_000_000_000
    assert sonnet["output", "region=global"] == 15_000_000_000
    assert sonnet["input", "region=eu"] == 3_300_000_000
    assert sonnet["output", "region=eu"] == 16_500_000_000
    assert nemotron["input", "region=eu-west-2"] == 240_000_000
    assert nemotron["output", "region=eu-west-2"] == 1_020_000_000


def test_an_alias_and_its_only_dated_version_are_one_model(wild: Path, tmp_path: Path) -> None:
    rows = linked(wild / "14-alias-and-dated-twin/names.csv", tmp_path)
    assert {row["model"] for row in rows[:5]} == {"anthropic/claude-sonnet-4-5-20250929"}
    assert {row["model"] for row in rows[5:]} == {"anthropic/claude-opus-4-1-20250805"}


def test_another_size_and_an_earlier_version_are_not_linked(wild: Path, tmp_path: Path) -> None:
    distilled, command = linked(wild / "15-linked-to-another-version/names.csv", tmp_path)
    assert distilled["model"] != "deepseek/deepseek-r1"
    assert command["model"] in ("", "cohere/command-r-03-2024")


def test_names_in_bills_are_linked(wild: Path, tmp_path: Path, save: Save) -> None:
    """Where their makers' own rows name the models."""
    own = {
        "openai": ("gpt-3.5-turbo-16k-0613",),
        "cohere": ("rerank-v3.5", "embed-v4.0"),
        "llama": ("llama-3.2-90b-vision-instruct",),
    }
    page: dict[str, Any] = {
        provider: {"models": {name: {"name": name, "cost": {"input": 1}} for name in names}}
        for provider, names in own.items()
    }
    build(tmp_path / "home", save("models_dev", "2026-01-01", json.dumps(page)))
    rows = linked(wild / "17-names-in-bills/names.csv", tmp_path / "home")
    assert [(row["model"], row["terms"]) for row in rows] == [
        ("openai/gpt-3.5-turbo-16k-0613", ""),
        ("cohere/rerank-v3.5", ""),
        ("cohere/embed-v4.0", ""),
        ("meta/llama-3.2-90b-vision-instruct", ""),
        ("anthropic/claude-sonnet-4-6", "region=eu"),
        ("openai/gpt-4o-mini", "variant=fine-tuned"),
    ]
