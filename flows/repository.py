"""A git repository as a history of looks: each commit on its first-parent line is a look at every file."""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

GIT = ("git", "-c", "safe.directory=*", "-c", "log.showRoot=true", "-c", "core.quotePath=false")
GONE = "0" * 40
_LINK, _FILE = "120000", ("100644", "100755")


@dataclass(slots=True)
class Commit:
    """One commit: its moment, and the effective blob of each file whose content is another than at the commit before; `GONE` for none."""

    id: str
    moment: datetime
    changes: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    """Whether `changes` are all the files there were."""


class History(Protocol):
    """Where a history of files comes from: a repository, or what the archive keeps of one."""

    @property
    def name(self) -> str: ...
    def url(self, commit: str, path: str) -> str: ...
    def commits(self, files: re.Pattern[str]) -> Iterator[Commit]: ...
    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]: ...


class Repository:
    """A repository that was cloned before, or one to be cloned into `cache`. Raises ValueError, one line, for what is none."""

    def __init__(self, place: str, cache: Path) -> None:
        self.folder = Path(place)
        if not self.folder.is_dir():
            if "://" not in place and not re.match(r"[\w.-]+@[\w.-]+:", place):
                raise ValueError(f"{place}: neither a folder nor the address of a repository")
            self.folder = _cloned(place, cache)
        if _run(self.folder, "rev-parse", "--git-dir").returncode:
            raise ValueError(f"{place}: no git repository")
        origin = _run(self.folder, "config", "--get", "remote.origin.url").stdout.decode().strip() or (place if "://" in place else "")
        web = re.fullmatch(r"(?:https?://(?:[^@/]+@)?|ssh://git@|git@)([\w.-]+)[:/](.+?)(?:\.git)?/?", origin)
        self.name = f"https://{web[1]}/{web[2]}" if web else f"git:{self.folder.resolve().name.removesuffix('.git')}"
        """Where it is on the web, or the name of its folder."""

    def url(self, commit: str, path: str) -> str:
        """Return the address of a file as it was at a commit."""
        return f"{self.name}/blob/{commit}/{path}"

    def commits(self, files: re.Pattern[str]) -> Iterator[Commit]:
        """Yield the first-parent line, oldest first, with what each commit changed among some files.

        Moments rise strictly: where clocks went backwards, the order of the commits decides. A link has the content of the
        file it leads to. Raises ValueError for a repository without a commit.
        """
        log = _run(self.folder, "log", "--first-parent", "-m", "--reverse", "--raw", "--no-renames", "--no-abbrev", "-z", "--format=%x01%H %ct")
        if log.returncode:
            raise ValueError(f"{self.folder}: {log.stderr.decode(errors='replace').strip().splitlines()[0]}")
        blobs: dict[str, str] = {}
        links: dict[str, str] = {}
        now = 0
        for head, changed in _records(log.stdout):
            commit, said = head.split(" ")
            now = max(int(said), now + 1)
            touched = set()
            for path, mode, blob in changed:
                touched.add(path)
                links.pop(path, None)
                if mode == _LINK:
                    links[path] = posixpath.normpath(posixpath.join(posixpath.dirname(path), self._text(blob)))
                    blobs.pop(path, None)
                elif mode in _FILE:
                    blobs[path] = blob
                else:
                    blobs.pop(path, None)
            made = Commit(commit, datetime.fromtimestamp(now, UTC))
            for path in touched | {link for link in links if _leads(link, links) in touched or link in touched}:
                if files.search(path):
                    made.changes[path] = blobs.get(_leads(path, links), GONE)
            yield made
        if not now:
            raise ValueError(f"{self.folder}: no commit")

    def _text(self, blob: str) -> str:
        return _run(self.folder, "cat-file", "blob", blob).stdout.decode("utf-8", "replace").strip()

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield (id, body) of blobs, each read once, in order. Raises ValueError for one that is not there."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return
        read = subprocess.Popen([*GIT, "-C", str(self.folder), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert read.stdin is not None and read.stdout is not None
        try:
            for start in range(0, len(wanted), 200):  # asked for in parts, so that neither side waits for the other's pipe
                part = wanted[start : start + 200]
                read.stdin.write("".join(f"{b}\n" for b in part).encode())
                read.stdin.flush()
                for blob in part:
                    head = read.stdout.readline().split()
                    if len(head) != 3:
                        raise ValueError(f"{self.folder}: blob {blob} is missing: fetch the repository whole")
                    body = read.stdout.read(int(head[2]))
                    read.stdout.read(1)
                    yield blob, body
        finally:
            read.stdin.close()
            read.stdout.close()
            read.wait()


def _leads(path: str, links: dict[str, str]) -> str:
    """Return where a path leads through links; itself where it is none, nothing where links go in a circle."""
    for _ in range(8):
        if path not in links:
            return path
        path = links[path]
    return ""


def _records(out: bytes) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Yield (head, [(path, mode, blob)]) of each commit of a raw log; a file that went has mode 000000."""
    head, changed, meta = "", [], None  # type: tuple[str, list[tuple[str, str, str]], list[str] | None]
    for token in out.split(b"\0"):
        text = token.decode("utf-8", "replace").lstrip("\n")
        if meta is not None:
            changed.append((text, meta[1], meta[3]))
            meta = None
        elif text.startswith("\x01"):
            if head:
                yield head, changed
            head, changed = text[1:].strip(), []
        elif text.startswith(":"):
            meta = text.split(" ")
    if head:
        yield head, changed


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*GIT, "-C", str(folder), *command], capture_output=True, check=False)


def _cloned(address: str, cache: Path) -> Path:
    """Clone a repository into the cache, or fetch what is new in it."""
    folder = cache / (re.sub(r"\W+", "-", address.split("://")[-1]).strip("-") + ".git")
    if folder.is_dir():
        command = [*GIT, "-C", str(folder), "fetch", "--quiet", "origin", "+HEAD:refs/heads/almanac"]
    else:
        cache.mkdir(parents=True, exist_ok=True)
        command = [*GIT, "clone", "--quiet", "--bare", "--", address, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"{address}: {(done.stderr.strip().splitlines() or ['git failed'])[-1]}"
        raise ValueError(re.sub(r"//[^@/\s]+@", "//…@", said))  # no name and token in messages
    if "fetch" in command:
        _run(folder, "symbolic-ref", "HEAD", "refs/heads/almanac")
    return folder
