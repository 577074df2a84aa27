"""`almanac new-source` in a clone: what it writes passes the tests, and a fault leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.copied import copied

Run = Callable[..., subprocess.CompletedProcess[str]]
PAGE = (
    "| Model | Input per 1M tokens | Weft |\n|---|---|---|\n"
    "| A 1 | $3 | 7 |\n| A 2 | $4 | 8 |\n| A 3 | soon | 9 |\n"
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone")
    tests = ("tests/__init__.py", "tests/conftest.py", "tests/spiders", "tests/support")
    copied(folder, "docs", *tests)
    (folder / "tests/captures").mkdir()
    return folder


@pytest.fixture
def run(clone: Path, tmp_path: Path) -> Run:
    def running(*args: str) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "PYTHONPATH": f"{clone / '.types'}{os.pathsep}{clone}",
            "PYTHONSAFEPATH": "1",
            "PYTEST_DEBUG_TEMPROOT": str(tmp_path),
            "ALMANAC_HOME": str(tmp_path / "home"),
        }
        return subprocess.run(
            [sys.executable, *args],
            cwd=clone,
            env=env,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return running


def state(clone: Path) -> dict[Path, bytes]:
    """Return every file that a new source may touch."""
    folders = ("spiders/sources", "tests/captures", "docs")
    paths = (p for folder in folders for p in (clone / folder).rglob("*"))
    kept = (p for p in paths if "__pycache__" not in p.parts)
    return {p: p.read_bytes() if p.is_file() else b"" for p in kept}


def test_a_scaffolded_source_reads_and_passes_the_tests(
    clone: Path, run: Run, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    url = "https://docs.acme.example/pricing"
    command = ("-m", "almanac", "new-source", "acme_pricing", url, "--page", str(page))
    done = run(*command, "--fetched", "2026-11-20")
    assert done.returncode == 0, done.stderr
    assert "made spiders/sources/acme_pricing.yml" in done.stdout
    assert "price: input, USD per 1M tokens" in done.stdout
    assert "? Weft (3 cells, for 'weft')" in done.stdout
    other = run("-m", "almanac", "new-source", "acme_models", "https://api.acme.example/v1/models")
    assert other.returncode == 0, other.stderr
    assert "`acme_models`" in (clone / "docs/sources.md").read_text(encoding="utf-8")
    spider = clone / "spiders/sources/acme_pricing.py"
    assert len(spider.read_text(encoding="utf-8").splitlines()) == 12

    spider.write_text(
        spider.read_text(encoding="utf-8").replace(
            'Declared("acme")', 'Declared("acme", ignored={"Weft": "how it is woven"})'
        ),
        encoding="utf-8",
    )
    again = run(*command, "--again")
    assert again.returncode == 0 and "not of interest: how it is woven" in again.stdout, (
        again.stderr
    )
    (recorded,) = (clone / "tests/captures/acme_pricing").iterdir()
    assert recorded.name == "2026-11-20", "the day it was saved, whenever it is read again"
    assert '"2026-11-20T' in (recorded / "capture.json").read_text(encoding="utf-8")

    tests = ("tests/spiders/test_recorded.py", "-k", "acme", "-p", "no:cacheprovider")
    tested = run("-m", "pytest", "-q", *tests, "--import-mode=append")
    assert tested.returncode == 0 and tested.stdout.startswith("...."), tested.stdout
    files = ("spiders/sources/acme_pricing.py", "spiders/sources/acme_models.py")
    for lint in (("check",), ("format", "--check")):
        linted = run("-m", "ruff", *lint, *files)
        assert linted.returncode == 0, linted.stdout


def test_what_cannot_be_made_leaves_nothing(clone: Path, run: Run, tmp_path: Path) -> None:
    empty, odd, binary = tmp_path / "empty.html", tmp_path / "odd.md", tmp_path / "binary"
    empty.write_text("<html><body><p>Nothing.</p></body></html>", encoding="utf-8")
    odd.write_text("| Yarn | Ply |\n|---|---|\n| Loom 1 | 3 |\n", encoding="utf-8")
    binary.write_bytes(b"\x00\x01\x02" * 50)
    url, before = "https://docs.beta.example/pricing", state(clone)
    for words, code in (
        (("beta", url, "--page", str(empty)), 1),
        (("beta", url, "--page", str(odd)), 1),
        (("beta", url, "--page", str(binary)), 1),
        (("beta", url, "--page", str(tmp_path)), 1),
        (("beta", url, "--label", "Ply"), 2),
        (("beta", url, "--label", "Ply=frobnication"), 2),
        (("beta", url, "--label", "Warp=tier"), 2),
        (("beta", url, "--ignored", "Warp=why"), 2),
        (("beta", url, "--fetched", "soon"), 2),
        (("beta", url, "--unit", "cheap"), 2),
        (("beta", url, "--yen", "USD"), 2),
        (("Beta", url), 2),
        (("beta", "ftp://docs.beta.example"), 2),
        (("beta", url, "--again"), 2),
    ):
        done = run("-m", "almanac", "new-source", *words)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1, (words, done.stderr)
        assert state(clone) == before, words


def test_a_fault_while_writing_is_undone(clone: Path, run: Run) -> None:
    before = state(clone)
    tool = clone / "docs/tools/build.py"
    text = tool.read_text(encoding="utf-8")
    tool.write_text("raise SystemExit('out of paper')\n", encoding="utf-8")
    done = run("-m", "almanac", "new-source", "gamma", "https://docs.gamma.example/pricing")
    tool.write_text(text, encoding="utf-8")
    assert done.returncode == 1 and "out of paper" in done.stderr
    assert state(clone) == before


def test_a_dry_run_writes_nothing(clone: Path, run: Run) -> None:
    before = state(clone)
    words = ("gamma", "https://docs.gamma.example/pricing", "--dry-run")
    done = run("-m", "almanac", "new-source", *words)
    assert done.returncode == 0 and "a dry run" in done.stdout
    assert state(clone) == before
