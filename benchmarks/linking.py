"""How fast names are linked, and how well on the open part of the identity gold.

    python -m benchmarks.linking [../shared/peers]

Speed: `almanac link` on 100,000 distinct names (every catalogued model as hosts spell it), as a
user would run it, beside a process that only reads and writes the same table. Quality: the gold's
rows without those whose truth is a repository, and beside it the naive way: the last part of a
name, letters and digits only, where one model has them.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.entity_resolution.providers import provider_id
from almanac.schemas import catalogue

BEFORE = (
    "",
    "us.",
    "eu/",
    "accounts/fireworks/models/",
    "@cf/host/",
    "publishers/x/models/",
    "databricks-",
    "openrouter/",
    "hf:org/",
    "global.",
)
AFTER = (
    "",
    ":free",
    "-maas",
    "-fp8",
    "-latest",
    "-turbo",
    "-2025-06-01",
    "-v1:0",
    "@default",
    "-TEE",
    "-preview",
    "-instruct",
    " (EU)",
    ":thinking",
    "-fast",
)
CASES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.title,
    lambda s: s.replace("-", " "),
    lambda s: s.replace("-", "_"),
)


def names(count: int) -> Iterator[tuple[str, str]]:
    """Yield distinct (name, provider) pairs."""
    forms = itertools.product(CASES, AFTER, BEFORE, catalogue.models())
    distinct: set[str] = set()
    for case, after, before, model in forms:
        name = f"{before}{case(model.split('/')[1])}{after}"
        if name not in distinct:
            distinct.add(name)
            yield name, "openrouter" if len(distinct) % 2 else ""
        if len(distinct) == count:
            return


def speed(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "names.csv"
        with file.open("w", newline="") as to:
            csv.writer(to).writerows([("name", "provider"), *names(count)])
        os.environ["ALMANAC_HOME"] = folder
        copying = "import csv, sys; csv.writer(sys.stdout).writerows(csv.reader(open(sys.argv[1])))"
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", copying, str(file)], check=True, capture_output=True)
        base = time.perf_counter() - started
        started = time.perf_counter()
        done = subprocess.run(
            [str(Path(sys.executable).with_name("almanac")), "link", str(file)],
            check=True,
            capture_output=True,
            text=True,
        )
        took = time.perf_counter() - started
    linked = sum(bool(row["model"]) for row in csv.DictReader(done.stdout.splitlines()))
    print(
        f"{count:,} names: {took:.1f} s whole-process ({linked:,} linked),"
        f" {took / base:.0f} times a process that only copies the table"
    )


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower().rsplit("/", 1)[-1])


def quality(gold: list[dict[str, Any]]) -> None:
    linker = Linker()
    index: dict[str, set[str]] = {}
    for model, name in catalogue.models().items():
        for spelling in (model, name):
            index.setdefault(plain(spelling), set()).add(model)

    def ours(row: dict[str, Any]) -> str:
        return linker.link(
            row["alias"], provider_id(row["provider"]) if row["provider"] else "", date(2026, 7, 1)
        ).model

    def naive(row: dict[str, Any]) -> str:
        models = {linker.link(m).model for m in index.get(plain(row["alias"]), ())}
        return next(iter(models)) if len(models) == 1 else ""

    def meant(row: dict[str, Any]) -> str | None:
        """Return the model of the gold, under the id by which we know it."""
        canonical: str | None = row["canonical"]
        return canonical and (linker.link(canonical, "", date(2026, 7, 1)).model or canonical)

    rows = [row for row in gold if not (row["canonical"] or "").startswith("hf:")]
    for title, part in (
        ("all rows", rows),
        ("without rows marked suspect", [r for r in rows if "suspect" not in r]),
    ):
        for linked_by, answer in (("ours", ours), ("naive", naive)):
            got = [(answer(row), meant(row)) for row in part]
            linked = [(a, b) for a, b in got if a]
            right = sum(a == b for a, b in linked)
            print(
                f"{title}, {linked_by}: precision {right / len(linked):.4f},"
                f" recall {right / sum(b is not None for _, b in got):.4f}"
                f" ({len(part):,} rows, {len(linked) - right} wrong)"
            )


def main() -> None:
    peers = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/peers")
    speed(100_000)
    if (gold := peers / "entity-gold/open-70.json.gz").exists():
        quality(json.loads(gzip.decompress(gold.read_bytes())))


if __name__ == "__main__":
    main()
