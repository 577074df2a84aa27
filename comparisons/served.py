"""What a request is answered from: a release at a moment, over connections kept for the next, with what pages share kept between requests."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

import warehouse
from comparisons.pages.site import Shared
from warehouse import Warehouse

IDLE = 16
"""Connections kept open."""
KEPT = 8
"""Moments whose shared parts are kept at hand."""


class Desk:
    """Hands out releases. A connection serves one request at a time, in whatever thread, and is kept for the next; one that broke is left behind."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._idle: list[Warehouse] = []
        self._shared: OrderedDict[tuple[int, str | None], Shared] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def seen(self, as_of: str = "", known: str = "") -> Iterator[Warehouse]:
        """Give the release asked about at a moment; by default the newest there is now, today.

        Raises NotThere for a release there is not, or no warehouse; ValueError for words that are neither a number nor a date.
        """
        mine: Warehouse | None = self._taken()
        assert mine is not None
        try:
            yield mine.as_of(as_of or None, known or None)
        finally:
            with self._lock:
                if len(self._idle) < IDLE:
                    self._idle.append(mine)
                    mine = None
            if mine is not None:
                mine.close()

    def _taken(self) -> Warehouse:
        while True:
            with self._lock:
                mine = self._idle.pop() if self._idle else None
            if mine is None:
                return warehouse.open(self._url, any_thread=True)
            if mine.alive():
                mine.newest()
                return mine

    def shared(self, seen: Warehouse) -> Shared:
        """Return what pages over a release at a moment share."""
        key = (seen.known, seen.valid)
        with self._lock:
            found = self._shared.setdefault(key, Shared())
            self._shared.move_to_end(key)
            while len(self._shared) > KEPT:
                self._shared.popitem(last=False)
        return found


def tag(seen: Warehouse, *parts: str) -> str:
    """Return an ETag: the same answer for as long as the same release says the same of the same moment."""
    return f'"{hashlib.sha256(chr(10).join([str(seen.known), seen.release().digest, seen.valid or "now", *parts]).encode()).hexdigest()[:32]}"'
