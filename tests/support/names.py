"""The names that the code gives to things, told from the files alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Named:
    """One place where something is given a name."""

    name: str
    line: int


def named(tree: ast.AST) -> Iterator[Named]:
    """Yield what is given a name: variables, parameters, functions, classes, aliases."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Named(node.id, node.lineno)
        elif isinstance(node, ast.arg):
            yield Named(node.arg, node.lineno)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield Named(node.name, node.lineno)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield Named(node.attr, node.lineno)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield Named(node.name, node.lineno)
        elif isinstance(node, ast.alias) and node.asname:
            yield Named(node.asname, node.lineno)


def classes(path: Path) -> set[str]:
    """Return the names of the classes that a file defines, at any depth."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def borrowed(tree: ast.AST) -> Iterator[str]:
    """Yield the private names of other files of ours that a file uses."""
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("almanac"):
            for alias in node.names:
                if _private(alias.name):
                    yield f"{node.module}.{alias.name}"
                if alias.name.islower():
                    modules.add(alias.asname or alias.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = node.value.id, node.attr
            if module in modules and _private(name):
                yield f"{module}.{name}"


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
