"""What a run is to do: which sources, from saved captures or the live web, and what is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from almanac.flows.harvest import saved_captures
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.warehouse.paths import archive_url, database_url, home
from almanac.warehouse.write.store import Store


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is to do. `replay` reads saved captures; without it the sources are crawled."""

    as_of: datetime
    """When the run begins.

    Nothing in it asks the machine for the time: looks are dated from here on, and so
    is the release.
    """
    sources: tuple[str, ...] = ()
    replay: Path | None = None
    installed: bool = False
    """Also take the data that installed packages carry."""
    home: Path = field(default_factory=home)
    database: str = field(default_factory=database_url)
    archive_url: str = field(default_factory=archive_url)
    """The fsspec URL at which many machines share the archive.

    Empty where it is the home's folder alone.
    """
    cadence: str = ""
    """Only sources that are looked at so often; empty for all."""
    history: bool = False
    """What is read is of another day: today's counts of a card say nothing of it."""

    @property
    def captures(self) -> Path:
        """The folder of the archive in this home."""
        return self.home / "captures"

    @property
    def live(self) -> bool:
        """Whether the sources are looked at now."""
        return self.replay is None and not self.installed and not self.history


Work = list[tuple[str, list[saved_captures.SavedLook]]]
"""Sources, each with the saved looks to read; none where it is to be crawled."""

HOURS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720}
"""How long a good look at a source is enough, by the cadence on its card."""


def due(name: str, order: Order, last: str | None) -> bool:
    """Whether a live run should look at a source.

    It should at one that is named, or that was not looked at for as long as its cadence says.
    """
    hours = HOURS.get(base.card(name).cadence)
    if name in order.sources:
        return True
    if hours is None:
        return False
    since = order.as_of - utc(last) if last else timedelta(hours=hours)
    # A look of tomorrow: the clock was set back.
    return since >= timedelta(hours=hours) or since < timedelta(0)


def plan(order: Order, store: Store) -> tuple[Work, list[tuple[str, str]]]:
    """Return (sources with what to read of each, saved files that no source reads).

    Raises ValueError for a cadence or a source that there is not.
    """
    wanted = _wanted(order)
    if order.replay is None and not order.installed:
        return _due(wanted, order, store.last_looks()), []
    listed = saved_captures.Listing()
    if order.replay is not None:
        listed = saved_captures.listing(order.replay)
    looks = [look for look in listed.looks if look.source in wanted]
    if order.installed:
        looks += _installed(wanted, order.as_of)
    return list(saved_captures.each_source(looks)), listed.unread


def _wanted(order: Order) -> set[str]:
    """Return the sources that an order names, by name or by cadence."""
    if order.cadence and order.cadence not in HOURS:
        raise ValueError(f"no cadence {order.cadence!r}; there are: {', '.join(HOURS)}")
    for name in order.sources:
        base.source(name)
    names = order.sources or base.names()
    return {name for name in names if order.cadence in ("", base.card(name).cadence)}


def _due(wanted: set[str], order: Order, last: Mapping[str, str]) -> Work:
    """Return the sources that are to be crawled."""
    crawled = [name for name in sorted(wanted) if base.source(name).start_urls]
    return [(name, []) for name in crawled if due(name, order, last.get(name))]


def _installed(wanted: set[str], as_of: datetime) -> Iterator[saved_captures.SavedLook]:
    """Yield a look at the data that installed packages carry.

    One is looked at once a day: its data cannot change between.
    """
    day = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    for name in sorted(wanted):
        if carried := base.source(name).installed():
            url, body = carried
            page = (base.source(name).start_urls or (url,))[0]
            yield saved_captures.SavedLook(name, url, page, day, url, partial(bytes, body))
