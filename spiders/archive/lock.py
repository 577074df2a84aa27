"""Locks between processes on one machine.

A lock is on a file, and let go by itself when its process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:
    # Not a POSIX system: there is no such lock; what it guards is safe without, only less tidy.
    fcntl = None  # type: ignore[assignment]


def take(descriptor: int, wait: bool = True) -> bool:
    """Lock an open file for this process alone; False where another holds it and `wait` is off.

    A file system that has no locks counts as locked: what is written there is still
    written in one piece.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def release(descriptor: int) -> None:
    """Let go of an open file that `take` locked."""
    if fcntl is not None:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def held(descriptor: int) -> Iterator[None]:
    """Hold the lock of an open file for a while."""
    take(descriptor)
    try:
        yield
    finally:
        release(descriptor)


def in_use(path: Path) -> bool:
    """Whether a process holds the lock of a file. Where there are no locks nobody is known to."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        if not take(descriptor, wait=False):
            return True
        release(descriptor)
        return False
    finally:
        os.close(descriptor)
