"""What one release says otherwise than another: the world changed, or we were wrong.

A *change* begins after the newest look that the earlier release could know: the world went on. A
*correction* replaces what the earlier release said of a time it had looked at. What it said nothing
of is *filled* (a past learned later) or *new*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["new", "change", "correction", "filled", "reasons"]
Said = tuple[str | None, str, str]
"""Value, unit and state."""
Interval = tuple[str, str, Said]
"""From when until when in valid time, and what was said to hold."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One stretch of valid time of which two releases say different things.

    None where one says nothing.
    """

    kind: Kind
    valid_from: str
    valid_to: str
    before: Said | None
    after: Said | None


def differences(
    before: Sequence[Interval], after: Sequence[Interval], horizon: str
) -> list[Difference]:
    """Return where two timelines of one figure differ, in order of valid time.

    `horizon` is the newest look the earlier release knew at those who speak of this figure, as UTC
    text. Intervals of one timeline do not overlap.
    """
    moments = sorted({m for a, b, _ in (*before, *after) for m in (a, b)})
    found: list[Difference] = []
    for start, end in pairwise(moments):
        was, now = _at(before, start), _at(after, start)
        if was == now:
            continue
        last = found[-1] if found else None
        if last and last.valid_to == start and (last.before, last.after) == (was, now):
            found[-1] = Difference(last.kind, last.valid_from, end, was, now)
        else:
            found.append(Difference(_kind(before, was, start, horizon), start, end, was, now))
    return found


def _at(timeline: Sequence[Interval], moment: str) -> Said | None:
    return next((said for a, b, said in timeline if a <= moment < b), None)


def _kind(before: Sequence[Interval], was: Said | None, start: str, horizon: str) -> Kind:
    if not before:
        return "new"
    if start > horizon:
        return "change"
    return "filled" if was is None else "correction"


def horizon(
    sources: Mapping[str, Mapping[str, object]], speaking: Iterable[str], otherwise: str
) -> str:
    """Return the newest look a release knew at some sources.

    It is `otherwise` where it kept no account of them.
    """
    looks = [
        str(sources[s]["last_good"])
        for s in speaking
        if s in sources and sources[s].get("last_good")
    ]
    return max(looks, default=otherwise if not sources else "")
