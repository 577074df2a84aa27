"""What the house measures: the table beside the codebases that people hold up, by room.

    python -m benchmarks.house [ROOT]

Complexity is McCabe's, counted by radon: functions and methods, those within others too. Nothing
here is timed.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from radon.complexity import cc_visit

ROOT = Path(__file__).parents[1]
TOPS = ("schemas", "spiders", "warehouse", "flows", "comparisons", "almanac")
REPLACED = (
    "spiders/sources",
    "spiders/parsers",
    "spiders/crawling",
    "spiders/archive/index.py",
    "flows/entity_resolution",
    "flows/reconciliation",
    "flows/truth_discovery",
    "flows/orchestration/dask_partitions.py",
    "comparisons/pages",
    "comparisons/pricing",
)
"""Rooms that are rewritten later: each has counts of its own, which only fall."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: where it stands, and how many ways lead through it."""

    file: str
    name: str
    line: int
    complexity: int


@dataclass
class Room:
    """What is counted in some files."""

    functions: list[Function] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    wide: int = 0
    """Lines of over 100 characters."""
    wider: int = 0
    """Lines of over 120 characters."""
    documented: list[bool] = field(default_factory=list)
    """Of each public function, whether it has a docstring."""
    untyped_dicts: int = 0
    """Times that `dict[str, Any]` is written."""

    @property
    def total(self) -> int:
        return sum(f.complexity for f in self.functions)

    @property
    def mean(self) -> float:
        return statistics.mean(f.complexity for f in self.functions) if self.functions else 0.0

    def over(self, limit: int) -> list[Function]:
        """Return the functions of more than this complexity, the worst first."""
        worst = [f for f in self.functions if f.complexity > limit]
        return sorted(worst, key=lambda f: (-f.complexity, f.file, f.line))

    def add(self, other: Room) -> None:
        """Count what another room counted as well."""
        self.functions += other.functions
        self.lines.update(other.lines)
        self.wide += other.wide
        self.wider += other.wider
        self.documented += other.documented
        self.untyped_dicts += other.untyped_dicts


def files(root: Path = ROOT, tops: Sequence[str] = TOPS) -> Iterator[Path]:
    for top in tops:
        yield from sorted((root / top).rglob("*.py"))


def replaced(file: str) -> str:
    """Return the room of `REPLACED` that a file stands in, if it does."""
    return next((r for r in REPLACED if file == r or file.startswith(f"{r}/")), "")


def of_file(path: Path, name: str) -> Room:
    """Count one file, which is called `name` in what is told."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    return Room(
        functions=list(_functions(cc_visit(text), name)),
        lines={name: len(lines)},
        wide=sum(len(line) > 100 for line in lines),
        wider=sum(len(line) > 120 for line in lines),
        documented=list(_documented(ast.parse(text))),
        untyped_dicts=text.count("dict[str, Any]"),
    )


def _functions(blocks: Sequence[object], file: str) -> Iterator[Function]:
    """Yield functions, methods, and what is defined within them, each once."""
    for block in {(b.lineno, b.name): b for b in blocks}.values():  # type: ignore[attr-defined]
        if hasattr(block, "complexity") and not hasattr(block, "methods"):
            yield Function(file, block.name, block.lineno, block.complexity)
            yield from _functions(block.closures, file)


def _documented(tree: ast.Module) -> Iterator[bool]:
    places = (n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef))
    for child in (c for place in places for c in place.body):
        if isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
            yield ast.get_docstring(child) is not None


def measured(root: Path = ROOT) -> dict[str, Room]:
    """Return what is counted by room: `REPLACED` ones by name, all others together as ``."""
    rooms: defaultdict[str, Room] = defaultdict(Room)
    for path in files(root):
        name = path.relative_to(root).as_posix()
        rooms[replaced(name)].add(of_file(path, name))
    return dict(rooms)


def table(rooms: Mapping[str, Room]) -> Iterator[str]:
    """Yield the lines of what is printed."""
    whole = Room()
    for room in rooms.values():
        whole.add(room)
    count = sum(whole.lines.values())
    sources = [n for f, n in whole.lines.items() if f.startswith("spiders/sources/")]
    share = 100 * len(whole.over(10)) / len(whole.functions)
    yield f"lines                                  {count:,}"
    wide, wider = 100 * whole.wide / count, 100 * whole.wider / count
    yield f"lines over 100 · 120 characters        {wide:.1f} · {wider:.1f} %"
    yield f"mean cyclomatic complexity, total      {whole.mean:.2f}, {whole.total:,}"
    yield f"functions with complexity over 10      {share:.1f} %"
    yield f"public functions with a docstring      {100 * statistics.mean(whole.documented):.0f} %"
    yield f"lines a source, median                 {statistics.median(sources):.0f}"
    yield f"dict[str, Any]                         {whole.untyped_dicts}"
    yield ""
    yield f"{'room':40} functions  total  mean  over 12  dict[str, Any]"
    for name, room in sorted(rooms.items()):
        yield (
            f"{name or 'all others':40} {len(room.functions):9} {room.total:6} {room.mean:5.2f}"
            f" {len(room.over(12)):8} {room.untyped_dicts:15}"
        )
    yield ""
    for function in rooms[""].over(12):
        yield f"{function.complexity:4} {function.file}:{function.line} {function.name}"
    for file, lines in sorted(rooms[""].lines.items(), key=lambda pair: -pair[1]):
        if lines > 400:
            yield f"{lines:4} lines {file}"


if __name__ == "__main__":
    print(*table(measured(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)), sep="\n")
