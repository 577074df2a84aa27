"""Lay the package out in `.types/` as links, for mypy, which does not know an editable install.

What is imported as `almanac.schemas` stands in `schemas/`: pyproject.toml maps it. Links to the
rooms and to what stands in `almanac/` itself show mypy the tree that a wheel has.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(root: Path = ROOT) -> None:
    """Make the tree of a clone anew."""
    made = root / ".types" / "almanac"
    shutil.rmtree(made.parent, ignore_errors=True)
    made.mkdir(parents=True)
    for entry in (root / "almanac").iterdir():
        if entry.name != "__pycache__":
            (made / entry.name).symlink_to(entry)
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    for package, folder in project["tool"]["setuptools"]["package-dir"].items():
        if package != "almanac":
            (made / package.removeprefix("almanac.")).symlink_to(root / folder)


if __name__ == "__main__":
    main()
