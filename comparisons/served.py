"""What a request is answered from: a release at a moment, each thread with its own connection, what pages share kept between requests."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import warehouse
from comparisons.pages.site import Shared
from warehouse import Warehouse

KEPT = 8
"""Moments whose shared parts are kept at hand."""


class Desk:
    """Hands out releases. A thread keeps its connection; one that broke is opened anew."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._mine = threading.local()
        self._shared: OrderedDict[tuple[int, str | None], Shared] = OrderedDict()
        self._lock = threading.Lock()

    def seen(self, as_of: str = "", known: str = "") -> Warehouse:
        """Return the release asked about at a moment; by default the newest there is now, today.

        Raises NotThere for a release there is not, or no warehouse; ValueError for words that are neither a number nor a date.
        """
        mine: Warehouse | None = getattr(self._mine, "warehouse", None)
        if mine is None or not mine.alive():
            mine = self._mine.warehouse = warehouse.open(self._url)
        else:
            mine.newest()
        return mine.as_of(as_of or None, known or None)

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
