"""The house: no import points up, the query path stays light, documents tell the truth."""

from __future__ import annotations

import ast
import json
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from almanac.schemas.fields import FIELDS, REGISTERED
from tests.support.imports import modules

ROOT = Path(__file__).parents[2]
LIMIT = 120
"""Most lines of a reader, counted as `lines_of` does."""
LARGE = json.loads(Path(__file__).with_name("readers.json").read_text(encoding="utf-8"))
"""Readers above the limit, with their lines. These numbers only fall, and no name is added."""


def test_a_field_is_defined_once() -> None:
    assert len(REGISTERED) == len(FIELDS) > 50
    for field in REGISTERED:
        assert field.meaning and field.title and (field.low is None or field.reason), field.name


def test_the_readme_names_every_command() -> None:
    """The commands are those the program has, not those that a test lists."""
    done = subprocess.run(
        [sys.executable, "-m", "almanac", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    commands = [c for c in re.findall(r"^\W*([a-z][a-z-]+)  +\S", done.stdout, re.M) if c != "help"]
    assert len(commands) > 20 and {"refresh", "compare", "price"} <= set(commands)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [c for c in commands if f"`almanac {c}" not in readme]


# Readers


def lines_of(code: str) -> int:
    """Return how long code is, whatever its layout.

    Each statement is taken as the interpreter prints it, its lines counted at 100 columns.
    """
    return sum(
        math.ceil(len(line) / 100)
        for line in ast.unparse(ast.parse(code)).splitlines()
        if line.strip()
    )


def test_a_long_line_is_no_short_reader() -> None:
    flat = "x = [" + ", ".join(f"'{n:04}'" for n in range(100)) + "]"
    assert lines_of(flat) == lines_of(flat.replace(", ", ",\n")) >= 8
    assert lines_of("# nothing\n\nx = 1\n") == 1


def test_a_reader_is_small() -> None:
    sizes = {
        p.stem: lines_of(p.read_text(encoding="utf-8"))
        for p in (ROOT / "spiders/sources").glob("*.py")
    }
    assert len(sizes) > 40
    assert not {
        n: (size, LARGE.get(n, LIMIT)) for n, size in sizes.items() if size > LARGE.get(n, LIMIT)
    }, "grown, or too large for a new reader: move the trick to spiders/parsers"
    assert not {n: sizes.get(n) for n, most in LARGE.items() if sizes.get(n, 0) < most - 5}, (
        "smaller now: lower its number in tests/project/readers.json, or take it off"
    )


# Documents and files


def test_doctests() -> None:
    import doctest
    import importlib

    documented = {
        name for name, path in modules().items() if ">>> " in path.read_text(encoding="utf-8")
    }
    assert len(documented) >= 8
    for name in sorted(documented):
        result = doctest.testmod(importlib.import_module(name))
        assert result.failed == 0 and result.attempted > 0, name


_DOT = "."
_HOSTS = {
    "python": "pypi org, pypi python org, pypi io, pythonhosted org",
    "npm": (
        "npmjs org, npmjs com, npmmirror com, npm taobao org, yarnpkg com, unpkg com, jsdelivr net,"
        " esm sh, jspm io, skypack dev, cdnjs com, cdnjs cloudflare com"
    ),
    "distributions": (
        "debian org, archive ubuntu com, security ubuntu com, ports ubuntu com,"
        " launchpadcontent net, alpinelinux org, fedoraproject org, archlinux org"
    ),
    "containers": (
        "docker io, registry hub docker com, auth docker com, download docker com,"
        " production cloudflare docker com, ghcr io, quay io, gcr io, pkg dev"
    ),
    "more containers": "mcr microsoft com, public ecr aws, registry k8s io, registry gitlab com",
    "conda": "anaconda org, anaconda com, conda io, prefix dev",
    "rust": "crates io, rsproxy cn",
    "ruby": "rubygems org, gems ruby-china com",
    "go": "proxy golang org, sum golang org, goproxy io, goproxy cn",
    "java": (
        "maven org, repo maven apache org, maven google com, plugins gradle org,"
        " jitpack io, sonatype org"
    ),
    "others": (
        "packagist org, nuget org, cran r-project org, jfrog io, packagecloud io, cloudsmith io"
    ),
    "mirrors": (
        "mirrors aliyun com, tuna tsinghua edu cn, mirrors ustc edu cn, mirrors cloud tencent com,"
        " mirrors huaweicloud com, repo huaweicloud com, mirrors kernel org"
    ),
}
"""Hosts of package registries, of their files and of their mirrors.

They have a space for each dot, so that this file names none of them.
"""
_ANY = "|".join(
    re.escape(host.replace(" ", _DOT)) for hosts in _HOSTS.values() for host in hosts.split(", ")
)
HOSTS = re.compile(f"(?<![a-z0-9-])(?:{_ANY})(?![a-z0-9-])", re.I)
TEXT = frozenset(
    {
        ".py",
        ".md",
        ".toml",
        ".txt",
        ".yml",
        ".yaml",
        ".json",
        ".jsonl",
        ".html",
        ".htm",
        ".css",
        ".js",
        ".mako",
        ".ini",
        ".cfg",
        ".sh",
        ".sql",
        ".xml",
        ".csv",
        ".lock",
        ".svg",
        "",
    }
)
NOT_OURS = frozenset(
    {".venv", "venv", "build", "dist", "node_modules", "__pycache__", ".git", ".almanac"}
)


def git(*args: str) -> str:
    """Return what git prints in the project's own clone; nothing where there is none."""
    if not (ROOT / ".git").exists():
        return ""
    done = subprocess.run(
        ["git", *args], cwd=ROOT, capture_output=True, text=True, errors="replace", check=False
    )
    return done.stdout if done.returncode == 0 else ""


@cache
def files() -> tuple[Path, ...]:
    """Return the files of the project: those that git tracks.

    Without a clone they are all below it but caches and what is built.
    """
    if tracked := git("ls-files", "-z"):
        return tuple(ROOT / name for name in tracked.split("\0") if name)
    below = (
        p
        for p in ROOT.rglob("*")
        if p.is_file()
        and not any(
            part in NOT_OURS or part.endswith((".egg-info", "_cache"))
            for part in p.relative_to(ROOT).parts
        )
    )
    return tuple(below)


@pytest.mark.parametrize(
    "text",
    [
        "https://pypi{}org/simple",
        "cdn{}jsdelivr{}net/npm/x",
        "image: docker{}io/library/python:3.11",
        "deb http://deb{}debian{}org/debian",
    ],
)
def test_a_registry_host_would_be_seen(text: str) -> None:
    assert HOSTS.search(text.replace("{}", _DOT))
    assert not HOSTS.search(
        "hub.docker.com is a page we read; a_pypi.name, docker.iota and my-debian.organ are none"
    )


def test_no_registry_host_is_named() -> None:
    """Packages are named by name; where they come from is each machine's own setting."""
    looked, named = 0, []
    for path in files():
        if path.suffix in TEXT and path.is_file():
            looked += 1
            named += [
                f"{path.relative_to(ROOT)}: {m[0]}"
                for m in HOSTS.finditer(path.read_text(encoding="utf-8", errors="ignore"))
            ]
    assert looked >= 300, "too few files to believe it"
    assert not named


def test_no_commit_names_a_registry_host() -> None:
    messages = git("log", "-n", "2000", "--format=%h %B%x00").split("\0")
    if messages == [""]:
        pytest.skip("no clone: there are no messages")
    assert len(messages) > 1
    assert not [m.split()[0] for m in messages if HOSTS.search(m)]
