"""The stages mapped over Dask workers, and an archive at a URL.

The release is the same to the digest, also when a worker is killed in the middle.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from almanac import warehouse
from almanac.spiders.archive.warc import Archive
from almanac.warehouse.read.release_diff import verify
from tests.conftest import Built
from tests.support.recorded import CAPTURES

pytest.importorskip("prefect_dask")
MOMENT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        prefect_test_harness(server_startup_timeout=600),
        temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


def test_two_workers_make_the_release_one_core_makes(
    server: None,
    postgres: Callable[[], str],
    everything: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On PostgreSQL, with the archive on a URL.

    One of the workers is killed as soon as it works.
    """
    from almanac.flows.orchestration.prefect_flows import partitioned

    url = postgres()
    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ALMANAC_DATABASE_URL", url)
    monkeypatch.setenv("ALMANAC_ARCHIVE_URL", f"file://{tmp_path / 'bucket'}")
    killed: list[int] = []

    def kill() -> None:
        """Kill the first Dask worker that has worked for a while."""
        until = time.monotonic() + 600
        while time.monotonic() < until and not killed:
            for child in psutil.Process(os.getpid()).children(recursive=True):
                try:
                    if "spawn_main" in " ".join(child.cmdline()) and child.cpu_times().user > 1.5:
                        child.kill()
                        killed.append(child.pid)
                        return
                except psutil.NoSuchProcess:
                    continue
            time.sleep(0.1)

    killer = threading.Thread(target=kill)
    killer.start()
    done = partitioned(workers=2, replay=str(CAPTURES), as_of=MOMENT)
    killer.join()
    assert killed, "a worker was killed in the middle"
    seen = warehouse.open(url)
    expected = everything.open().release()
    assert done["fresh"] and seen.release().digest == expected.digest and verify(seen, seen.known)
    for part in ("looks", "claims", "figures", "conflicts", "refusals"):
        assert seen.release().counts[part] == expected.counts[part], part
    elsewhere = Archive(tmp_path / "another-machine", f"file://{tmp_path / 'bucket'}")
    assert len(elsewhere.looks) == len(Archive(tmp_path / "home" / "captures").looks) > 50
    assert all(elsewhere.body(digest) for digest in list(elsewhere.bodies)[:20])


def test_a_run_that_was_killed_before_it_put_its_file_on_the_shelf_leaves_it_to_the_next(
    tmp_path: Path,
) -> None:
    url = f"file://{tmp_path / 'bucket'}"
    cut = Archive(tmp_path / "a", url)
    cut.add("litellm", "https://example.org/1", b"one", MOMENT)
    del cut  # no close: killed
    assert not Archive(tmp_path / "b", url).looks
    Archive(tmp_path / "a", url).close()
    other = Archive(tmp_path / "b", url)
    assert [other.body(d) for d in other.bodies] == [b"one"]
    other.add("litellm", "https://example.org/2", b"two", MOMENT)
    other.close()
    other.close()
    assert len(list((tmp_path / "bucket" / "index").glob("*.jsonl"))) == 2
    assert len(Archive(tmp_path / "a", url).looks) == 2


def test_a_url_that_nothing_serves_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nosuch://x"):
        Archive(tmp_path, "nosuch://x/y")
