"""Git, run so that nothing a repository says of itself is done.

Git does what it finds in a repository: its configuration names programs (`gpg.program`,
`core.fsmonitor`, `diff.external`), hooks are programs, `objects/info/alternates` and links lead to
other folders, a partial clone fetches what it lacks from where it says. So git is never started in
a repository that was given: only in a bare one that is made here, with a configuration of two
lines, into which nothing but objects come. From a folder they are copied as files (`git_copy`),
from an address they are fetched (`fetched`). Neither the configuration nor the variables of whoever
calls take part.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from almanac.flows.harvest.git_addresses import shown
from almanac.flows.harvest.git_process import run
from almanac.spiders.archive import lock

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_OURS = {
    "objects": {
        "[0-9a-f]{2}": {"[0-9a-f]{38}": True},
        "pack": {r"pack-[\w.-]*\.(?:pack|idx)": True},
    },
    "refs": {"heads": {"almanac": True}},
}
"""What stays of a repository of ours, by patterns of names.

All else in it could lead git elsewhere.
"""


def empty_repository(folder: Path) -> Path:
    """Make a bare repository that holds nothing.

    Of one that is there, take out all but objects and our reference.
    """
    _cleared(folder, _OURS)
    for name in ("objects/pack", "objects/info", "refs/heads"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "config").write_text(_CONFIG, encoding="utf-8")
    (folder / "HEAD").write_text("ref: refs/heads/almanac\n", encoding="utf-8")
    return folder


def _cleared(folder: Path, kept: Mapping[str, Any]) -> None:
    """Take out of a folder, or of the link in its place, all but `kept`.

    By a pattern of names, that is what is kept of a folder, and True for a file.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.unlink()
    for entry in os.scandir(folder) if folder.exists() else ():
        inside = next((kept[name] for name in kept if re.fullmatch(name, entry.name)), None)
        if entry.is_dir(follow_symlinks=False):
            if isinstance(inside, Mapping):
                _cleared(Path(entry.path), inside)
            else:
                shutil.rmtree(entry.path)
        elif inside is not True or not entry.is_file(follow_symlinks=False):
            os.unlink(entry.path)


def fetched(address: str, folder: Path) -> str:
    """Fetch what is new at an address into a bare repository of ours.

    Return the commit it stands at.

    Two that fetch into one folder do so one after the other: the second would take out what the
    first is writing. Raises ValueError.
    """
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        with lock.held(descriptor):
            empty_repository(folder)
            return _fetched(address, folder)
    finally:
        os.close(descriptor)


def _fetched(address: str, folder: Path) -> str:
    try:
        run(
            folder,
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-gc",
            "--no-write-fetch-head",
            "--",
            address,
            "+HEAD:refs/heads/almanac",
            remote=True,
        )
        return (
            run(folder, "rev-parse", "--verify", "--quiet", "refs/heads/almanac^{commit}")
            .decode()
            .strip()
        )
    except ValueError as error:
        raise ValueError(f"{shown(address)}: {shown(str(error))}") from None
