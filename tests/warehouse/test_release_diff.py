"""The past: changes told from corrections, and differences of releases.

Also what became of an offer, and what retention keeps.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from almanac import warehouse
from almanac.warehouse.read.changes import differences
from almanac.warehouse.read.lifecycle import events
from almanac.warehouse.read.reader import NotThere
from almanac.warehouse.read.release_diff import diff, history, verify
from almanac.warehouse.tables import FOREVER
from almanac.warehouse.write.store import Store
from tests.conftest import BUILT, Save, almanac, build

OFFER = "openai:openai/gpt-4o-mini"
A, B, C = (("1", "u", "known"), ("2", "u", "known"), ("3", "u", "known"))


def prices(price: float, *more: str) -> str:
    return json.dumps(
        {
            n: {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": price}
            for n in ("gpt-4o-mini", *more)
        }
    )


def release(save: Save, home: Path, database: str, *days: tuple[str, float]) -> int:
    """Publish a release of just these days' pages, on top of what is in."""
    import shutil

    shutil.rmtree(home.parent / "saved", ignore_errors=True)
    for day, price in days:
        folder = save("litellm", day, prices(price, "gpt-4o"))
    return build(home, folder, database=database).report.release


@pytest.mark.parametrize(
    "before, after, horizon, expected",
    [
        ([], [("1", "9", A)], "5", [("new", "1", "9")]),
        ([("1", "9", A)], [("1", "6", A), ("6", "9", B)], "5", [("change", "6", "9")]),
        ([("1", "9", A)], [("1", "4", A), ("4", "9", B)], "5", [("correction", "4", "9")]),
        ([("1", "9", A)], [("1", "5", A), ("5", "9", B)], "5", [("correction", "5", "9")]),
        ([("1", "9", A)], [("1", "9", B)], "5", [("correction", "1", "9")]),
        (
            [("1", "9", A)],
            [("1", "3", A), ("3", "4", B), ("4", "9", A)],
            "5",
            [("correction", "3", "4")],
        ),
        ([("3", "9", A)], [("1", "3", B), ("3", "9", A)], "5", [("filled", "1", "3")]),
        ([("1", "9", A)], [("1", "7", A)], "5", [("change", "7", "9")]),
        ([("1", "4", A)], [("1", "4", A), ("7", "9", A)], "5", [("change", "7", "9")]),
        ([("1", "9", A)], [], "5", [("correction", "1", "9")]),
        (
            [("1", "4", A), ("4", "9", B)],
            [("1", "4", A), ("4", "7", C), ("7", "9", A)],
            "5",
            [("correction", "4", "7"), ("change", "7", "9")],
        ),
        ([("1", "9", A)], [("1", "6", A), ("6", "9", A)], "5", []),
    ],
)
def test_what_the_world_did_is_told_from_what_we_got_wrong(
    before: list[object], after: list[object], horizon: str, expected: list[object]
) -> None:
    found = differences(before, after, horizon)  # type: ignore[arg-type]
    assert [(d.kind, d.valid_from, d.valid_to) for d in found] == expected


def test_history_and_diff_tell_a_change_from_a_correction(
    database: str, save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    release(save, home, database, ("2026-01-10", 3e-06))
    release(save, home, database, ("2026-02-10", 2e-06))  # the world changed
    # A look that came late: we were wrong about the time after it.
    release(save, home, database, ("2026-01-20", 1e-06))
    release(save, home, database, ("2025-12-20", 4e-06))  # a past of which nothing was said
    seen = warehouse.open(database)
    rows = [
        (
            e.figure.number,
            e.figure.valid_from[:10],
            e.figure.valid_to[:10],
            e.came,
            e.figure.first_release,
            e.went,
        )
        for e in history(seen, OFFER, "price")
    ]
    assert rows == [
        (4_000_000_000, "2025-12-20", "2026-01-10", "filled", 4, ""),
        (3_000_000_000, "2026-01-10", FOREVER[:10], "new", 1, "change"),
        (3_000_000_000, "2026-01-10", "2026-02-10", "same", 2, "correction"),
        (3_000_000_000, "2026-01-10", "2026-01-20", "same", 3, ""),
        (1_000_000_000, "2026-01-20", "2026-02-10", "correction", 3, ""),
        (2_000_000_000, "2026-02-10", FOREVER[:10], "change", 2, ""),
    ]
    kinds = [
        [
            (t.what.kind, t.what.before and t.what.before[0], t.what.after and t.what.after[0])
            for t in diff(seen, n, n + 1, "gpt-4o-mini").told
        ]
        for n in (1, 2, 3)
    ]
    assert kinds == [
        [("change", "3000000000", "2000000000")],
        [("correction", "3000000000", "1000000000")],
        [("filled", None, "4000000000")],
    ]
    assert [seen.release(n).diff["correction"] for n in (2, 3, 4)] == [0, 2, 0]
    assert [t.what.kind for t in diff(seen, 1, 4, "gpt-4o-mini").told] == [
        "filled",
        "change",
        "change",
    ], "all after the one look release 1 knew"
    with pytest.raises(ValueError, match="earlier release first"):
        diff(seen, 2, 1)


def test_as_of_answers_on_both_axes(database: str, save: Save, tmp_path: Path) -> None:
    home = tmp_path / "h"
    release(save, home, database, ("2026-01-10", 3e-06))
    release(save, home, database, ("2026-01-20", 1e-06), ("2026-02-10", 2e-06))
    seen = warehouse.open(database)

    def at(valid: str, known: int | str) -> int | None:
        f = seen.as_of(valid, known).figure(OFFER, "price", "input")
        return f.number if f else None

    assert [at(day, 1) for day in ("2026-01-09", "2026-01-15", "2026-01-25", "2026-03-01")] == [
        None,
        3_000_000_000,
        3_000_000_000,
        3_000_000_000,
    ]
    assert [at(day, 2) for day in ("2026-01-09", "2026-01-15", "2026-01-25", "2026-03-01")] == [
        None,
        3_000_000_000,
        1_000_000_000,
        2_000_000_000,
    ]
    today = f"{BUILT:%Y-%m-%d}"
    assert at("2026-01-25", today) == 1_000_000_000 and at("2026-01-25", "1") == 3_000_000_000
    for known in ("2020-01-01", 7):
        with pytest.raises(NotThere, match="no release"):
            seen.as_of(known=known)
    sql = (
        "SELECT value_integer FROM v1_history WHERE subject = ? AND field = 'price'"
        " AND meter = 'input' AND valid_from <= ? AND valid_to > ? AND first_release <= ?"
        " AND (closed_release IS NULL OR closed_release > ?)"
    )
    assert seen._rows(sql, (OFFER, "2026-01-25T00:00:00Z", "2026-01-25T00:00:00Z", 1, 1)) == [
        (3_000_000_000,)
    ]


def test_a_release_can_be_checked_against_its_digest(
    database: str, save: Save, tmp_path: Path
) -> None:
    release(save, tmp_path / "h", database, ("2026-01-10", 3e-06))
    release(save, tmp_path / "h", database, ("2026-02-10", 2e-06))
    assert [verify(warehouse.open(database), n) for n in (1, 2)] == [True, True]
    store = Store(database)
    with store.engine.execution_options(writing=True).begin() as c:
        c.execute(
            text(
                "UPDATE figure SET value = '2000000001'"
                " WHERE first_release = 2 AND field = 'price' AND valid_to > '9'"
            )
        )
    store.close()
    assert [verify(warehouse.open(database), n) for n in (1, 2)] == [True, False]


def test_retention_lets_go_of_releases_and_of_no_evidence(
    database: str, save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    for day, price in (
        ("2026-01-10", 3e-06),
        ("2026-01-11", 2e-06),
        ("2026-01-12", 1e-06),
        ("2026-01-13", 4e-06),
    ):
        release(save, home, database, (day, price))
    store = Store(database)
    with store.engine.execution_options(writing=True).begin() as c:
        for number, made in ((1, "2026-01-10"), (2, "2026-01-20"), (3, "2026-02-20")):
            c.execute(
                text("UPDATE release SET created_at = :made WHERE id = :id"),
                {"made": f"{made}T00:00:00Z", "id": number},
            )

    def counted() -> list[int]:
        with store.engine.connect() as c:
            return [
                c.execute(text(f"SELECT count(*) FROM {t}")).scalar() or 0
                for t in ("look", "claim", "spell", "release")
            ]

    before = counted()
    now = BUILT + timedelta(days=1)
    assert store.retain(now - timedelta(days=30), now, dry=True) == ([1], 2) and verify(
        warehouse.open(database), 1
    )
    assert store.retain(now - timedelta(days=30), now) == ([1], 2), (
        "the January's last, February's last and the latest stay"
    )
    assert counted() == before
    store.close()
    seen = warehouse.open(database)
    with pytest.raises(NotThere, match="release 1 was let go of"):
        seen.as_of(known=1)
    assert [verify(seen, n) for n in (2, 3, 4)] == [True, True, True]
    assert seen.release(1).digest and seen.release(1).retired_at
    assert release(save, home, database, ("2026-01-14", 5e-06)) == 5


def test_what_became_of_an_offer(save: Save, tmp_path: Path) -> None:
    with_it, without = (
        prices(3e-06, "gpt-4o"),
        prices(3e-06, "gpt-4o").replace("gpt-4o-mini", "gpt-4.1"),
    )
    for day, body in (("2026-01-01", with_it), ("2026-01-02", without), ("2026-01-03", with_it)):
        folder = save("litellm", day, body)
    save(
        "llm_prices",
        "2026-09-01",
        json.dumps(
            {"prices": [{"id": "o3", "vendor": "openai", "name": "o3", "input": 2, "output": 8}]}
        ),
    )
    seen = build(tmp_path / "h", folder).open()
    found = [(e.moment[:10], e.event, e.subject) for e in events(seen, "openai/gpt-4o-mini")]
    assert found[:3] == [
        ("2026-01-01", "listed", OFFER),
        ("2026-01-02", "withdrawn", OFFER),
        ("2026-01-03", "listed again", OFFER),
    ]
    assert found[3][1:] == ("aged out", OFFER) and "2026-01-03" < found[3][0] < "2026-09-01"
    assert seen.figure(OFFER, "price", "input"), "it ages, and is not deleted"
    early = [e.event for e in events(seen.as_of("2026-01-02"), "openai/gpt-4o-mini")]
    assert early == ["listed", "withdrawn"]


def test_the_commands(save: Save, tmp_path: Path) -> None:
    home = tmp_path / "h"
    release(save, home, "", ("2026-01-10", 3e-06))
    release(save, home, "", ("2026-02-10", 2e-06))
    shown = almanac("diff", "1", "2", "--subject", "mini", home=home).stdout
    assert (
        f"change\t{OFFER}\tprice input\t\t2026-02-10\tnow\t$3.00/1M tokens\t$2.00/1M tokens"
        in shown
        and "1 change, 0 correction" in shown
    )
    md = almanac("diff", "1", "--md", "-", home=home).stdout
    assert md.startswith("# Release 1 (") and "| change | openai:openai/gpt-4o |" in md
    said = json.loads(
        almanac("diff", "1", "2", "--kind", "change", "--limit", "1", "--json", home=home).stdout
    )
    assert (
        said["counts"]["change"] == 2
        and len(said["differences"]) == 1
        and said["differences"][0]["after"]["value"] == 2
    )
    assert "and 1 more" in almanac("diff", "1", "2", "--limit", "1", home=home).stdout
    rows = json.loads(almanac("history", OFFER, "price", "--json", home=home).stdout)
    assert [(r["value"], r["kind"], r["closed_by"]) for r in rows] == [
        (3, "new", "change"),
        (3, "same", None),
        (2, "change", None),
    ]
    assert "holds" in almanac("releases", "--verify", home=home).stdout
    assert "listed" in almanac("events", "openai/gpt-4o-mini", home=home).stdout
    assert "every release is younger" in almanac("retain", "--days", "18000", home=home).stdout
    for words, code, line in (
        (("diff", "2", "1"), 2, "earlier release first"),
        (("diff", "9"), 1, "there is no release 9"),
        (("diff", "1", "--kind", "x"), 2, "no kind 'x'"),
        (("diff", "soon"), 2, "not a date or time"),
        (("retain", "--days", "0"), 2, "at least 1"),
        (("events", "nobody/nothing"), 1, "no model"),
    ):
        done = almanac(*words, home=home)
        assert (
            done.returncode == code and line in done.stderr and len(done.stderr.splitlines()) == 1
        ), (words, done.stderr)
