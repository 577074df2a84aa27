"""Hostile input read in a process of its own.

So what never ends fails a test and does not stop the suite.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LONG = 10
"""Processor seconds in which a child must be done.

They are a hundred times what a reader of linear cost needs.
"""


def bounded(work: str, body: bytes = b"", seconds: int = LONG) -> str:
    """Return what a piece of Python printed.

    Fails for one that takes more processor time than it may, or that raises.
    """
    # Two more seconds: to start.
    limit = (
        "import resource;"
        f" resource.setrlimit(resource.RLIMIT_CPU, ({seconds + 2}, {seconds + 2}))\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", limit + work],
            input=body,
            capture_output=True,
            timeout=30 * seconds,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        done = None
    assert done is not None and done.returncode not in (-9, -24), f"not done in {seconds} s of work"
    assert not done.returncode, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode()


def peak() -> int:
    """Return the most memory this process has held, in megabytes; 0 where the system does not tell.

    Not `getrusage`: its figure is handed on to a started program, and would be that of the
    tests' own process.
    """
    status = Path("/proc/self/status")
    kilobytes = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(kilobytes[1]) // 1024 if kilobytes else 0


READ = """
import json, sys, time
from datetime import UTC, datetime
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.support.hostile import peak
name, url = {name!r}, {url!r}
page = Page(name, url, sys.stdin.buffer.read(), datetime(2026, 5, 1, tzinfo=UTC))
reading = base.read_page(base.source(name), page)
said = {{
    "claims": len(reading.claims),
    "refusals": [r.reason[:500] for r in reading.refusals[:50]],
    "failed": reading.failed[:500],
    "seconds": time.process_time(),
    "megabytes": peak(),
}}
print(json.dumps(said))
"""


def read_in_child(source: str, url: str, body: bytes, seconds: int = LONG) -> dict[str, Any]:
    """Return what a page gave: claims, reasons of refusals, why the whole was refused.

    Also the seconds and megabytes it took.
    """
    reading: dict[str, Any] = json.loads(bounded(READ.format(name=source, url=url), body, seconds))
    return reading
