"""Against a real Prefect server and worker on loopback.

A scheduled run, a manual backfill, a worker killed mid-run and taken over.

Behind the server stands Debian's PostgreSQL where it is installed (the embedded one lacks
`pg_trgm`), else SQLite.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from almanac import warehouse
from almanac.flows.orchestration import deployments
from almanac.flows.orchestration.environment import Part, environment
from almanac.flows.pipeline.stages import PUBLISHER
from almanac.warehouse.read.release_diff import verify
from tests.conftest import almanac
from tests.flows.test_backfill import OFFER, record
from tests.support.gitrepo import GitRepo
from tests.support.loopback import asked
from tests.support.recorded import CAPTURES

LONG = 900
"""Seconds a wait may take on a machine with much else to do.

All of them end as soon as there is what they wait for.
"""
SECRETS = {
    "FOO_TOKEN": "hunter2",
    "AWS_SECRET_ACCESS_KEY": "hunter2",
    "ALMANAC_WEBHOOK_SECRET": "hush",
}
BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database for Prefect on Debian's PostgreSQL.

    Nothing where it cannot be started.
    """
    if not BIN or os.geteuid() != 0 or not shutil.which("runuser"):
        yield ""
        return
    folder = Path("/tmp") / f"almanac-pg-{os.getpid()}"
    folder.mkdir()
    shutil.chown(folder, "postgres")
    port = free()

    def run(*words: str) -> None:
        subprocess.run(
            ["runuser", "-u", "postgres", "--", str(BIN[-1] / words[0]), *words[1:]],
            check=True,
            capture_output=True,
            cwd="/tmp",
        )

    run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres")
    run(
        "pg_ctl",
        "-D",
        str(folder / "data"),
        "-w",
        "-l",
        str(folder / "log"),
        "-o",
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1",
        "start",
    )
    run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "prefect")
    run(
        "psql",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "postgres",
        "-d",
        "prefect",
        "-c",
        "CREATE EXTENSION pg_trgm",
    )
    yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/prefect"
    run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Team:
    """A Prefect server with the deployments, and the workers started on it."""

    home: Path
    api: str
    server: int
    """Its process."""
    env: dict[str, str]
    """What a worker is handed."""

    def ask(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        return asked(f"{self.api}{path}", body, method)

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        command = [
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
            name,
        ]
        with (self.home / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                start_new_session=True,
            )

    def run_of(self, deployment: str, parameters: dict[str, Any]) -> str:
        found = self.ask(f"/deployments/name/{deployment}", method="GET")
        made: str = self.ask(
            f"/deployments/{found['id']}/create_flow_run",
            {"parameters": parameters, "state": {"type": "SCHEDULED"}},
        )["id"]
        return made

    def state(self, run: str) -> tuple[str, str]:
        said = self.ask(f"/flow_runs/{run}", method="GET")["state"]
        return said["type"], said["message"] or ""

    def unfinished(self, deployment: str) -> list[Any]:
        """Return a deployment's runs that have not ended, and delete those that have not begun.

        The server deletes with a schedule only what waits for its time, not what waits because the
        run before it still runs.
        """
        states = {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}
        wanted = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": {"state": states}}
        runs: list[Any] = self.ask("/flow_runs/filter", wanted)
        for run in runs:
            if run["state_type"] == "SCHEDULED":
                self.ask(f"/flow_runs/{run['id']}", method="DELETE")
        return runs

    def publisher(self, how: str) -> None:
        """Take the one publisher's slot (increment), or let go of it (decrement)."""
        slot = {"names": [PUBLISHER], "slots": 1, "mode": "concurrency"}
        self.ask(f"/v2/concurrency_limits/{how}", slot)

    def beats(self, run: str) -> list[Any]:
        """Return the signs of life of a run that the server has."""
        about = {"name": ["prefect.flow-run.heartbeat"]}
        wanted = {"event": about, "resource": {"id": [f"prefect.flow-run.{run}"]}}
        found: list[Any] = self.ask("/events/filter", {"filter": wanted})["events"]
        return found

    def log(self) -> str:
        return "\n".join(p.read_text(errors="replace")[-1500:] for p in self.home.glob("*.log"))


def handed(part: Part, home: Path, api: str) -> dict[str, str]:
    """Return what a part is handed.

    Left out is what switches the services of Prefect's server off in other tests.
    """
    return {
        k: v
        for k, v in environment(home, api, part).items()
        if not k.startswith("PREFECT_SERVER_SERVICES")
    }


def environs(of: int, command: str = "") -> list[dict[str, str]]:
    """Return the environment of a process and of all it started that still run.

    It is as the system has it.
    """
    found = []
    for process in [psutil.Process(of), *psutil.Process(of).children(recursive=True)]:
        try:
            if command in " ".join(process.cmdline()):
                found.append(process.environ())
        except psutil.Error:
            continue
    return found


def until(ready: Callable[[], Any], seconds: float, what: Callable[[], str]) -> Any:
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, what()
        time.sleep(0.5)
    return found


def ended(process: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGKILL) -> None:
    """End a worker and whatever it started, at once."""
    members = (
        [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        if process.poll() is None
        else []
    )
    for member in members:
        try:
            member.send_signal(sign)
        except psutil.NoSuchProcess:
            continue
    process.wait(LONG)


@pytest.fixture(scope="module")
def team(behind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    home = tmp_path_factory.mktemp("team")
    api = f"http://127.0.0.1:{free()}/api"
    (home / "prefect").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        server_env = (
            handed("server", home, api)
            | {"PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "1"}
            | ({"PREFECT_SERVER_DATABASE_CONNECTION_URL": behind} if behind else {})
        )
        env = handed("worker", home, api) | {
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "ALMANAC_NO_GIT": "1",
        }
    with (home / "server.log").open("wb") as log:
        command = [
            sys.executable,
            "-m",
            "prefect",
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            api.split(":")[2].split("/")[0],
        ]
        server = subprocess.Popen(command, env=server_env, stdout=log, stderr=log)
    made = Team(home, api, server.pid, env)

    def healthy() -> bool:
        try:
            return bool(made.ask("/health", method="GET"))
        except OSError:
            return False

    try:
        until(healthy, LONG, made.log)
        deployments.deploy(server_env)
        yield made
    finally:
        ended(server)


def test_deploying_twice_is_deploying_once_and_every_schedule_is_there(team: Team) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "almanac", "deploy", "--json"],
        env=team.env,
        capture_output=True,
        text=True,
        timeout=LONG,
    )
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)["deployments"]
    assert listed == [
        "refresh/hourly",
        "refresh/daily",
        "refresh/weekly",
        "refresh/monthly",
        "replay/nightly",
        "check/nightly",
        "learn/weekly",
        "backfill/manual",
    ]
    for name in listed:
        found = team.ask(f"/deployments/name/{name}", method="GET")
        assert bool(found["schedules"]) == (name != "backfill/manual")
        assert (
            found["global_concurrency_limit"]["limit"] == 1
            and found["work_pool_name"] == deployments.POOL
        )
        assert found["job_variables"]["env"] == {
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PYTHONSAFEPATH": "1",
        }, "whoever starts the worker"
    limits = team.ask("/v2/concurrency_limits/filter", {})
    assert [limit["limit"] for limit in limits if limit["name"] == "almanac-publisher"] == [1]
    assert (
        len([a for a in team.ask("/automations/filter", {}) if a["name"] == deployments.TAKEOVER])
        == 1
    )


def test_a_scheduled_run_a_manual_backfill_and_one_that_outlives_its_worker(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    for source in ("anthropic_pricing", "llm_reference"):
        shutil.copytree(CAPTURES / source, saved / source)
    hourly = team.ask("/deployments/name/refresh/hourly", method="GET")
    team.ask(f"/deployments/{hourly['id']}", {"parameters": {"replay": str(saved)}}, "PATCH")
    team.ask(
        f"/deployments/{hourly['id']}/schedules", [{"active": True, "schedule": {"interval": 20}}]
    )  # type: ignore[arg-type]
    worker = team.worker("first")
    monkeypatch.setenv("ALMANAC_HOME", str(team.home))
    try:
        # the schedule makes a run, the worker takes it, and it publishes
        def completed() -> list[Any]:
            wanted = {
                "deployments": {"id": {"any_": [hourly["id"]]}},
                "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
            }
            found: list[Any] = team.ask("/flow_runs/filter", wanted)
            return found

        runs = until(completed, LONG, team.log)
        assert runs[0]["auto_scheduled"] and warehouse.open().known == 1
        schedules = team.ask(f"/deployments/{hourly['id']}", method="GET")["schedules"]
        for schedule in schedules:
            team.ask(f"/deployments/{hourly['id']}/schedules/{schedule['id']}", method="DELETE")
        until(lambda: not team.unfinished(hourly["id"]), LONG, team.log)
        first = warehouse.open().known

        # somebody starts a backfill with parameters
        repo = GitRepo(tmp_path / "catalogue")
        for day in range(1, 4):
            repo.commit(f"2026-02-0{day}T00:00:00Z", {OFFER.format("gpt-4o"): record(day)})
        run = team.run_of(
            "backfill/manual",
            {"source": "models_dev", "git": str(repo.folder), "until": "2026-02-02"},
        )
        until(lambda: team.state(run)[0] in ("COMPLETED", "FAILED", "CRASHED"), LONG, team.log)
        assert team.state(run)[0] == "COMPLETED", team.state(run)
        assert warehouse.open().known == first + 1
        artifacts = {
            a["key"]
            for a in team.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
        }
        assert artifacts >= {"refresh-report", "conflicts", "refusals", "notices", "quality"}

        # the worker dies in the middle of a long run, with the run itself: another takes the run
        # over; nobody can publish, so that the run waits there, however fast the machine
        team.publisher("increment")
        run = team.run_of("refresh/daily", {"replay": str(CAPTURES), "cadence": ""})
        until(lambda: team.state(run)[0] == "RUNNING", LONG, team.log)
        assert_handed_what_they_need(team, worker.pid)
        until(lambda: team.beats(run), LONG, team.log)
        assert team.state(run)[0] == "RUNNING"
    finally:
        ended(worker)
    assert warehouse.open().known == first + 1
    team.publisher("decrement")
    second = team.worker("second")
    try:
        until(
            lambda: team.state(run)[0] in ("COMPLETED", "FAILED", "CRASHED"),
            LONG,
            lambda: f"{team.state(run)}\n{team.log()}",
        )
        assert team.state(run)[0] == "COMPLETED", team.state(run)
    finally:
        ended(second)
    seen = warehouse.open()
    assert seen.known == first + 2 and verify(seen, seen.known) and len(seen.looks()) > 40
    assert team.ask(f"/flow_runs/{run}", method="GET")["run_count"] == 2


def assert_handed_what_they_need(team: Team, worker: int) -> None:
    """The run's own process has the webhook's secret and no stranger's; the server has neither."""
    runs = environs(worker, "prefect.engine")
    assert runs, "the process of the run"
    for env in [*runs, *environs(worker)]:
        assert {n: env.get(n) for n in SECRETS} == {
            "FOO_TOKEN": None,
            "AWS_SECRET_ACCESS_KEY": None,
            "ALMANAC_WEBHOOK_SECRET": "hush",
        }
        assert (env["DO_NOT_TRACK"], env["PYTHONSAFEPATH"]) == ("1", "1")
    for env in environs(team.server):
        assert not set(SECRETS) & set(env) and env["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_up_starts_everything_and_ctrl_c_stops_it(tmp_path: Path) -> None:
    env = {
        k: v for k, v in os.environ.items() if not k.startswith("PREFECT_SERVER_SERVICES")
    } | SECRETS
    process = subprocess.Popen(
        [sys.executable, "-m", "almanac", "up", "--port", "0", "--web", "0", "--json"],
        env={**env, "ALMANAC_HOME": str(tmp_path / "h")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("}"):
            break
    assert lines and lines[-1].startswith("}"), (lines, process.stderr and process.stderr.read())
    said = json.loads("".join(lines))
    assert list(said) == ["almanac", "prefect", "api", "home", "logs"]
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 3
    assert asked(f"{said['almanac']}/healthz") == {"ok": True, "release": None}
    assert asked(f"{said['api']}/health") is True
    has_secret = {}
    for member in family:
        members_own = member.environ()
        assert "FOO_TOKEN" not in members_own and "AWS_SECRET_ACCESS_KEY" not in members_own, (
            member.cmdline()
        )
        has_secret[
            next(
                word
                for word in ("server", "worker", "serve", "other")
                if word in [*member.cmdline(), "other"]
            )
        ] = "ALMANAC_WEBHOOK_SECRET" in members_own
    assert {n: has_secret[n] for n in ("server", "worker", "serve")} == {
        "server": False,
        "worker": True,
        "serve": False,
    }
    process.send_signal(signal.SIGINT)
    assert process.wait(LONG) == 0
    assert process.stderr and process.stderr.read().splitlines()[-1] == "almanac: stopping"
    assert psutil.wait_procs(family, timeout=60)[1] == [], "nothing is left running"


def test_what_takes_long_is_told_while_it_lasts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.commands import serve

    monkeypatch.setattr(serve, "TELL_EVERY", 0.05)
    with serve._telling("the deployments are being registered"):
        until(
            lambda: capsys.readouterr().err.startswith(
                "almanac: the deployments are being registered (0 s)"
            ),
            60,
            lambda: "nothing was said",
        )
    capsys.readouterr()
    with serve._telling("the web server is starting"):
        pass
    assert capsys.readouterr().err == "", "what is quick needs no words"


def test_a_server_on_this_machine_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    from almanac.commands.serve import _answers
    from tests.support.site import Site

    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free()}")
    site = Site()
    site.pages["/healthz"] = b'{"ok": true}'
    assert _answers(f"{site.url}/healthz") and not _answers(f"{site.url}/good"), (
        "the second is no JSON"
    )
    site.server.shutdown()


def test_up_says_where_things_are_in_lines_or_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    from almanac.commands.serve import lines_of, tell

    where = {"almanac": "http://127.0.0.1:8000", "api": "http://127.0.0.1:4200/api"}
    tell(where, lines_of(where), False)
    assert (
        capsys.readouterr().out
        == "Almanac:  http://127.0.0.1:8000\nAPI:      http://127.0.0.1:4200/api\n"
        "Ctrl-C stops them all.\n"
    )
    tell(where, lines_of(where), True)
    assert json.loads(capsys.readouterr().out) == where


def test_up_and_deploy_say_what_is_wrong_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = almanac("up", "--port", port, home=tmp_path)
        assert done.returncode == 1 and done.stderr.startswith(
            f"almanac: port {port} is taken, which Prefect's server needs"
        ), done.stderr
        done = almanac("serve", "--port", port, home=tmp_path)
        assert done.returncode == 1 and "cannot listen" in done.stderr
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert almanac("deploy", home=tmp_path).returncode == 2
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free()}/api")
    done = almanac("deploy", home=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("almanac: no Prefect server answers at")
