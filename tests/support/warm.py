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
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from typing import Any

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
    command = [sys.executable, *["-P"] * safe, "-m", module, *words]
    asked, given = _warm(module)
    if _at_start(environment) != _at_start(given):
        kept: dict[str, Any] = {"capture_output": True, "text": True, "timeout": timeout}
        return subprocess.run(command, env=environment, input=typed, **kept)
    what = {"module": module, "words": list(words), "safe": safe, "folder": os.getcwd()}
    with ExitStack() as open_files:
        files = [open_files.enter_context(tempfile.TemporaryFile()) for _ in range(4)]
        texts = (json.dumps({**what, "env": environment}), typed)
        for file, text in zip(files[:2], texts, strict=True):
            file.write(text.encode())
            file.seek(0)
        reads, writes = os.pipe()
        try:
            socket.send_fds(asked, [b"!"], [*(file.fileno() for file in files), writes])
        finally:
            os.close(writes)
        code = _end_of(reads, timeout)
        printed = [_text(file) for file in files[2:]]
    if code is None:
        raise subprocess.TimeoutExpired(command, timeout, *printed)
    return subprocess.CompletedProcess(command, code, *printed)


@cache
def _warm(module: str) -> tuple[socket.socket, Mapping[str, str]]:
    """Return where to ask for a program, and the environment that who starts it has.

    It ends when this process does, since nobody can ask it any more.
    """
    given = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "TQDM_DISABLE": "1"}
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", __file__, str(theirs.fileno()), *OTHERS[module]]
    subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=given)
    theirs.close()
    return ours, given


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {n: v for n, v in environment.items() if n.startswith(AT_START)}


def _end_of(told: int, timeout: float) -> int | None:
    """Return the exit code that is told on a pipe; None, and end the program, where it is late."""
    with os.fdopen(told, "rb", buffering=0) as pipe:
        pid = int(pipe.readline())
        if select.select([pipe], [], [], timeout)[0]:
            return int(pipe.readline())
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        pipe.readline()
        return None


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode().replace("\r\n", "\n").replace("\r", "\n"))


def _program(asked: socket.socket) -> dict[str, Any]:
    """Fork for each program that is asked for; return in its process what it is to run."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes in between
    while True:
        said, handed, _, _ = socket.recv_fds(asked, 1, 5)
        if not said:
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
