"""Hold what is installed against security advisories: `make audit ADVISORIES=FILE`.

Needs no network.

FILE is an advisory in the OSV format, a folder of them, or a zip of them (as OSV publishes for a
whole ecosystem). The advisories of our own, in `.ci/advisories/`, are always looked at. Exits 1
where something installed is named by an advisory, 2 where the advisories cannot be read. Pins on
the command line (`litellm==1.105.1`) are looked at instead of what is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

OWN = Path(__file__).resolve().parent / "advisories"
ECOSYSTEM = "PyPI"
LARGEST = 16 * 2**20
"""Bytes of one advisory; the longest published are under one million."""


class Unreadable(ValueError):
    """The advisories cannot be read; the message is one line that says which and why."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An advisory that names a version."""

    package: str
    version: str
    advisory: str
    fixed: str
    """The versions that mend it, or why that cannot be said."""
    summary: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}: {self.advisory}, {self.fixed}" + (
            f": {self.summary}" if self.summary else ""
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="audit",
        description="Hold what is installed against security advisories in the OSV format.",
    )
    parser.add_argument(
        "pins",
        nargs="*",
        metavar="NAME==VERSION",
        help="look at these instead of what is installed",
    )
    parser.add_argument(
        "--advisories",
        default=os.environ.get("ALMANAC_ADVISORIES", ""),
        metavar="PATH",
        help="a file, a folder or a zip of them; by default $ALMANAC_ADVISORIES",
    )
    options = parser.parse_args(arguments)
    try:
        looked_at = [pinned(p) for p in options.pins] or installed()
        given = list(read(Path(options.advisories))) if options.advisories else []
        found = sorted({*findings(looked_at, read(OWN)), *findings(looked_at, given)})
    except Unreadable as error:
        print(printable(f"dependency audit: {error}"), file=sys.stderr)
        return 2
    for finding in found:
        print(printable(f"dependency audit: {finding}"))
    if not options.advisories and not options.pins:
        print("dependency audit: not run (no advisory file; give ADVISORIES=FILE)")
    elif options.advisories and not found:
        print(
            f"dependency audit: {len(looked_at)} packages,"
            f" {len(given)} advisories, none of them named"
        )
    return 1 if found else 0


def installed() -> list[tuple[str, str]]:
    """Return (name, version) of every distribution of this environment."""
    return sorted(
        {(folded(d.metadata["Name"]), d.version) for d in distributions() if d.metadata["Name"]}
    )


def pinned(pin: str) -> tuple[str, str]:
    """Return (name, version) of `NAME==VERSION`. Raises Unreadable for anything else."""
    name, equals, version = pin.partition("==")
    if not (name.strip() and equals and version.strip()):
        raise Unreadable(f"{pin!r} is no NAME==VERSION")
    return folded(re.sub(r"\[.*\]", "", name).strip()), version.strip()


def printable(text: str) -> str:
    """Return text as one line without control characters: an advisory is somebody else's words."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def folded(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the advisories at a path: a JSON file (one, or a list of them), a folder, or a zip.

    Raises Unreadable.
    """
    try:
        if path.is_dir():
            files = sorted(p for p in path.rglob("*.json") if p.is_file())
            bodies: Iterable[tuple[str, bytes]] = ((str(p), p.read_bytes()) for p in files)
        elif zipfile.is_zipfile(path):
            bodies = _zipped(path)
        else:
            bodies = iter([(str(path), path.read_bytes())])
        count = 0
        for name, body in bodies:
            for advisory in _parsed(name, body):
                count += 1
                yield advisory
    except (
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as error:
        # The last two: a method or a password we lack.
        raise Unreadable(
            f"cannot read advisories from {path}: {getattr(error, 'strerror', None) or error}"
        ) from None
    if not count:
        raise Unreadable(
            f"no advisory in {path}:"
            " a JSON file in the OSV format, a folder or a zip of them is needed"
        )


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".json"):
                if member.file_size > LARGEST:
                    raise Unreadable(
                        f"{member.filename} in {path} unpacks to more than {LARGEST} bytes"
                    )
                yield f"{member.filename} in {path}", archive.read(member)


def _parsed(name: str, body: bytes) -> list[dict[str, Any]]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} is not JSON: {error}") from None
    advisories = parsed if isinstance(parsed, list) else [parsed]
    for advisory in advisories:
        if not (
            isinstance(advisory, dict)
            and isinstance(advisory.get("id"), str)
            and _well_formed(advisory)
        ):
            raise Unreadable(f"{name} is not an advisory in the OSV format")
    return advisories


def _well_formed(advisory: dict[str, Any]) -> bool:
    """Return whether what we look at has the shape that the format gives it."""
    affected = _given(advisory, "affected", [])
    if not (isinstance(affected, list) and all(isinstance(a, dict) for a in affected)):
        return False
    for each in affected:
        package, versions, ranges = (
            _given(each, "package", {}),
            _given(each, "versions", []),
            _given(each, "ranges", []),
        )
        if not (
            isinstance(package, dict) and isinstance(versions, list) and isinstance(ranges, list)
        ):
            return False
        if not (
            isinstance(package.get("name", ""), str)
            and isinstance(package.get("ecosystem", ""), str)
            and all(isinstance(v, str) for v in versions)
        ):
            return False
        for span in ranges:
            events = span.get("events") if isinstance(span, dict) else None
            if not (
                isinstance(events, list)
                and all(
                    isinstance(e, dict) and all(isinstance(v, str) for v in e.values())
                    for e in events
                )
            ):
                return False
    return True


def _given(fields: dict[str, Any], name: str, otherwise: Any) -> Any:
    """Return a field, or `otherwise` where it is absent or null."""
    return otherwise if fields.get(name) is None else fields[name]


def findings(
    looked_at: list[tuple[str, str]], advisories: Iterable[dict[str, Any]]
) -> Iterator[Finding]:
    """Yield what the advisories say of these (name, version) pairs.

    A withdrawn advisory says nothing.
    """
    versions: dict[str, list[str]] = {}
    for name, version in looked_at:
        versions.setdefault(name, []).append(version)
    for advisory in advisories:
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected") or []:
            package = affected.get("package") or {}
            name = folded(package.get("name", ""))
            if package.get("ecosystem", "").split(":")[0] != ECOSYSTEM:
                continue
            for version in versions.get(name, ()):
                if why := named(version, affected):
                    yield Finding(
                        name, version, advisory["id"], why, str(advisory.get("summary") or "")
                    )


def named(version: str, affected: dict[str, Any]) -> str:
    """Return what mends a version that is affected, in words; "" where it is not affected."""
    ranges = [r["events"] for r in affected.get("ranges") or [] if r.get("type") != "GIT"]
    fixes = [e["fixed"] for events in ranges for e in events if "fixed" in e]
    try:
        mine = _version(version)
        inside = any(_inside(mine, events) for events in ranges)
        fixes = sorted({f for f in fixes if _version(f) > mine}, key=_version)
    except InvalidVersion as error:
        return f"not comparable, look at it yourself ({error})"
    if inside or any(_same(version, listed) for listed in affected.get("versions") or []):
        return f"fixed in {', '.join(fixes)}" if fixes else "no fixed version"
    return ""


def _inside(version: Version, events: list[dict[str, str]]) -> bool:
    """Return whether a version lies in a range.

    It does where nothing ends it again after its last `introduced` at or below it.
    """
    marks: list[tuple[Version, str]] = []
    for event in events:
        for kind, bound in event.items():
            if kind in ("introduced", "fixed", "last_affected", "limit") and bound != "*":
                everything_before = kind == "introduced" and bound == "0"
                marks.append((Version("0.dev0") if everything_before else _version(bound), kind))
    affected = False
    for mark, kind in sorted(marks, key=lambda each: (each[0], each[1] == "last_affected")):
        if kind == "introduced" and version >= mark:
            affected = True
        elif (kind in ("fixed", "limit") and version >= mark) or (
            kind == "last_affected" and version > mark
        ):
            affected = False
    return affected


def _version(printed: str) -> Version:
    """Return a version without its local part: `2.1+cpu` is built from 2.1 and has its faults.

    Raises InvalidVersion.
    """
    return Version(Version(printed).public)


def _same(version: str, listed: str) -> bool:
    try:
        return _version(version) == _version(listed)
    except InvalidVersion:
        return version == listed


if __name__ == "__main__":
    sys.exit(main())
