"""Damaged and hostile input ends in quarantine or a clear error.

The rest of the run is unharmed.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from almanac.comparisons.comparison import compare
from almanac.comparisons.text_report import markdown
from almanac.schemas import files
from almanac.schemas.claim import LONGEST_NAME
from almanac.schemas.dates import utc
from almanac.schemas.text import fit
from almanac.spiders import base
from almanac.spiders.layout import fingerprint
from almanac.spiders.page import Page
from tests.conftest import Save, build
from tests.support.recorded import CAPTURES

GOOD = (CAPTURES / "anthropic_pricing/2026-05-11/body").read_bytes()


def _priced(name: str, price: str = "2.5e-07") -> dict[str, object]:
    return {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": float(price)}


DAMAGE = {
    "an empty page": ("litellm", b"   \n", "the body is empty"),
    "a file of no bytes": ("litellm", b"", "the body is empty"),
    "HTML where JSON was expected": (
        "litellm",
        b"<!doctype html><title>Log in</title>",
        "HTML where JSON was expected",
    ),
    "a cut-off body": ("litellm", b'{"gpt-4o": {"litellm_provider": "op', "not JSON"),
    "JSON nested too deeply": ("litellm", b"[" * 200_000, "nested too deeply"),
    "another document": ("openrouter", b'{"data": []}', "no list of models"),
    "bytes that are no text": ("anthropic_pricing", b"\xff\xfe\xff\xd8\x00\x01", "is not text in"),
    "not UTF-8": ("anthropic_pricing", b"# \xc3\x28\xa0\xa1", "is not text in"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_page_is_refused_and_the_rest_of_the_run_unharmed(
    kind: str, save: Save, tmp_path: Path
) -> None:
    source, body, reason = DAMAGE[kind]
    save("openai_pricing", "2026-08-21", (CAPTURES / "openai_pricing/2026-08-21/body").read_bytes())
    built = build(tmp_path / "h", save(source, "2026-05-11", body))
    assert reason in built.report.stale[source]
    assert any(reason in r["reason"] for r in built.open().refusals(source=source))
    assert built.figure("openai:openai/gpt-4.1-mini", "price", "input").number == 400_000_000


def test_a_price_under_a_head_nobody_knows_is_refused_and_no_other_takes_its_place() -> None:
    body = GOOD.replace(b"Output Tokens", b"Frobnicated Tokens")
    reading = read("anthropic_pricing", body)
    assert sum("Frobnicated Tokens" in r.reason for r in reading.refusals) == 6
    outputs = [c for c in reading.claims if c.meter == "output"]
    assert {c.terms.get("tier") for c in outputs} == {"batch"}, "those of another table"


def test_words_under_a_head_nobody_knows_may_be_a_condition_of_all_prices_beside_them() -> None:
    body = re.sub(rb"(?<=\| )\$[\d.]+ / MTok( *\|)(?=\n)", rb"for some\1", GOOD)
    reading = read("anthropic_pricing", body.replace(b"Output Tokens", b"Frobnicated Tokens"))
    assert sum("may be a condition" in r.reason for r in reading.refusals) >= 20
    assert not [c for c in reading.claims if c.meter == "input" and not c.terms]


def read(source: str, body: bytes) -> base.Reading:
    url = "https://example.org/page"
    return base.read_page(base.source(source), Page(source, url, body, utc("2026-05-11")))


def test_a_truncated_gzip_is_refused_with_its_reason(save: Save, tmp_path: Path) -> None:
    save("anthropic_pricing", "2026-05-11", GOOD)
    built = build(
        tmp_path / "h",
        save(
            "litellm",
            "2026-01-01",
            gzip.compress(json.dumps({"x": "y" * 5000}).encode())[:-20],
            name="body.gz",
        ),
    )
    assert "cut off" in built.report.stale["litellm"] and built.report.release == 1


def test_a_bad_page_changes_no_spell(save: Save, tmp_path: Path) -> None:
    save("anthropic_pricing", "2026-05-01", GOOD)
    save("anthropic_pricing", "2026-05-02", b"")
    folder = save("anthropic_pricing", "2026-05-03", GOOD)
    built = build(tmp_path / "h", folder)
    f = built.figure("anthropic:anthropic/claude-haiku-4-5", "price", "input") or built.figure(
        "anthropic:anthropic/claude-haiku-4-5-20251001", "price", "input"
    )
    assert f.valid_from.startswith("2026-05-01") and f.valid_to.startswith("9999")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=cmd()", "gpt\x00\x1b[31m", "x" * 5000, "💣‮evil"]
)
def test_a_hostile_name_is_data(name: str, save: Save, tmp_path: Path) -> None:
    rows = {name: _priced(name), "gpt-4o-mini": _priced("gpt-4o-mini", "1.5e-07")}
    built = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    waiting = [r for r in built.open().refusals() if r["model"] == fit(name, LONGEST_NAME)]
    assert waiting, (
        "no model has this name, so it is refused or waits for review, and is on no figure"
    )
    assert built.figure("openai:openai/gpt-4o-mini", "price", "input").number == 150_000_000


POISON = {
    "half a character in a name": ("litellm", {"gpt-\ud800": _priced("x")}, "a name with \\ud800"),
    "half a character in a provider's name": (
        "litellm",
        {"gpt-9": {**_priced("x"), "litellm_provider": "open\udfff"}},
        "a provider's name with \\udfff",
    ),
    "half a character in a figure": (
        "litellm",
        {"gpt-9": {**_priced("x"), "deprecation_date": "2026-\ud800"}},
        "not a date",
    ),
    "half a character in a key": (
        "litellm",
        {"gpt-9": {**_priced("x"), "input_cost_per_\ud800": 1}},
        "a key this reader does not know",
    ),
    "a NUL in a name": ("litellm", {"gpt-\x00": _priced("x")}, "a name with \\x00"),
    "a NUL in a printed figure": (
        "litellm",
        {"gpt-9": {**_priced("x"), "input_cost_per_token": "1\x00"}},
        "not a number",
    ),
    "a control character in a name": (
        "litellm",
        {"gpt-\x9b31m": _priced("x")},
        "a name with \\x9b",
    ),
    "a name of a megabyte": (
        "litellm",
        {"g" * 10**6: _priced("x")},
        "a name of 1,000,000 characters",
    ),
    "a provider's name of a megabyte": (
        "litellm",
        {"gpt-9": {**_priced("x"), "litellm_provider": "p" * 10**6}},
        "a provider's name of 1,000,000 characters",
    ),
    "a price of a megabyte": (
        "litellm",
        {"gpt-9": {**_priced("x"), "input_cost_per_token": "1" * 10**6}},
        "more than any figure has",
    ),
    "a set of a thousand words": (
        "litellm",
        {"gpt-9": {**_priced("x"), "supported_modalities": [f"m{n}" for n in range(1000)]}},
        "a set of 1,000 words",
    ),
    "half a character in a word of a set": (
        "litellm",
        {"gpt-9": {**_priced("x"), "supported_modalities": ["text", "\ud800"]}},
        "a word with \\ud800",
    ),
    "conditions of a megabyte": (
        "genai_prices",
        {"when": {"region": "r" * 10**6}},
        "conditions of 1,00",
    ),
    "half a character in a condition": (
        "genai_prices",
        {"when": {"region": "\ud800"}},
        "conditions with \\ud800",
    ),
    "a condition's name with a NUL": (
        "genai_prices",
        {"when": {"a\x00b": "1"}},
        "conditions with \\x00",
    ),
}


def _page(source: str, poison: dict[str, object]) -> str:
    """Return a page of good rows and one that cannot be kept.

    Its odd characters are escaped, as JSON allows.
    """
    if source == "litellm":
        return json.dumps(
            {
                "gpt-4o": _priced("gpt-4o", "2.5e-06"),
                **poison,
                "gpt-4o-mini": _priced("gpt-4o-mini", "1.5e-07"),
            }
        )
    model = {
        "id": "gpt-4o-mini",
        "prices": {"input_mtok": 0.15},
        "price_variants": [{**poison, "prices": {"input_mtok": 9}}],
    }
    return json.dumps(
        [{"id": "openai", "models": [model, {"id": "gpt-4o", "prices": {"input_mtok": 2.5}}]}]
    )


@pytest.mark.parametrize("kind", POISON)
def test_one_bad_character_refuses_its_row_and_the_rest_lands(
    kind: str, save: Save, tmp_path: Path, database: str
) -> None:
    """On both backends.

    PostgreSQL takes no NUL, nothing takes half a character, and an index takes no megabyte.
    """
    source, poison, reason = POISON[kind]
    built = build(
        tmp_path / "h", save(source, "2026-01-01", _page(source, poison)), database=database
    )
    assert not built.report.stale
    for model, price in (("gpt-4o-mini", 150_000_000), ("gpt-4o", 2_500_000_000)):
        assert built.figure(f"openai:openai/{model}", "price", "input").number == price
    refused = [r for r in built.open().refusals(source=source) if reason in r["reason"]]
    assert refused, [r["reason"] for r in built.open().refusals()]
    for kept in (str(value) for row in refused for value in row.values()):
        assert len(kept.encode("utf-8")) <= 4000 and "\x00" not in kept


ODD_PAGES = {
    "a key nobody can write": ("litellm", '{"a\\ud800": 1}', "litellm_provider"),
    "a provider nobody can write": ("models_dev", '{"a\\u0000\\ud800": 1}', "has no models"),
    "a path of a megabyte": (
        "llmstats",
        json.dumps({"\ud800" + "p" * 10**6 + ".json": 1}),
        "neither a model nor a provider",
    ),
}


@pytest.mark.parametrize("kind", ODD_PAGES)
def test_the_reason_why_a_page_is_refused_can_be_kept(
    kind: str, save: Save, tmp_path: Path, database: str
) -> None:
    source, body, reason = ODD_PAGES[kind]
    save("anthropic_pricing", "2026-05-11", GOOD)
    built = build(tmp_path / "h", save(source, "2026-01-01", body), database=database)
    assert reason in built.report.stale[source] and built.report.release == 1
    assert any(reason in r["reason"] for r in built.open().refusals(source=source))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/\x00",
        "https://example.org/\ud800",
        "https://example.org/" + "é" * 1_500,
        "https://example.org/\x1b[31m",
    ],
)
def test_an_odd_address_is_kept_as_it_can_be(
    url: str, save: Save, tmp_path: Path, database: str
) -> None:
    built = build(
        tmp_path / "h",
        save("litellm", "2026-01-01", _page("litellm", {}), url=url),
        database=database,
    )
    assert not built.report.stale
    assert built.figure("openai:openai/gpt-4o-mini", "price", "input").number == 150_000_000


def test_the_shape_of_a_page_can_be_written_down() -> None:
    page = Page(
        "litellm",
        "u",
        _page("litellm", {"gpt-\ud800": 1}).encode(),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert "".join(fingerprint(page)).encode()


def test_markdown_escapes_what_was_harvested(everything) -> None:  # type: ignore[no-untyped-def]
    computed = compare(everything.open(), "google/gemini-3.1-flash-lite", "mistral/mistral-nemo")
    c = replace(computed, title="<script>alert(1)</script> | x")
    assert "<script>" not in markdown(c) and "&lt;script>alert(1)&lt;/script> \\| x" in markdown(c)


def test_values_out_of_all_bounds_are_refused_by_name(save: Save, tmp_path: Path) -> None:
    rows = {
        "gpt-4o-mini": {
            **_priced("x", "1.5e-07"),
            "max_input_tokens": 10**12,
            "output_cost_per_token": -1,
        }
    }
    built = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    reasons = {r["field"]: r["reason"] for r in built.open().refusals(source="litellm")}
    assert (
        "above the greatest legal value" in reasons["max_input_tokens"]
        and "negative price" in reasons["price"]
    )


def test_a_swapped_or_dropped_cell_moves_no_figure(save: Save, tmp_path: Path) -> None:
    row = (
        b"| Claude Opus 4.7     | $5 / MTok         "
        b"| $6.25 / MTok    | $10 / MTok      | $0.50 / MTok | $25 / MTok    |"
    )
    assert row in GOOD
    built = build(
        tmp_path / "h",
        save(
            "anthropic_pricing",
            "2026-05-11",
            GOOD.replace(row, row.replace(b" $6.25 / MTok    |", b"", 1)),
        ),
    )
    assert built.figure("anthropic:anthropic/claude-opus-4-7", "price", "output") is None
    assert any(
        "cells do not match" in r["reason"]
        for r in built.open().refusals(source="anthropic_pricing")
    )


def test_an_absurd_exponent_is_refused_at_once(save: Save, tmp_path: Path) -> None:
    body = (
        '{"gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens":'
        ' 1e9991048576, "input_cost_per_token": 1.5e-07, "output_cost_per_token": 1e-999999999}}'
    )
    built = build(tmp_path / "h", save("litellm", "2026-01-01", body))
    assert built.figure("openai:openai/gpt-4o-mini", "price", "input").number == 150_000_000
    assert built.figure("openai:openai/gpt-4o-mini", "price", "output") is None


ODD = (
    "a pipe",
    "a folder",
    "a socket",
    "a link to a pipe",
    "a link out",
    "a link in a ring",
    "a device",
    "a name out",
)


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_plain_file_is_not_waited_for(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens a pipe to read it waits until somebody writes into it."""
    folder, path = tmp_path / "in", _odd(tmp_path, kind, monkeypatch)
    with pytest.raises(ValueError, match=r"no plain file|leads out of the folder"):
        files.content(path, 100, inside=folder)
    if kind not in ("a socket", "a link out", "a link in a ring", "a name out"):
        with pytest.raises(ValueError, match="no plain file"):
            files.content(path, 100)


def _odd(place: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make what its kind says and return its path in a folder `in`."""
    folder = place / "in"
    folder.mkdir()
    (place / "out").write_text("somebody else's", encoding="utf-8")
    path = folder / "body"
    if "pipe" in kind:
        os.mkfifo(folder / "pipe")
    if kind == "a folder":
        path.mkdir()
    elif kind == "a socket":
        monkeypatch.chdir(folder)  # its name may not be long
        with socket.socket(socket.AF_UNIX) as line:
            line.bind("body")
    elif kind == "a link out":
        path.symlink_to(place / "out")
    elif kind == "a link in a ring":
        path.symlink_to(path)
    elif kind.startswith("a link"):
        path.symlink_to(folder / "pipe")
    return {
        "a pipe": folder / "pipe",
        "a device": Path("/dev/zero"),
        "a name out": folder / "../out",
    }.get(kind, path)


def test_a_plain_file_is_read_as_far_as_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "body").write_bytes(b"hello")
    (tmp_path / "in" / "link").symlink_to("body")
    (tmp_path / "over").symlink_to(tmp_path / "in")
    for path, inside in (
        (tmp_path / "in" / "link", tmp_path / "in"),
        (tmp_path / "over" / "body", tmp_path / "over"),
        (tmp_path / "in" / "link", None),
    ):
        assert files.content(path, 5, inside) == b"hello"
        with pytest.raises(ValueError, match="more than 4 bytes"):
            files.content(path, 4, inside)
        with files.opened(path, inside) as file:
            assert file.peek(2)[:2] == b"he"
    with pytest.raises(FileNotFoundError):
        files.content(tmp_path / "in" / "none", 5, tmp_path / "in")
