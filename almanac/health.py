"""What `almanac doctor` looks at."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version

PINS = {"sqlalchemy": ((2, 0, 45), (2, 1)), "fastapi": ((0, 139), (0, 151)), "prefect": ((3, 8, 8), (3, 10)), "scrapy": ((2, 19), (2, 20)),
        "great-expectations": ((1, 24), (1, 25))}  # fmt: skip
"""Ranges outside which the stack is known to break: servers that do not start, schedules that never run."""


def checks() -> list[tuple[str, bool, str]]:
    """Return (what was checked, whether it is well, what was found)."""
    return [_python(), *_pins(), _home(), _archive(), _sources(), _database()]


def _python() -> tuple[str, bool, str]:
    return "python", sys.version_info >= (3, 11), sys.version.split()[0]


def _pins() -> list[tuple[str, bool, str]]:
    found = []
    for name, (low, high) in PINS.items():
        try:
            have = version(name)
        except PackageNotFoundError:
            found.append((name, False, "not installed: python -m pip install -c constraints.txt -e ."))
            continue
        number = tuple(int(p) for p in have.split(".")[:3] if p.isdigit())
        found.append((name, low <= number < high, have + ("" if low <= number < high else ": outside the range that works; use constraints.txt")))
    return found


def _home() -> tuple[str, bool, str]:
    from warehouse.place import home

    place = home()
    parent = next(p for p in (place, *place.parents) if p.exists())
    return "home", os.access(parent, os.W_OK), f"{place}" + ("" if place.exists() else " (not made yet)")


def _archive() -> tuple[str, bool, str]:
    from spiders.archive import Archive
    from warehouse.place import archive_url, home

    archive = Archive(home() / "captures", archive_url())
    missing = {p.file for p in archive.bodies.values()} - archive.files()
    said = f"{len(archive.looks)} looks, {len(archive.bodies)} bodies"
    return "archive", not missing, said + (f"; missing files: {', '.join(sorted(missing))}" if missing else "")


def _sources() -> tuple[str, bool, str]:
    from spiders import base

    try:
        for name in base.names():
            base.source(name), base.card(name)
    except ValueError as error:
        return "sources", False, str(error)
    return "sources", True, f"{len(base.names())} with their cards"


def _database() -> tuple[str, bool, str]:
    import warehouse
    from warehouse.place import database_url, shown
    from warehouse.reader import NotThere

    try:
        seen = warehouse.open()
        return "warehouse", True, f"{shown(database_url())}, release {seen.known}"
    except NotThere as error:
        return "warehouse", "no release" in str(error) or "no warehouse at" in str(error), str(error)
