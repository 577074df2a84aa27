"""Damaged and hostile input ends in quarantine or a clear error, and the rest of the run is unharmed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from comparisons.comparison import compare
from comparisons.render import markdown
from tests.conftest import Save, build
from tests.recorded import CAPTURES

GOOD = (CAPTURES / "anthropic_pricing/2026-05-11/body").read_bytes()


def _priced(name: str, price: str = "2.5e-07") -> dict[str, object]:
    return {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": float(price)}


DAMAGE = {
    "an empty page": ("litellm", b"   \n", "the body is empty"),
    "a file of no bytes": ("litellm", b"", "the body is empty"),
    "HTML where JSON was expected": ("litellm", b"<!doctype html><title>Log in</title>", "HTML where JSON was expected"),
    "a cut-off body": ("litellm", b'{"gpt-4o": {"litellm_provider": "op', "not JSON"),
    "JSON nested too deeply": ("litellm", b"[" * 200_000, "nested too deeply"),
    "another document": ("openrouter", b'{"data": []}', "no list of models"),
    "a renamed column": ("anthropic_pricing", GOOD.replace(b"Output Tokens", b"Completion Tokens"), "a price column this reader does not know"),
    "bytes that are no text": ("anthropic_pricing", b"\xff\xfe\xff\xd8\x00\x01", "is not text in"),
    "not UTF-8": ("anthropic_pricing", b"# \xc3\x28\xa0\xa1", "is not text in"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_page_is_refused_and_the_rest_of_the_run_unharmed(kind: str, save: Save, tmp_path: Path) -> None:
    source, body, reason = DAMAGE[kind]
    save("openai_pricing", "2026-08-21", (CAPTURES / "openai_pricing/2026-08-21/body").read_bytes())
    built = build(tmp_path / "h", save(source, "2026-05-11", body))
    assert reason in built.report.stale[source]
    assert any(reason in r["reason"] for r in built.open().refusals(source=source))
    assert built.figure("openai:openai/gpt-4.1-mini", "price", "input").number == 400_000_000


def test_a_truncated_gzip_is_refused_with_its_reason(save: Save, tmp_path: Path) -> None:
    save("anthropic_pricing", "2026-05-11", GOOD)
    built = build(tmp_path / "h", save("litellm", "2026-01-01", gzip.compress(json.dumps({"x": "y" * 5000}).encode())[:-20], name="body.gz"))
    assert "cut off" in built.report.stale["litellm"] and built.report.release == 1


def test_a_bad_page_changes_no_spell(save: Save, tmp_path: Path) -> None:
    save("anthropic_pricing", "2026-05-01", GOOD)
    save("anthropic_pricing", "2026-05-02", b"")
    folder = save("anthropic_pricing", "2026-05-03", GOOD)
    built = build(tmp_path / "h", folder)
    f = built.figure("anthropic:anthropic/claude-haiku-4-5", "price", "input") or built.figure("anthropic:anthropic/claude-haiku-4-5-20251001", "price", "input")
    assert f.valid_from.startswith("2026-05-01") and f.valid_to.startswith("9999")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=cmd()", "gpt\x00\x1b[31m", "x" * 5000, "💣‮evil"])
def test_a_hostile_name_is_data(name: str, save: Save, tmp_path: Path) -> None:
    rows = {name: _priced(name), "gpt-4o-mini": _priced("gpt-4o-mini", "1.5e-07")}
    built = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    waiting = [r for r in built.open().refusals() if r["model"] == name]
    assert waiting, "no model has this name, so it is refused or waits for review, and is on no figure"
    assert built.figure("openai:openai/gpt-4o-mini", "price", "input").number == 150_000_000


def test_markdown_escapes_what_was_harvested(everything) -> None:  # type: ignore[no-untyped-def]
    c = compare(everything.open(), "google/gemini-3.1-flash-lite", "mistral/mistral-nemo")
    c["title"] = "<script>alert(1)</script> | x"
    assert "<script>" not in markdown(c) and "&lt;script>alert(1)&lt;/script> \\| x" in markdown(c)


def test_values_out_of_all_bounds_are_refused_by_name(save: Save, tmp_path: Path) -> None:
    rows = {"gpt-4o-mini": {**_priced("x", "1.5e-07"), "max_input_tokens": 10**12, "output_cost_per_token": -1}}
    built = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    reasons = {r["field"]: r["reason"] for r in built.open().refusals(source="litellm")}
    assert "above the greatest legal value" in reasons["max_input_tokens"] and "negative price" in reasons["price"]


def test_a_swapped_or_dropped_cell_moves_no_figure(save: Save, tmp_path: Path) -> None:
    row = b"| Claude Opus 4.7     | $5 / MTok         | $6.25 / MTok    | $10 / MTok      | $0.50 / MTok | $25 / MTok    |"
    assert row in GOOD
    built = build(tmp_path / "h", save("anthropic_pricing", "2026-05-11", GOOD.replace(row, row.replace(b" $6.25 / MTok    |", b"", 1))))
    assert built.figure("anthropic:anthropic/claude-opus-4-7", "price", "output") is None
    assert any("cells do not match" in r["reason"] for r in built.open().refusals(source="anthropic_pricing"))


def test_an_absurd_exponent_is_refused_at_once(save: Save, tmp_path: Path) -> None:
    body = (
        '{"gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1e9991048576, "input_cost_per_token": 1.5e-07, "output_cost_per_token": 1e-999999999}}'
    )
    built = build(tmp_path / "h", save("litellm", "2026-01-01", body))
    assert built.figure("openai:openai/gpt-4o-mini", "price", "input").number == 150_000_000
    assert built.figure("openai:openai/gpt-4o-mini", "price", "output") is None
