"""Python's cyclic garbage collector, out of the way of what makes many objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect no cycles meanwhile.

    A page of a catalogue makes a hundred thousand objects, none of them garbage: to walk them again
    and again costs a sixth of a replay.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
