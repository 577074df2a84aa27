"""SIGKILL at any moment of a refresh leaves the former release whole.

Running again finishes without duplicates.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from almanac import warehouse
from almanac.spiders.archive.warc import Archive, scan
from tests.conftest import build
from tests.support.recorded import CAPTURES

SOURCES = ("models_dev", "llm_reference", "anthropic_pricing", "google_vertex_models")


def _refresh(home: Path, *sources: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "ALMANAC_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "almanac", "refresh", *sources, "--replay", str(CAPTURES)],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_moments(seed: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    whole = build(tmp_path / "whole", CAPTURES, ("anthropic_pricing",))
    started = time.monotonic()
    assert _refresh(home, "anthropic_pricing").wait(120) == 0
    lasts = time.monotonic() - started
    url = f"sqlite:///{home / 'warehouse.db'}"
    before = warehouse.open(url).release()
    assert before.digest == whole.open().release().digest
    rng = random.Random(seed)
    killed = 0
    for _ in range(20):
        process = _refresh(home, *SOURCES)
        time.sleep(rng.uniform(0.2, lasts * 0.9))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        else:
            lasts *= 0.7  # the machine is less busy than when the time was taken
        process.wait()
        now = warehouse.open(url).release()
        if now.id == before.id:
            assert now == before
        assert (
            warehouse.open(url)
            .as_of(known=1)
            .figures(subject="anthropic:anthropic/claude-opus-4-7", field="price")
        )
        if killed == 5:
            break
    assert killed == 5
    assert _refresh(home, *SOURCES).wait(120) == 0
    expected = build(tmp_path / "expected", CAPTURES, SOURCES).open().release()
    assert warehouse.open(url).release().digest == expected.digest
    for part in ("looks", "claims", "figures", "conflicts"):
        assert warehouse.open(url).release().counts[part] == expected.counts[part], part
    for path in (home / "captures").glob("*.warc.gz"):
        assert list(scan(path)) is not None
    archive = Archive(home / "captures")
    assert all(archive.body(digest) for digest in archive.bodies), (
        "every body that is listed can be read"
    )
