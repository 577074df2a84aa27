"""Git, run so that nothing a repository says of itself is done.

Git does what it finds in a repository: its configuration names programs (`gpg.program`,
`core.fsmonitor`, `diff.external`), hooks are programs, `objects/info/alternates` and links lead to
other folders, a partial clone fetches what it lacks from where it says. So git is never started in
a repository that was given: only in a bare one that is made here, with a configuration of two
lines, into which nothing but objects come. From a folder they are copied as files (`copied`), from
an address they are fetched (`fetched`). Neither the configuration nor the variables of whoever
calls take part.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from almanac.spiders.archive import lock

READING = 600.0
"""Seconds that git may take to read what is on this machine, and to answer with one object."""
FETCHING = 3600.0
"""Seconds that a fetch may take from first to last."""
QUIET = 120
"""Seconds in which a remote must send something."""
LONGEST = 256 * 2**20
"""Bytes that one command may answer with: about a million and a half changed files."""
MEMORY = 6 * 2**30
"""Bytes of address space that git may use here.

A packed object can name another, many times its size, that it is made from.
"""
LARGEST_COPY = 64 * 2**30
"""Bytes of objects that are copied out of a folder."""
MOST_FILES = 2_000_000
"""Files of objects that are copied out of a folder."""
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_SWITCHES = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "core.packedGitWindowSize=32m",
    "core.packedGitLimit=256m",
    "core.quotePath=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.mailmap=false",
    "protocol.ext.allow=never",
    "protocol.file.allow=never",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "credential.helper=",
    "core.askPass=",
    f"http.lowSpeedTime={QUIET}",
    "http.lowSpeedLimit=1",
)
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
_OBJECT = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"refs/[^\s\x00-\x1f\x7f~^:?*\[\\]+")
_KEPT = ("GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
"""Variables of the caller that a fetch keeps: how to reach a host, not what to do here."""


def environment(remote: bool = False) -> dict[str, str]:
    """Return the variables git runs with.

    They are the caller's without any that git acts on; for a fetch, with those that reach a host.
    """
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("GIT_")
        and k not in ("SSH_ASKPASS", "XDG_CONFIG_HOME", "PAGER", "EDITOR", "VISUAL")
    }
    kept |= {
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:git" if remote else "none",
    }
    if not remote:
        return {**kept, "HOME": os.devnull}
    return {
        **kept,
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        **{k: os.environ[k] for k in _KEPT if k in os.environ},
    }


def _command(folder: Path, *words: str) -> list[str]:
    return [
        "git",
        "--no-pager",
        *(word for switch in _SWITCHES for word in ("-c", switch)),
        f"--git-dir={folder}",
        *words,
    ]


def start(
    folder: Path, *words: str, remote: bool = False, errors: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Start git over a bare repository that was made here.

    Raises ValueError where git is not installed.
    """
    try:
        process = subprocess.Popen(
            _command(folder, *words),
            env=environment(remote),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ValueError(
            "git is not installed, and repositories cannot be read without it"
        ) from None
    _bounded(process.pid)
    return process


def _bounded(pid: int) -> None:
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, AttributeError, OSError, ValueError):
        pass  # not Linux, or a lower limit stands already


def stop(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started, and wait for it."""
    _end(process)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was not yet written to it
                stream.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask git to end, so that it takes away its locks; where it does not, end it."""
    for how, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 60.0)):
        if process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)


def run(folder: Path, *words: str, data: bytes = b"", remote: bool = False) -> bytes:
    """Return what git answers.

    Raises ValueError, one line, where it fails, takes too long or answers with too much.
    """
    process = start(folder, *words, remote=remote)
    said: list[bytes] = []
    late = threading.Event()
    seconds = FETCHING if remote else READING

    def end() -> None:
        late.set()
        _end(process)

    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    listener = threading.Thread(target=_last_of, args=(process.stderr.fileno(), said), daemon=True)
    timer = threading.Timer(seconds, end)
    listener.start()
    timer.start()
    try:
        try:
            process.stdin.write(data)
            process.stdin.close()
            answer = process.stdout.read(LONGEST + 1)
        except (OSError, ValueError):  # it ended before it was asked, or was ended
            answer = b""
        if len(answer) > LONGEST:
            raise ValueError(f"git {words[0]} answers with more than {LONGEST:,} bytes")
        code = process.wait()
    finally:
        timer.cancel()
        timer.join()
        listener.join(1.0)
        stop(process)
    if late.is_set():
        raise ValueError(f"git {words[0]} did not answer within {seconds:,.0f} seconds")
    if code:
        raise ValueError(_reason(b"".join(said)))
    return answer


def _last_of(descriptor: int, said: list[bytes]) -> None:
    """Read what git complains of, and keep the end of it."""
    try:
        while some := os.read(descriptor, 65536):
            said[:] = [b"".join(said)[-4096:] + some]
    except OSError:
        return


def _reason(said: bytes) -> str:
    """Return what git said, in one line: that which names the fault, else the last."""
    lines = [
        line.strip()
        for line in re.split(r"[\r\n]+", said.decode("utf-8", "replace"))
        if line.strip()
    ]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return "".join(c if c.isprintable() else " " for c in (fatal or lines or ["git failed"])[0])[
        :300
    ]


class Objects:
    """Objects of a bare repository, asked for one after another over one process.

    Use as a context; not for several threads.
    """

    def __init__(self, folder: Path, what: str) -> None:
        # Nobody reads what it complains of, and it would wait.
        self._process = start(folder, "cat-file", what, errors=subprocess.DEVNULL)
        self._waiting = b""

    def ask(self, ids: Iterable[str]) -> None:
        """Ask for some objects, a few hundred at a time.

        More would fill the pipe before anybody reads.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("".join(f"{i}\n" for i in ids).encode())
            self._process.stdin.flush()
        except OSError:
            raise ValueError("git ended before it had answered") from None

    def head(self) -> tuple[str, int] | None:
        """Return kind and size in bytes of the object that was asked for next.

        None where it is not there.
        """
        while b"\n" not in self._waiting:
            self._more()
        line, _, self._waiting = self._waiting.partition(b"\n")
        words = line.decode("utf-8", "replace").split()
        return (words[1], int(words[2])) if len(words) == 3 else None

    def body(self, size: int) -> bytes:
        """Return the body that stands behind a head."""
        parts, there = [self._waiting], len(self._waiting)
        while there <= size:
            self._waiting = b""
            self._more()
            parts.append(self._waiting)
            there += len(self._waiting)
        whole = b"".join(parts)
        self._waiting = whole[size + 1 :]
        return whole[:size]

    def _more(self) -> None:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        if not select.select([descriptor], [], [], READING)[0]:
            raise ValueError(f"git did not answer within {READING:,.0f} seconds")
        some = os.read(descriptor, 1 << 20)
        if not some:
            raise ValueError(
                "git ended before it had answered:"
                " a damaged object, or one that takes too much memory"
            )
        self._waiting += some

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        stop(self._process)


def made(folder: Path) -> Path:
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
            made(folder)
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
            made(self.folder)
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
        dot = place / ".git"
        if dot.is_symlink():
            raise self._no(
                f"its .git is a link to {_shown(os.readlink(dot))}: give that folder itself"
            )
        if dot.is_file():
            said = _text(dot, 4096) or ""
            raise self._no(
                f"its .git is a file that leads to {_shown(said.removeprefix('gitdir:').strip())}:"
                " give the repository it belongs to"
            )
        git = dot if dot.is_dir() else place
        if not (git / "objects").is_dir() or not os.path.lexists(git / "HEAD"):
            if (git / "commondir").exists():
                raise self._no("part of another repository's working tree: give that repository")
            raise self._no("no git repository")
        if (git / "objects").is_symlink():
            raise self._no(
                f"its objects are a link to {_shown(os.readlink(git / 'objects'))},"
                " which is not followed"
            )
        borrowed = _text(git / "objects" / "info" / "alternates", 65536)
        if borrowed is None or any(
            line.strip() and not line.startswith("#") for line in borrowed.split("\n")
        ):
            raise self._no(
                "borrows objects from another folder (objects/info/alternates):"
                " `git repack -ad` there brings them in"
            )
        return git

    def _head(self, git: Path) -> str:
        """Return the commit that HEAD stands at, by following names inside the folder only."""
        name = "HEAD"
        for _ in range(5):
            said = self._loose(git, name) or self._packed(git, name)
            if not said.startswith("ref:"):
                break
            name = said[4:].strip()
            if not _REF.fullmatch(name) or any(
                part.startswith(".") or not part for part in name.split("/")
            ):
                raise self._no(
                    f"its HEAD leads to {_shown(name)},"
                    " which is no name of a branch that is read here"
                )
        if _OBJECT.fullmatch(said):
            return said
        if re.fullmatch(r"[0-9a-f]{64}", said):
            raise self._no("names its objects by SHA-256, which is not read")
        raise self._no("no commit" if not said else "its HEAD is no commit")

    def _loose(self, git: Path, name: str) -> str:
        path = git
        for part in name.split("/"):
            path = path / part
            if path.is_symlink():
                raise self._no(
                    f"{_shown(str(path.relative_to(git)))} is a link, which is not followed"
                )
        if not os.path.lexists(path) or path.is_dir():
            return ""
        said = _text(path, 4096)
        if said is None:
            raise self._no(f"{_shown(name)} is no plain file")
        return said.strip()

    def _packed(self, git: Path, name: str) -> str:
        said = _text(git / "packed-refs", 2**28) if os.path.lexists(git / "packed-refs") else ""
        if said is None:
            raise self._no("packed-refs is no plain file, or too large")
        return next(
            (line[: -len(name) - 1] for line in said.split("\n") if line.endswith(f" {name}")), ""
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
                        f"objects/{_shown(str(path.relative_to(source)))} is a link"
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
        said = _text(git / "shallow", 2**24) if os.path.lexists(git / "shallow") else ""
        cut = [line for line in (said or "").split("\n") if _OBJECT.fullmatch(line)]
        if cut:
            (self.folder / "shallow").write_text(
                "".join(f"{line}\n" for line in cut), encoding="utf-8"
            )

    def _origin(self, git: Path) -> str:
        """Return the address it says it came from, read as text.

        What else the file says is not looked at.
        """
        said = _text(git / "config", 2**20)
        if not said:
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
                    data=said.encode("utf-8", "surrogateescape"),
                )
                .decode("utf-8", "replace")
                .strip()
            )
        except ValueError:
            return ""


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


def shown(text: str) -> str:
    """Return an address, or a text with some, as it may be printed: without names, tokens, queries.

    >>> shown("https://me:s3cret@example.org/a.git?token=s3cret"), shown("me:s3cret@example.org:a")
    ('https://…@example.org/a.git?…', '…@example.org:a')
    """
    text = re.sub(r"(?<=//)[^\s'\"]+", _hidden, text)
    return re.sub(r"(?<![^\s'\"])[^\s/@:'\"]*:(?!/)[^\s@]*@", "…@", text)


def _hidden(address: re.Match[str]) -> str:
    """Return what stands behind `//` with its token hidden, and rather more than less of it."""
    name, _, rest = address[0].rpartition("@")
    named = ":" in name or "@" in re.split("[/?#]", address[0], maxsplit=1)[0]
    return re.sub(r"\?.+", "?…", f"…@{rest}" if named else address[0])


def bare(address: str) -> str:
    """Return an address without name, token and query."""
    scheme, slashes, rest = address.partition("//")
    if not slashes:
        return re.sub(r"^[^@/]*@", "", address)
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    if "@" in host:
        rest = rest[host.rindex("@") + 1 :]
    elif re.search(r":(?!\d*$)", host):  # no port: a token with a slash in it
        rest = rest.rpartition("@")[2]
    return scheme + slashes + re.sub(r"[?#].*", "", rest)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def is_address(place: str) -> bool:
    """Whether a text is an address that is fetched from: HTTP, SSH or git's own.

    Nothing in it may be read as an option.
    """
    if re.search(r"[\s\x00-\x1f\x7f-\x9f]", place):
        return False
    if scp := re.fullmatch(r"([\w.-]+@)([\w.-]+):([^:].*)", place):
        return not any(part.startswith("-") for part in scp.groups())
    try:
        parts = urllib.parse.urlsplit(place)
        host, user = parts.hostname or "", parts.username or ""
    except ValueError:
        return False
    return (
        parts.scheme in ("https", "http", "ssh", "git")
        and bool(host)
        and not host.startswith("-")
        and not user.startswith("-")
    )


def local(place: str) -> Path | None:
    """Return the folder that a place or a `file://` address names; None where it names none."""
    if place.startswith("file://"):
        parts = urllib.parse.urlsplit(place)
        folder = Path(urllib.parse.unquote(parts.path))
        return folder if parts.netloc in ("", "localhost") and folder.is_dir() else None
    try:
        return Path(place) if Path(place).is_dir() else None
    except (OSError, ValueError):
        return None
