"""SIGKILL at any moment of a refresh leaves the former release whole.

Running again finishes without duplicates.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from almanac import warehouse
from almanac.spiders.archive.looks import scan
from almanac.spiders.archive.warc import Archive
from tests.conftest import build
from tests.support import warm
from tests.support.recorded import CAPTURES

SOURCES = ("models_dev", "llm_reference", "anthropic_pricing", "google_vertex_models")


def _refresh(home: Path, *sources: str) -> warm.Program:
    """Start a refresh that has little to load: it is killed at its work, not while it loads."""
    words = ["refresh", *sources, "--replay", str(CAPTURES)]
    return warm.start("almanac", words, "", {**os.environ, "ALMANAC_HOME": str(home)})


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_moments(seed: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    whole = build(tmp_path / "whole", CAPTURES, ("anthropic_pricing",))
    assert _refresh(home, "anthropic_pricing").wait().returncode == 0
    started = time.monotonic()
    assert _refresh(tmp_path / "timed", *SOURCES).wait().returncode == 0
    lasts = time.monotonic() - started
    url = f"sqlite:///{home / 'warehouse.db'}"
    before = warehouse.open(url).release()
    assert before.digest == whole.open().release().digest
    rng = random.Random(seed)
    killed = 0
    for _ in range(20):
        process = _refresh(home, *SOURCES)
        if process.ended(rng.uniform(0.1, 0.9) * lasts):
            lasts *= 0.7  # the machine is less busy than when the time was taken
        else:
            process.kill()
            killed += 1
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
    assert _refresh(home, *SOURCES).wait().returncode == 0
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
