"""The program copied to another folder, and run from there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.imports import ROOMS, ROOT

SCRIPT = ".ci/link_types.py"


def copied(folder: Path, *more: str) -> Path:
    """Copy the rooms and `more` files or folders of the clone; return what PYTHONPATH is to name.

    An editable install maps the package onto the clone it was made in, so the copy is laid out as
    mypy has it: links below `.types/almanac`.
    """
    for name in (*ROOMS, ".ci", *more):
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    if not (folder / "pyproject.toml").exists():
        shutil.copy(ROOT / "pyproject.toml", folder)
    subprocess.run([sys.executable, str(folder / SCRIPT)], check=True)
    return folder / ".types"
