"""The house: no import points up, the query path stays light, documents tell the truth."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.fields import _ALL, FIELDS
from spiders import base
from tests.conftest import Built

ROOT = Path(__file__).parents[1]
MAY = {
    "schemas": set(), "spiders": {"schemas"}, "warehouse": {"schemas"}, "flows": {"schemas", "spiders", "warehouse"},
    "comparisons": {"schemas", "warehouse"}, "almanac": {"schemas", "spiders", "warehouse", "flows", "comparisons"},
}  # fmt: skip


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module and not n.level}
    return {n.split(".")[0] for n in names}


@pytest.mark.parametrize("room", MAY)
def test_no_import_points_up(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert not (imported(path) & MAY.keys()) - MAY[room] - {room}, path


def test_a_query_imports_nothing_heavy() -> None:
    code = "import sys, almanac.cli, almanac.ask, warehouse, comparisons.comparison; print(*sorted(sys.modules))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert not loaded & {"prefect", "scrapy", "pandas", "great_expectations", "sqlalchemy", "sqlmodel", "pydantic"}


def test_stages_import_no_framework() -> None:
    code = "import sys, flows.line, flows.resolve, flows.link, flows.normalise, flows.validate; print(*sorted(sys.modules))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert not loaded & {"prefect", "scrapy", "pandas", "great_expectations"}


def test_a_field_is_defined_once() -> None:
    assert len(_ALL) == len(FIELDS)
    for field in _ALL:
        assert field.meaning and field.title and (field.low is None or field.reason), field.name


def test_the_data_dictionary_is_the_registry() -> None:
    from docs.build import fields_page

    assert (ROOT / "docs/fields.md").read_text(encoding="utf-8") == fields_page()


def test_the_sources_page_is_the_cards() -> None:
    from docs.build import sources_page

    assert (ROOT / "docs/sources.md").read_text(encoding="utf-8") == sources_page()


def test_the_originals_page_is_what_the_recorded_pages_give(everything: Built) -> None:
    from docs.originals import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page(everything.open())


def test_the_readme_names_every_command() -> None:
    from tests.test_cli import COMMANDS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`almanac {c}" in readme for c in COMMANDS)


@pytest.mark.parametrize("name", base.names())
def test_a_reader_is_small(name: str) -> None:
    lines = (ROOT / f"spiders/sources/{name}.py").read_text(encoding="utf-8").count("\n")
    assert lines <= 250


def test_doctests() -> None:
    import doctest
    import importlib

    examples = [p for room in MAY for p in (ROOT / room).rglob("*.py") if ">>> " in p.read_text(encoding="utf-8")]
    assert len(examples) >= 8
    for path in examples:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert doctest.testmod(importlib.import_module(name)).failed == 0, name


def test_no_registry_host_is_named() -> None:
    """Packages are named by name; where they come from is each machine's own setting."""
    hosts = re.compile("|".join(("pypi" + r"\.org", "files" + r"\.pythonhosted", "registry" + r"\.npmjs")))
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".txt", ".yml", ".yaml", "") and path.is_file():
            assert not hosts.search(path.read_text(encoding="utf-8", errors="ignore")), name
