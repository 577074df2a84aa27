"""What this project is built from.

Every package by version and hash, every base image by digest, and the audit of both.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import deque
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.clients import client

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
ENTRY = re.compile(
    r"^(?P<pin>[A-Za-z0-9]\S*==[^\n\\]*?) *(?:\\\n(?P<hashes>(?: +--hash=[^\n]*\n?)+))?$", re.M
)
MACHINES = [
    {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "sys_platform": platform,
        "platform_machine": machine,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[platform],
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "nt" if platform == "win32" else "posix",
        "extra": "",
    }
    for python in ("3.11.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0")
    for platform, machine in (
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "arm64"),
        ("win32", "AMD64"),
    )
]


def pins(*names: str) -> list[tuple[Requirement, list[str]]]:
    """Return (pin, hashes) of every entry of these files.

    Fails where a line is neither an entry, an option nor a remark.
    """
    requirements = []
    for name in names:
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = list(ENTRY.finditer(text))
        left = ENTRY.sub("", text).split("\n")
        assert all(
            not line
            or line.startswith("#")
            or line in ("--require-hashes", "--only-binary :all:", "-r constraints.txt")
            for line in left
        ), name
        requirements += [
            (Requirement(e["pin"]), re.findall(r"--hash=(\S+)", e["hashes"] or "")) for e in entries
        ]
    return requirements


def holds(requirement: Requirement, machine: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(machine)


USER, ALL = ("constraints.txt",), ("constraints.txt", "constraints-dev.txt")
BUILD = PROJECT["build-system"]["requires"]


def test_every_pin_is_one_version_with_hashes() -> None:
    for pin, hashes in pins(*ALL):
        assert [s.operator for s in pin.specifier] == ["=="] and "*" not in str(pin.specifier), pin
        assert (
            hashes
            and all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes)
            and len(set(hashes)) == len(hashes)
        ), pin
    assert (ROOT / "constraints.txt").read_text(encoding="utf-8").count(
        "\n--require-hashes\n--only-binary :all:\n"
    ) == 1
    assert "\n-r constraints.txt\n" in (ROOT / "constraints-dev.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "machine",
    MACHINES,
    ids=lambda m: f"{m['python_full_version']}-{m['sys_platform']}-{m['platform_machine']}",
)
def test_every_requirement_has_one_pin_that_fits_it(machine: dict[str, str]) -> None:
    for files, wanted in (
        (USER, [*PROJECT["project"]["dependencies"], *EXTRAS["postgres"], *EXTRAS["dask"], *BUILD]),
        (ALL, EXTRAS["dev"]),
    ):
        pinned: dict[str, set[str]] = {}
        for pin, _ in pins(*files):
            if holds(pin, machine):
                pinned.setdefault(canonicalize_name(pin.name), set()).add(
                    next(iter(pin.specifier)).version
                )
        assert {name: versions for name, versions in pinned.items() if len(versions) != 1} == {}, (
            "one version on one machine"
        )
        for text in wanted:
            requirement = Requirement(text)
            if holds(requirement, machine):
                assert requirement.specifier.contains(
                    next(iter(pinned[canonicalize_name(requirement.name)])), prereleases=True
                ), text


@pytest.mark.parametrize(
    "files, roots",
    [
        (USER, [*PROJECT["project"]["dependencies"], *EXTRAS["postgres"], *EXTRAS["dask"], *BUILD]),
        (
            ALL,
            [
                *PROJECT["project"]["dependencies"],
                *(r for extra in EXTRAS.values() for r in extra),
                *BUILD,
            ],
        ),
    ],
)
def test_the_pins_are_what_is_needed_and_nothing_else(
    files: tuple[str, ...], roots: list[str]
) -> None:
    """Followed through what the installed packages themselves say they need.

    Pip is there before anything is installed.
    """
    here = {
        **MACHINES[0],
        "python_version": ".".join(map(str, sys.version_info[:2])),
        "python_full_version": ".".join(map(str, sys.version_info[:3])),
        "sys_platform": sys.platform,
        "platform_machine": os.uname().machine,
        "platform_system": os.uname().sysname,
    }
    needed: set[str] = set()
    visited: set[tuple[str, str]] = set()
    queue = deque(Requirement(r) for r in roots)
    while queue:
        requirement = queue.popleft()
        name = canonicalize_name(requirement.name)
        needed.add(name)
        for extra in ("", *requirement.extras):
            if (name, extra) in visited:
                continue
            visited.add((name, extra))
            try:
                requirements = distribution(name).requires or ()
            except PackageNotFoundError:
                pytest.fail(f"{name} is needed and not installed: run make")
            for text in requirements:
                further = Requirement(text)
                if further.marker is None or further.marker.evaluate({**here, "extra": extra}):
                    queue.append(further)
    assert {canonicalize_name(p.name) for p, _ in pins(*files) if holds(p, here)} == needed - {
        "pip"
    }


INSTALLERS = ("Makefile", "Dockerfile", ".ci/run")


def test_nothing_is_installed_past_the_hashes() -> None:
    """Every call of pip in what builds the project takes the pinned list.

    Or the project itself and nothing from an index.
    """
    calls = [
        (name, call)
        for name in INSTALLERS
        for call in re.findall(
            r"pip3? install ([^&|;\n]*)", (ROOT / name).read_text(encoding="utf-8")
        )
    ]
    assert {name for name, _ in calls} >= {"Makefile", "Dockerfile"}
    for name, call in calls:
        listed = re.fullmatch(
            r"(?:--quiet |--no-cache-dir )*--no-deps -r constraints(?:-dev)?\.txt *", call
        )
        itself = re.fullmatch(
            r"(?:--quiet |--no-cache-dir )*--no-deps --no-build-isolation (?:-e )?\. *", call
        )
        # `make lock`: makes the list.
        tool = name == "Makefile" and re.fullmatch(r"--quiet uv==[\d.]+ *", call)
        assert listed or itself or tool, (name, call)


def test_an_altered_hash_stops_the_install(tmp_path: Path) -> None:
    """Shown with the smallest package of the list. Skips where no index can be reached."""
    text = (ROOT / "constraints-dev.txt").read_text(encoding="utf-8")
    entry = next(e[0] for e in ENTRY.finditer(text) if e["pin"].startswith("iniconfig=="))
    head = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\nai", 1)[0]
    altered = re.sub(r"sha256:(.)", lambda m: "sha256:" + ("0" if m[1] != "0" else "1"), entry)
    assert entry != altered

    def install(kind: str, body: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / f"{kind}.txt").write_text(f"{head}\n{body}\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--target",
            str(tmp_path / kind),
            "-r",
            str(tmp_path / f"{kind}.txt"),
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = install("whole", entry)
    if whole.returncode and re.search(
        r"No matching distribution|Connection|Temporary failure", whole.stdout + whole.stderr
    ):
        pytest.skip("no package index can be reached")
    assert whole.returncode == 0 and (tmp_path / "whole/iniconfig").is_dir(), whole.stderr
    refused = install("altered", altered)
    assert (
        refused.returncode
        and "DO NOT MATCH THE HASHES" in refused.stderr
        and not (tmp_path / "altered/iniconfig").exists()
    )
    bare = install("bare", entry.split(" \\")[0])
    assert (
        bare.returncode
        and "Hashes are required" in bare.stderr
        and not (tmp_path / "bare/iniconfig").exists()
    )


def images() -> list[tuple[str, str]]:
    """Return (file, reference) of every image that this project starts from or runs."""
    references = []
    for path in sorted(ROOT.glob("*Dockerfile*")):
        lines = re.findall(
            r"^FROM +(?:--\S+ +)*(\S+)(?: +AS +(\S+))?",
            path.read_text(encoding="utf-8"),
            re.M | re.I,
        )
        stages = {stage for _, stage in lines}
        references += [(path.name, image) for image, _ in lines if image not in stages]
        references += [
            (path.name, image)
            for image in re.findall(
                r"^COPY +--from=(\S+)", path.read_text(encoding="utf-8"), re.M | re.I
            )
            if image not in stages
        ]
    for path in sorted([*ROOT.glob("*compose*.yml"), *ROOT.glob("*compose*.yaml")]):
        services = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
        references += [
            (path.name, service["image"]) for service in services.values() if "image" in service
        ]
    return references


def test_every_base_image_is_named_by_digest() -> None:
    assert {name for name, _ in images()} == {"Dockerfile", "docker-compose.yml"}
    for name, image in images():
        assert re.fullmatch(r"[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image), (name, image)


# The audit. The advisories here are made up.


def audit(
    *words: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    given = {
        **{k: v for k, v in os.environ.items() if k != "ALMANAC_ADVISORIES"},
        **(environment or {}),
    }
    return subprocess.run(
        [sys.executable, str(ROOT / ".ci/audit.py"), *words],
        capture_output=True,
        text=True,
        check=False,
        env=given,
    )


def advisory(name: str = "Some_Package", ecosystem: str = "PyPI", **fields: Any) -> dict[str, Any]:
    about = {key: fields.pop(key) for key in ("ranges", "versions") if key in fields}
    return {
        "id": "TEST-2026-1",
        "summary": "It burns",
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **about}],
        **fields,
    }


def span(*events: tuple[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"type": kind, "events": [{name: version} for name, version in events]}


def test_without_a_file_it_says_that_it_was_not_run() -> None:
    done = audit()
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "dependency audit: not run (no advisory file; give ADVISORIES=FILE)\n",
        "",
    )


@pytest.mark.parametrize(
    "version, about, named",
    [
        ("1.5", {"ranges": [span(("introduced", "0"), ("fixed", "2.0"))]}, "fixed in 2.0"),
        ("2.0", {"ranges": [span(("introduced", "0"), ("fixed", "2.0"))]}, ""),
        ("2.0rc1", {"ranges": [span(("introduced", "0"), ("fixed", "2.0"))]}, "fixed in 2.0"),
        ("0.dev1", {"ranges": [span(("introduced", "0"), ("fixed", "2.0"))]}, "fixed in 2.0"),
        ("1.10", {"ranges": [span(("introduced", "1.9"), ("fixed", "1.11"))]}, "fixed in 1.11"),
        ("1.2", {"ranges": [span(("introduced", "1.9"), ("fixed", "1.11"))]}, ""),
        ("1.9", {"ranges": [span(("introduced", "1.9"))]}, "no fixed version"),
        (
            "3",
            {"ranges": [span(("introduced", "1"), ("last_affected", "3.0.0"))]},
            "no fixed version",
        ),
        ("3.0.0.post1", {"ranges": [span(("introduced", "1"), ("last_affected", "3.0.0"))]}, ""),
        ("2", {"ranges": [span(("introduced", "2"), ("last_affected", "2"))]}, "no fixed version"),
        (
            "2.5",
            {
                "ranges": [
                    span(
                        ("introduced", "0"), ("fixed", "2"), ("introduced", "2.4"), ("fixed", "2.6")
                    )
                ]
            },
            "fixed in 2.6",
        ),
        (
            "2.2",
            {
                "ranges": [
                    span(
                        ("introduced", "0"), ("fixed", "2"), ("introduced", "2.4"), ("fixed", "2.6")
                    )
                ]
            },
            "",
        ),
        (
            "2.5",
            {
                "ranges": [
                    span(
                        ("fixed", "2.6"), ("introduced", "2.4"), ("fixed", "2"), ("introduced", "0")
                    )
                ]
            },
            "fixed in 2.6",
        ),
        (
            "1.5",
            {
                "ranges": [
                    span(("introduced", "0"), ("fixed", "1")),
                    span(("introduced", "1.4"), ("fixed", "1.6")),
                ]
            },
            "fixed in 1.6",
        ),
        ("1!1.0", {"ranges": [span(("introduced", "0"), ("fixed", "2.0"))]}, ""),
        (
            "1.5+cpu",
            {"ranges": [span(("introduced", "0"), ("last_affected", "1.5"))]},
            "no fixed version",
        ),
        ("2.0+cpu", {"ranges": [span(("introduced", "0"), ("fixed", "2.0"))]}, ""),
        ("1.0", {"versions": ["0.9", "1.0.0"]}, "no fixed version"),
        ("1.1", {"versions": ["0.9", "1.0.0"]}, ""),
        ("1.1+local", {"versions": ["1.1"]}, "no fixed version"),
        (
            "5",
            {"versions": ["5"], "ranges": [span(("introduced", "0"), ("fixed", "2"))]},
            "no fixed version",
        ),
        ("5", {"ranges": [span(("introduced", "0"), kind="GIT")]}, ""),
        (
            "5",
            {"ranges": [span(("introduced", "0"), ("fixed", "6-of-one"))]},
            "not comparable, look at it yourself (Invalid version: '6-of-one')",
        ),
        ("5", {}, ""),
    ],
)
def test_a_version_is_held_against_ranges_and_lists(
    version: str, about: dict[str, Any], named: str, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(advisory(**about)), encoding="utf-8")
    done = audit("--advisories", str(tmp_path / "a.json"), f"some.package=={version}")
    expected = (
        f"dependency audit: some-package {version}: TEST-2026-1, {named}: It burns\n"
        if named
        else "dependency audit: 1 packages, 1 advisories, none of them named\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1 if named else 0, expected, "")


@pytest.mark.parametrize(
    "other",
    [{"withdrawn": "2026-01-01T00:00:00Z"}, {"ecosystem": "npm"}, {"name": "some-package-too"}],
)
def test_what_is_withdrawn_or_about_another_says_nothing(
    other: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(advisory(versions=["1"], **other)), encoding="utf-8"
    )
    assert audit("--advisories", str(tmp_path), "some-package==1").returncode == 0


def test_what_is_installed_is_looked_at_from_a_file_a_folder_or_a_zip(tmp_path: Path) -> None:
    about = [
        advisory("PyTest", id="TEST-2", ranges=[span(("introduced", "0"), ("fixed", "9999"))]),
        advisory("pip", id="TEST-3", versions=["0.1"]),
    ]
    (tmp_path / "list.json").write_text(json.dumps(about), encoding="utf-8")
    (tmp_path / "folder/deep").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        for each in about:
            (tmp_path / f"folder/deep/{each['id']}.json").write_text(
                json.dumps(each), encoding="utf-8"
            )
            packed.writestr(f"{each['id']}.json", json.dumps(each))
    line = f"dependency audit: pytest {pytest.__version__}: TEST-2, fixed in 9999: It burns\n"
    for place in ("list.json", "folder", "all.zip"):
        done = audit(environment={"ALMANAC_ADVISORIES": str(tmp_path / place)})
        assert (done.returncode, done.stdout) == (1, line), place
    assert audit("--advisories", str(tmp_path / "folder/deep/TEST-3.json")).stdout.endswith(
        " 1 advisories, none of them named\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"3",
        b"{}",
        b"[1]",
        b'{"id": 1}',
        b'{"id": "x", "affected": {}}',
        b'{"id": "x", "affected": [1]}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"id": "x", "affected": [{"package": []}]}',
        b'{"id": "x", "affected": [{"ranges": [{}]}]}',
        b'{"id": "x", "affected": [{"versions": [1]}]}',
        b'{"id": "x", "affected": [{"package": {"name": 1, "ecosystem": "PyPI"}}]}',
        b'{"id": "x", "affected": [{"ranges": [{"events": [{"fixed": 1}]}]}]}',
        b"PK\x03\x04 is no zip",
        b"PK\x05\x06" + b"\0" * 18,
        b"[]",
    ],
)
def test_a_bad_file_is_one_line(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(body)
    for place in (tmp_path / "bad.json", tmp_path):
        done = audit("--advisories", str(place))
        assert (
            done.returncode == 2
            and done.stdout == ""
            and done.stderr.startswith("dependency audit: ")
            and done.stderr.count("\n") == 1
        ), done.stderr
        assert str(tmp_path) in done.stderr


def test_a_file_that_is_not_there_a_broken_zip_and_a_pin_that_is_none_are_one_line(
    tmp_path: Path,
) -> None:
    with zipfile.ZipFile(tmp_path / "broken.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.json", json.dumps(advisory(versions=[str(n) for n in range(500)])))
    body = bytearray((tmp_path / "broken.zip").read_bytes())
    body[60:80] = b"\xff" * 20
    (tmp_path / "broken.zip").write_bytes(body)
    for words in (
        ("--advisories", str(tmp_path / "none.json")),
        ("--advisories", str(tmp_path / "broken.zip")),
        ("litellm",),
        ("==1",),
        ("litellm==",),
    ):
        done = audit(*words)
        assert (
            done.returncode == 2
            and done.stdout == ""
            and done.stderr.startswith("dependency audit: ")
            and done.stderr.count("\n") == 1
        ), done.stderr


def test_an_advisory_cannot_drive_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(advisory(versions=["1"], summary="red\x1b[31m\nand \u202eround")),
        encoding="utf-8",
    )
    assert (
        audit("--advisories", str(tmp_path), "some-package==1").stdout
        == "dependency audit: some-package 1: TEST-2026-1, no fixed version: red[31m and round\n"
    )


@pytest.mark.parametrize("version", ["1.82.7", "1.82.8", "1.107.0"])
def test_a_release_of_litellm_that_was_compromised_is_never_fetched(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.clients.CLIENTS", tmp_path)
    with pytest.raises(
        pytest.fail.Exception, match=f"litellm {re.escape(version)}: ALMANAC-2026-1"
    ):
        client(f"LiteLLM=={version}")
    assert not list(tmp_path.iterdir())


def test_the_releases_that_the_tests_fetch_are_named_by_no_advisory_of_ours() -> None:
    releases = {
        pin
        for path in [*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/*.py")]
        for pin in re.findall(r'"((?:litellm|LiteLLM)==[^"{]+)"', path.read_text(encoding="utf-8"))
    }
    assert releases and all(audit(pin).returncode == 0 for pin in releases), releases
    assert all(Version(pin.split("==")[1]) for pin in releases)
