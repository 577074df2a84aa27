"""One crawl as a run starts it.

That is `python -P -m almanac.spiders.crawling.spider` with an order on stdin.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from almanac.spiders.crawling.crawl_order import CrawlOrder, Pace
from tests.support import warm
from tests.support.site import QUICK

STARTED = "2026-05-19T12:00:00Z"
CRAWL = (sys.executable, "-P", "-m", warm.CRAWL)


@dataclass(frozen=True)
class Crawled:
    """How a crawl ended: its last line, all that it printed, its exit code."""

    last: dict[str, Any]
    printed: str
    code: int

    @property
    def looks(self) -> list[dict[str, Any]]:
        return list(self.last["looks"])

    @property
    def errors(self) -> list[str]:
        """Why pages were not looked at, each as `PAGE: why`."""
        return [f"{page}: {why}" for page, why in self.last["errors"]]


def pace(**changes: Any) -> Pace:
    """Return the quick pace of the tests with something changed."""
    return replace(QUICK, **changes)


def crawl(
    urls: Sequence[str],
    folder: Path,
    pace: Pace = QUICK,
    key: tuple[str, str] | None = None,
    env: dict[str, str] | None = None,
    started: str = STARTED,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    command: Sequence[str] = (),
) -> Crawled:
    """Crawl, by a command of one's own where one is given, and return what came of it.

    Raises subprocess.TimeoutExpired for one that does not end.
    """
    order = CrawlOrder(
        "anthropic_pricing", str(folder), tuple(urls), hosts, key, pace, started=started
    )
    typed, whole = order.as_json(), {**os.environ, **(env or {})}
    if command:
        piped: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 90}
        done = subprocess.run(command, input=typed, env=whole, **piped)
    else:
        done = warm.run(warm.CRAWL, typed=typed, env=whole, safe=True, timeout=90)
    assert done.stdout.strip(), done.stderr
    return Crawled(
        json.loads(done.stdout.strip().splitlines()[-1]), done.stdout + done.stderr, done.returncode
    )


def kept(folder: Path) -> bytes:
    """Return all bytes kept under a folder, archives unpacked, names of files too."""
    parts = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        body = path.read_bytes()
        parts += [
            str(path.relative_to(folder)).encode(),
            gzip.decompress(body) if path.suffix == ".gz" else body,
        ]
    return b"\n".join(parts)
