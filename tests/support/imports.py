"""Who imports whom in the package, told from the files alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("almanac", "comparisons", "flows", "schemas", "spiders", "warehouse")


def modules() -> dict[str, Path]:
    """Return every module of the package by its name, with its file."""
    paths = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts if room == "almanac" else ("almanac", *parts))
            paths[name.removesuffix(".__init__")] = path
    return paths


def imported(path: Path, ours: Mapping[str, Path]) -> set[str]:
    """Return what a file imports, anywhere in it, also by `import_module("…")`.

    Of our own the module that is meant, of others the first part of the name.
    """
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {_module(name, ours) for node in nodes for name in _names(node)}


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant))


def _module(name: str, ours: Mapping[str, Path]) -> str:
    if not name.startswith("almanac."):
        return name.partition(".")[0]
    while name not in ours:
        name = name.rpartition(".")[0]
    return name


def graph(ours: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return which modules of ours each module of ours imports."""
    return {name: imported(path, ours) & ours.keys() - {name} for name, path in ours.items()}


def circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, by whatever way (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(arrows[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for name in sorted(arrows):
        if name not in index:
            visit(name)
    return groups
