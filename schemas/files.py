"""Files of others, opened so that none of them can hold a run up.

A pipe waits for a writer for ever.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path

_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def opened(path: Path, inside: Path | None = None) -> io.BufferedReader:
    """Return a plain file, opened to be read.

    With `inside`, a link is followed as far as it stays in that folder: for names that others
    chose. Without, wherever it leads: for a path that the user gave.
    Raises ValueError for a pipe, a folder, a device and a link that leads out; OSError, as `open`
    does, for what is not there or may not be read.
    """
    if inside is not None:
        path = _resolved(path, inside)
    flags = os.O_RDONLY | _PLAIN | (_NO_LINK if inside is not None else 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ELOOP):
            # A socket; a ring of links, or one put there meanwhile.
            raise ValueError("no plain file") from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no plain file")
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def content(path: Path, most: int, inside: Path | None = None) -> bytes:
    """Return what a plain file holds.

    Raises ValueError, as `opened` does, and for more than `most` bytes.
    """
    with opened(path, inside) as file:
        body = file.read(most + 1)
    if len(body) > most:
        raise ValueError(f"more than {most:,} bytes")
    return body


def _resolved(path: Path, inside: Path) -> Path:
    """Return where a path leads, every link followed.

    Raises ValueError where that is out of a folder.
    """
    try:
        place = path.resolve(strict=True)
    except RuntimeError:  # links in a ring
        raise ValueError("no plain file") from None
    if not place.is_relative_to(inside.resolve()):
        raise ValueError("leads out of the folder")
    return place
