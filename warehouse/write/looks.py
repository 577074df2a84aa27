"""Looks as rows.

A look that finds what the look before it found adds a moment to that row, and no row.

What is written is a function of the set of looks, so the same for every order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from almanac.warehouse.tables import LookRow
from almanac.warehouse.write.bulk import insert, table

_SAME = (
    "source",
    "page",
    "url",
    "status",
    "digest",
    "media_type",
    "reader_version",
    "good",
    "failed",
    "failure",
    "archive_file",
    "archive_offset",
)
"""What two looks have in common that are one row."""


def moments(fetched_at: str, again: str) -> list[str]:
    """Return every moment of a row of looks."""
    return [fetched_at, *again.split()]


def of_page(c: Connection, source: str, page: str) -> list[dict[str, Any]]:
    """Return the rows of a page's looks, oldest first."""
    look = table(LookRow)
    query = (
        select(look)
        .where(look.c.source == source, look.c.page == page)
        .order_by(look.c.fetched_at, look.c.digest)
    )
    return [dict(r._mapping) for r in c.execute(query)]


def good_times(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the moments of the good looks among some rows, in order."""
    return sorted({m for r in rows if r["good"] for m in moments(r["fetched_at"], r["again"])})


def keep(c: Connection, rows: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> None:
    """Keep new looks at one page, each as a row with its `fetched_at`.

    `rows` are those it has (`of_page`).
    """
    if not new:
        return
    look = table(LookRow)
    if rows and min(n["fetched_at"] for n in new) <= max(r["last_at"] for r in rows):
        c.execute(
            delete(look).where(look.c.source == new[0]["source"], look.c.page == new[0]["page"])
        )
        insert(c, LookRow, runs([*_apart(rows), *new]))
        return
    made = runs([*rows[-1:], *new])
    if rows:
        first, last = made.pop(0), rows[-1]
        if first["again"] != last["again"]:
            c.execute(
                update(look)
                .where(look.c.id == last["id"])
                .values(again=first["again"], last_at=first["last_at"])
            )
    insert(c, LookRow, made)


def runs(looks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return looks as rows, those that are alike and next to each other as one."""
    made: list[dict[str, Any]] = []
    for one in sorted(looks, key=lambda r: (r["fetched_at"], r["digest"])):
        last = made[-1] if made else None
        if last and last["last_at"] < one["fetched_at"] and all(last[k] == one[k] for k in _SAME):
            last["again"] = f"{last['again']} {one['fetched_at']}".lstrip()
            last["last_at"] = one["fetched_at"]
        else:
            made.append(
                {
                    **{k: one[k] for k in _SAME},
                    "fetched_at": one["fetched_at"],
                    "again": one.get("again", ""),
                    "last_at": one.get("last_at", one["fetched_at"]),
                }
            )
    return made


def _apart(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of looks as one dict a look."""
    return [
        {**{k: r[k] for k in _SAME}, "fetched_at": m}
        for r in rows
        for m in moments(r["fetched_at"], r["again"])
    ]
