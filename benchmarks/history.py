"""The full history of a large repository to a release.

Run `python -m benchmarks.history REPO [SOURCE]`.

REPO is a clone of models.dev, or what `python -m benchmarks.synthetic` makes. Beside it, in the
same run, the floor: each distinct blob read and parsed once in a plain loop. Prints the stages, the
memory, and that the same range again changes nothing.
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
import time
import tomllib
import warnings
from datetime import UTC, datetime
from pathlib import Path

from almanac.flows.harvest.git_history import GONE, GitRepository
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.backfill import Past, backfill
from almanac.flows.pipeline.pipeline import Plain
from almanac.spiders import base


def floor(repo: str, source: str) -> tuple[float, int, int, int]:
    """Return (seconds to read and parse each distinct blob once, blobs, commits, changed files)."""
    kept = base.card(source).repository
    assert kept is not None
    started = time.perf_counter()
    repository = GitRepository(repo, Path("/nonexistent"))
    commits = list(repository.commits(re.compile(kept.files)))
    blobs = {b for c in commits for b in c.changes.values() if b != GONE}
    for _, body in repository.blobs(blobs):
        try:
            tomllib.loads(body.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
    return (
        time.perf_counter() - started,
        len(blobs),
        len(commits),
        sum(len(c.changes) for c in commits),
    )


def main() -> None:
    warnings.simplefilter("ignore")
    repo, source = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "models_dev"
    least, blobs, commits, changed = floor(repo, source)
    print(
        f"{commits:,} commits, {changed:,} changed files, {blobs:,} distinct blobs;"
        f" floor (read and parse each blob once): {least:.1f} s"
    )
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        order = Order(datetime.now(UTC), home=home, database=f"sqlite:///{home / 'warehouse.db'}")
        for name in ("the whole history", "the same again"):
            started = time.perf_counter()
            report = backfill(Past(source, git=repo), order, Plain())
            took, kept = time.perf_counter() - started, report.sources[0]
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name}: {took:.1f} s ({took / least:.1f} × the floor), {memory:.0f} MB;"
                f" release {report.release}, {'new' if report.fresh else 'unchanged'};"
                f" {kept.looks:,} looks, {kept.new_claims:,} new claims; stages {report.seconds}"
            )
        size = sum(p.stat().st_size for p in home.rglob("*") if p.is_file()) / 2**20
        print(f"on disk: {size:.0f} MB with archive and warehouse")


if __name__ == "__main__":
    main()
