"""What became of offers and models, as dated events.

An offer that nobody shows any more has ended or aged; it is never deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from almanac.schemas.fields import FIELDS
from almanac.schemas.moment import stamp
from almanac.warehouse.read.reader import FOREVER, StoredFigure, Warehouse

PRINTED = ("release_date", "deprecation_date", "retirement_date", "withdrawn")
"""Fields whose value is the day of an event."""
AGES = FIELDS[("offer", "price")].stale_days or 0
"""An offer that no look has shown for so many days has aged out: its figures stand as last known.
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, to what, when (UTC; for a printed date the day itself)."""

    moment: str
    event: str
    subject: str
    detail: str = ""


def events(
    snapshot: Warehouse, model: str, timeline: list[StoredFigure] | None = None
) -> list[Event]:
    """Return the events of a model and its offers, oldest first, as the release tells them.

    `timeline` is the model's, if it is at hand.
    """
    figures = snapshot.timeline(model) if timeline is None else timeline
    found: list[Event] = []
    for subject, some in groupby(figures, key=lambda f: f.subject):
        mine = list(some)
        if mine[0].subject_kind == "offer":
            found += _presence(subject, mine)
        for f in mine:
            if f.field == "lifecycle" and f.value:
                found.append(Event(f.valid_from, "lifecycle", subject, f.value))
            elif f.field in PRINTED and f.value and f.valid_to == FOREVER:
                found.append(
                    Event(
                        f"{f.value}T00:00:00Z" if len(f.value) == 10 else f.value,
                        f.field,
                        subject,
                        f.value,
                    )
                )
    newest = snapshot.valid or snapshot.newest_look()
    for subject, last in snapshot.last_seen(
        sorted({f.subject for f in figures if f.subject_kind == "offer" and f.valid_to == FOREVER})
    ).items():
        aged = stamp(datetime.fromisoformat(last) + timedelta(days=AGES))
        if aged <= newest:
            found.append(Event(aged, "aged out", subject, f"last seen {last[:10]}"))
    return sorted(
        (
            e
            for e in found
            if snapshot.valid is None or e.moment <= snapshot.valid or e.event in PRINTED
        ),
        key=lambda e: (e.moment, e.subject, e.event),
    )


def _presence(subject: str, figures: list[StoredFigure]) -> list[Event]:
    """Return when an offer was listed, withdrawn and listed again.

    It was listed in the union of the intervals of its figures.
    """
    found: list[Event] = []
    end = ""
    for f in sorted(figures, key=lambda f: f.valid_from):
        if f.valid_from > end:
            if end:
                found.append(Event(end, "withdrawn", subject))
            found.append(Event(f.valid_from, "listed again" if end else "listed", subject))
        end = max(end, f.valid_to)
    if end != FOREVER:
        found.append(Event(end, "withdrawn", subject))
    return found
