"""The real web server in a thread of this process, on a free port of loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from almanac.comparisons.web.app import site
from tests.conftest import Built


@contextmanager
def served(built: Built) -> Iterator[str]:
    """Give the address of a server over a release."""
    from almanac.about import archived, sources

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = site(built.home, sources(built.open()), archived(built.home), built.database)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
