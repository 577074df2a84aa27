"""A small git repository for tests, written commit by commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitRepo:
    """A repository in a folder.

    Each `commit` sets files (None takes one away) at a moment given as ISO text.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.run("init", "-q", "-b", "main")

    def run(self, *command: str, moment: str = "2026-01-01T00:00:00Z") -> str:
        environment = {
            **os.environ,
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        identity = (
            "-c",
            "user.name=Tester",
            "-c",
            "user.email=tester@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        return subprocess.run(
            ["git", *identity, "-C", str(self.folder), *command],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def commit(
        self, moment: str, files: Mapping[str, str | None], links: Mapping[str, str] | None = None
    ) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.unlink(missing_ok=True)
                path.write_text(text)
        for name, target in (links or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to(target)
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", "x", moment=moment)
        return self.run("rev-parse", "HEAD")
