"""What readers may rely on: the documented views and the exports.

Also every example of docs/consumers.md, run as it stands.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from almanac import warehouse
from almanac.warehouse.engine import engine
from almanac.warehouse.read.export import FORMS, export
from almanac.warehouse.read.views import COLUMNS, VIEWS, WHOLE
from tests.conftest import Built, Save, almanac, build
from tests.warehouse.test_release_diff import prices

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"```(\w+)\n(.*?)```", (ROOT / "docs/consumers.md").read_text(encoding="utf-8"), re.S
)


def test_the_contract_is_what_the_database_has(database: str, save: Save, tmp_path: Path) -> None:
    build(tmp_path / "h", save("litellm", "2026-01-01", prices(1e-6)), database=database)
    made = engine(database)
    with made.connect() as c:
        for name, view in VIEWS.items():
            answer = c.execute(text(f"SELECT * FROM {name}"))
            assert tuple(answer.keys()) == view.columns
            for row in answer:
                for column, value in zip(view.columns, row, strict=True):
                    assert value is None or isinstance(
                        value, int if column in WHOLE else float if column == "confidence" else str
                    ), (name, column, value)
    made.dispose()
    assert {c for v in VIEWS.values() for c in v.columns} == COLUMNS.keys()


def read(form: str, folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a view from an export, as any program would load them."""
    if form == "csv":
        rows = list(csv.DictReader((folder / f"{name}.csv").open(newline="", encoding="utf-8")))
        return [{k: None if v == "" else v for k, v in r.items()} for r in rows]
    if form == "json":
        return [
            json.loads(line)
            for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        ]
    if form == "parquet":
        import pyarrow.parquet as pq

        found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
        return found
    with contextlib.closing(sqlite3.connect(folder / "almanac.sqlite")) as c:
        c.row_factory = sqlite3.Row
        return [dict(r) for r in c.execute(f"SELECT * FROM {name}")]


@pytest.mark.parametrize("form", FORMS)
def test_an_export_holds_what_the_views_hold(form: str, everything: Built, tmp_path: Path) -> None:
    seen = everything.open()
    manifest = export(seen, form, tmp_path / "out")
    assert (manifest["release"], manifest["digest"]) == (seen.known, seen.release().digest)
    counted: dict[str, int] = {}
    for file in manifest["files"]:
        assert (
            hashlib.sha256((tmp_path / "out" / file["file"]).read_bytes()).hexdigest()
            == file["sha256"]
        )
        counted |= file["views"]
    for name, view in VIEWS.items():
        rows, expected = read(form, tmp_path / "out", name), list(seen.view(name))
        assert len(rows) == counted[name] == len(expected) > 0, name
        text = [
            [None if v in (None, "") else str(v) for v in (r[c] for c in view.columns)]
            for r in rows
        ]
        assert sorted(text, key=str) == sorted(
            [[None if v in (None, "") else str(v) for v in r] for r in expected], key=str
        ), name


def test_an_export_of_the_past_and_of_an_old_release(
    database: str, save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    build(home, save("litellm", "2026-01-10", prices(3e-6)), database=database)
    build(home, save("litellm", "2026-02-10", prices(2e-6)), database=database)
    seen = warehouse.open(database)

    def said(some: warehouse.Warehouse) -> list[int]:
        export(some, "json", tmp_path / "out")
        return [r["amount_nano"] for r in read("json", tmp_path / "out", "v1_prices")]

    assert [
        said(seen),
        said(seen.as_of(known=1)),
        said(seen.as_of("2026-01-20")),
        said(seen.as_of("2025-01-01")),
    ] == [[2 * 10**9], [3 * 10**9], [3 * 10**9], []]


def test_an_export_replaces_an_export_and_nothing_else(everything: Built, tmp_path: Path) -> None:
    seen = everything.open()
    export(seen, "csv", tmp_path / "out")
    export(seen, "sqlite", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "almanac.sqlite",
        "manifest.json",
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="nothing was written"):
        export(seen, "csv", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()
    wrong = almanac("export", "xls", str(tmp_path / "x"), home=everything.home)
    assert (
        wrong.returncode == 2
        and wrong.stderr
        == "almanac: no format 'xls';"
        " there are: parquet, csv, json, sqlite, litellm, genai-prices, models.dev\n"
    )


@pytest.fixture(scope="module")
def exports(everything: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the exports of the page were made by its own first commands."""
    folder = tmp_path_factory.mktemp("consumers")
    run(BLOCKS[0][1], folder, everything.home)
    return folder


def run(block: str, folder: Path, home: Path) -> str:
    """Run the `$` lines of a console block, each in the shell, with this environment's commands."""
    environment = {
        **os.environ,
        "ALMANAC_HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "".join(
        subprocess.run(
            line,
            shell=True,
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for line in lines
    )


def test_the_examples_in_python_and_in_the_shell(
    exports: Path, everything: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALMANAC_HOME", str(everything.home))
    monkeypatch.chdir(exports)
    pytest.importorskip("duckdb")
    pytest.importorskip("datasette")
    names: dict[str, Any] = {}
    ran = 0
    for language, block in BLOCKS[1:]:
        if language == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(block, "docs/consumers.md", "exec"), names)
            assert said.getvalue().strip(), block
        elif language == "console":
            assert len(json.loads(run(block, exports, everything.home))) == 3
        ran += language in ("python", "console")
    assert ran >= 6


@pytest.mark.parametrize("block", [b for language, b in BLOCKS if language == "sql"])
def test_the_examples_in_sql(block: str, everything: Built) -> None:
    assert everything.open()._rows(block), block


def test_the_examples_in_sql_run_on_both_backends(
    database: str, save: Save, tmp_path: Path
) -> None:
    build(tmp_path / "h", save("litellm", "2026-01-10", prices(3e-6)), database=database)
    seen = warehouse.open(database)
    for language, block in BLOCKS:
        if language == "sql":
            seen._rows(block)
