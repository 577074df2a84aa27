"""What the processes that we start are handed of our environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from almanac.flows.orchestration.environment import Part, environment

HOME = Path("/h")
BASE = {
    "PATH": "/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "SSL_CERT_FILE": "/ca.pem",
    "https_proxy": "http://proxy:3128",
}
STRANGE = {
    "FOO_TOKEN": "x",
    "GITHUB_TOKEN": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "GOOGLE_APPLICATION_CREDENTIALS": "x",
    "PGPASSWORD": "x",
    "SSH_AUTH_SOCK": "x",
    "OPENAI_API_KEY": "x",
    "KUBECONFIG": "x",
    "DATABASE_URL": "x",
    "PREFECT__FLOW_RUN_ID": "x",
    "PREFECTX": "x",
    "ALMANAC": "x",
    "BASH_FUNC_x%%": "x",
    "GIT_SSH_COMMAND": "x",
    "GIT_CONFIG_PARAMETERS": "x",
}


@pytest.mark.parametrize("part", ["server", "worker", "web"])
def test_what_is_not_ours_stays_where_it_is(part: Part) -> None:
    handed = environment(HOME, "http://127.0.0.1:4200/api", part, {**BASE, **STRANGE})
    assert set(STRANGE).isdisjoint(handed) and {**handed, **BASE} == handed
    assert (
        handed["DO_NOT_TRACK"] == "1"
        and handed["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        and handed["PYTHONSAFEPATH"] == "1"
    )
    assert (handed["ALMANAC_HOME"], handed["PREFECT_HOME"], handed["PREFECT_API_URL"]) == (
        "/h",
        "/h/prefect",
        "http://127.0.0.1:4200/api",
    )


def test_each_part_is_handed_its_own_secrets_only() -> None:
    mine = {
        "ALMANAC_WEBHOOKS": "https://h",
        "ALMANAC_WEBHOOK_SECRET": "s",
        "ARTIFICIAL_ANALYSIS_API_KEY": "k",
        "PREFECT_API_KEY": "p",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///x",
        "ALMANAC_DATABASE_URL": "postgresql://h/d",
        "PGPASSWORD": "d",
        "PIP_INDEX_URL": "https://u:p@i",
    }
    handed = {
        part: {name for name in environment(HOME, "", part, mine) if name in mine}
        for part in ("server", "worker", "web")
    }  # type: ignore[arg-type]
    assert handed["server"] == {
        "PREFECT_API_KEY",
        "PREFECT_LOGGING_LEVEL",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    }
    assert handed["worker"] == set(mine) - {"PREFECT_SERVER_DATABASE_CONNECTION_URL"}
    assert handed["web"] == {"ALMANAC_DATABASE_URL", "PGPASSWORD"}
    theirs = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://h/p",
        "PGPASSWORD": "d",
    }
    assert {
        part: "PGPASSWORD" in environment(HOME, "", part, theirs)
        for part in ("server", "worker", "web")
    } == {"server": True, "worker": False, "web": False}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url, kept",
    [
        ("s3://bucket/a", {"AWS_PROFILE", "FSSPEC_S3_KEY"}),
        ("gs://bucket/a", {"GOOGLE_APPLICATION_CREDENTIALS", "FSSPEC_S3_KEY"}),
        ("abfss://c@a/p", {"AZURE_CLIENT_SECRET", "FSSPEC_S3_KEY"}),
        ("", set()),
    ],
)
def test_credentials_of_a_shared_archive_go_with_its_address(url: str, kept: set[str]) -> None:
    clouds = {
        "AWS_PROFILE": "x",
        "GOOGLE_APPLICATION_CREDENTIALS": "x",
        "AZURE_CLIENT_SECRET": "x",
        "FSSPEC_S3_KEY": "x",
    }
    for part in ("worker", "web"):
        assert (
            set(environment(HOME, "", part, {**clouds, "ALMANAC_ARCHIVE_URL": url})) & set(clouds)
            == kept
        )  # type: ignore[arg-type]
    assert not set(environment(HOME, "", "server", {**clouds, "ALMANAC_ARCHIVE_URL": url})) & set(
        clouds
    )


def test_what_our_code_asks_for_is_handed_to_it() -> None:
    """A variable that a module learns to read must be in a list here.

    Else it would be missing in every run of a worker.
    """
    root = Path(__file__).parents[2]
    text = "\n".join(
        p.read_text(encoding="utf-8")
        for room in ("schemas", "spiders", "warehouse", "flows", "comparisons")
        for p in (root / room).rglob("*.py")
    )
    asked = set(re.findall(r"""(?:environ(?:\.get\(|\[)|getenv\()["'](\w+)""", text)) | {
        "ARTIFICIAL_ANALYSIS_API_KEY"
    }
    assert len(asked) > 6
    assert asked - set(environment(HOME, "", "worker", dict.fromkeys(asked, "x"))) == set()


def test_our_parts_speak_to_each_other_past_a_proxy() -> None:
    for mine, past in (
        ({}, None),
        ({"no_proxy": "a"}, "a"),
        ({"HTTP_PROXY": "http://p"}, "127.0.0.1,localhost"),
        ({"https_proxy": "http://p", "NO_PROXY": "a,.b"}, "a,.b,127.0.0.1,localhost"),
        ({"ALL_PROXY": "http://p", "no_proxy": "*"}, "*"),
    ):
        assert environment(HOME, "", "worker", mine).get("no_proxy") == past  # type: ignore[arg-type]


def test_a_user_can_name_more_for_the_runs() -> None:
    mine = {
        "ALMANAC_PASS_ENV": "HF_TOKEN, OMP_NUM_THREADS",
        "HF_TOKEN": "t",
        "OMP_NUM_THREADS": "1",
        "FOO_TOKEN": "x",
    }
    assert {n for n in environment(HOME, "", "worker", mine) if n in mine} == {
        "ALMANAC_PASS_ENV",
        "HF_TOKEN",
        "OMP_NUM_THREADS",
    }
    assert "HF_TOKEN" not in environment(HOME, "", "web", mine)


@pytest.mark.parametrize(
    "mine, told",
    [
        ({}, ("1", "false")),
        ({"DO_NOT_TRACK": "", "PREFECT_SERVER_ANALYTICS_ENABLED": ""}, ("1", "false")),
        ({"DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true"}, ("0", "true")),
    ],
)
def test_nobody_is_told_unless_the_user_says_so(
    mine: dict[str, str], told: tuple[str, str]
) -> None:
    """In the processes we start, and in ours before Prefect is imported, by whatever door."""
    handed = environment(HOME, "", "worker", mine)
    assert (handed["DO_NOT_TRACK"], handed["PREFECT_SERVER_ANALYTICS_ENABLED"]) == told
    bare = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DO_NOT_TRACK", "PREFECT_SERVER_ANALYTICS_ENABLED", "CI")
    } | mine
    asked = (
        "import sys; {}; import os; early = 'prefect' in sys.modules;"
        " from prefect._internal.analytics import is_telemetry_enabled as on;"
        " from prefect.settings import get_current_settings as s;"
        " print(early, on(), s().server.analytics_enabled)"
    )
    tells = told == ("0", "true")
    doors = {
        (
            "from almanac.flows.orchestration.deployments import deploy;"
            " import almanac.commands.serve, almanac.commands.pipeline"
        ): False,
        "from almanac.flows.orchestration.prefect_tasks import Tasks": True,
        "from almanac.flows.orchestration.prefect_flows import refresh": True,
        "import almanac.flows.orchestration.dask_partitions": True,
    }
    for door, early in list(doors.items())[: 4 if not mine else 1]:
        done = subprocess.run(
            [sys.executable, "-c", asked.format(door)],
            env=bare,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.stdout.split()[:1] == [str(early)], (door, done.stderr)
        # A machine of continuous integration tells nobody.
        assert done.stdout.split()[1:] in ([str(tells), str(tells)], [str(False), str(tells)]), (
            door,
            done.stdout,
        )
