"""Rulings: what people decide where the rules cannot, kept as YAML and replayed on every run."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from almanac.schemas.rulings import FigureRuling, NameRuling, line, load
from tests.conftest import Save, almanac, build
from tests.support.recorded import CAPTURES

NEMO = "mistral/mistral-nemo"


def answer(home: Path, keys: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run `almanac review` and type `keys`."""
    return almanac("review", "--author", "a tester", *args, home=home, keys=keys)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    build(tmp_path, CAPTURES, ("models_dev", "llm_reference", "openrouter", "litellm"))
    return tmp_path


def test_two_keystrokes_settle_a_figure_and_the_ruling_outlives_no_cause(
    home: Path, tmp_path: Path
) -> None:
    before = json.loads(almanac("explain", NEMO, "knowledge_cutoff", "--json", home=home).stdout)[
        "figures"
    ][0]
    assert before["state"] == "conflicted"
    done = answer(home, "1\n", f"{NEMO}", "--figures", "--limit", "1")
    assert done.returncode == 0 and "1 ruled on" in done.stdout, done.stderr
    ruling = next(iter(load(home / "rulings.yaml").figures.values()))
    assert ruling.author == "a tester" and ruling.reason and len(ruling.expect) > 1
    assert len((home / "rulings.yaml").read_text().splitlines()) == 1
    built = build(home, CAPTURES, ("models_dev", "llm_reference", "openrouter", "litellm"))
    figure = built.figure(ruling.subject, ruling.field, ruling.meter, ruling.terms)
    assert (figure.value, figure.rule, figure.state) == (
        ruling.value,
        "ruled",
        "known",
    ) and "a tester" in figure.why
    assert not built.report.outlived
    again = answer(home, "", f"{ruling.subject}", "--figures", "--list", "--limit", "0")
    assert f"{ruling.subject} {ruling.field} {ruling.meter}".strip() + ":" not in again.stdout


def test_a_ruling_whose_cause_is_gone_is_named_and_decides_nothing(home: Path) -> None:
    gone = FigureRuling(
        NEMO,
        "knowledge_cutoff",
        "2020-01",
        "a tester",
        date(2026, 11, 1),
        "an old page",
        ("2020-01", "2021-01"),
    )
    strange = NameRuling(
        "mistral-nemo",
        "mistral/mistral-nemo",
        "a tester",
        date(2026, 11, 1),
        "it was not known",
        "no model has these parts",
    )
    (home / "rulings.yaml").write_text(line(gone) + line(strange))
    report = build(home, CAPTURES, ("models_dev",)).report
    assert any("other values stand there now" in note for note in report.outlived)
    assert any("ruling on the name 'mistral-nemo'" in note for note in report.outlived)


def test_a_name_is_ruled_to_be_a_model(tmp_path: Path, save: Save) -> None:
    ids = ("acme/nemo-under-another-name", "openai/gpt-4.1-mini")
    page = {
        "data": [
            {
                "id": i,
                "name": "x",
                "context_length": 128000,
                "pricing": {"prompt": "0.00000002", "completion": "0.00000004"},
            }
            for i in ids
        ]
    }
    saved = save(
        "openrouter", "2026-08-18", json.dumps(page), "https://openrouter.ai/api/v1/models"
    )
    unlinked = build(tmp_path, saved)
    assert not list(unlinked.open().figures(model=NEMO))
    listed = answer(tmp_path, "", "under-another", "--names", "--list")
    assert "acme/nemo-under-another-name" in listed.stdout
    ruling = NameRuling(
        "acme/nemo-under-another-name",
        NEMO,
        "a tester",
        date(2026, 11, 1),
        "its card says so",
        "no model has these parts",
    )
    (tmp_path / "rulings.yaml").write_text(line(ruling))
    linked = build(tmp_path, saved)
    assert (
        linked.figure(f"openrouter:{NEMO}", "price", "input").number == 20_000_000
        and not linked.report.outlived
    )


def test_a_wrong_key_is_asked_again_and_q_ends(home: Path) -> None:
    done = answer(home, "99\nq\n", "--figures")
    assert (
        done.returncode == 0
        and "a number from 1 to" in done.stdout
        and "nothing ruled on" in done.stdout
    )
    assert not (home / "rulings.yaml").exists()


@pytest.mark.parametrize(
    "text, reason",
    [
        (
            (
                "- {name: x, model: a/b, author: me, date: 2026-01-01, reason: r,"
                " expect: e, colour: red}"
            ),
            "entry 1: unknown key colour",
        ),
        ("- {name: x, model: a/b, author: me, reason: r, expect: e}", "entry 1: it has no date"),
        (
            "- {subject: x, field: price, value: 1, author: me, date: 2026-01-01, reason: r}",
            "entry 1",
        ),
        (
            (
                "- {subject: x, field: price, value: 3, author: me, date: 2026-01-01,"
                " reason: r, expect: [1, 2]}"
            ),
            "entry 1: its value 3 is not among",
        ),
        ("- {name: x", r"rulings.yaml: did not find expected .*, line 2"),
    ],
)
def test_a_ruling_that_is_not_whole_is_refused_with_its_place(
    text: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "rulings.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason):
        load(path)


def test_a_ruling_is_one_line_that_can_be_read_back(tmp_path: Path) -> None:
    ruling = FigureRuling(
        "p:m/x",
        "price",
        "1000",
        "me",
        date(2026, 1, 2),
        "it says: “so”",
        ("1000", "2000"),
        "input",
        "tier=batch",
    )
    path = tmp_path / "rulings.yaml"
    path.write_text(line(ruling))
    assert load(path).figures == {ruling.about: ruling} and line(ruling).count("\n") == 1


def test_conflicts_are_ranked_by_money_then_users(home: Path) -> None:
    rows = json.loads(almanac("conflicts", "--json", "--limit", "0", home=home).stdout)
    money = [float(r["usd_a_month"] or 0) for r in rows]
    assert rows and money == sorted(money, reverse=True)
    rest = [r["offers"] for r in rows if not r["usd_a_month"]]
    assert rest == sorted(rest, reverse=True)
    priced = next(r for r in rows if r["usd_a_month"])
    amounts = [int(v) for v in priced["values"]]
    volume = {"input": 800, "output": 250, "cache_read": 800, "cache_write": 800}[priced["meter"]]
    assert float(priced["usd_a_month"]) == (max(amounts) - min(amounts)) * volume / 1e9


def test_learn_keeps_what_it_learned_and_has_every_figure_resolved_again(home: Path) -> None:
    first = almanac("learn", "--json", home=home)
    learned = json.loads(first.stdout)
    assert learned["kept"] and learned["facts"] > 50 and learned["right"]
    assert not json.loads(almanac("learn", "--json", home=home).stdout)["kept"]
    assert build(home, CAPTURES, ("models_dev",)).open().figures(subject=NEMO)


def test_learn_from_nothing_says_so(tmp_path: Path) -> None:
    done = almanac("learn", home=tmp_path)
    assert (
        done.returncode != 0
        and "nothing can be learned" in done.stderr
        and "Traceback" not in done.stderr
    )
