"""The compose file and the image say nothing that is not there.

Containers cannot be run everywhere, words can be checked.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from almanac.flows.orchestration.deployments import POOL
from almanac.flows.orchestration.environment import keys
from tests.almanac.test_cli import COMMANDS

ROOT = Path(__file__).parents[2]


def test_every_service_runs_a_command_there_is_and_waits_for_a_service_there_is() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"postgres", "prefect", "deploy", "worker", "web"}
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services
            assert how["condition"] != "service_healthy" or "healthcheck" in services[other], (
                name,
                other,
            )
            assert (
                how["condition"] != "service_completed_successfully"
                or services[other]["restart"] == "no"
            )
        if name != "postgres" and "entrypoint" not in service:
            assert service["command"][0] in COMMANDS
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), (
                "nothing is open to the world unless somebody opens it"
            )
        for volume in service["volumes"]:
            assert volume.split(":")[0] in compose["volumes"]
    assert services["worker"]["entrypoint"][4] == POOL
    assert "pg_trgm" in compose["configs"]["databases"]["content"]
    for url in re.findall(
        r"@postgres/(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    ):
        assert (
            url == "almanac"
            or f"CREATE DATABASE {url}" in compose["configs"]["databases"]["content"]
        )


FIXED = {
    "ALMANAC_HOME": "the volume",
    "ALMANAC_DATABASE_URL": "the PostgreSQL of this file",
    "PREFECT_API_URL": "the Prefect server of this file",
    "ALMANAC_PASS_ENV": "what `almanac up` hands on; here each container is handed all by name",
}
"""Documented settings that the compose file settles itself, each with why."""


def documented() -> set[str]:
    """Return the variables that the table of settings names."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|(.+?)\|", text.partition("## Settings")[2].partition("\n## ")[0], re.M)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def settable() -> dict[str, set[str]]:
    """Return, by service, the variables that its container is handed as they are set outside."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    handed = {service: about.get("environment", {}) for service, about in services.items()}
    return {s: {n for n, v in given.items() if _is_set(n, v)} for s, given in handed.items()}


def _is_set(name: str, value: str) -> bool:
    """Whether a variable is what it is outside, with something to fall back on."""
    return value.startswith(f"${{{name}:-")


def test_every_documented_setting_can_be_set() -> None:
    handed = settable()
    assert len(documented()) > 8 and FIXED.keys() <= documented()
    assert documented() - FIXED.keys() - handed["worker"] == set(), "the runs need all of them"
    web = {"ALMANAC_WEB_URL", "ALMANAC_ARCHIVE_URL"}
    assert web <= handed["web"]
    assert not [n for n in handed["web"] if n.startswith("ALMANAC_WEBHOOK")]


def test_every_key_that_a_source_asks_for_can_be_set() -> None:
    assert keys() and set(keys()) <= settable()["worker"] and not set(keys()) & settable()["web"]


def test_the_image_has_every_room_and_file_it_is_made_of() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.+)$", text, re.M) for word in line.split()[:-1]]
    assert all((ROOT / word).exists() for word in copied)
    assert {"schemas", "spiders", "warehouse", "flows", "comparisons", "almanac"} <= set(copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not set(copied) & set(ignored)
