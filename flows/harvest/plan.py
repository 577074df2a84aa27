"""What a run is to do: which sources, from saved captures or the live web, and what is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    shelf: str = field(default_factory=archive_url)
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


Work = list[tuple[str, list[saved_captures.Found]]]
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
    """Return (sources with what to read of each, saved files that no source reads)."""
    if order.cadence and order.cadence not in HOURS:
        raise ValueError(f"no cadence {order.cadence!r}; there are: {', '.join(HOURS)}")
    for name in order.sources:
        base.source(name)
    wanted = {
        name
        for name in order.sources or base.names()
        if order.cadence in ("", base.card(name).cadence)
    }
    work: Work = []
    unread: list[tuple[str, str]] = []
    if order.replay is not None:
        listed = saved_captures.listing(order.replay)
        unread = listed.unread
        work = [(s, f) for s, f in saved_captures.each_source(listed.found) if s in wanted]
    elif not order.installed:
        last = store.last_looks()
        work = [
            (s, [])
            for s in base.names()
            if s in wanted and base.source(s).start_urls and due(s, order, last.get(s))
        ]
    if order.installed:
        have = dict(work)
        for name in sorted(wanted):
            if carried := base.source(name).installed():
                url, body = carried
                found = saved_captures.Found(
                    name,
                    url,
                    (base.source(name).start_urls or (url,))[0],
                    _day(order.as_of),
                    url,
                    lambda body=body: body,  # type: ignore[misc]
                )
                have[name] = [*have.get(name, []), found]
        work = [
            (s, f) for s, f in saved_captures.each_source([x for xs in have.values() for x in xs])
        ]
    return work, unread


def _day(moment: datetime) -> datetime:
    """An installed package is looked at once a day: its data cannot change between."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
