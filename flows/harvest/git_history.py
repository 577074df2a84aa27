"""A git repository as a history of looks.

Each commit on its first-parent line is a look at every file.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from almanac.flows.harvest import git_addresses, git_copy, git_process, safe_git
from almanac.schemas.parts import parts
from almanac.spiders.bounds import LARGEST_PAGE

GONE = "0" * 40
LINKS = 10_000
"""Links that a repository may hold at a time."""
_LINK, _FILE = "120000", ("100644", "100755")
_LONGEST_PATH = 4096
_LOG = (
    "log",
    "--first-parent",
    "-m",
    "--reverse",
    "--raw",
    "--no-renames",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--no-notes",
    "--no-mailmap",
    "--no-show-signature",
    "-z",
    "--format=%x01%H %ct",
)


@dataclass(slots=True)
class Commit:
    """One commit: its moment, and the effective blobs that it changed.

    A file is there whose content is another than at the commit before; `GONE` for none.
    """

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
    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes | None, int]]: ...


class GitRepository:
    """A repository in a folder, or at an address.

    One in a folder is read from a copy of its objects; one at an address is fetched into `cache`.

    Use as a context.

    Its `name` is the address that it was fetched from over a line that proves who answers, or that
    whoever fills says it is a copy of (`is_of`). A folder's own configuration is the word of
    whoever made the folder: it is kept as `origin`, and names nothing. Raises ValueError, one line,
    for what is none, or leads elsewhere (`almanac.flows.harvest.safe_git`).
    """

    def __init__(self, place: str, cache: Path, latest: datetime | None = None) -> None:
        """Read what is at `place`; commits after `latest` are listed in `ahead`."""
        self._latest = int(latest.timestamp()) if latest else None
        self.ahead: dict[str, datetime] = {}
        """Commits that are dated after the latest moment there can be, with that date."""
        folder = git_addresses.local(place)
        if folder is not None:
            copy = git_copy.Copy(folder, cache)
            self.folder, self._tip = copy.folder, copy.head
            self._close = weakref.finalize(self, copy.close)
        elif git_addresses.is_address(place):
            bare = git_addresses.bare(place)  # no name and token in the name of a folder
            self.folder = cache / (re.sub(r"\W+", "-", bare.split("://")[-1]).strip("-") + ".git")
            self._tip = safe_git.fetched(place, self.folder)
            self._close = weakref.finalize(self, lambda: None)
        else:
            shown = exact(git_addresses.shown(place).encode("utf-8", "surrogateescape"))
            raise ValueError(
                f"{shown}: neither a folder nor the address of a repository"
                " (https, http, ssh or git)"
            )
        self.origin = on_the_web(copy.origin) if folder else ""
        """Where a folder says that it came from; nothing for a repository that was fetched."""
        self.name = ("" if folder else on_the_web(place)) or _called(folder or self.folder)
        """Where it was fetched from, or the name of its folder."""
        self._shown = place if folder else self.name

    def __enter__(self) -> GitRepository:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def is_of(self, address: str) -> None:
        """Take a folder for a copy of the repository at an address, or raise ValueError."""
        name = on_the_web(address)
        if not name.startswith("https://"):
            shown = exact(git_addresses.shown(address).encode("utf-8", "surrogateescape"))
            raise ValueError(f"{shown}: not the address of a repository (https or ssh)")
        self.name = name

    def url(self, commit: str, path: str) -> str:
        """Return the address of a file as it was at a commit."""
        return f"{self.name}/blob/{commit}/{path}"

    def commits(self, files: re.Pattern[str]) -> Iterator[Commit]:
        """Yield the first-parent line, oldest first.

        Each commit comes with what it changed among some files.

        Moments rise strictly: where clocks went backwards, the order of the commits decides. A link
        has the content of the file it leads to. Raises ValueError for a history that cannot be
        read, or is longer than is read.
        """
        try:
            log = git_process.run(self.folder, *_LOG, self._tip)
        except ValueError as error:
            raise ValueError(f"{self._shown}: {error}") from None
        blobs: dict[str, str] = {}
        links = _Symlinks()
        now = 0
        with (
            git_process.Objects(self.folder, "--batch-check") as heads,
            git_process.Objects(self.folder, "--batch") as texts,
        ):
            for head, changed in _records(log):
                commit, seconds = head.split(" ")
                moment = max(int(seconds), now + 1)
                if self._latest is not None and int(seconds) > self._latest:
                    moment = int(seconds)
                    self.ahead[commit] = _moment(moment, self._shown, commit)
                else:
                    now = moment
                targets: dict[str, str | None] = {}
                for path, mode, blob in changed:
                    blobs.pop(path, None)
                    targets[path] = (
                        self._target(path, blob, heads, texts) if mode == _LINK else None
                    )
                    if mode in _FILE:
                        blobs[path] = blob
                followed = links.turn(targets)
                if len(links.targets) > LINKS:
                    raise ValueError(f"{self._shown}: more than {LINKS:,} links at commit {commit}")
                changes = {
                    path: blobs.get(links.end(path), GONE)
                    for path in sorted(targets.keys() | followed)
                    if files.search(path)
                }
                yield Commit(commit, _moment(moment, self._shown, commit), changes)

    def _target(
        self, path: str, blob: str, heads: git_process.Objects, texts: git_process.Objects
    ) -> str:
        """Return the path that a link leads to; nothing for one that is no path."""
        ((_, body, _),) = _bodies(
            texts, [blob], self._sizes(heads, [blob]), _LONGEST_PATH, self._shown
        )
        return (
            posixpath.normpath(posixpath.join(posixpath.dirname(path), exact(body))) if body else ""
        )

    def _sizes(self, heads: git_process.Objects, ids: Sequence[str]) -> dict[str, int]:
        """Return the size in bytes of blobs, before any is read.

        Raises ValueError for one that is not there.
        """
        heads.ask(ids)
        sizes: dict[str, int] = {}
        for blob in ids:
            head = heads.head()
            if head is None or head[0] != "blob":
                raise ValueError(
                    f"{self._shown}: blob {blob} is missing: fetch the repository whole"
                )
            sizes[blob] = head[1]
        return sizes

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes | None, int]]:
        """Yield (id, body, bytes) of blobs in the order in which they are asked for.

        Each comes when it is asked for; it has no body where it is too large.

        Raises ValueError for one that is not there, or is another than its id says.
        """
        wanted = list(ids)
        if not wanted:
            return
        with (
            git_process.Objects(self.folder, "--batch-check") as heads,
            git_process.Objects(self.folder, "--batch") as bodies,
        ):
            # Asked for in parts, so that neither side waits for the other's pipe.
            for batch in parts(wanted, 200):
                yield from _bodies(
                    bodies, batch, self._sizes(heads, batch), LARGEST_PAGE, self._shown
                )


_PATH = r"[^\s\x00-\x1f\x7f-\x9f#]+?"
_WEB = re.compile(rf"(https?://|ssh://git@|git@)([\w.-]+)[:/]({_PATH})(?:\.git)?/?")


def on_the_web(address: str) -> str:
    """Return the page of the repository that is fetched from an address; nothing for one without.

    >>> on_the_web("git@github.com:a/b.git"), on_the_web("https://me:t@github.com/a/b/")
    ('https://github.com/a/b', 'https://github.com/a/b')
    >>> on_the_web("http://github.com/a/b"), on_the_web("/srv/b")
    ('http://github.com/a/b', '')

    Plain HTTP proves nothing of who answers, and stays in the name: no maker speaks there.
    """
    web = _WEB.fullmatch(git_addresses.bare(address) if address.startswith("http") else address)
    if web is None:
        return ""
    return f"{'http' if web[1] == 'http://' else 'https'}://{web[2]}/{web[3]}"


def _called(folder: Path) -> str:
    """Return the name of a repository that is only known by its folder."""
    here = folder.resolve()
    own = here.parent if here.name == ".git" else here
    name = exact(own.name.removesuffix(".git").encode("utf-8", "surrogateescape"))
    return f"git:{name.replace('#', '%23')}"


def too_large(size: int) -> str:
    """Return why a blob of so many bytes is not read."""
    return f"{size:,} bytes, which is more than the {LARGEST_PAGE:,} that are read"


def exact(name: bytes) -> str:
    r"""Return a path of a repository as text, one text for one path.

    What is no UTF-8, and what breaks or hides in a line, is written as `%XX`.

    >>> exact(b"models/gpt-4o.toml"), exact(b"a\n\xff"), exact(b"100%25")
    ('models/gpt-4o.toml', 'a%0A%FF', '100%2525')
    """
    text = re.sub(rb"%(?=[0-9A-Fa-f]{2})", b"%25", name).decode("utf-8", "surrogateescape")
    return re.sub(
        "[\x00-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]+",
        lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "surrogateescape")),
        text,
    )


def _bodies(
    objects: git_process.Objects,
    ids: Sequence[str],
    sizes: Mapping[str, int],
    largest: int,
    shown: str,
) -> Iterator[tuple[str, bytes | None, int]]:
    objects.ask(i for i in ids if sizes[i] <= largest)
    for blob in ids:
        if sizes[blob] > largest:
            yield blob, None, sizes[blob]
            continue
        head = objects.head()
        if head is None or head != ("blob", sizes[blob]):
            raise ValueError(f"{shown}: blob {blob} is missing: fetch the repository whole")
        body = objects.body(sizes[blob])
        if hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest() != blob:
            raise ValueError(
                f"{shown}: blob {blob} is damaged: its content is not what its id says"
            )
        yield blob, body, len(body)


def _moment(seconds: int, shown: str, commit: str) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"{shown}: commit {commit} has {seconds} seconds as its time, which is no date"
        ) from None


class _Symlinks:
    """The links of a repository at one commit, and where each leads in the end."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}
        self._ends: dict[str, str] = {}
        self._by_end: dict[str, set[str]] = {}

    def end(self, path: str) -> str:
        """Return where a path leads through links.

        Itself where it is none, nothing where links go in a circle.
        """
        return self._ends.get(path, path)

    def turn(self, changed: Mapping[str, str | None]) -> set[str]:
        """Take in what a commit changed, and return the links whose content may be another.

        By path it is the target of a link, or None for anything else.
        """
        turned: set[str] = set()
        links = any(target is not None for target in changed.values())
        if links or not self.targets.keys().isdisjoint(changed):
            before = self._ends
            self._take(changed)
            turned = {link for link, end in self._ends.items() if before.get(link) != end}
        return turned.union(*(self._by_end[path] for path in changed if path in self._by_end))

    def _take(self, changed: Mapping[str, str | None]) -> None:
        for path, target in changed.items():
            self.targets.pop(path, None)
            if target is not None:
                self.targets[path] = target
        self._ends = {link: self._follow(link) for link in self.targets}
        self._by_end = {}
        for link, end in self._ends.items():
            self._by_end.setdefault(end, set()).add(link)

    def _follow(self, path: str) -> str:
        for _ in range(8):
            if path not in self.targets:
                return path
            path = self.targets[path]
        return ""


def _records(out: bytes) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Yield (head, [(path, mode, blob)]) of each commit of a raw log.

    A file that went has mode 000000.
    """
    head, at = "", 0
    changed: list[tuple[str, str, str]] = []
    meta: list[str] | None = None
    while at < len(out):
        end = out.find(b"\0", at)
        token = out[at : end if end >= 0 else len(out)]
        at = end + 1 if end >= 0 else len(out)
        if meta is not None:
            changed.append((exact(token), meta[1], meta[3]))
            meta = None
            continue
        text = token.decode("ascii", "replace").lstrip("\n")
        if text.startswith("\x01"):
            if head:
                yield head, changed
            head, changed = text[1:].strip(), []
        elif text.startswith(":"):
            meta = text.split(" ")
    if head:
        yield head, changed
