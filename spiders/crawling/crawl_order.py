"""What a crawl is told: which pages of which source, and how patient to be."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field

from almanac.spiders.bounds import LARGEST_PAGE


@dataclass(frozen=True)
class Pace:
    """How patient a crawl is; seconds."""

    delay: float = 2.0
    throttle: bool = True
    retries: int = 3
    back_off: float = 4.0
    longest_wait: float = 120.0
    timeout: float = 60.0
    whole: float = 1500.0
    grace: float = 60.0
    """How long after `whole` what is under way may still end."""
    concurrency: int = 2
    """Requests under way at once to one host."""
    largest: int = LARGEST_PAGE
    """Bytes of a body, unpacked: of one that is never read nothing is kept."""


class Limit:
    """The time a crawl has: so many seconds from now on, by the monotonic clock."""

    def __init__(self, whole: float) -> None:
        self._end = time.monotonic() + whole

    def left(self) -> float:
        """Return the seconds that are left; below zero when the time is up."""
        return self._end - time.monotonic()

    def allows(self, wait: float) -> bool:
        """Return whether a wait of so many seconds ends before the time is up."""
        return wait < self.left()


@dataclass(frozen=True)
class CrawlOrder:
    """What to fetch, from which hosts only, and into which archive.

    `key` is a header and the environment variable that holds it. `started` is the moment the
    crawl starts, as `almanac.schemas.moment.stamp` writes it: the crawl counts on from it and
    asks no other clock.
    """

    source: str
    folder: str
    urls: tuple[str, ...]
    hosts: tuple[str, ...]
    key: tuple[str, str] | None = None
    pace: Pace = field(default_factory=Pace)
    started: str = field(kw_only=True)

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> CrawlOrder:
        order = json.loads(text)
        return cls(
            order["source"],
            order["folder"],
            tuple(order["urls"]),
            tuple(order["hosts"]),
            tuple(order["key"]) if order.get("key") else None,
            Pace(**order["pace"]),
            started=order["started"],
        )
