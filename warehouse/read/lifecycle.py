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
    history: list[Event] = []
    for subject, rows in groupby(figures, key=lambda f: f.subject):
        mine = list(rows)
        if mine[0].subject_kind == "offer":
            history += _presence(subject, mine)
        history += [event for f in mine if (event := _said_by(f))]
    history += _aged(snapshot, figures)
    until = snapshot.valid
    return sorted(
        (e for e in history if until is None or e.moment <= until or e.event in PRINTED),
        key=lambda e: (e.moment, e.subject, e.event),
    )


def _said_by(f: StoredFigure) -> Event | None:
    """Return the event that a figure itself tells of."""
    if f.field == "lifecycle" and f.value:
        return Event(f.valid_from, "lifecycle", f.subject, f.value)
    if f.field in PRINTED and f.value and f.valid_to == FOREVER:
        moment = f"{f.value}T00:00:00Z" if len(f.value) == 10 else f.value
        return Event(moment, f.field, f.subject, f.value)
    return None


def _aged(snapshot: Warehouse, figures: list[StoredFigure]) -> list[Event]:
    """Return when offers aged out that no look has shown for long."""
    newest = snapshot.valid or snapshot.newest_look()
    standing = {f.subject for f in figures if f.subject_kind == "offer" and f.valid_to == FOREVER}
    ages = [
        (stamp(datetime.fromisoformat(last) + timedelta(days=AGES)), subject, last)
        for subject, last in snapshot.last_seen(sorted(standing)).items()
    ]
    return [
        Event(moment, "aged out", subject, f"last seen {last[:10]}")
        for moment, subject, last in ages
        if moment <= newest
    ]


def _presence(subject: str, figures: list[StoredFigure]) -> list[Event]:
    """Return when an offer was listed, withdrawn and listed again.

    It was listed in the union of the intervals of its figures.
    """
    presence: list[Event] = []
    end = ""
    for f in sorted(figures, key=lambda f: f.valid_from):
        if f.valid_from > end:
            if end:
                presence.append(Event(end, "withdrawn", subject))
            presence.append(Event(f.valid_from, "listed again" if end else "listed", subject))
        end = max(end, f.valid_to)
    if end != FOREVER:
        presence.append(Event(end, "withdrawn", subject))
    return presence
