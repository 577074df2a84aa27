"""The clock lane: what it leaves out, and that what runs in it is ahead of time.

All its children are too, and it still waits as long as it should.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.lanes import KINDS, LEFT_OUT_AHEAD, LEFT_OUT_QUICK

ROOT = Path(__file__).parents[2]
LANE = ROOT / ".ci/ahead.py"
TEMPROOT = "PYTEST_DEBUG_TEMPROOT"
INSIDE = """
import asyncio, concurrent.futures, datetime, os, subprocess, sys, threading, time
import pytest

def test_the_day_is_the_leap_day_in_tokyo_and_in_utc_the_day_before():
    assert f"{datetime.datetime.now():%Y-%m-%d %H}" in ("2028-02-29 06", "2028-02-29 07")
    assert time.tzname[0] == "JST"
    assert f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}" == "2028-02-28"

def test_the_clock_is_set_once():
    assert int(os.environ["FAKETIME_CACHE_DURATION"]) > 10**8

def test_the_environment_changes_while_threads_wait():
    ends = time.monotonic() + 3
    def wait():
        while time.monotonic() < ends: time.time()
    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads: thread.start()
    while time.monotonic() < ends:
        for n in range(2000): os.environ[f"SET_{n}"] = "x" * (n % 300)
        for n in range(2000): del os.environ[f"SET_{n}"]
    for thread in threads: thread.join()

def test_a_child_has_what_was_set(monkeypatch):
    monkeypatch.setenv("SET_HERE", "yes")
    done = subprocess.run(["sh", "-c", "echo $SET_HERE"], capture_output=True, text=True)
    assert done.stdout == "yes\\n"

def test_a_child_goes_on_from_there_and_does_not_begin_anew():
    before = time.time()
    time.sleep(1.5)
    asked = [sys.executable, "-c", "import time; print(time.time())"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    child = float(done.stdout)
    assert 1.4 < child - before < 60

def test_waits_are_as_long_as_they_are():
    def late():
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(["sleep", "60"], timeout=0.3)
    waits = (
        lambda: time.sleep(0.3),
        lambda: threading.Event().wait(0.3),
        lambda: asyncio.run(asyncio.sleep(0.3)),
        late,
    )
    for wait in waits:
        begun = time.monotonic()
        wait()
        assert 0.29 < time.monotonic() - begun < 30
    with pytest.raises(ValueError):
        time.sleep(-1)
    with pytest.raises(TypeError):
        time.sleep("1")

@pytest.mark.browser
def test_this_is_left_out(): raise AssertionError
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a pytest within pytest its own folder of temporary files.

    It closes that folder to all others, a database among them.
    """
    monkeypatch.setenv(TEMPROOT, str(tmp_path))


def lane(*words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the lane as from a shell, also where these tests run in it."""
    ours = ("LD_PRELOAD", "PYTHONPATH", "TZ")
    environment = {
        k: v
        for k, v in os.environ.items()
        if k == TEMPROOT or (k not in ours and not k.startswith(("FAKETIME", "PYTEST_")))
    }
    return subprocess.run(
        [sys.executable, str(LANE), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, **({"PATH": path} if path is not None else {})},
    )


@pytest.mark.skipif(
    not shutil.which("faketime"), reason="no faketime here (Debian: apt-get install faketime)"
)
def test_what_runs_in_it_is_ahead_and_waits_as_it_should(tmp_path: Path) -> None:
    (tmp_path / "test_inside.py").write_text(INSIDE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser\n", encoding="utf-8")
    done = lane("-n", "2", "-p", "no:cacheprovider", str(tmp_path / "test_inside.py"))
    assert done.returncode == 0 and "6 passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.startswith(
        "clock lane: 2028-02-29 06:00 in Asia/Tokyo: 6 tests\n"
        "clock lane: left out: 0 deployed, 1 browser, 0 Dask, 0 PostgreSQL,"
        " 0 of processor time\n"
    )


def test_in_a_hurry_it_leaves_out_more_and_says_how_much(tmp_path: Path) -> None:
    (tmp_path / "faketime").write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    (tmp_path / "faketime").chmod(0o755)
    files = ("tests/spiders/test_hostile.py", "tests/spiders/test_document.py")
    done = lane("--quick", *files, path=str(tmp_path))
    assert not done.returncode, done.stderr
    left_out = done.stdout.splitlines()[1]
    assert left_out.endswith(" that attack, kill or run lanes, 0 of all that lies in ../shared")
    assert " 0 that attack" not in left_out and "and not apart and not large" in done.stdout


def test_without_faketime_it_is_one_line_and_fails(tmp_path: Path) -> None:
    done = lane("tests/project/test_ahead.py", path=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "clock lane: not run: there is no faketime here (Debian: apt-get install faketime)\n",
    )


def test_tests_that_cannot_be_collected_fail_it(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import nothing_of_that_name", encoding="utf-8")
    (tmp_path / "faketime").write_text("#!/bin/sh\necho started\n", encoding="utf-8")
    (tmp_path / "faketime").chmod(0o755)
    done = lane(str(tmp_path / "test_broken.py"), path=str(tmp_path))
    assert (
        done.returncode
        and "started" not in done.stdout
        and done.stderr.endswith("clock lane: not run: the tests cannot be collected\n")
    )


def test_every_place_that_is_left_out_is_there() -> None:
    left_out = LEFT_OUT_AHEAD | LEFT_OUT_QUICK
    for place in (place for places in left_out.values() for place in places):
        file, _, function = place.partition("::")
        assert f"def {function}" in (ROOT / "tests" / file).read_text(encoding="utf-8"), place


COLLECT = """
import contextlib, json, sys
import pytest

class Collected:
    def pytest_collection_finish(self, session):
        self.names = [item.nodeid.split("::", 1)[1] for item in session.items]

chosen, files = json.loads(sys.argv[1])
for words in chosen:
    collected = Collected()
    with contextlib.redirect_stdout(sys.stderr):
        options = ["--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider"]
        strict = ["-o", "addopts=--strict-markers"]
        pytest.main([*options, *strict, "-m", words, *files], plugins=[collected])
    print(json.dumps(collected.names))
"""
"""Collects as often as it is told to, and loads once."""


def test_a_test_is_left_out_for_what_it_runs_on_and_for_nothing_else() -> None:
    chosen = ("", " or ".join(KINDS), " and ".join(f"not {kind}" for kind in KINDS), "dask")
    files = (
        "tests/flows/test_dask_partitions.py",
        "tests/warehouse/test_many.py",
        "tests/warehouse/test_release_diff.py",
        "tests/project/test_compose.py",
        "tests/project/test_ahead.py",
    )
    command = [sys.executable, "-c", COLLECT, json.dumps([chosen, files])]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    everything, left, rest, dask = (set(json.loads(line)) for line in printed.splitlines())
    assert left | rest == everything and not left & rest
    alone = {
        name
        for name in everything
        if name.startswith(("test_two_workers_", "test_a_lost_connection_loses_nothing"))
    }
    assert (
        left == alone | {name for name in everything if "[postgresql" in name} and len(alone) == 2
    )
    assert dask == {name for name in alone if name.startswith("test_two_workers_")}
    assert {name.replace("[postgresql", "[sqlite") for name in left - alone} <= everything - left, (
        "what runs on PostgreSQL runs in the lane on SQLite"
    )
