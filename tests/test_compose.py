"""The compose file and the image say nothing that is not there: containers cannot be run everywhere, words can be checked."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from flows.deploy import POOL
from tests.test_cli import COMMANDS

ROOT = Path(__file__).parents[1]


def test_every_service_runs_a_command_there_is_and_waits_for_a_service_there_is() -> None:
    said = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = said["services"]
    assert set(services) == {"postgres", "prefect", "deploy", "worker", "web"}
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services
            assert how["condition"] != "service_healthy" or "healthcheck" in services[other], (name, other)
            assert how["condition"] != "service_completed_successfully" or services[other]["restart"] == "no"
        if name != "postgres" and "entrypoint" not in service:
            assert service["command"][0] in COMMANDS
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "nothing is open to the world unless somebody opens it"
        for volume in service["volumes"]:
            assert volume.split(":")[0] in said["volumes"]
    assert services["worker"]["entrypoint"][4] == POOL
    assert "pg_trgm" in said["configs"]["databases"]["content"]
    for url in re.findall(r"@postgres/(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")):
        assert url == "almanac" or f"CREATE DATABASE {url}" in said["configs"]["databases"]["content"]


def test_the_image_has_every_room_and_file_it_is_made_of() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.+)$", text, re.M) for word in line.split()[:-1]]
    assert all((ROOT / word).exists() for word in copied)
    assert {"schemas", "spiders", "warehouse", "flows", "comparisons", "almanac"} <= set(copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not set(copied) & set(ignored)
