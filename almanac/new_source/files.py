"""The files of a new source: all of them are written, or none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from almanac.out import Refused


def captured(url: str, day: str) -> str:
    """Return the text of a `capture.json`."""
    return f'{{\n "url": "{url}",\n "fetched_at": "{day}T00:00:00Z",\n "status": 200\n}}\n'


def newest(root: Path, source: str) -> Path:
    """Return the newest recorded page of a source. Raises Refused where it has none."""
    folders = sorted((root / "tests" / "captures" / source).glob("*/body"))
    if not folders:
        raise Refused(f"tests/captures/{source} holds no recorded page")
    return folders[-1].parent


def write_all(root: Path, files: Mapping[Path, str], source: str, *, replace: bool = False) -> None:
    """Write files into a clone and list the source in docs/sources.md.

    Raises Refused where that cannot be done, where one is there and not to be replaced, or where
    the files as written do not read as they say; then the clone is as it was.
    """
    there = [path for path in files if path.exists()]
    if there and not replace:
        raise Refused(f"{there[0].relative_to(root)} is there already")
    pages = (root / "docs").glob("*.md")
    before = {path: path.read_bytes() for path in (*pages, *files) if path.is_file()}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        _check(root, source, next(path for path in files if path.name == "body"))
        _run(root, "docs.tools.build")
    except BaseException:
        _undo(root, files, before, source)
        raise


def _undo(root: Path, files: Iterable[Path], before: Mapping[Path, bytes], source: str) -> None:
    """Leave the clone as it was before."""
    for path in files:
        path.unlink(missing_ok=True)
    for path, content in before.items():
        path.write_bytes(content)
    folder = root / "tests" / "captures" / source
    for inner in (*folder.glob("*"), folder):
        if inner.is_dir() and not any(inner.iterdir()):
            inner.rmdir()


def _check(root: Path, source: str, body: Path) -> None:
    """Raise Refused where the written source reads its recorded page otherwise than was said."""
    claims = body.with_name("claims.json")
    expected = claims.read_text(encoding="utf-8")
    _run(root, "tests.support.recorded", str(body.parent))
    if claims.read_text(encoding="utf-8") != expected:
        raise Refused(f"spiders/sources/{source}.py does not read its page as it was read here")


def _run(root: Path, module: str, *arguments: str) -> None:
    """Run a module of the clone: this process listed the sources before there was a new one."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Refused(f"python -m {module}: {reason}")
