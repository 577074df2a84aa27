"""The publication of a release: what changed against the one before, its counts, its digest.

One transaction, or nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from almanac.schemas.parts import parts
from almanac.warehouse.read.changes import Interval, differences, horizon
from almanac.warehouse.read.reader import LOOKS
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


def publish(
    c: Connection,
    figures: Sequence[Row],
    marked: Mapping[str, int],
    release: Mapping[str, Any],
    force: bool = False,
) -> int:
    """Write figures as a new release and return its id; where none changed, the id of the last one.

    `marked` are the subjects they are about, each with its mark when it was resolved: where that is
    no longer its mark, another run has changed or published it since, and nothing is said of it.

    `release` has `created_at`, `code_version`, `stale`, `validation` and `counts`.
    Raises Collapsed.
    """
    row, unresolved = table(ReleaseRow), table(UnresolvedRow)
    query = select(row.c.id, row.c.counts, row.c.sources, row.c.created_at)
    parent = c.execute(query.order_by(row.c.id.desc()).limit(1)).first()
    now = dict(c.execute(select(unresolved.c.subject, unresolved.c.mark)).tuples().all())
    subjects = [subject for subject, mark in marked.items() if now.get(subject) == mark]
    mine = set(subjects)
    new, closed, diff = _changes(c, [f for f in figures if f["subject"] in mine], subjects, parent)
    for chunk in parts(subjects):
        c.execute(delete(unresolved).where(unresolved.c.subject.in_(chunk)))
    if parent is not None and not new and not closed and not force:
        return int(parent.id)
    number = _begin(c, release, parent, diff)
    _write(c, number, new, closed)
    _finish(c, number, release["counts"], parent)
    return number


def _begin(c: Connection, release: Mapping[str, Any], parent: Any, diff: Mapping[str, int]) -> int:
    """Write the row of a new release, without its counts and digest; return its number."""
    number = (parent.id if parent else 0) + 1
    # A clock set back does not undo the order of releases.
    created = max(release["created_at"], parent.created_at) if parent else release["created_at"]
    head = {
        "id": number,
        "created_at": created,
        "parent": parent.id if parent else None,
        "digest": "",
        "counts": "{}",
        "diff": json.dumps(diff),
        "sources": json.dumps(_sources(c)),
    }
    c.execute(insert(table(ReleaseRow)), [{**release, **head}])
    return number


def _write(c: Connection, number: int, new: Sequence[Row], closed: Sequence[int]) -> None:
    figure = table(FigureRow)
    for ids in parts(closed):
        c.execute(update(figure).where(figure.c.id.in_(ids)).values(closed_release=number))
    next_id = (c.execute(select(func.max(figure.c.id))).scalar() or 0) + 1
    rows = (
        {**f, "id": next_id + i, "first_release": number, "closed_release": None}
        for i, f in enumerate(new)
    )
    bulk.insert(c, FigureRow, rows)


def _finish(c: Connection, number: int, counts: str, parent: Any) -> None:
    """Count what stands, and write its digest. Raises Collapsed."""
    row, figure = table(ReleaseRow), table(FigureRow)
    counted = {**json.loads(counts), **_counts(c)}
    former = json.loads(parent.counts).get("figures", 0) if parent else 0
    if counted["figures"] < former / 2:
        raise Collapsed(
            f"{counted['figures']:,} figures would stand where release {parent.id} has {former:,}:"
            " a source has collapsed"
        )
    standing = c.execute(
        select(*(figure.c[n] for n in COLUMNS)).where(figure.c.closed_release.is_(None))
    )
    values = {"digest": digest(standing), "counts": json.dumps(counted)}
    c.execute(update(row).where(row.c.id == number).values(values))


def _changes(
    c: Connection, figures: Sequence[Row], subjects: Sequence[str], parent: Any
) -> tuple[list[Row], list[int], dict[str, int]]:
    """Return (rows to add, ids of rows to close, how many figures differ, by kind)."""
    standing, wanted = _standing(c, subjects), dict(zip(map(_ROW, figures), figures, strict=True))
    new = [f for key, f in wanted.items() if key not in standing]
    closed = [i for key, i in standing.items() if key not in wanted]
    touched = set(map(_ABOUT, wanted.keys() ^ standing.keys()))
    before, after = _timelines(standing, touched), _timelines(wanted, touched)
    known = _horizons(c, sorted({about[1] for about in before}), parent) if parent else {}
    kinds: Counter[str] = Counter()
    for about in touched:
        kinds.update(_kinds(before[about], after[about], known.get(about[1:3], "")))
    return new, closed, {kind: kinds[kind] for kind in _KINDS}


def _standing(c: Connection, subjects: Sequence[str]) -> dict[tuple[Any, ...], int]:
    """Return the rows that the newest release says of some subjects, each with its id."""
    figure = table(FigureRow)
    rows: dict[tuple[Any, ...], int] = {}
    for some in parts(subjects):
        query = select(figure.c.id, *(figure.c[name] for name in _COLUMNS)).where(
            figure.c.closed_release.is_(None), figure.c.subject.in_(some)
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


def _kinds(before: list[Interval], after: list[Interval], known: str) -> set[str]:
    """Return the kinds of difference between two timelines of one figure."""
    kinds: set[str] = {d.kind for d in differences(before, after, known)} or {"reasons"}
    return kinds if after else kinds | {"gone"}


def _horizons(c: Connection, subjects: Sequence[str], parent: Any) -> dict[tuple[str, str], str]:
    """Return the newest look the parent knew at those who speak of each (subject, field)."""
    claim, sources = table(ClaimRow), json.loads(parent.sources)
    speaking: dict[tuple[str, str], set[str]] = defaultdict(set)
    for some in parts(subjects):
        query = (
            select(claim.c.subject, claim.c.field, claim.c.source)
            .where(claim.c.subject.in_(some))
            .distinct()
        )
        for subject, field, source in c.execute(query):
            speaking[(subject, field)].add(source)
    return {key: horizon(sources, who, parent.created_at) for key, who in speaking.items()}


def _sources(c: Connection) -> dict[str, dict[str, Any]]:
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

    def one(query: Any) -> int:
        return int(c.execute(query).scalar() or 0)

    return {
        "looks": one(select(func.sum(text(LOOKS))).select_from(look)),
        "claims": one(select(func.count()).select_from(table(ClaimRow))),
        "models": one(select(func.count(func.distinct(figure.c.model))).where(now)),
        "offers": one(
            select(func.count(func.distinct(figure.c.subject))).where(
                now, figure.c.subject_kind == "offer"
            )
        ),
        "figures": one(select(func.count()).where(now)),
        "conflicts": one(select(func.count()).where(now, figure.c.state == "conflicted")),
        "refusals": one(select(func.count()).select_from(table(RefusalRow))),
    }
