"""Measures what the project promises, each against a baseline taken in the same run.

    python benchmarks/run.py                 query start-up, and the line on the bundled pages
    python benchmarks/run.py --shared DIR    also the whole line on saved captures
    (../shared/captures)

Machines are noisy: ratios to the baseline travel, seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def timed(command: list[str], home: Path, times: int = 1) -> tuple[float, int]:
    """Return (median seconds, peak KiB of any child so far) of a command's whole process."""
    env = {**os.environ, "ALMANAC_HOME": str(home)}
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run(
            command,
            env=env,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, help="saved captures to replay whole")
    parser.add_argument(
        "--prefect",
        action="store_true",
        help="also time the line as `make run` runs it, with Prefect's embedded server",
    )
    args = parser.parse_args()
    almanac = [sys.executable, "-m", "almanac"]
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        baseline, _ = timed([sys.executable, "-c", "import typer, sqlite3, yaml"], home, 9)
        bundled, _ = timed([*almanac, "refresh", "--replay", "tests/captures", "--installed"], home)
        results["line on the bundled pages, plain calls, s"] = round(bundled, 1)
        for name, command in (
            ("explain", ["explain", "google/gemini-3.1-flash-lite", "context_window"]),
            ("models", ["models"]),
            ("compare", ["compare", "google/gemini-3.1-flash-lite", "mistral/mistral-nemo"]),
        ):
            seconds, _ = timed([*almanac, *command], home, 9)
            results[f"{name}, whole process, s"] = round(seconds, 3)
            results[f"{name}, times a process that only imports typer, sqlite3, yaml"] = round(
                seconds / baseline, 2
            )
        if args.prefect:
            seconds, _ = timed(
                [*almanac, "refresh", "--replay", "tests/captures", "--installed", "--prefect"],
                Path(folder) / "prefect",
            )
            results["line on the bundled pages, Prefect with its embedded server started, s"] = (
                round(seconds, 1)
            )
        if args.shared:
            reading, _ = timed([sys.executable, "-c", _PARSE, str(args.shared)], home)
            seconds, peak = timed(
                [*almanac, "refresh", "--replay", str(args.shared)], Path(folder) / "shared"
            )
            results["whole line on saved captures, s"] = round(seconds, 1)
            results["times unpacking and parsing the same files"] = round(seconds / reading, 1)
            results["peak memory, MB"] = round(peak / 1000)
    print(json.dumps(results, indent=2))


_PARSE = """
import json, sys
from pathlib import Path
from almanac.flows.harvest.saved_captures import listing
for look in listing(Path(sys.argv[1])).looks:
    body = look.body()
    try:
        json.loads(body)
    except ValueError:
        body.decode("utf-8", "replace").splitlines()
"""

if __name__ == "__main__":
    main()
