"""The page on architecture names what there is, and nothing that is not."""

from __future__ import annotations

import ast
import re
import subprocess

from almanac.flows.pipeline import stages
from almanac.flows.pipeline.stages import Stage
from tests.project.test_floors import FLOORS
from tests.support.imports import ROOMS, ROOT, modules

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", PAGE))


def rows_under(head: str) -> list[list[str]]:
    """Return the cells of the table under a head, without its first two lines."""
    part = PAGE.split(f"\n## {head}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def folders() -> set[str]:
    """Return every folder of the package that holds files."""
    tracked = {str(p.relative_to(ROOT).parent) for p in modules().values()}
    data = {
        str(p.parent.relative_to(ROOT))
        for room in ROOMS
        for p in (ROOT / room).rglob("*")
        if p.is_file() and p.suffix in (".html", ".css", ".js", ".yml", ".yaml", ".json")
    }
    return tracked | data


def test_every_folder_is_named_and_none_that_is_not_there() -> None:
    there = folders()
    assert len(there) > 30
    assert sorted(f for f in there if f"{f}/" not in NAMED) == []
    paths = {n for n in NAMED if n.endswith("/") and "/" in n}
    assert sorted(p for p in paths if not (ROOT / p).is_dir()) == []


def test_every_stage_is_named_and_none_that_is_not_there() -> None:
    declared = {s.name for s in vars(stages).values() if isinstance(s, Stage)}
    assert {row[0].strip("`") for row in rows_under("Stages of a run")} == declared


def test_the_floors_are_those_that_are_tested() -> None:
    for room, below in FLOORS.items():
        top = room.removeprefix("almanac.")
        (cells,) = [row for row in rows_under("Floors") if row[0] == f"`{top}/`"]
        named = {f"almanac.{word}" for word in re.findall(r"`(\w+)`", cells[3])}
        assert named == below, room


def test_every_exception_that_leaves_its_file_is_named() -> None:
    raised = set()
    for path in modules().values():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
                if any(base.endswith(("Error", "Exception")) for base in bases):
                    raised.add(node.name)
    assert len(raised) > 10
    assert sorted(raised - NAMED) == []


def test_the_glossary_says_the_contracts_words_once() -> None:
    words = [word for row in rows_under("Glossary") for word in row[0].split(", ")]
    assert len(words) == len(set(words)) > 20
    needed = (
        "claim figure spell look release source maker provider offer as-of terms meter link fuse"
    )
    assert set(needed.split()) <= set(words)


def test_pages_that_docs_point_to_are_there() -> None:
    """Of every page in Markdown that is under version control, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    pages = [ROOT / name for name in listed] or sorted((ROOT / "docs").glob("*.md"))
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        if "captures" not in page.parts
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert missing == []
