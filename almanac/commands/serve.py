"""`almanac deploy`, `almanac serve` and `almanac up`: the almanac as something a team runs."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from almanac import out, warehouse
from almanac.app import app
from almanac.out import Json

START_TIMEOUT = 600
"""Seconds that a server may take to start: a machine with much else to do is slow, not broken."""
TELL_EVERY = 15
"""Seconds after which it is said again what is waited for."""
MOST = 2**20
"""Bytes read of the answer to whether a server is there."""


@app.command()
def deploy(as_json: Json = False) -> None:
    """Register the scheduled and the manual runs with the Prefect server at PREFECT_API_URL.

    Again brings them up to date.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api almanac deploy
    """
    from almanac.warehouse.paths import home

    api = os.environ.get("PREFECT_API_URL", "")
    if not api:
        raise ValueError(
            "set PREFECT_API_URL to a Prefect server's address, such as http://127.0.0.1:4200/api;"
            " `almanac up` starts one"
        )
    if not _answers(f"{api.rstrip('/')}/health"):
        raise out.Refused(f"no Prefect server answers at {api}")
    from almanac.flows.orchestration import deployments
    from almanac.flows.orchestration.environment import environment

    try:
        deployments.deploy(environment(home(), api, "server"))
    except RuntimeError as error:
        raise out.Refused(str(error)) from None
    if as_json:
        out.as_json({"api": api, "pool": deployments.POOL, "deployments": deployments.names()})
    else:
        print("\n".join(deployments.names()))
        start = f"prefect worker start --pool {deployments.POOL}"
        print(f"registered at {api}; a worker takes them: {start}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    as_json: Json = False,
) -> None:
    """Serve the pages, the API and the Atom feed of changes over HTTP.

    What is served is the latest release, or any as-of that a request asks for.

    The API describes itself at /api/v1/openapi.json.

    Example: almanac serve --port 8080
    """
    import uvicorn

    from almanac.about import archived, sources
    from almanac.comparisons.web.app import site
    from almanac.warehouse.paths import home
    from almanac.warehouse.read.reader import NotThere

    public = os.environ.get("ALMANAC_WEB_URL", "")
    if public and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", public):
        raise ValueError(
            "ALMANAC_WEB_URL must be the address that readers use, such as https://almanac.example"
        )
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise out.Refused(f"cannot listen at {host}:{port}: {error.strerror}") from None
    listening.listen(2048)  # who reads the address may ask at once, before the server is up
    address = f"http://{host}:{listening.getsockname()[1]}"
    tell({"almanac": address}, f"almanac: {address}", as_json)
    try:
        about = sources(warehouse.open())
    except NotThere:
        about = sources(None)  # it serves what there will be
    server = uvicorn.Server(
        uvicorn.Config(site(home(), about, archived(home()), address=public), log_level="warning")
    )
    server.run(sockets=[listening])


@app.command()
def up(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of Prefect's server; 0 takes a free one.")
    ] = 4200,
    web: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the web server; 0 takes a free one.")
    ] = 8000,
    as_json: Json = False,
) -> None:
    """Start Prefect's server, the schedules, a worker and the web server on loopback.

    Ctrl-C stops them all.

    Example: almanac up --port 0 --web 0
    """
    from almanac.flows.orchestration import deployments
    from almanac.flows.orchestration.environment import environment
    from almanac.warehouse.paths import home

    port, web = port or _free(), web or _free()
    place = home()
    (place / "prefect").mkdir(parents=True, exist_ok=True)
    api, pages = f"http://127.0.0.1:{port}/api", f"http://127.0.0.1:{web}"
    for name, number in (("Prefect's server", port), ("the web server", web)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                raise out.Refused(
                    f"port {number} is taken, which {name} needs: give another, or 0 for a free one"
                )
    family = _Family(place / "logs")
    signal.signal(signal.SIGTERM, _stop)
    try:
        public = {"ALMANAC_WEB_URL": os.environ.get("ALMANAC_WEB_URL") or pages}
        server = environment(place, api, "server")
        family.start(
            "server",
            [
                sys.executable,
                "-m",
                "prefect",
                "server",
                "start",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
            ],
            server,
        )
        with _telling("Prefect's server is starting"):
            _wait(lambda: _answers(f"{api}/health"), family, "Prefect's server")
        with _telling("the deployments are being registered"):
            deployments.deploy(server)
        worker = {
            "PREFECT_WORKER_QUERY_SECONDS": "5",
            **environment(place, api, "worker"),
            **public,
        }
        family.start(
            "worker",
            [
                sys.executable,
                "-m",
                "prefect",
                "worker",
                "start",
                "--pool",
                deployments.POOL,
                "--type",
                "process",
                "--name",
                f"almanac-{os.getpid()}",
            ],
            worker,
        )
        family.start(
            "web",
            [sys.executable, "-m", "almanac", "serve", "--port", str(web)],
            {**environment(place, "", "web"), **public},
        )
        with _telling("the web server is starting"):
            _wait(lambda: _answers(f"{pages}/healthz"), family, "the web server")
        where = {
            "almanac": pages,
            "prefect": f"http://127.0.0.1:{port}",
            "api": api,
            "home": str(place),
            "logs": str(family.logs),
        }
        tell(where, lines_of(where), as_json)
        while True:
            time.sleep(0.5)
            family.check()
    except KeyboardInterrupt:
        print("\nalmanac: stopping", file=sys.stderr)
    except RuntimeError as error:
        raise out.Refused(str(error)) from None
    finally:
        family.stop()


def lines_of(where: dict[str, str]) -> str:
    """Return what is said on a terminal of where everything is."""
    lines = (
        f"{'API' if name == 'api' else name.capitalize()}:".ljust(10) + at
        for name, at in where.items()
    )
    return "\n".join([*lines, "Ctrl-C stops them all."])


def tell(where: dict[str, str], text: str, as_json: bool) -> None:
    """Say at once where things are, also into a pipe."""
    if as_json:
        out.as_json(where)
    else:
        print(text)
    sys.stdout.flush()


class _Family:
    """Processes that live and die together, each with its log."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._members: list[tuple[str, subprocess.Popen[bytes]]] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self._members.append(
                (
                    name,
                    subprocess.Popen(
                        command,
                        env=env,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    ),
                )
            )

    def check(self) -> None:
        """Raise RuntimeError for one that ended by itself."""
        for name, process in self._members:
            if process.poll() is not None:
                raise RuntimeError(
                    f"the {name} ended by itself ({process.returncode}):"
                    f" see {self.logs / f'{name}.log'}"
                )

    def stop(self) -> None:
        """End all, the last one started first: gently, then not."""
        for sign, seconds in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)):
            for _, process in reversed(self._members):
                if process.poll() is None:
                    os.killpg(process.pid, sign)
            until = time.monotonic() + seconds
            while any(p.poll() is None for _, p in self._members) and time.monotonic() < until:
                time.sleep(0.1)
        for _, process in self._members:
            try:
                os.killpg(process.pid, signal.SIGKILL)  # what a member left behind
            except ProcessLookupError:
                continue


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    """Whether a server answers with JSON.

    One on this machine is asked directly, whatever proxy the environment names.
    """
    here = urllib.parse.urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if here else []))
    try:
        with opener.open(url, timeout=5) as answer:
            json.loads(answer.read(MOST) or b"true")
            return True
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _wait(ready: Callable[[], bool], family: _Family, what: str) -> None:
    """Return once something is ready.

    Raises RuntimeError where a member ended meanwhile, or it takes longer than any machine would.
    """
    until = time.monotonic() + START_TIMEOUT
    while not ready():
        family.check()
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not start within {START_TIMEOUT} s: see {family.logs}")
        time.sleep(0.3)


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Say on stderr now and then what is waited for, for as long as it takes."""
    over, started = threading.Event(), time.monotonic()

    def tell_on() -> None:
        while not over.wait(TELL_EVERY):
            print(
                f"almanac: {what} ({time.monotonic() - started:.0f} s)", file=sys.stderr, flush=True
            )

    teller = threading.Thread(target=tell_on, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
