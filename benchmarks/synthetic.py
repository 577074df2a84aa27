"""A git repository in the form of models.dev's, of the size of its history.

Run `python -m benchmarks.synthetic MONTHLY REPO`.

MONTHLY is a folder of its state on the first of each month
(`../shared/peers/models.dev/monthly`). What changed between two months is spread over the days
between them by a seeded draw; then prices are edited here and there until the history has as many
distinct files as the real one (18,654 on 308 days).
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DAYS, BLOBS = 308, 18_654
Tree = dict[str, str]


def tree_of(snapshot: dict[str, Any]) -> Tree:
    """Return the files of one month's state, by path."""
    files = {}
    for provider, entry in snapshot["providers"].items():
        for model, row in entry["models"].items():
            own = {
                k: v
                for k, v in row.items()
                if "_own" not in row or k in (*row["_own"], "base_model")
            }
            files[f"providers/{provider}/models/{model}.toml"] = toml(own)
    for model, row in snapshot.get("models", {}).items():
        files[f"models/{model}.toml"] = toml(row)
    return files


def toml(row: dict[str, Any]) -> str:
    """Return a record as TOML: plain keys first, then its tables."""
    return "".join(_lines(row, ""))


def _lines(row: dict[str, Any], at: str) -> Iterator[str]:
    tables = {
        k: v
        for k, v in row.items()
        if isinstance(v, dict) or (isinstance(v, list) and v and isinstance(v[0], dict))
    }
    for key, value in row.items():
        if key not in tables and value is not None and not key.startswith("_"):
            yield (
                f"{json.dumps(key) if not key.isidentifier() else key} ="
                f" {json.dumps(value, ensure_ascii=False)}\n"
            )
    for key, value in tables.items():
        name = f"{at}{json.dumps(key) if not key.isidentifier() else key}"
        for table in value if isinstance(value, list) else [value]:
            yield (
                f"\n{'[[' if isinstance(value, list) else '['}{name}"
                f"{']]' if isinstance(value, list) else ']'}\n"
            )
            yield from _lines(table, f"{name}.")


def history(monthly: Path) -> list[tuple[datetime, dict[str, str | None]]]:
    """Return for each day with a commit what it changed.

    That is text by path, None for a file that goes.
    """
    rng = random.Random(7)
    snapshots = [
        json.loads(gzip.decompress(p.read_bytes())) for p in sorted(monthly.glob("*.json.gz"))
    ]
    starts = [datetime.fromisoformat(s["day"]).replace(tzinfo=UTC) for s in snapshots]
    every = [starts[0] + timedelta(days=i) for i in range((starts[-1] - starts[0]).days + 1)]
    days = sorted({*starts, *rng.sample([d for d in every if d not in starts], DAYS - len(starts))})
    changes: dict[datetime, dict[str, str | None]] = {d: {} for d in days}
    before: Tree = {}
    blobs: set[str] = set()
    alive: dict[datetime, list[str]] = {}
    for start, snapshot in zip(starts, snapshots, strict=True):
        now = tree_of(snapshot)
        blobs |= set(now.values())
        among = [d for d in days if d <= start and (not alive or d > max(alive))] or [start]
        for path in sorted(before.keys() | now.keys()):
            if before.get(path) != now.get(path):
                changes[rng.choice(among)][path] = now.get(path)
        alive[start] = sorted(p for p in now if before.get(p) == now[p])
        before = now
    while len(blobs) < BLOBS:  # a price edited for a few days and put back
        start = rng.choice(starts[1:])
        among = [d for d in days if starts[starts.index(start) - 1] < d <= start]
        path = rng.choice(alive[start]) if alive[start] else ""
        text = _text(changes, path, start)
        if len(among) < 3 or "\ninput = " not in text or any(path in changes[d] for d in among):
            continue
        i, j = sorted(rng.sample(range(len(among)), 2))
        head, _, tail = text.partition("\ninput = ")
        edited = f"{head}\ninput = {round(rng.uniform(0.01, 30), 4)}\n{tail.partition(chr(10))[2]}"
        changes[among[i]][path], changes[among[j]][path] = edited, text
        blobs.add(edited)
    return sorted(changes.items())


def _text(changes: dict[datetime, dict[str, str | None]], path: str, until: datetime) -> str:
    """Return what a file said last, on or before a day."""
    texts = [c[path] for d, c in sorted(changes.items()) if d <= until and path in c]
    return (texts[-1] or "") if texts else ""


def write(repo: Path, days: list[tuple[datetime, dict[str, str | None]]]) -> None:
    """Write the history as a bare git repository, one commit a day."""
    subprocess.run(["git", "init", "-q", "--bare", str(repo)], check=True)
    feed = subprocess.Popen(
        ["git", "-C", str(repo), "fast-import", "--quiet"], stdin=subprocess.PIPE
    )
    assert feed.stdin is not None
    for when, files in days:
        committer = f"Almanac <almanac@example.org> {int(when.timestamp()) + 43_200} +0000"
        feed.stdin.write(f"commit refs/heads/main\ncommitter {committer}\ndata 4\nday\n\n".encode())
        for path, text in files.items():
            if text is None:
                feed.stdin.write(f'D "{path}"\n'.encode())
            else:
                body = text.encode()
                feed.stdin.write(
                    f'M 644 inline "{path}"\ndata {len(body)}\n'.encode() + body + b"\n"
                )
    feed.stdin.close()
    if feed.wait():
        raise SystemExit("git fast-import failed")
    subprocess.run(["git", "-C", str(repo), "symbolic-ref", "HEAD", "refs/heads/main"], check=True)


if __name__ == "__main__":
    days = history(Path(sys.argv[1]))
    write(Path(sys.argv[2]), days)
    standing: set[str] = set()
    offer_days = 0
    for _, files in days:
        standing |= {p for p, t in files.items() if t is not None}
        standing -= {p for p, t in files.items() if t is None}
        offer_days += sum(p.startswith("providers/") for p in standing)
    print(
        json.dumps(
            {
                "days": len(days),
                "offer_days": offer_days,
                "blobs": len({t for _, f in days for t in f.values() if t is not None}),
            }
        )
    )
