"""Whether the archive still holds what it is said to hold.

It is looked at in a glance, in depth, or by a sample.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from almanac.spiders.archive import lock
from almanac.spiders.archive.looks import Fault, scan
from almanac.spiders.archive.warc import Archive

EVERY = 2.0
"""Seconds between two lines that say how far a check is."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Something of an archive file that is not there any more.

    `digest` is that of the body it was; empty for a part of the file without one.
    """

    file: str
    offset: int
    digest: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}@{self.offset}: {self.reason}"


def glance(archive: Archive) -> list[Damage]:
    """Return which files are missing or shorter than what is known to stand in them.

    Reads none of them.
    """
    sizes = archive.sizes()
    last: dict[str, tuple[int, str]] = {}
    for digest, place in archive.bodies.items():
        last[place.file] = max(last.get(place.file, (-1, "")), (place.offset, digest))
    found = []
    for file in sorted(last.keys() | archive.covered.keys()):
        offset, digest = last.get(file, (0, ""))
        known = archive.covered.get(file)
        if file not in sizes:
            found.append(Damage(file, offset, digest, "the file is missing"))
        elif sizes[file] < max(known.size if known else 0, offset + 1):
            whole = (
                f"{sizes[file]:,} of {known.size:,} bytes"
                if known
                else f"{sizes[file]:,} bytes, and a record begins at byte {offset:,}"
            )
            found.append(Damage(file, sizes[file], "", f"the file is cut off: {whole}"))
        elif known and known.damaged:
            found.append(Damage(file, known.whole, "", known.damaged))
    return found + [
        Damage(file, 0, "", f"{count:,} looks whose body is in no archive file that is here")
        for file, count in sorted(archive.lacking.items())
    ]


def depth(archive: Archive, progress: Callable[[str], None] = lambda text: None) -> list[Damage]:
    """Read every record, and return what is damaged.

    That is bodies that are not what their digest says, looks that the index lacks, files
    that are cut off.
    """
    found = glance(archive)
    gone = {damage.file for damage in found if damage.reason == "the file is missing"}
    named: dict[str, dict[int, str]] = defaultdict(dict)
    for digest, place in archive.bodies.items():
        named[place.file][place.offset] = digest
    sizes = archive.sizes()
    done, told = 0, time.monotonic()
    for number, file in enumerate(sorted(sizes.keys() | named.keys()), 1):
        if file in gone:
            found += [
                Damage(file, offset, digest, "the file is missing")
                for offset, digest in sorted(named[file].items())
            ]
            continue
        found += _file(
            archive, file, named[file], told=any(damage.file == file for damage in found)
        )
        done += sizes[file]
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            progress(
                f"archive: {number:,} of {len(sizes):,} files,"
                f" {done / 2**20:,.0f} of {sum(sizes.values()) / 2**20:,.0f} MB"
            )
    return list(dict.fromkeys(found))


def _file(archive: Archive, file: str, named: dict[int, str], told: bool) -> list[Damage]:
    """Return what is damaged in one file; `named` are the bodies that the index places in it."""
    faults: list[Fault] = []
    whole: set[tuple[int, str]] = set()
    unknown = 0
    opened = archive.opener(file)
    for capture, body, offset in scan(archive.folder / file, faults.append, opened=opened):
        unknown += not archive.knows(capture)
        if body is not None:
            whole.add((offset, capture.digest))
    damages = [
        Damage(file, offset, digest, why)
        for offset, digest in sorted(named.items())
        if (offset, digest) not in whole and (why := _unreadable(archive, digest))
    ]
    if not damages and not told:
        damages += _of_faults(archive, file, faults)
    if unknown:
        damages.append(
            Damage(
                file,
                0,
                "",
                f"the index lacks {unknown:,} looks that stand in it:"
                " take away index.jsonl, and it is made again from the files",
            )
        )
    return damages


def _of_faults(archive: Archive, file: str, faults: list[Fault]) -> list[Damage]:
    """Return what a file's faults are damages of: one, and not where a killed run left it so."""
    if lock.in_use(archive.folder / file):
        return []
    known = archive.covered.get(file)
    for fault in faults:
        left_by_a_kill = known is not None and fault.ends and fault.at == known.whole != known.size
        if not left_by_a_kill:
            return [Damage(file, fault.at, "", fault.why)]
    return []


def _unreadable(archive: Archive, digest: str) -> str:
    """Return why a body cannot be read; nothing where it can."""
    try:
        archive.body(digest)
    except (ValueError, OSError) as error:
        return str(error)
    return ""


def sample(archive: Archive, how_many: int | float, seed: str) -> list[Damage]:
    """Read some bodies, and return those that are damaged.

    Some are a count (an int), or a share of them all (a float up to 1).

    Which ones follows from the seed, a day for instance, and from nothing else: the same seed over
    the same bodies reads the same. Raises ValueError for a share that is none.
    """
    if isinstance(how_many, float) and not 0 <= how_many <= 1:
        raise ValueError(f"no share between 0 and 1: {how_many}")
    wanted = math.ceil(how_many * len(archive.bodies)) if isinstance(how_many, float) else how_many
    drawn = sorted(
        archive.bodies, key=lambda digest: hashlib.sha256(f"{seed}\n{digest}".encode()).digest()
    )[: max(0, wanted)]
    found = []
    for digest in drawn:
        if why := _unreadable(archive, digest):
            place = archive.bodies[digest]
            found.append(Damage(place.file, place.offset, digest, why))
    return found
