"""The publication of a release: what changed against the one before, its counts, its digest.

One transaction, or nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, text, update

from almanac.schemas.parts import parts
from almanac.warehouse.read.changes import Interval, differences, horizon
from almanac.warehouse.read.looked import LOOKS
from almanac.warehouse.tables import (
    FOREVER,
    ClaimRow,
    FigureRow,
    LookRow,
    PageRow,
    RefusalRow,
    ReleaseRow,
    UnresolvedRow,
)
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.digest import COLUMNS, digest

Row = Mapping[str, Any]
_COLUMNS = tuple(
    name for name in FigureRow.model_fields if name not in ("id", "first_release", "closed_release")
)
_ROW = itemgetter(*_COLUMNS)
_IDENTITY = ("subject_kind", "subject", "field", "meter", "terms")
_ABOUT = itemgetter(*map(_COLUMNS.index, _IDENTITY))
"""Of a row, what it is about."""
_INTERVAL = itemgetter(*map(_COLUMNS.index, ("valid_from", "valid_to", "value", "unit", "state")))
"""Of a row, from when until when something holds, and what."""
_KINDS = ("new", "change", "correction", "filled", "reasons", "gone")


class Collapsed(Exception):
    """A release would lose more than half of its parent's figures: it is not published."""


class _Parent(NamedTuple):
    """The newest release before this one."""

    id: int
    created_at: str
    figures: int
    """How many it says of the world as it is."""
    sources: Mapping[str, Mapping[str, object]]
    """What it knew of each source."""


class _Changes(NamedTuple):
    """What a release says otherwise than its parent."""

    new: list[Row]
    closed: list[int]
    """Ids of the rows it says no longer."""
    diff: dict[str, int]
    """How many figures differ, by kind."""


def publish(
    c: Connection,
    figures: Sequence[Row],
    marked: Mapping[str, int],
    release: Mapping[str, str],
    force: bool = False,
) -> int:
    """Write figures as a new release and return its id; where none changed, the id of the last one.

    `marked` are the subjects they are about, each with its mark when it was resolved: where that is
    no longer its mark, another run has changed or published it since, and nothing is said of it.

    `release` has `created_at`, `code_version`, `stale`, `validation` and `counts`.
    Raises Collapsed.
    """
    parent, subjects = _parent(c), _still_marked(c, marked)
    mine = set(subjects)
    changes = _changes(c, [f for f in figures if f["subject"] in mine], subjects, parent)
    _unmark(c, subjects)
    if parent and not (changes.new or changes.closed or force):
        return parent.id
    number = parent.id + 1 if parent else 1
    row, head = table(ReleaseRow), _head(c, parent, number, changes)
    # A clock set back does not undo the order of releases.
    created_at = max(release["created_at"], parent.created_at if parent else "")
    c.execute(insert(row), [{**release, **head, "created_at": created_at}])
    _write(c, changes, number)
    counts = {**json.loads(release["counts"]), **_counts(c)}
    _check(counts, parent)
    values = {"digest": _digest(c), "counts": json.dumps(counts)}
    c.execute(update(row).where(row.c.id == number).values(values))
    return number


def _parent(c: Connection) -> _Parent | None:
    row = table(ReleaseRow)
    columns = select(row.c.id, row.c.created_at, row.c.counts, row.c.sources)
    newest = c.execute(columns.order_by(row.c.id.desc()).limit(1)).first()
    if newest is None:
        return None
    number, created_at, counts, sources = newest
    figures = json.loads(counts).get("figures", 0)
    return _Parent(number, created_at, figures, json.loads(sources))


def _still_marked(c: Connection, marked: Mapping[str, int]) -> list[str]:
    """Return the subjects that no other run changed or published since they were resolved."""
    row = table(UnresolvedRow)
    now = dict(c.execute(select(row.c.subject, row.c.mark)).tuples().all())
    return [subject for subject, mark in marked.items() if now.get(subject) == mark]


def _unmark(c: Connection, subjects: Sequence[str]) -> None:
    row = table(UnresolvedRow)
    for part in parts(subjects):
        c.execute(delete(row).where(row.c.subject.in_(part)))


def _head(
    c: Connection, parent: _Parent | None, number: int, changes: _Changes
) -> dict[str, str | int | None]:
    """Return what a release's row says beside what it was given; digest and counts come later."""
    return {
        "id": number,
        "parent": parent.id if parent else None,
        "digest": "",
        "counts": "{}",
        "diff": json.dumps(changes.diff),
        "sources": json.dumps(_sources(c)),
    }


def _write(c: Connection, changes: _Changes, number: int) -> None:
    """Close the rows that a release says no longer, and insert those that it says first."""
    figure = table(FigureRow)
    for ids in parts(changes.closed):
        c.execute(update(figure).where(figure.c.id.in_(ids)).values(closed_release=number))
    next_id = (c.execute(select(func.max(figure.c.id))).scalar() or 0) + 1
    bulk.insert(
        c,
        FigureRow,
        (
            {**f, "id": next_id + i, "first_release": number, "closed_release": None}
            for i, f in enumerate(changes.new)
        ),
    )


def _check(counts: Mapping[str, int], parent: _Parent | None) -> None:
    """Raise Collapsed where less than half of the parent's figures would stand."""
    if parent and counts["figures"] < parent.figures / 2:
        raise Collapsed(
            f"{counts['figures']:,} figures would stand where release {parent.id} has"
            f" {parent.figures:,}: a source has collapsed"
        )


def _digest(c: Connection) -> str:
    """Return the digest of all that stands now."""
    figure = table(FigureRow)
    columns = select(*(figure.c[name] for name in COLUMNS))
    return digest(c.execute(columns.where(figure.c.closed_release.is_(None))))


def _changes(
    c: Connection, figures: Sequence[Row], subjects: Sequence[str], parent: _Parent | None
) -> _Changes:
    standing, wanted = _standing(c, subjects), dict(zip(map(_ROW, figures), figures, strict=True))
    new = [f for key, f in wanted.items() if key not in standing]
    closed = [i for key, i in standing.items() if key not in wanted]
    touched = set(map(_ABOUT, wanted.keys() ^ standing.keys()))
    before, after = _timelines(standing, touched), _timelines(wanted, touched)
    horizons = _horizons(c, sorted({about[1] for about in before}), parent) if parent else {}
    kinds: Counter[str] = Counter()
    for about in touched:
        kinds.update(_kinds(before[about], after[about], horizons.get(about[1:3], "")))
    return _Changes(new, closed, {kind: kinds[kind] for kind in _KINDS})


def _standing(c: Connection, subjects: Sequence[str]) -> dict[tuple[Any, ...], int]:
    """Return the rows that the newest release says of some subjects, each with its id."""
    figure = table(FigureRow)
    rows: dict[tuple[Any, ...], int] = {}
    for part in parts(subjects):
        query = select(figure.c.id, *(figure.c[name] for name in _COLUMNS)).where(
            figure.c.closed_release.is_(None), figure.c.subject.in_(part)
        )
        rows.update({tuple(row[1:]): row[0] for row in c.execute(query)})
    return rows


def _timelines(
    rows: Iterable[tuple[Any, ...]], touched: set[tuple[Any, ...]]
) -> defaultdict[tuple[Any, ...], list[Interval]]:
    """Return by what they are about the intervals of rows that are touched."""
    timelines: defaultdict[tuple[Any, ...], list[Interval]] = defaultdict(list)
    for row in rows:
        if (about := _ABOUT(row)) in touched:
            start, end, *what = _INTERVAL(row)
            timelines[about].append((start, end, tuple(what)))  # type: ignore[arg-type]
    return timelines


def _kinds(before: list[Interval], after: list[Interval], horizon_before: str) -> set[str]:
    """Return the kinds of difference between two timelines of one figure."""
    kinds: set[str] = {d.kind for d in differences(before, after, horizon_before)} or {"reasons"}
    return kinds if after else kinds | {"gone"}


def _horizons(
    c: Connection, subjects: Sequence[str], parent: _Parent
) -> dict[tuple[str, str], str]:
    """Return the newest look the parent knew at those who speak of each (subject, field)."""
    claim = table(ClaimRow)
    speaking: dict[tuple[str, str], set[str]] = defaultdict(set)
    for part in parts(subjects):
        query = (
            select(claim.c.subject, claim.c.field, claim.c.source)
            .where(claim.c.subject.in_(part))
            .distinct()
        )
        for subject, field, source in c.execute(query):
            speaking[(subject, field)].add(source)
    return {
        key: horizon(parent.sources, sources, parent.created_at)
        for key, sources in speaking.items()
    }


def _sources(c: Connection) -> dict[str, dict[str, int | str | None]]:
    """Return for each source how many pages and claims it has and when it was last well."""
    page, claim = table(PageRow), table(ClaimRow)
    claims = dict(
        c.execute(select(claim.c.source, func.count()).group_by(claim.c.source)).tuples().all()
    )
    query = (
        select(page.c.source, func.count(), func.max(page.c.last_look))
        .group_by(page.c.source)
        .order_by(page.c.source)
    )
    return {
        source: {"pages": n, "claims": claims.get(source, 0), "last_good": last}
        for source, n, last in c.execute(query)
    }


def _counts(c: Connection) -> dict[str, int]:
    figure, look = table(FigureRow), table(LookRow)
    now = (figure.c.closed_release.is_(None)) & (figure.c.valid_to == FOREVER)

    def count(query: Select[Any]) -> int:
        return int(c.execute(query).scalar() or 0)

    return {
        "looks": count(select(func.sum(text(LOOKS))).select_from(look)),
        "claims": count(select(func.count()).select_from(table(ClaimRow))),
        "models": count(select(func.count(func.distinct(figure.c.model))).where(now)),
        "offers": count(
            select(func.count(func.distinct(figure.c.subject))).where(
                now, figure.c.subject_kind == "offer"
            )
        ),
        "figures": count(select(func.count()).where(now)),
        "conflicts": count(select(func.count()).where(now, figure.c.state == "conflicted")),
        "refusals": count(select(func.count()).select_from(table(RefusalRow))),
    }
