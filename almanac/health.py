"""What `almanac doctor` looks at."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PINS = {
    "sqlalchemy": ((2, 0, 45), (2, 1)),
    "fastapi": ((0, 139), (0, 151)),
    "prefect": ((3, 8, 8), (3, 10)),
    "scrapy": ((2, 19), (2, 20)),
    "great-expectations": ((1, 24), (1, 25)),
}
"""Ranges outside which the stack is known to break.

There servers do not start, or schedules never run.
"""


Check = tuple[str, bool, str]
"""What was checked, whether it is well, what was found."""


def checks(deep: bool = False, progress: Callable[[str], None] = lambda text: None) -> list[Check]:
    """Return what an installation is checked for.

    `deep` reads every record of the archive, and all of the database.
    """
    return [
        _python(),
        *_pins(),
        _home(),
        *_archive(deep, progress),
        _sources(),
        _database(),
        *(_depths(progress) if deep else ()),
    ]


def _python() -> Check:
    return "python", sys.version_info >= (3, 11), sys.version.split()[0]


def _pins() -> list[Check]:
    found = []
    for name, (low, high) in PINS.items():
        try:
            have = version(name)
        except PackageNotFoundError:
            found.append(
                (name, False, "not installed: python -m pip install --no-deps -r constraints.txt")
            )
            continue
        number = tuple(int(p) for p in have.split(".")[:3] if p.isdigit())
        found.append(
            (
                name,
                low <= number < high,
                have
                + (
                    ""
                    if low <= number < high
                    else ": outside the range that works; use constraints.txt"
                ),
            )
        )
    return found


def _home() -> Check:
    from almanac.warehouse.paths import home

    place = home()
    parent = next(p for p in (place, *place.parents) if p.exists())
    if not parent.is_dir():
        return "home", False, f"{place}: {parent} is a file, not a folder"
    can = os.access(parent, os.W_OK)
    return (
        "home",
        can,
        f"{place}"
        + ("" if place.exists() else " (not made yet)")
        + ("" if can else f": {parent} cannot be written"),
    )


def _archive(deep: bool, progress: Callable[[str], None]) -> list[Check]:
    from almanac.spiders.archive.integrity import depth, glance
    from almanac.spiders.archive.warc import Archive
    from almanac.warehouse.paths import archive_url, home

    told: list[str] = []
    try:
        archive = Archive(home() / "captures", archive_url(), told.append)
    except OSError as error:
        return [("archive", False, f"{home() / 'captures'}: {error.strerror}")]
    damaged = depth(archive, progress) if deep else glance(archive)
    by_file: dict[str, list[str]] = {}
    for damage in damaged:
        by_file.setdefault(damage.file, []).append(damage.reason)
    said = (
        f"{len(archive.looks):,} looks, {len(archive.bodies):,} bodies"
        f" in {len(archive.files()):,} files" + (", every record read" if deep else "")
    )
    found = [
        ("archive", not damaged, said + (f"; damaged: {', '.join(by_file)}" if damaged else ""))
    ]
    found += [
        (
            f"archive: {file}",
            False,
            f"{reasons[0]}" + (f", and {len(reasons) - 1:,} more" if len(reasons) > 1 else ""),
        )
        for file, reasons in by_file.items()
    ]
    return found + [("archive: index", True, text) for text in told]


def _sources() -> Check:
    from almanac.spiders import base

    try:
        for name in base.names():
            base.source(name), base.card(name)
    except ValueError as error:
        return "sources", False, str(error)
    return "sources", True, f"{len(base.names())} with their cards"


def _database() -> Check:
    from almanac import warehouse
    from almanac.warehouse.integrity import NotLookedAt, glance
    from almanac.warehouse.paths import database_url, shown
    from almanac.warehouse.read.reader import NotThere

    url = database_url()
    try:
        why = glance(url)
    except NotLookedAt as error:
        return "warehouse", False, f"{shown(url)}: cannot be looked at: {error}"
    if why:
        return (
            "warehouse",
            False,
            (
                f"{shown(url)}: {why}:"
                " take it away, and `almanac replay` makes it again from the archive"
            ),
        )
    try:
        snapshot = warehouse.open()
        return "warehouse", True, f"{shown(url)}, release {snapshot.known}"
    except NotThere as error:
        return (
            "warehouse",
            "no release" in str(error) or "no warehouse at" in str(error),
            str(error),
        )


def _depths(progress: Callable[[str], None]) -> list[Check]:
    """Check that the database can be read whole.

    Each release must still say what its digest was taken of.
    """
    from almanac import warehouse
    from almanac.warehouse.integrity import NotLookedAt, faults
    from almanac.warehouse.paths import database_url
    from almanac.warehouse.read.reader import NotThere

    url = database_url()
    progress("warehouse: reading all of it")
    try:
        wrong = faults(url)
    except NotLookedAt as error:
        return [("warehouse: pages", False, f"cannot be looked at: {error}")]
    if wrong is None:
        return []
    found = [
        (
            "warehouse: pages",
            not wrong,
            (
                "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5:,} more" if len(wrong) > 5 else "")
                if wrong
                else "whole"
            ),
        )
    ]
    try:
        return [*found, *_releases(warehouse.open(url), progress)]
    except NotThere as error:
        return [
            *found,
            ("warehouse: releases", not wrong and "no release" in str(error), str(error)),
        ]


def _releases(snapshot: Any, progress: Callable[[str], None]) -> list[Check]:
    from almanac.warehouse.read.reader import NotThere
    from almanac.warehouse.read.release_diff import verify

    held, wrong = 0, []
    releases = [r.id for r in snapshot.releases()]
    for number in releases:
        progress(f"warehouse: release {number}")
        try:
            if not verify(snapshot, number):
                wrong.append(
                    (
                        f"warehouse: release {number}",
                        False,
                        "does not say what its digest was taken of",
                    )
                )
            held += 1
        except NotThere:
            continue  # let go of by retention: it has no figures any more
        except Exception as error:  # whatever a damaged database answers with
            wrong.append(
                (
                    f"warehouse: release {number}",
                    False,
                    f"cannot be read: {str(error).splitlines()[0]}",
                )
            )
    return [
        (
            "warehouse: releases",
            not wrong,
            (
                f"{held:,} of {len(releases):,} releases read,"
                f" {held - len(wrong):,} say what their digest was taken of"
            ),
        ),
        *wrong,
    ]
