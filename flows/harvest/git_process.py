"""Git as a process: with no word of the caller's or a repository's configuration, within bounds."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

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
    complaints: list[bytes] = []
    late = threading.Event()
    seconds = FETCHING if remote else READING

    def end() -> None:
        late.set()
        _end(process)

    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    listener = threading.Thread(
        target=_last_of, args=(process.stderr.fileno(), complaints), daemon=True
    )
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
        raise ValueError(_reason(b"".join(complaints)))
    return answer


def _last_of(descriptor: int, complaints: list[bytes]) -> None:
    """Read what git complains of, and keep the end of it."""
    try:
        while chunk := os.read(descriptor, 65536):
            complaints[:] = [b"".join(complaints)[-4096:] + chunk]
    except OSError:
        return


def _reason(complaint: bytes) -> str:
    """Return what git said, in one line: that which names the fault, else the last."""
    lines = [
        line.strip()
        for line in re.split(r"[\r\n]+", complaint.decode("utf-8", "replace"))
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
        chunk = os.read(descriptor, 1 << 20)
        if not chunk:
            raise ValueError(
                "git ended before it had answered:"
                " a damaged object, or one that takes too much memory"
            )
        self._waiting += chunk

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        stop(self._process)
