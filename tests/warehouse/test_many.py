"""Many at once.

Readers while releases are published, two publishers, a connection that is lost in the middle.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from almanac import warehouse
from almanac.flows.reconciliation import draft
from almanac.warehouse.read.release_diff import verify
from almanac.warehouse.write.store import Store
from tests.conftest import Save, almanac, build
from tests.support.recorded import CAPTURES
from tests.warehouse.test_release_diff import OFFER, prices


def test_readers_see_whole_releases_while_others_are_published(
    database: str, save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    build(
        home, save("litellm", "2026-01-01", prices(1e-6, "gpt-4o", "o3", "o1")), database=database
    )
    wrong: list[str] = []
    numbers: set[int] = set()
    stop = threading.Event()

    def reads() -> None:
        while not stop.is_set():
            try:
                now = warehouse.open(database)
                if (
                    not verify(now, now.known)
                    or len(now.figures()) != now.release().counts["figures"]
                ):
                    wrong.append(f"release {now.known} is not whole")
                numbers.add(now.known)
                now.close()
            except Exception as error:  # whatever a reader meets is what the test is about
                wrong.append(repr(error))

    readers = [threading.Thread(target=reads) for _ in range(4)]
    for reader in readers:
        reader.start()
    for day in range(2, 7):
        build(
            home,
            save("litellm", f"2026-01-{day:02d}", prices(day * 1e-6, "gpt-4o", "o3", "o1")),
            database=database,
        )
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == [] and len(numbers) >= 2, numbers
    assert warehouse.open(database).known == 6


def test_two_publishers_at_once_are_one_after_the_other(database: str, tmp_path: Path) -> None:
    groups = (("anthropic_pricing", "llm_reference"), ("models_dev", "google_vertex_models"))
    environment = {**os.environ, "ALMANAC_DATABASE_URL": database}
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "almanac", "refresh", *sources, "--replay", str(CAPTURES)],
            env={**environment, "ALMANAC_HOME": str(tmp_path / f"h{i}")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i, sources in enumerate(groups)
    ]
    outputs = [run.communicate(timeout=600) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    expected = (
        build(tmp_path / "one", CAPTURES, tuple(s for group in groups for s in group))
        .open()
        .release()
    )
    # What was left to the next run, if anything was.
    build(tmp_path / "h0", CAPTURES, groups[0], database=database)
    reader = warehouse.open(database)
    assert reader.release().digest == expected.digest
    assert [r.parent for r in reader.releases()] == [*range(reader.known - 1, 0, -1), None]


def test_what_was_resolved_before_another_run_changed_it_is_not_published(
    database: str, save: Save, tmp_path: Path
) -> None:
    import shutil

    home = tmp_path / "h"
    build(home, save("litellm", "2026-01-01", prices(1e-6)), database=database)
    store = Store(database)
    store.have_resolved([OFFER])
    early = draft.build(store)
    shutil.rmtree(tmp_path / "saved")
    build(home, save("litellm", "2026-01-02", prices(2e-6)), database=database)
    release = {
        "created_at": "2026-01-03T00:00:00Z",
        "code_version": "0",
        "stale": "{}",
        "validation": "{}",
        "counts": "{}",
    }
    assert store.publish(early.figures, early.marks, release) == 2, (
        "the older draft says nothing new"
    )
    store.close()
    figure = warehouse.open(database).figure(OFFER, "price", "input")
    assert figure and figure.number == 2_000_000_000


def test_a_page_that_another_run_takes_in_meanwhile_is_left_to_it(
    database: str, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The looks are read before the claims: between the two another run may have finished."""
    build(tmp_path / "first", save("litellm", "2026-01-01", prices(1e-6)), database=database)
    store = Store(database)
    store.have_resolved([OFFER])
    monkeypatch.setattr(store, "looks", dict)
    assert draft.build(store).figures == []
    monkeypatch.undo()
    assert [f["field"] for f in draft.build(store).figures]
    store.close()


def test_a_lost_connection_loses_nothing(
    postgres: Callable[[], str], save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.warehouse.write import publish as module

    url = postgres()
    home = tmp_path / "h"
    build(home, save("litellm", "2026-01-01", prices(1e-6)), database=url)
    before = warehouse.open(url).release()
    folder = save("litellm", "2026-01-02", prices(2e-6))
    publish = module.publish

    def cut(c: Any, *args: Any) -> Any:
        number = publish(c, *args)
        c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return number

    monkeypatch.setattr(module, "publish", cut)
    with pytest.raises(OperationalError):
        build(home, folder, database=url)
    assert warehouse.open(url).release() == before
    monkeypatch.undo()
    after = build(home, folder, database=url)
    assert (after.report.release, verify(after.open(), 2)) == (2, True)
    assert after.report.sources[0].unchanged == 2, "the looks of the run that was cut off are in"


def test_a_database_that_is_gone_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "ALMANAC_DATABASE_URL", f"postgresql://nobody:secret@/almanac?host={tmp_path}"
    )
    for words in (("models",), ("refresh", "--replay", str(CAPTURES)), ("doctor",)):
        done = almanac(*words, home=tmp_path / "h")
        assert (
            done.returncode == 1
            and "Traceback" not in done.stderr
            and "secret" not in done.stderr + done.stdout
        ), done.stderr
        assert len(done.stderr.splitlines()) <= 1
