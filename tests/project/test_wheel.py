"""The wheel in an environment of its own, run in a folder of other packages of our names.

Every process starts our code.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import site
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.flows.test_deployed import LONG, until
from tests.support.loopback import asked
from tests.support.recorded import CAPTURES

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "spiders", "warehouse", "flows", "comparisons", "almanac")
PACKAGES = [f"almanac.{room}" for room in ROOMS[:-1]]
FOREIGN = (
    "import os\nopen(os.environ['MARKER'], 'a').write(f'{__name__} {os.getpid()}\\n')\n"
    "raise ImportError(f'the {__name__} of another project')\n"
)
"""What another project's package does when it is taken for ours."""


@dataclass
class Installed:
    """An environment that holds the wheel, and a folder to run it in."""

    bin: Path
    folder: Path
    home: Path

    def env(self, **more: str) -> dict[str, str]:
        """Return a plain user's environment: nothing of the test's own but where programs are."""
        # Nothing listens at the discard port.
        nowhere = dict.fromkeys(
            ("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"
        ) | {"no_proxy": "127.0.0.1"}
        # PYTHONPATH makes the moved clock whole.
        names = {"HOME", "LANG", "TMPDIR"} | ({"PYTHONPATH"} if "FAKETIME" in os.environ else set())
        kept = {
            n: v for n, v in os.environ.items() if n in names or n.startswith(("LD_", "FAKETIME"))
        }
        return {
            **kept,
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "ALMANAC_HOME": str(self.home),
            "MARKER": str(self.marker),
            "ALMANAC_PASS_ENV": "MARKER",
            **nowhere,
            **more,
        }

    @property
    def marker(self) -> Path:
        return self.folder.parent / "marker"

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / words[0]), *words[1:]],
            cwd=self.folder,
            env=self.env(**more),
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip makes of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "-w",
            str(folder),
            str(tree),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(
            f"no wheel can be built here: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}"
        )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    top = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(top / "env")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no environment can be made here: {done.stderr or done.stdout}")
    python = top / "env" / "bin" / "python"
    (packages,) = (top / "env").glob("lib/python*/site-packages")
    # Read as plain folders: the clone's own .pth in them is not.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    folder = top / "work"
    for room in ROOMS[1:]:
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").write_text(FOREIGN)
    (folder / "schemas.py").write_text(FOREIGN)
    install = Installed(python.parent, folder, top / "home")
    imports = install.run(
        "python",
        "-P",
        "-c",
        f"import {', '.join(PACKAGES)}; print({', '.join(f'{p}.__file__' for p in PACKAGES)})",
    )
    assert imports.returncode == 0 and all(
        f.startswith(str(packages)) for f in imports.stdout.split()
    ), (imports.stdout, imports.stderr)
    yield install
    assert not install.marker.exists(), f"code of the folder was run: {install.marker.read_text()}"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few saved pages."""
    folder = tmp_path_factory.mktemp("saved")
    for source in ("anthropic_pricing", "llm_reference"):
        shutil.copytree(CAPTURES / source, folder / source)
    return folder


@pytest.fixture(autouse=True)
def _ours_only(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "installed" in request.fixturenames:
        marker = request.getfixturevalue("installed").marker
        trace = marker.read_text() if marker.exists() else ""
        marker.unlink(missing_ok=True)
        assert not trace, f"code of the folder was run: {trace}"


def test_the_folder_would_be_taken_for_ours(installed: Installed) -> None:
    """The trap works.

    A process that looks in its folder first, as `python -m` does, runs what is there.
    """
    done = installed.run("python", "-m", "almanac.spiders.crawling.spider")
    assert done.returncode and installed.marker.read_text().startswith("almanac ")
    installed.marker.unlink()


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        names = {n for n in held.namelist() if not n.endswith("/") and ".dist-info/" not in n}
    files = [p for room in ROOMS for p in (ROOT / room).rglob("*") if p.is_file()]
    own = [p.relative_to(ROOT) for p in files if "__pycache__" not in p.parts]
    wanted = {str(p if p.parts[0] == "almanac" else Path("almanac", p)) for p in own}
    assert names == wanted, "one package, and every file of it"


def test_commands_work_from_the_wheel(installed: Installed, saved: Path, tmp_path: Path) -> None:
    done = installed.run("almanac", "refresh", "--replay", str(saved), "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["release"] == 1, done.stderr
    done = installed.run(
        "python",
        "-P",
        "-c",
        "import almanac; print(almanac.open().known, almanac.price.__module__)",
    )
    assert done.stdout == "1 almanac.comparisons.pricing.quotes\n", done.stderr
    done = installed.run("almanac", "doctor")
    assert done.returncode == 0 and "NOT OK" not in done.stdout, done.stdout + done.stderr
    done = installed.run("almanac", "site", str(tmp_path / "site"), "--json")
    assert done.returncode == 0 and (tmp_path / "site" / "index.html").exists(), done.stderr


def test_a_crawl_starts_our_code(installed: Installed) -> None:
    """No host can be reached, and that is what it says.

    The child ran, asked, and told why there is no page.
    """
    done = installed.run("almanac", "refresh", "anthropic_pricing")
    assert (
        "anthropic_pricing" in done.stdout + done.stderr
        and "another project" not in done.stdout + done.stderr
    )
    assert "robots" in done.stderr or "refused" in done.stderr or "not be" in done.stderr, (
        done.stderr
    )


def test_workers_of_dask_run_our_code(installed: Installed, saved: Path) -> None:
    pytest.importorskip("prefect_dask")
    home = installed.home.with_name("home-dask")
    done = installed.run(
        "almanac",
        "refresh",
        "--replay",
        str(saved),
        "--workers",
        "2",
        "--json",
        ALMANAC_HOME=str(home),
    )
    assert done.returncode == 0 and json.loads(done.stdout)["release"] == 1, done.stderr[-2000:]
    assert "running the same line directly" not in done.stderr


def test_up_and_a_run_of_its_worker(installed: Installed, saved: Path) -> None:
    home = installed.home.with_name("home-up")
    process = subprocess.Popen(
        [str(installed.bin / "almanac"), "up", "--port", "0", "--web", "0", "--json"],
        cwd=installed.folder,
        env=installed.env(ALMANAC_HOME=str(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout and process.stderr
    family: list[psutil.Process] = []
    try:
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("}"):
                break
        assert lines and lines[-1].startswith("}"), process.stderr.read()
        addresses = json.loads("".join(lines))
        family = psutil.Process(process.pid).children(recursive=True)

        def ask(path: str, body: Any = None) -> Any:
            return asked(addresses["api"] + path, body)

        deployment = ask("/deployments/name/refresh/hourly")["id"]
        run = ask(
            f"/deployments/{deployment}/create_flow_run",
            {"parameters": {"replay": str(saved), "cadence": ""}, "state": {"type": "SCHEDULED"}},
        )["id"]
        until(
            lambda: ask(f"/flow_runs/{run}")["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED"),
            LONG,
            lambda: (home / "logs" / "worker.log").read_text()[-3000:],
        )
        assert ask(f"/flow_runs/{run}")["state"]["type"] == "COMPLETED", (
            home / "logs" / "worker.log"
        ).read_text()[-3000:]
        assert asked(f"{addresses['almanac']}/healthz") == {"ok": True, "release": 1}
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(LONG)
        assert psutil.wait_procs(family, timeout=60)[1] == []
