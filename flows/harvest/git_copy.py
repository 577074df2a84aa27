"""The objects of a repository in a folder, copied as files into a bare one of ours."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from almanac.flows.harvest.git_addresses import printable
from almanac.flows.harvest.git_process import run
from almanac.flows.harvest.safe_git import empty_repository
from almanac.spiders.archive import lock

LARGEST_COPY = 64 * 2**30
"""Bytes of objects that are copied out of a folder."""
MOST_FILES = 2_000_000
"""Files of objects that are copied out of a folder."""
_OBJECT = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"refs/[^\s\x00-\x1f\x7f~^:?*\[\\]+")


class Copy:
    """The objects of a repository in a folder, in a bare one of ours.

    That goes when it is closed, or when its process ends.

    Raises ValueError, one line, for a folder that is no repository, or leads to files elsewhere.
    """

    def __init__(self, place: Path, cache: Path) -> None:
        self._place = place
        git = self._git_folder(place.resolve())
        self.head, self.origin = self._head(git), ""
        self.folder, self._lock = _own(cache)
        try:
            empty_repository(self.folder)
            self._objects(git / "objects")
            self._shallow(git)
            self.origin = self._origin(git)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _no(self, why: str) -> ValueError:
        return ValueError(f"{self._place}: {why}")

    def _git_folder(self, place: Path) -> Path:
        git = self._inside(place)
        if not (git / "objects").is_dir() or not os.path.lexists(git / "HEAD"):
            if (git / "commondir").exists():
                raise self._no("part of another repository's working tree: give that repository")
            raise self._no("no git repository")
        if (git / "objects").is_symlink():
            raise self._no(
                f"its objects are a link to {printable(os.readlink(git / 'objects'))},"
                " which is not followed"
            )
        if _borrows(git):
            raise self._no(
                "borrows objects from another folder (objects/info/alternates):"
                " `git repack -ad` there brings them in"
            )
        return git

    def _inside(self, place: Path) -> Path:
        """Return the folder git keeps its own in: `.git`, or the place itself if that is bare."""
        dot = place / ".git"
        if dot.is_symlink():
            raise self._no(
                f"its .git is a link to {printable(os.readlink(dot))}: give that folder itself"
            )
        if dot.is_file():
            leads = (_text(dot, 4096) or "").removeprefix("gitdir:").strip()
            raise self._no(
                f"its .git is a file that leads to {printable(leads)}:"
                " give the repository it belongs to"
            )
        return dot if dot.is_dir() else place

    def _head(self, git: Path) -> str:
        """Return the commit that HEAD stands at, by following names inside the folder only."""
        name = "HEAD"
        for _ in range(5):
            reference = self._loose(git, name) or self._packed(git, name)
            if not reference.startswith("ref:"):
                break
            name = reference[4:].strip()
            if not _REF.fullmatch(name) or any(
                part.startswith(".") or not part for part in name.split("/")
            ):
                raise self._no(
                    f"its HEAD leads to {printable(name)},"
                    " which is no name of a branch that is read here"
                )
        if _OBJECT.fullmatch(reference):
            return reference
        if re.fullmatch(r"[0-9a-f]{64}", reference):
            raise self._no("names its objects by SHA-256, which is not read")
        raise self._no("no commit" if not reference else "its HEAD is no commit")

    def _loose(self, git: Path, name: str) -> str:
        path = git
        for part in name.split("/"):
            path = path / part
            if path.is_symlink():
                raise self._no(
                    f"{printable(str(path.relative_to(git)))} is a link, which is not followed"
                )
        if not os.path.lexists(path) or path.is_dir():
            return ""
        text = _text(path, 4096)
        if text is None:
            raise self._no(f"{printable(name)} is no plain file")
        return text.strip()

    def _packed(self, git: Path, name: str) -> str:
        text = _text(git / "packed-refs", 2**28) if os.path.lexists(git / "packed-refs") else ""
        if text is None:
            raise self._no("packed-refs is no plain file, or too large")
        return next(
            (line[: -len(name) - 1] for line in text.split("\n") if line.endswith(f" {name}")), ""
        )

    def _objects(self, source: Path) -> None:
        """Copy the files that hold objects, as they are: loose ones, and packs with their lists.

        No link is followed.
        """
        size = count = 0
        for path in self._files(source):
            into = self.folder / "objects" / path.relative_to(source)
            into.parent.mkdir(exist_ok=True)
            try:
                about = path.lstat()
                if not stat.S_ISREG(about.st_mode):
                    raise self._no(
                        f"objects/{printable(str(path.relative_to(source)))} is a link"
                        " or no plain file, which is not followed"
                    )
                size, count = size + about.st_size, count + 1
                if size > LARGEST_COPY or count > MOST_FILES:
                    raise self._no(
                        f"its objects are more than {LARGEST_COPY:,} bytes or {MOST_FILES:,} files"
                    )
                _placed(path, into)
            except FileNotFoundError:
                continue  # packed meanwhile by whoever works in it

    def _files(self, source: Path) -> Iterator[Path]:
        for entry in os.scandir(source):
            wanted = (
                r"[\w-][\w.-]*\.(?:pack|idx)"
                if entry.name == "pack"
                else r"[0-9a-f]{38}"
                if re.fullmatch("[0-9a-f]{2}", entry.name)
                else ""
            )
            if not wanted:
                continue
            if not entry.is_dir(follow_symlinks=False):
                raise self._no(
                    f"objects/{entry.name} is a link or no folder, which is not followed"
                )
            yield from (
                Path(inner.path)
                for inner in os.scandir(entry.path)
                if re.fullmatch(wanted, inner.name)
            )

    def _shallow(self, git: Path) -> None:
        """Where a clone was cut off at some commits they begin its history."""
        text = _text(git / "shallow", 2**24) if os.path.lexists(git / "shallow") else ""
        cut = [line for line in (text or "").split("\n") if _OBJECT.fullmatch(line)]
        if cut:
            (self.folder / "shallow").write_text(
                "".join(f"{line}\n" for line in cut), encoding="utf-8"
            )

    def _origin(self, git: Path) -> str:
        """Return the address it says it came from, read as text.

        What else the file says is not looked at.
        """
        config = _text(git / "config", 2**20)
        if not config:
            return ""
        try:
            return (
                run(
                    self.folder,
                    "config",
                    "--file",
                    "-",
                    "--no-includes",
                    "--get",
                    "remote.origin.url",
                    data=config.encode("utf-8", "surrogateescape"),
                )
                .decode("utf-8", "replace")
                .strip()
            )
        except ValueError:
            return ""


def _borrows(git: Path) -> bool:
    """Whether a repository has objects in another folder, or may have."""
    text = _text(git / "objects" / "info" / "alternates", 65536)
    return text is None or any(
        line.strip() and not line.startswith("#") for line in text.split("\n")
    )


def _placed(path: Path, into: Path) -> None:
    """Give a file a second name, which costs nothing, or copy it where that cannot be."""
    try:
        os.link(path, into, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(path, into, follow_symlinks=False)
    if not stat.S_ISREG(into.lstat().st_mode):  # changed while it was looked at
        into.unlink()


def _text(path: Path, most: int) -> str | None:
    """Return the text of a plain file; empty where there is none.

    None for a link, another kind of file, or one that is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        body = file.read(most + 1)
    return body.decode("utf-8", "surrogateescape") if len(body) <= most else None


def _own(cache: Path) -> tuple[Path, int]:
    """Make a folder of this process alone, locked as long as it is open.

    Take away those of runs that were killed: their lock is free.
    """
    cache.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(cache, os.O_RDONLY)
    try:
        with lock.held(descriptor):
            for left in cache.glob("reading-*"):
                if left.is_dir() and not left.is_symlink() and not lock.in_use(left):
                    shutil.rmtree(left, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix="reading-", dir=cache))
            mine = os.open(folder, os.O_RDONLY)
            lock.take(mine)
            return folder, mine
    finally:
        os.close(descriptor)
