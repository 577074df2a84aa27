"""What a process that the almanac starts is handed of our environment.

It is what it needs, by name, and nothing else.

A shell or a container often holds secrets that have nothing to do with us. A variable that is not
listed here stays where it is; ALMANAC_PASS_ENV names others that the runs of a team need.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

Part = Literal["server", "worker", "web"]
"""Prefect's server; a worker and the runs it starts; our web server."""

BEAT = 30
"""Seconds between two signs of life of a run."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
MACHINE = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TMP",
        "TEMP",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        *PROXIES,
        *(name.upper() for name in PROXIES),
    }
)
"""Where programs, folders, certificates and the way out are."""
MACHINES = ("LC_", "PYTHON", "LD_", "DYLD_", "FAKETIME")
"""How text is written, programs are loaded, and which time they are told."""
CLOUDS = {
    "s3": "AWS_",
    "s3a": "AWS_",
    "gs": "GOOGLE_",
    "gcs": "GOOGLE_",
    "az": "AZURE_",
    "abfs": "AZURE_",
    "abfss": "AZURE_",
    "adl": "AZURE_",
}
"""How the credentials are called of those who keep an archive.

The key is the scheme of ALMANAC_ARCHIVE_URL.
"""
QUIET = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
"""Nobody is told that we run, unless the user sets otherwise."""
SAFE = {"PYTHONSAFEPATH": "1"}
"""Python looks for no code in the folder that a process is started in.

That folder may hold other packages of our names.
"""


def environment(
    home: Path, api: str = "", part: Part = "worker", given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of a part of the almanac in `home`.

    Prefect's server is at `api`; `given` is ours by default.
    """
    mine = os.environ if given is None else given
    kinds, names = (*MACHINES, *_kinds(mine, part)), MACHINE | _named(mine, part)
    handed = {
        name: value
        for name, value in mine.items()
        if (name.startswith(kinds) or name in names) and not _withheld(name, part)
    }
    quiet = {name: mine.get(name) or value for name, value in QUIET.items()}
    set_here = {"PREFECT_HOME": str(home / "prefect"), "ALMANAC_HOME": str(home)} | (
        {"PREFECT_API_URL": api} if api else {}
    )
    return {
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(BEAT),
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        **handed,
        **quiet,
        **SAFE,
        **set_here,
        **straight(handed),
    }


def straight(handed: Mapping[str, str]) -> dict[str, str]:
    """Return what has our parts speak to each other directly.

    Others are reached through a proxy.
    """
    if not any(handed.get(spelt) for name in PROXIES[:3] for spelt in (name, name.upper())):
        return {}
    past = handed.get("no_proxy") or handed.get("NO_PROXY") or ""
    past = past if past.strip() == "*" else ",".join(filter(None, [past, "127.0.0.1", "localhost"]))
    return {"no_proxy": past, "NO_PROXY": past}


def _kinds(mine: Mapping[str, str], part: Part) -> tuple[str, ...]:
    """Return how the variables begin that a part is handed."""
    databases = [
        value
        for name, value in mine.items()
        if (
            name.endswith("DATABASE_CONNECTION_URL")
            if part == "server"
            else name == "ALMANAC_DATABASE_URL"
        )
    ]
    postgres = ("PG",) if any(url.startswith("postgres") for url in databases) else ()
    if part == "server":
        return ("PREFECT_", *postgres)
    scheme, there, _ = mine.get("ALMANAC_ARCHIVE_URL", "").partition("://")
    archive = ("FSSPEC_", *((CLOUDS[scheme],) if scheme in CLOUDS else ())) if there else ()
    return ("ALMANAC_", *postgres, *archive, *(("PREFECT_", "PIP_") if part == "worker" else ()))


def _named(mine: Mapping[str, str], part: Part) -> frozenset[str]:
    """Return the variables that runs are handed by name.

    They are the keys that sources ask for, and what the user names.
    """
    if part != "worker":
        return frozenset()
    return frozenset({*keys(), *mine.get("ALMANAC_PASS_ENV", "").replace(",", " ").split()})


def keys() -> Iterable[str]:
    """Return the variables in which sources look for their keys."""
    from almanac.spiders import base

    return sorted({key[1] for key in (base.source(name).key for name in base.names()) if key})


def _withheld(name: str, part: Part) -> bool:
    """Whether a variable is not for a part though its kind is.

    Such are another run's own, the database of Prefect's server, the webhooks.
    """
    if name.startswith("PREFECT__"):
        return True
    if part == "worker":
        return name.startswith("PREFECT_") and name.endswith(
            ("DATABASE_CONNECTION_URL", "DATABASE_PASSWORD")
        )
    return name.startswith("ALMANAC_WEBHOOK")


def hush() -> None:
    """Set for this process and what it starts that Prefect tells nobody of it.

    It asks when it is first imported.
    """
    for name, value in QUIET.items():
        os.environ[name] = os.environ.get(name) or value
