"""Programs of ours, started from a process that has loaded what they load of others.

Great Expectations takes some seconds to load and Scrapy half of one, and the tests start hundreds
of programs. One process for each loads it once in a session, and forks for every start: that has
memory, folder, environment, streams and an end of its own, and loads all code of ours itself.

How programs start on a bare machine is shown by `tests/project/test_wheel.py` and
`tests/flows/test_deployed.py`; what they load, by `tests/project/test_floors.py`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

if TYPE_CHECKING:
    import pytest

CRAWL = "almanac.spiders.crawling.spider"
OTHERS = {
    "almanac": ("great_expectations.expectations", "sqlmodel", "alembic.command"),
    CRAWL: (
        "fsspec",
        "protego",
        "pydantic.json_schema",
        "scrapy.core.downloader.handlers.http11",
        "scrapy.core.engine",
        "scrapy.crawler",
        "scrapy.downloadermiddlewares.cookies",
        "scrapy.downloadermiddlewares.httpcompression",
        "scrapy.extensions.feedexport",
        "scrapy.extensions.memusage",
        "scrapy.extensions.telnet",
        "scrapy.pqueues",
        "scrapy.spidermiddlewares.referer",
        "twisted.internet.asyncioreactor",
        "warcio.archiveiterator",
    ),
}
"""What is loaded once for each program: nothing of ours, and nothing that is at work by itself."""
AT_START = ("PYTHON", "LD_", "MALLOC_", "FAKETIME")
"""Beginnings of variables that a process heeds only where it is started with them."""


@dataclass
class Program:
    """A program under way; what it prints is kept until it is asked for."""

    command: Sequence[str]
    pid: int
    _end: BinaryIO
    _printed: Sequence[BinaryIO]

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def ended(self, timeout: float) -> bool:
        """Wait up to so many seconds, and say whether it has ended."""
        return bool(select.select([self._end], [], [], timeout)[0])

    def wait(self, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Return how it ended, and what it printed.

        Raises subprocess.TimeoutExpired, after ending it, for one that takes longer.
        """
        late = not self.ended(timeout)
        if late:
            self.kill()
        with self._end:
            code = int(self._end.readline())
        printed = [_text(file) for file in self._printed]
        if late:
            raise subprocess.TimeoutExpired(self.command, timeout, *printed)
        return subprocess.CompletedProcess(self.command, code, *printed)


def run(
    module: str,
    words: Sequence[str] = (),
    typed: str = "",
    env: Mapping[str, str] | None = None,
    safe: bool = False,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE WORDS` to its end, with `safe` `python -P -m MODULE WORDS`.

    `env` is ours by default. Raises subprocess.TimeoutExpired, after ending it, for a program that
    takes longer than `timeout` seconds.
    """
    environment = dict(os.environ if env is None else env)
    if _at_start(environment) == _at_start(_warm(module).given):
        return start(module, words, typed, environment, safe).wait(timeout)
    piped: dict[str, Any] = {"capture_output": True, "text": True, "timeout": timeout}
    return _run(_command(module, words, safe), env=environment, input=typed, **piped)


def start(
    module: str, words: Sequence[str], typed: str, env: Mapping[str, str], safe: bool = False
) -> Program:
    """Start a program and go on."""
    what = {"module": module, "words": list(words), "safe": safe, "folder": os.getcwd()}
    order, stdin, *printed = (TemporaryFile() for _ in range(4))  # noqa: SIM115  wait closes two
    for file, text in ((order, json.dumps({**what, "env": dict(env)})), (stdin, typed)):
        file.write(text.encode())
        file.seek(0)
    reads, writes = os.pipe()
    with order, stdin:
        handed = [file.fileno() for file in (order, stdin, *printed)]
        try:
            socket.send_fds(_warm(module).asked, [b"!"], [*handed, writes])
        finally:
            os.close(writes)
    end = os.fdopen(reads, "rb", buffering=0)
    return Program(_command(module, words, safe), int(end.readline()), end, printed)


def crawls_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the crawls that a run starts within a test start from here too."""

    def started(command: Sequence[str], **how: Any) -> subprocess.CompletedProcess[str]:
        if command[-1] != CRAWL:
            return _run(command, **how)
        return run(CRAWL, typed=how["input"], safe=True, timeout=how["timeout"])

    monkeypatch.setattr(subprocess, "run", started)


_run = subprocess.run


def _command(module: str, words: Sequence[str], safe: bool) -> list[str]:
    return [sys.executable, *["-P"] * safe, "-m", module, *words]


class _Warm(NamedTuple):
    asked: socket.socket
    """Where to ask for a program."""
    given: Mapping[str, str]
    """The environment of the process that starts it."""


@cache
def _warm(module: str) -> _Warm:
    """Return the process that starts a program.

    It ends when this one does, since nobody can ask it any more.
    """
    given = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "TQDM_DISABLE": "1"}
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", __file__, str(theirs.fileno()), *OTHERS[module]]
    subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=given)
    theirs.close()
    return _Warm(ours, given)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {n: v for n, v in environment.items() if n.startswith(AT_START)}


def _text(file: BinaryIO) -> str:
    with file:
        file.seek(0)
        return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")


def _program(asked: socket.socket) -> dict[str, Any]:
    """Fork for each program that is asked for; return in its process what it is to run."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes in between
    while True:
        request, handed, _, _ = socket.recv_fds(asked, 1, 5)
        if not request:
            os._exit(0)
        if not os.fork():
            break
        for number in handed:
            os.close(number)
    asked.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order, stdin, stdout, stderr, end = handed
    if pid := os.fork():
        os.write(end, b"%d\n" % pid)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(end, b"%d\n" % code)
        os._exit(0)
    for number, place in ((stdin, 0), (stdout, 1), (stderr, 2)):
        os.dup2(number, place)
        os.close(number)
    os.close(end)
    with os.fdopen(order, "rb") as file:
        return dict(json.loads(file.read()))


def _become(program: Mapping[str, Any]) -> None:
    """Make this process the one that a program is started in."""
    os.chdir(program["folder"])
    os.environ.clear()
    os.environ.update(program["env"])
    time.tzset()
    sys.argv[1:] = program["words"]
    if not program["safe"]:
        sys.path.insert(0, os.getcwd())


if __name__ == "__main__":
    _, SOCKET, *NAMES = sys.argv
    for name in NAMES:
        importlib.import_module(name)
    gc.freeze()
    PROGRAM = _program(socket.socket(fileno=int(SOCKET)))
    _become(PROGRAM)
    runpy.run_module(PROGRAM["module"], run_name="__main__", alter_sys=True)
