"""Codes stand beside the sentences: an older database gains those that a new one has."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from almanac.flows.entity_resolution.linker import Link, Linker
from almanac.flows.validation.layout_check import LastGood, collapse
from almanac.schemas.codes import LinkStatus, LookFailure
from almanac.schemas.dates import utc
from almanac.schemas.rulings import NameRuling
from almanac.warehouse.engine import engine, migrate
from tests.conftest import Built

QUERIES = {
    "claim": "SELECT id, link_status FROM claim",
    "look": "SELECT id, failure FROM look",
    "refusal": "SELECT id, code FROM refusal",
}


NAMES = [
    ("openai/gpt-4o-mini", "2026-01-01", LinkStatus.linked),
    ("claude-opus-latest", "2026-06-01", LinkStatus.linked_as_of),
    ("claude-opus-latest", "2001-01-01", LinkStatus.moving),
    ("gpt-nonsense-99", "2026-01-01", LinkStatus.unknown),
    ("not a model", "2026-01-01", LinkStatus.ruled_out),
]
FAILURES = [
    (collapse(LastGood(2, {}, {}, {}), LastGood(40, {}, {}, {}), None), LookFailure.collapsed),
    ("page refused: archive record x.warc.gz@0 is damaged: cut off", LookFailure.damaged),
    ("no table of prices", LookFailure.unread),
]


def _link(name: str, on: str) -> Link:
    day = utc("2026-01-01").date()
    linker = Linker(rulings=[NameRuling("not a model", "", "a", day, "prose", "")])
    return linker.link(name, "", utc(on).date())


def _codes(path: Path) -> dict[str, dict[int, str]]:
    with closing(sqlite3.connect(path)) as c:
        return {table: dict(c.execute(query).fetchall()) for table, query in QUERIES.items()}


def test_an_older_database_gains_the_codes_that_a_new_one_has(
    everything: Built, tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.db"
    shutil.copy(everything.home / "warehouse.db", path)
    with closing(sqlite3.connect(path)) as c:
        for number, (name, on, _) in enumerate(NAMES, 1):
            link = _link(name, on)
            row = (link.model, link.reason, link.status.value, number)
            c.execute("UPDATE claim SET model=?, link_reason=?, link_status=? WHERE id=?", row)
        for number, (sentence, failure) in enumerate(FAILURES, 1):
            row = (sentence, failure.value, number)
            c.execute("UPDATE look SET failed=?, failure=? WHERE id=?", row)
        c.commit()
    before = _codes(path)
    assert {s.value for _, _, s in NAMES} <= set(before["claim"].values())
    assert {f.value for _, f in FAILURES} <= set(before["look"].values())
    assert Counter(before["refusal"].values())["name_waits"] > 10
    db = engine(f"sqlite:///{path}")
    migrate(db, "0005")
    migrate(db)
    db.dispose()
    assert _codes(path) == before


@pytest.mark.parametrize(("name", "on", "status"), NAMES)
def test_a_link_says_what_became_of_the_name(name: str, on: str, status: LinkStatus) -> None:
    link = _link(name, on)
    assert link.status is status
    assert bool(link.model) == (status in (LinkStatus.linked, LinkStatus.linked_as_of))
