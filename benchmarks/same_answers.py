"""Whether two checkouts say the same: digests, explanations, the API's answers, the views.

    python -m benchmarks.same_answers record CHECKOUT OUT
    python -m benchmarks.same_answers diff BEFORE AFTER

`record` runs the commands of a checkout with its own `.venv` and keeps what they say as JSON;
`diff` lists what is another, texts compared by their words. The clock stands still (Debian's
`faketime`), so that what a day changes is no difference, nor is the name of an archive file, which
is drawn by lot. With a PostgreSQL at
ALMANAC_SAME_POSTGRES, an empty database, a release is made there too; `../shared/captures` is
replayed where it is beside the checkout.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOMENT = "2026-09-10 00:00:00"
AS_OF = "2026-09-10"
MODELS = (
    "google/gemini-3.1-flash-lite",
    "mistral/mistral-nemo-2407",
    "mistral/mistral-small-2402",
    "mistral/mistral-small-3.1",
    "nvidia/nemotron-nano-12b-v2-vl",
    "google/gemma-4-12b",
    "anthropic/claude-3.5-haiku",
    "anthropic/claude-3-haiku",
    "openai/gpt-4.1-mini",
    "openai/gpt-4o-mini",
)
"""The models of the founding documents' cases; those that a release lacks have the same error."""
ARCHIVED = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}\.warc\.gz@\d+")
PATHS = (
    "/api/v1/openapi.json",
    "/api/v1/models",
    "/api/v1/offers",
    "/api/v1/conflicts",
    "/api/v1/sources",
    "/api/v1/releases",
    "/api/v1/quarantine",
    "/feed.atom",
)


class Checkout:
    """A checkout's commands, over homes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.almanac = str(self.folder / ".venv/bin/almanac")

    def env(self, home: Path, **more: str) -> dict[str, str]:
        return {**os.environ, "ALMANAC_HOME": str(home), "ALMANAC_NO_GIT": "1", "TZ": "UTC", **more}

    def run(self, home: Path, *words: str, still: bool = False, **more: str) -> Any:
        """Return what a command prints as JSON, or its error."""
        clock = ["faketime", "--exclude-monotonic", "-f", MOMENT] if still else []
        done = subprocess.run(
            [*clock, self.almanac, *words],
            cwd=self.folder,
            env=self.env(home, **more),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not done.stdout:
            return {"error": done.stderr.strip()[-300:]}
        return json.loads(done.stdout)


def release(checkout: Checkout, home: Path, replay: Path, *words: str, **env: str) -> Any:
    """Return digest and counts of the release of some pages."""
    command = ("refresh", "--replay", str(replay), "--json", *words)
    # Dask's schedulers do not start under a moved clock.
    report = checkout.run(home, *command, still=not words, **env)
    if "error" in report:
        return report
    rows = checkout.run(home, "releases", "--json", **env)
    (row,) = [r for r in rows if r.get("id", r.get("release")) == report["release"]]
    return {"digest": row["digest"], **{key: report[key] for key in ("counts", "stale", "unread")}}


def explained(checkout: Checkout, home: Path) -> dict[str, Any]:
    """Return what `explain --json` says of every figure of the models and of their offers."""
    with contextlib.closing(sqlite3.connect(home / "warehouse.db")) as c:
        subjects = [r[0] for r in c.execute("SELECT DISTINCT subject FROM figure ORDER BY subject")]
        wanted = [s for s in subjects if s in MODELS or s.partition(":")[2] in MODELS]
        query = "SELECT DISTINCT subject, field FROM figure WHERE subject = ? ORDER BY field"
        pairs = [tuple(r) for s in wanted for r in c.execute(query, (s,))]
    return {
        f"{s} {f}": checkout.run(home, "explain", s, f, "--as-of", AS_OF, "--json")
        for s, f in pairs
    }


def views(home: Path) -> dict[str, Any]:
    """Return every row of the documented views, by name, in an order of its own."""
    with contextlib.closing(sqlite3.connect(home / "warehouse.db")) as c:
        query = "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name"
        names = [r[0] for r in c.execute(query)]
        tables = {}
        for name in names:
            rows = c.execute(f"SELECT * FROM {name}")
            columns = [d[0] for d in rows.description]
            tables[name] = {"columns": columns, "rows": sorted(json.dumps(r) for r in rows)}
    return tables


@contextlib.contextmanager
def served(checkout: Checkout, home: Path) -> Iterator[str]:
    """Serve a home, and give the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, quiet = f"http://127.0.0.1:{port}", subprocess.DEVNULL
    command = [checkout.almanac, "serve", "--port", str(port)]
    environment = checkout.env(home)
    with subprocess.Popen(
        command, cwd=checkout.folder, env=environment, stdout=quiet, stderr=quiet
    ) as process:
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz"):
                    break
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()


def answers(checkout: Checkout, home: Path) -> dict[str, Any]:
    """Return what the API says, by path."""
    day = f"as_of={AS_OF}"
    paths = [p if "openapi" in p or "feed" in p else f"{p}?{day}" for p in PATHS]
    for model in MODELS:
        paths += [f"/api/v1/models/{model}?{day}", f"/api/v1/offers?model={model}&{day}"]
        others = [other for other in MODELS[:3] if other != model]
        paths += [f"/api/v1/compare?models={model},{other}&{day}" for other in others]
        paths += [f"/api/v1/figures?subject={model}&{day}", f"/models/{model}.html?{day}"]
    bodies: dict[str, Any] = {}
    with served(checkout, home) as address:
        for path in paths:
            try:
                with urllib.request.urlopen(address + path) as answer:
                    body = answer.read().decode().replace(address, "ADDRESS")
                    is_json = "json" in answer.headers["Content-Type"]
                    bodies[path] = json.loads(body) if is_json else body
            except urllib.error.HTTPError as error:
                bodies[path] = f"{error.code} {error.read().decode()[:300]}"
    return bodies


def record(folder: Path, out: Path) -> None:
    """Keep what a checkout says."""
    with tempfile.TemporaryDirectory() as work:
        checkout, answered = Checkout(folder), {}
        recorded, shared = folder / "tests/captures", folder.resolve().parent / "shared/captures"
        home = Path(work) / "recorded"
        answered["recorded"] = release(checkout, home, recorded)
        answered["two workers"] = release(
            checkout, Path(work) / "workers", recorded, "--workers", "2"
        )
        if url := os.environ.get("ALMANAC_SAME_POSTGRES"):
            answered["postgresql"] = release(
                checkout, Path(work) / "postgres", recorded, ALMANAC_DATABASE_URL=url
            )
        if shared.is_dir():
            answered["shared"] = release(checkout, Path(work) / "shared", shared)
        answered["explained"], answered["views"] = explained(checkout, home), views(home)
        answered["answers"] = answers(checkout, home)
    text = json.dumps(answered, ensure_ascii=False, indent=1, sort_keys=True)
    out.write_text(ARCHIVED.sub("ARCHIVED", text), encoding="utf-8")
    counts = ", ".join(f"{len(answered[key])} {key}" for key in ("explained", "views", "answers"))
    print(f"{counts}: {out}")


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Yield where two recordings are different."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from differences(before.get(key), after.get(key), f"{where} / {key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one_side, other_side) in enumerate(zip(before, after, strict=True)):
            yield from differences(one_side, other_side, f"{where} / {number}")
    elif isinstance(before, str) and isinstance(after, str):
        if before.split() != after.split():
            yield f"{where}: {before[:200]!r} -> {after[:200]!r}"
    elif before != after:
        yield f"{where}: {str(before)[:200]!r} -> {str(after)[:200]!r}"


def main(words: list[str]) -> int:
    match words:
        case ["record", folder, out]:
            record(Path(folder), Path(out))
            return 0
        case ["diff", before, after]:
            texts = [json.loads(Path(p).read_text(encoding="utf-8")) for p in (before, after)]
            lines = list(differences(*texts))
            print("\n".join(lines[:100]) or "the same")
            print(f"{len(lines)} differences")
            return bool(lines)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
