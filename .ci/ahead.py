"""Run the tests on 29 February 2028 in Tokyo, under Debian's `faketime`: `make test-ahead`.

Words after it go to pytest.

Left out are only five kinds of tests that pyproject.toml has a marker for, with `--quick` seven;
how many of each is printed first. The moment lies more than 400 days ahead of any day before 2027,
on a leap day, in a zone where the day begins nine hours before UTC's.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parents[1]
ZONE = "Asia/Tokyo"
MOMENT = datetime(2028, 2, 29, 6, tzinfo=ZoneInfo(ZONE))
"""Six in the morning: in UTC it is the day before."""
KINDS = {
    "deployed": "deployed",
    "browser": "browser",
    "dask": "Dask",
    "postgres": "PostgreSQL",
    "measured": "of processor time",
}
QUICK = {
    "apart": "that attack, kill or run lanes",
    "large": "of all that lies in ../shared",
}
"""What `--quick` leaves out besides: a clock is asked there as in others, and they take long."""


class Count:
    """Counts the tests of each kind; a test of two kinds counts as the first of them."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self.left_out = dict.fromkeys(kinds, 0)
        self.run = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            kind = next((k for k in self.left_out if item.get_closest_marker(k)), None)
            if kind:
                self.left_out[kind] += 1
            else:
                self.run += 1


def main(words: list[str]) -> int:
    os.chdir(ROOT)
    faketime = shutil.which("faketime")
    if not faketime:
        print(
            "clock lane: not run: there is no faketime here (Debian: apt-get install faketime)",
            file=sys.stderr,
        )
        return 1
    quick = "--quick" in words
    words = [word for word in words if word != "--quick"]
    kinds = KINDS | QUICK if quick else KINDS
    count, printed = Count(kinds), io.StringIO()
    with contextlib.redirect_stdout(printed):
        collected = pytest.main(
            ["--collect-only", "-qq", "-p", "no:cacheprovider", *words], plugins=[count]
        )
    if collected:
        print(
            f"{printed.getvalue()}clock lane: not run: the tests cannot be collected",
            file=sys.stderr,
        )
        return int(collected)
    print(f"clock lane: {MOMENT:%Y-%m-%d %H:%M} in {ZONE}: {count.run} tests")
    print(
        "clock lane: left out: "
        + ", ".join(f"{count.left_out[kind]} {word}" for kind, word in kinds.items()),
        flush=True,
    )
    environment = {
        **os.environ,
        "TZ": ZONE,
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(ROOT / ".ci/ahead"), os.environ.get("PYTHONPATH")))
        ),
    }
    # Its settings are read once: every ten seconds it would ask the environment, and die where a
    # thread is just changing that (libfaketime 0.9.10).
    environment["FAKETIME_CACHE_DURATION"] = str(10**9)
    # An offset, since a moment would begin anew in every process; and the monotonic clock is left
    # alone, or no wait would end.
    offset = int((MOMENT - datetime.now(MOMENT.tzinfo)).total_seconds())
    chosen = " and ".join(f"not {kind}" for kind in kinds)
    command = [
        faketime,
        "--exclude-monotonic",
        "-f",
        f"{offset:+d}s",
        sys.executable,
        "-m",
        "pytest",
        "-m",
        chosen,
        *words,
    ]
    os.execve(faketime, command, environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
