"""What `almanac doctor` looks at."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from almanac.warehouse import Warehouse

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


class Check(NamedTuple):
    """What was looked at, whether it is well, and in words how it was."""

    name: str
    ok: bool
    finding: str


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
    return Check("python", sys.version_info >= (3, 11), sys.version.split()[0])


def _pins() -> list[Check]:
    return [_pin(name, low, high) for name, (low, high) in PINS.items()]


def _pin(name: str, low: tuple[int, ...], high: tuple[int, ...]) -> Check:
    """Check that a package is in the range that works."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        return Check(
            name, False, "not installed: python -m pip install --no-deps -r constraints.txt"
        )
    number = tuple(int(p) for p in installed.split(".")[:3] if p.isdigit())
    if low <= number < high:
        return Check(name, True, installed)
    return Check(name, False, f"{installed}: outside the range that works; use constraints.txt")


def _home() -> Check:
    from almanac.warehouse.paths import home

    place = home()
    parent = next(p for p in (place, *place.parents) if p.exists())
    if not parent.is_dir():
        return Check("home", False, f"{place}: {parent} is a file, not a folder")
    writable = os.access(parent, os.W_OK)
    return Check(
        "home",
        writable,
        f"{place}"
        + ("" if place.exists() else " (not made yet)")
        + ("" if writable else f": {parent} cannot be written"),
    )


def _archive(deep: bool, progress: Callable[[str], None]) -> list[Check]:
    """Check the archive, each damaged file by itself, and what is wrong with its index."""
    from almanac.spiders.archive.integrity import depth, glance
    from almanac.spiders.archive.warc import Archive
    from almanac.warehouse.paths import archive_url, home

    index_notes: list[str] = []
    try:
        archive = Archive(home() / "captures", archive_url(), index_notes.append)
    except OSError as error:
        return [Check("archive", False, f"{home() / 'captures'}: {error.strerror}")]
    damaged = depth(archive, progress) if deep else glance(archive)
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for damage in damaged:
        reasons[damage.file].append(damage.reason)
    size = (
        f"{len(archive.looks):,} looks, {len(archive.bodies):,} bodies"
        f" in {len(archive.files()):,} files"
    )
    read = ", every record read" if deep else ""
    files = f"; damaged: {', '.join(reasons)}" if damaged else ""
    return [
        Check("archive", not damaged, size + read + files),
        *(Check(f"archive: {file}", False, _shortened(why)) for file, why in reasons.items()),
        *(Check("archive: index", True, note) for note in index_notes),
    ]


def _shortened(reasons: list[str]) -> str:
    rest = len(reasons) - 1
    return f"{reasons[0]}, and {rest:,} more" if rest else reasons[0]


def _sources() -> Check:
    from almanac.spiders import base

    try:
        for name in base.names():
            base.source(name), base.card(name)
    except ValueError as error:
        return Check("sources", False, str(error))
    return Check("sources", True, f"{len(base.names())} with their cards")


def _database() -> Check:
    """Check what one look at the database shows, and which release it holds."""
    from almanac import warehouse
    from almanac.warehouse.integrity import NotLookedAt, glance
    from almanac.warehouse.paths import database_url, shown
    from almanac.warehouse.read.reader import NotThere

    url = database_url()
    try:
        why = glance(url)
    except NotLookedAt as error:
        return Check("warehouse", False, f"{shown(url)}: cannot be looked at: {error}")
    if why:
        return Check(
            "warehouse",
            False,
            f"{shown(url)}: {why}:"
            " take it away, and `almanac replay` makes it again from the archive",
        )
    try:
        return Check("warehouse", True, f"{shown(url)}, release {warehouse.open().known}")
    except NotThere as error:
        empty = "no release" in str(error) or "no warehouse at" in str(error)
        return Check("warehouse", empty, str(error))


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
        return [Check("warehouse: pages", False, f"cannot be looked at: {error}")]
    if wrong is None:
        return []
    pages = Check("warehouse: pages", not wrong, _listed(wrong) or "whole")
    try:
        return [pages, *_releases(warehouse.open(url), progress)]
    except NotThere as error:
        empty = not wrong and "no release" in str(error)
        return [pages, Check("warehouse: releases", empty, str(error))]


def _listed(faults: Sequence[str], most: int = 5) -> str:
    more = [f"and {len(faults) - most:,} more"] if len(faults) > most else []
    return "; ".join([*faults[:most], *more])


def _releases(snapshot: Warehouse, progress: Callable[[str], None]) -> list[Check]:
    """Check every release that was not let go of, and name those that do not hold."""
    from almanac.warehouse.read.reader import NotThere
    from almanac.warehouse.read.release_diff import verify

    wrong: list[Check] = []
    held = 0
    releases = [r.id for r in snapshot.releases()]
    for number in releases:
        name = f"warehouse: release {number}"
        progress(name)
        try:
            if not verify(snapshot, number):
                wrong.append(Check(name, False, "does not say what its digest was taken of"))
            held += 1
        except NotThere:
            continue  # let go of by retention: it has no figures any more
        except Exception as error:  # whatever a damaged database answers with
            wrong.append(Check(name, False, f"cannot be read: {str(error).splitlines()[0]}"))
    counts = (
        f"{held:,} of {len(releases):,} releases read,"
        f" {held - len(wrong):,} say what their digest was taken of"
    )
    return [Check("warehouse: releases", not wrong, counts), *wrong]
