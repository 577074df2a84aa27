"""The past as releases tell it: the history of a figure, and how two releases differ.

Changes are told from corrections.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from almanac.warehouse.read.changes import Difference, Interval, differences, horizon
from almanac.warehouse.read.reader import Release, StoredFigure, Warehouse
from almanac.warehouse.write.digest import COLUMNS, digest

Identity = tuple[str, str, str, str]
"""Subject, field, meter and terms."""


@dataclass(frozen=True, slots=True)
class Told:
    """One difference, with what it is about and the figures it is between."""

    what: Difference
    about: StoredFigure
    """A figure of either side: who and what."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What release `later` says otherwise than `earlier`.

    `reasons` counts figures with the same value for other reasons.
    """

    earlier: Release
    later: Release
    told: tuple[Told, ...]
    reasons: int

    def counts(self) -> dict[str, int]:
        """Return how many figures differ, by kind."""
        return dict(Counter(t.what.kind for t in self.told))


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A figure in its history: how it came to be said, and how it came to be said no more.

    The latter is empty while it is said.
    """

    figure: StoredFigure
    came: str
    went: str


def diff(snapshot: Warehouse, earlier: int, later: int, match: str = "") -> Diff:
    """Return what one release says otherwise than an earlier one, of subjects that contain `match`.

    Raises ValueError for releases the wrong way round, NotThere for one there is not.
    """
    first, last = _releases(snapshot, earlier, later)
    rows = snapshot.between(earlier, later, match)
    before = _timelines(r for r in rows if _stands(r, earlier))
    after = _timelines(r for r in rows if _stands(r, later))
    speaking = snapshot.speaking({r.subject for r in rows})
    told: list[Told] = []
    reasons = 0
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key, []), after.get(key, [])
        until = horizon(first.sources, speaking.get(key[:2], ()), first.created_at)
        changes = differences([_interval(f) for f in was], [_interval(f) for f in now], until)
        told += [Told(d, (now or was)[-1]) for d in changes]
        reasons += _reasoned_anew(changes, was, now)
    return Diff(first, last, tuple(told), reasons)


def _releases(snapshot: Warehouse, earlier: int, later: int) -> tuple[Release, Release]:
    """Return two releases that can both be asked, the earlier first."""
    first, last = snapshot.release(earlier), snapshot.release(later)
    if earlier > later:
        raise ValueError(f"give the earlier release first: {later} before {earlier}")
    for release in (first, last):
        snapshot.as_of(known=release.id)  # one that retention let go of cannot be asked
    return first, last


def _reasoned_anew(
    changes: Sequence[Difference], was: Sequence[StoredFigure], now: Sequence[StoredFigure]
) -> bool:
    """Whether the same is said by other rows: for another reason, or with other confidence."""
    return not changes and {f.id for f in was} != {f.id for f in now}


def history(snapshot: Warehouse, subject: str, field: str) -> list[HistoryEntry]:
    """Return every figure ever said of a field, by valid time and then by release.

    Each is there with how it came and went.
    """
    return entries(snapshot, snapshot.history(subject, field), snapshot.releases())


def entries(
    snapshot: Warehouse, rows: Sequence[StoredFigure], releases: Sequence[Release]
) -> list[HistoryEntry]:
    """Return figures of any subjects in their order, each with how it came and went.

    `rows` are all that was ever said of their fields.
    """
    by_id = {r.id: r for r in releases}
    speaking = snapshot.speaking({f.subject for f in rows}) if len(by_id) > 1 else {}
    history: list[HistoryEntry] = []
    for figures in _timelines(rows).values():
        about = figures[0].subject, figures[0].field
        history += _entries(figures, by_id, speaking.get(about, ()))
    return history


def _entries(
    figures: Sequence[StoredFigure], releases: Mapping[int, Release], speaking: Iterable[str]
) -> list[HistoryEntry]:
    """Return one identity's entries."""
    first = {f.first_release for f in figures}
    turns = first | {f.closed_release for f in figures if f.closed_release}
    kinds = {number: _turn(figures, number, releases, speaking) for number in sorted(turns)}
    ended = {(f.valid_to, n) for f in figures for n in first if _stands(f, n)}
    return [
        HistoryEntry(
            f,
            _came(f, kinds[f.first_release], (f.valid_from, f.first_release) in ended),
            _went(f, kinds[f.closed_release]) if f.closed_release else "",
        )
        for f in figures
    ]


def _turn(
    figures: Sequence[StoredFigure],
    number: int,
    releases: Mapping[int, Release],
    speaking: Iterable[str],
) -> list[Difference]:
    """Return what a release says otherwise than the one before it."""
    before = releases.get(number - 1)
    return differences(
        [_interval(f) for f in figures if _stands(f, number - 1)],
        [_interval(f) for f in figures if _stands(f, number)],
        horizon(before.sources, speaking, before.created_at) if before else "",
    )


def verify(snapshot: Warehouse, number: int) -> bool:
    """Whether a release still says what its digest was taken of."""
    return digest(snapshot.as_of(known=number).said(COLUMNS)) == snapshot.release(number).digest


def _came(f: StoredFigure, changes: Sequence[Difference], follows: bool) -> str:
    """Return how a figure came to be said.

    `follows`: the same release says what stood just before, so that what it learned at once is
    still a change of the world.
    """
    mine = (f.value, f.unit, f.state)
    kind = next(
        (
            d.kind
            for d in changes
            if d.after == mine and d.valid_from < f.valid_to and f.valid_from < d.valid_to
        ),
        "same",
    )
    return "change" if follows and kind in ("new", "filled") else kind


def _went(f: StoredFigure, changes: Sequence[Difference]) -> str:
    mine = (f.value, f.unit, f.state)
    return next(
        (
            d.kind
            for d in changes
            if d.before == mine and d.valid_from < f.valid_to and f.valid_from < d.valid_to
        ),
        "same",
    )


def _stands(f: StoredFigure, release: int) -> bool:
    return f.first_release <= release and (f.closed_release is None or f.closed_release > release)


def _interval(f: StoredFigure) -> Interval:
    return f.valid_from, f.valid_to, (f.value, f.unit, f.state)


def _key(f: StoredFigure) -> Identity:
    return f.subject, f.field, f.meter, f.terms


def _timelines(rows: Iterable[StoredFigure]) -> dict[Identity, list[StoredFigure]]:
    timelines: dict[Identity, list[StoredFigure]] = defaultdict(list)
    for f in rows:
        timelines[_key(f)].append(f)
    return timelines
