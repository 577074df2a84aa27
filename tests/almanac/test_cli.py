"""The command line as a user meets it: help, JSON, exit codes, one line for each error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from almanac.schemas.dates import utc
from almanac.warehouse.write.store import Store
from tests.conftest import Built, almanac
from tests.support.copied import copied
from tests.support.recorded import CAPTURES

GA, NEMO = "google/gemini-3.1-flash-lite", "mistral/mistral-nemo"


COMMANDS = (
    "refresh",
    "read",
    "link",
    "explain",
    "compare",
    "history",
    "diff",
    "export",
    "events",
    "retain",
    "backfill",
    "models",
    "offers",
    "conflicts",
    "quarantine",
    "sources",
    "releases",
    "doctor",
    "new-source",
    "fuse",
    "learn",
    "replay",
    "deploy",
    "serve",
    "up",
    "review",
    "price",
    "site",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str, tmp_path: Path) -> None:
    done = almanac(command, "--help", home=tmp_path)
    assert done.returncode == 0 and "Usage:" in done.stdout
    assert "--json" in done.stdout or command == "read"
    assert "Example:" in done.stdout or command in ("releases", "doctor", "sources")


def test_explain_says_who_says_what(everything: Built) -> None:
    done = almanac("explain", GA, "context_window", home=everything.home)
    assert done.returncode == 0
    for part in (
        "1,048,576 (known",
        "display twin: 1.05m",
        "Up to 1M",
        "“128K”",
        "https://docs.cloud.google.com",
        "looked 2026-07-30",
    ):
        assert part in done.stdout


def test_explain_a_price_as_json(everything: Built) -> None:
    done = almanac("explain", f"google-ai-studio:{GA}", "price", "--json", home=everything.home)
    figures = {(f["meter"], json.dumps(f["terms"])): f for f in json.loads(done.stdout)["figures"]}
    assert figures[("input", "{}")]["value"] == 0.25 and figures[("output", "{}")]["value"] == 1.5
    assert figures[("input", "{}")]["unit"] == "usd_per_mtok"
    assert "~$0.075" in {c["said"] for c in figures[("input", "{}")]["dissent"]}


def test_explain_on_a_day_before_it_was_known_is_no(everything: Built) -> None:
    done = almanac(
        "explain",
        "nvidia/nemotron-nano-12b-v2-vl",
        "context_window",
        "--as-of",
        "2026-05-19",
        home=everything.home,
    )
    assert done.returncode == 1 and "nothing is known" in done.stderr


def test_compare_by_alias_in_three_forms(everything: Built, tmp_path: Path) -> None:
    text = almanac("compare", GA, "mistral/mistral-nemo-2407", home=everything.home)
    assert text.returncode == 0 and "29.8" in text.stdout and "tracked offers as of" in text.stdout
    data = json.loads(
        almanac(
            "compare", GA, "Mistral NeMo Instruct (2407)", "--json", home=everything.home
        ).stdout
    )
    assert data["models"][1]["id"] == NEMO
    file = tmp_path / "c.md"
    assert almanac("compare", GA, NEMO, "--md", str(file), home=everything.home).returncode == 0
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_the_first_documents_figures(s0: Built) -> None:
    out = almanac("compare", GA, NEMO, home=s0.home).stdout
    for figure in (
        "$575",
        "$26.00",
        "$549",
        "$0.60",
        "29.8",
        "92 %",
        "1,150 %",
        "No overlap among 3 + 5 tracked offers as of",
    ):
        assert figure in out


@pytest.mark.parametrize(
    "args, code, words",
    [
        (("explain", GA, "kontext"), 2, "no field 'kontext'"),
        (("explain", "no/such-model-9", "price"), 1, "no model is certainly"),
        (("explain", "mistral small", "price", "--as-of", "2020-01-01"), 1, "a moving name"),
        (("compare", GA), 2, "two models or more"),
        (("compare", "Mistral Small", GA), 1, "a moving name"),
        (("refresh", "nope"), 2, "no source 'nope'"),
        (("refresh", "--replay", "/nowhere"), 2, "no such folder"),
        (("read", "/nowhere", "--source", "litellm"), 1, "no such file"),
        (("explain", GA, "price", "--as-of", "yesterday"), 2, "not a date"),
        (("explain", GA, "price", "--known", "99"), 1, "no release 99"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_wrong_input_is_one_line_and_a_code(
    args: tuple[str, ...], code: int, words: str, everything: Built
) -> None:
    done = almanac(*args, home=everything.home)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False) and words in done.stderr
    if not done.stderr.startswith("Usage"):
        assert len(done.stderr.strip().splitlines()) == 1


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    done = almanac("models", home=tmp_path)
    assert done.returncode == 1 and "almanac refresh" in done.stderr


def test_read_prints_claims_and_writes_nothing(tmp_path: Path) -> None:
    page = CAPTURES / "anthropic_pricing/2026-05-11/body"
    done = almanac("read", str(page), "--source", "anthropic_pricing", home=tmp_path / "home")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and not (tmp_path / "home").exists()
    assert set(rows[0]) == {
        "provider",
        "model",
        "field",
        "meter",
        "terms",
        "value",
        "low",
        "high",
        "state",
        "unit",
        "printed",
        "locator",
    }
    assert {"model": "Claude Haiku 3.5", "meter": "input", "value": 0.8}.items() <= next(
        r for r in rows if r["model"] == "Claude Haiku 3.5"
    ).items()


def test_read_refuses_a_page_of_another_form(tmp_path: Path) -> None:
    done = almanac(
        "read",
        str(CAPTURES / "litellm/2026-11-21/body"),
        "--source",
        "anthropic_pricing",
        home=tmp_path,
    )
    assert done.returncode == 1 and not done.stdout and "without a document" in done.stderr


def test_link_a_file_of_names(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("name,provider\ngpt-4.1-mini,openai\ngpt-nonsense,\n", encoding="utf-8")
    out = almanac("link", str(names), home=tmp_path).stdout.splitlines()
    assert (
        out[0] == "name,provider,model,score,reason,terms"
        and out[1].startswith("gpt-4.1-mini,openai,openai/gpt-4.1-mini,")
        and out[2].startswith("gpt-nonsense,,,0.0,")
    )


@pytest.mark.parametrize(
    "command", ["models", "sources", "conflicts", "quarantine", "releases", "doctor"]
)
def test_lists_as_json(command: str, everything: Built) -> None:
    done = almanac(command, "--json", home=everything.home)
    assert done.returncode == 0 and json.loads(done.stdout)


def test_offers_and_history(everything: Built) -> None:
    offers = json.loads(almanac("offers", NEMO, "--json", home=everything.home).stdout)
    assert {"deepinfra", "openrouter"} <= {o["provider"] for o in offers}
    history = json.loads(
        almanac("history", NEMO, "context_window", "--json", home=everything.home).stdout
    )
    assert history[-1]["valid_to"] is None


def test_harvested_text_cannot_drive_the_terminal() -> None:
    from almanac.out import clean

    assert clean("a\x1b[31mred\nb\tc") == "a [31mred b c"


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/proc").exists(), reason="needs a place nobody can write"
)
def test_a_home_that_cannot_be_written_is_one_line() -> None:
    done = almanac("refresh", "--replay", str(CAPTURES), home=Path("/proc/almanac"))
    assert (
        done.returncode == 1
        and "Traceback" not in done.stderr
        and len(done.stderr.strip().splitlines()) == 1
    )


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "warehouse.db").write_bytes(b"not a database" * 1000)
    for command in (("models",), ("refresh", "--replay", str(CAPTURES))):
        done = almanac(*command, home=tmp_path)
        assert done.returncode == 1 and "Traceback" not in done.stderr and "database" in done.stderr


STRANGE = "50%25 a#b?c@d"
"""A name of a folder in which each character means something in a URL."""


def test_a_home_may_have_any_name(tmp_path: Path) -> None:
    home = tmp_path / STRANGE / "home"
    printed = {}
    for words in (
        ("refresh", "anthropic_pricing", "--replay", str(CAPTURES)),
        ("explain", "anthropic:anthropic/claude-haiku-3.5", "price"),
        *(("models",), ("sources",), ("replay",), ("doctor",), ("doctor", "--deep")),
        ("site", str(tmp_path / STRANGE / "site"), "--comparisons", "1"),
    ):
        done = almanac(*words, home=home)
        assert done.returncode == 0, (words, done.stderr)
        printed[words] = done.stdout
    assert "release 1" in printed[("doctor",)] and f"{home}/warehouse.db" in printed[("doctor",)]
    assert "warehouse: pages: whole" in printed[("doctor", "--deep")]
    assert {p.name for p in tmp_path.iterdir()} == {STRANGE}, "nothing stands beside it"
    assert {p.name for p in (tmp_path / STRANGE).iterdir()} == {"home", "site"}


def test_a_damaged_database_is_found_whatever_its_folder_is_called(tmp_path: Path) -> None:
    """The file that is looked over is the one that is used."""
    home = tmp_path / STRANGE
    done = almanac("refresh", "anthropic_pricing", "--replay", str(CAPTURES), home=home)
    assert done.returncode == 0, done.stderr
    with (home / "warehouse.db").open("r+b") as file:
        file.seek(8192)
        file.write(b"garbage" * 1000)
    done = almanac("doctor", home=home)
    assert done.returncode == 1 and "take it away" in done.stdout, done.stdout
    assert {p.name for p in tmp_path.iterdir()} == {STRANGE}, "no other database was made"


def test_the_program_may_stand_in_a_folder_of_any_name(tmp_path: Path) -> None:
    code = tmp_path / STRANGE
    env = {**os.environ, "PYTHONPATH": str(copied(code)), "ALMANAC_HOME": str(tmp_path / "home")}
    for words in (("refresh", "anthropic_pricing", "--replay", str(CAPTURES)), ("doctor",)):
        command = [sys.executable, "-P", "-m", "almanac", *words]
        kept: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 600}
        done = subprocess.run(command, cwd=code, env=env, **kept)
        assert done.returncode == 0, (words, done.stdout, done.stderr)


def test_sources_say_which_pages_gave_no_body(tmp_path: Path) -> None:
    home, last = tmp_path / "h", "2026-12-01T03:15:00Z"
    done = almanac("refresh", "anthropic_pricing", "--replay", str(CAPTURES), home=home)
    assert done.returncode == 0, done.stderr
    pages = [(f"https://acme.example/{n}", "answered 503") for n in range(2)]
    pages.append(("https://acme.example/three", "no answer"))
    store = Store(f"sqlite:///{home / 'warehouse.db'}")
    missed = {**{("portkey", p): why for p, why in pages}, ("xai", ""): "needs a key"}
    store.keep_outages(utc(last), ["portkey", "xai"], {"xai": "needs a key"}, missed)
    store.close()
    lines = almanac("sources", home=home).stdout.splitlines()
    assert lines[-2:] == [
        "portkey: 3 pages gave no body on 2026-12-01: answered 503 (2); no answer",
        "xai: could not be looked at on 2026-12-01: needs a key",
    ]
    rows = json.loads(almanac("sources", "--json", home=home).stdout)
    reported = {row["source"]: row["missed"] for row in rows}
    assert [(m["page"], m["reason"]) for m in reported["portkey"]] == pages
    assert reported["xai"] == [{"page": None, "reason": "needs a key", "last": last}]
    assert reported["groq"] == []


def test_a_wrong_word_is_told_in_a_line(tmp_path: Path) -> None:
    refreshed = almanac("refresh", "anthropic_pricing", "--replay", str(CAPTURES), home=tmp_path)
    assert refreshed.returncode == 0, refreshed.stderr
    for words, reason in (
        (("quarantine", "--source", "nosource"), "no source 'nosource'"),
        (("serve", "--port", "99999"), "0<=x<=65535"),
    ):
        done = almanac(*words, home=tmp_path)
        assert done.returncode == 2 and reason in done.stderr and "Traceback" not in done.stderr, (
            words,
            done.stderr,
        )


def test_a_home_that_is_a_file_is_what_doctor_finds(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    done = almanac("doctor", home=tmp_path / "home")
    assert (
        done.returncode == 1
        and f"NOT OK home: {tmp_path / 'home'}" in done.stdout
        and "NOT OK archive" in done.stdout
    )
    assert "ok  sources" in done.stdout, "what can be looked at is"


def test_a_database_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "warehouse.db").mkdir()
    done = almanac("refresh", "--replay", str(CAPTURES), home=tmp_path)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1 and len(lines) == 1 and str(tmp_path / "warehouse.db") in lines[0]
