"""What a request is answered from: a release at a moment.

Connections are kept for the next request, and what pages share is kept between requests.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from almanac import warehouse
from almanac.comparisons.pages.site import Shared
from almanac.schemas.moment import stamp
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import NotThere

IDLE = 16
"""Connections kept open."""
KEPT = 8
"""Moments whose shared parts are kept at hand."""
Moment = tuple[str, str]
"""A moment in the words of a request: `as_of` and `known`, empty for now."""


class Desk:
    """Hands out releases.

    A connection serves one request at a time, in whatever thread, and is kept for the next; one
    that broke is left behind.
    """

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._idle: list[Warehouse] = []
        self._shared: OrderedDict[tuple[int, str | None], Shared] = OrderedDict()
        self._answered: OrderedDict[tuple[Moment, str], Shared] = OrderedDict()
        """Of which moments what kinds of page were answered, and from what.

        They can be given again at once.
        """
        self._newest = 0
        self._first: dict[int, str] = {}
        self._lock = threading.Lock()

    @contextmanager
    def snapshot(self, as_of: str = "", known: str = "") -> Iterator[Warehouse]:
        """Give the release asked about at a moment; by default the newest there is now, today.

        Raises NotThere for a release there is not, no warehouse, or a moment before anything is
        known of; ValueError for words that are neither a number nor a date.
        """
        if len(known) > 12 and known.isdigit():
            raise ValueError(f"not a release or a date: {known[:40]!r}")
        mine: Warehouse | None = self._taken()
        assert mine is not None
        try:
            self._renewed(mine.known)
            asked = mine.as_of(as_of or None, known or None)
            if as_of and stamp(as_of) < (first := self._first_of(asked)):
                raise NotThere(
                    f"nothing is known of {as_of[:40]}:"
                    f" release {asked.known} begins on {first[:10]}"
                )
            yield asked
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

    def _renewed(self, newest: int) -> None:
        """Take note of the newest release.

        What was answered about "now" before it is not at hand any more.
        """
        if newest != self._newest:
            with self._lock:
                self._newest = newest
                self._answered.clear()

    def _first_of(self, snapshot: Warehouse) -> str:
        """Return the earliest moment of which a release says anything."""
        if snapshot.known not in self._first:
            self._first[snapshot.known] = min(
                (row[0] for row in snapshot.said(("valid_from",))), default=""
            )
        return self._first[snapshot.known]

    def shared(self, snapshot: Warehouse) -> Shared:
        """Return what pages over a release at a moment share."""
        key = (snapshot.known, snapshot.valid)
        with self._lock:
            found = self._shared.setdefault(key, Shared())
            self._shared.move_to_end(key)
            # What holds now stays at hand, whatever moments others look at.
            for old in [k for k in self._shared if k != (self._newest, None)][:-KEPT]:
                gone = self._shared.pop(old)
                for asked in [a for a, shared in self._answered.items() if shared is gone]:
                    del self._answered[asked]
        return found

    def note(self, moment: Moment, kind: str, shared: Shared) -> None:
        """Remember that a kind of page was answered of a moment."""
        with self._lock:
            if any(shared is kept for kept in self._shared.values()):
                self._answered[moment, kind] = shared
                while len(self._answered) > 1_000:
                    self._answered.popitem(last=False)

    def ready(self, moment: Moment, kind: str) -> bool:
        """Whether what such a page needs of a moment is at hand."""
        return (moment, kind) in self._answered


def tag(snapshot: Warehouse, *parts: str) -> str:
    """Return an ETag.

    The answer is the same for as long as the same release says the same of the same moment, and no
    other outage is known.
    """
    release = (str(snapshot.known), snapshot.release().digest)
    said = (*release, snapshot.valid or "now", snapshot.outages(), *parts)
    return f'"{hashlib.sha256(chr(10).join(said).encode()).hexdigest()[:32]}"'
