"""Looks at a page into the warehouse.

What was read from them is kept as claims, and the spells during which each claim stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from almanac.schemas.moment import stamp
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, LookRow, SpellRow
from almanac.warehouse.write import looks as run
from almanac.warehouse.write.bulk import insert, table
from almanac.warehouse.write.claim_rows import Added, Linked, Seen, claim_key, claim_row, look_row
from almanac.warehouse.write.page_spells import keep_pages, stored_spells, write_spells
from almanac.warehouse.write.spells import Spells


class PageClaims:
    """The claims of some pages: those known, and those that are new in this transaction."""

    def __init__(self, c: Connection, source: str, pages: Sequence[str]) -> None:
        claim = table(ClaimRow)
        self.ids: dict[str, int] = {}
        self.subjects: dict[int, str] = {}
        self.rows: list[dict[str, Any]] = []
        for names in parts(pages):
            query = select(claim.c.id, claim.c.key, claim.c.subject).where(
                claim.c.source == source, claim.c.page.in_(names)
            )
            for i, key, subject in c.execute(query):
                self.ids[key], self.subjects[i] = i, subject
        self.stored = frozenset(self.subjects)
        self._next = (c.execute(select(func.max(claim.c.id))).scalar() or 0) + 1

    def standing(self, look: Seen, page: str) -> set[int]:
        """Return the ids of what a look says."""
        return {self._id(linked, page) for linked in look.claims or ()}

    def _id(self, linked: Linked, page: str) -> int:
        key = claim_key(linked, page)
        number = self.ids.get(key)
        if number is None:
            number = self.ids[key] = self._next
            self._next += 1
            self.rows.append(claim_row(number, key, linked, page))
            self.subjects[number] = linked.subject
        return number


def add(c: Connection, source: str, page: str, looks: Sequence[Seen], anew: bool = False) -> Added:
    """Add looks at one page, in any order.

    The same look twice is one.

    `anew` puts these looks, which are all of the page's, in the place of what an older
    reader made of them.
    """
    claims = PageClaims(c, source, [page])
    if anew:
        _forget(c, source, page)
    rows = run.of_page(c, source, page)
    spells = Spells(run.good_times(rows), stored_spells(c, source, [page]).get(page, ()))
    fresh = _missing(looks, rows)
    first: dict[int, tuple[Linked, str]] = {}
    for look in fresh:
        if not look.failed:
            spells.look(stamp(look.capture.fetched_at), claims.standing(look, page))
            for linked in (look.claims or ()) if anew else ():
                place = claims.ids[claim_key(linked, page)]
                first.setdefault(place, (linked, look.capture.digest))
    run.keep(c, rows, [look_row(look, page, stamp(look.capture.fetched_at)) for look in fresh])
    insert(c, ClaimRow, claims.rows)
    _again(c, {i: again for i, again in first.items() if i in claims.stored}, claims)
    write_spells(c, {i: spells.of(i) for i in spells.changed})
    keep_pages(c, source, {page: ("", spells.times[-1] if spells.times else None)})
    changed = {claims.subjects[i] for i in (claims.subjects if anew else spells.changed)}
    return Added(len(fresh), len(claims.rows), frozenset(changed - {""}))


def _missing(looks: Sequence[Seen], rows: Sequence[Mapping[str, Any]]) -> list[Seen]:
    """Return the looks that are not in yet, each once, in order."""
    have = {(m, r["digest"]) for r in rows for m in run.moments(r["fetched_at"], r["again"])}
    fresh = []
    for look in sorted(looks, key=lambda s: (s.capture.fetched_at, s.capture.digest)):
        key = stamp(look.capture.fetched_at), look.capture.digest
        if key not in have:
            have.add(key)
            fresh.append(look)
    return fresh


def _forget(c: Connection, source: str, page: str) -> None:
    """Take out the looks at a page, and the spells that follow from them."""
    claim, look, spell = table(ClaimRow), table(LookRow), table(SpellRow)
    mine = select(claim.c.id).where((claim.c.source == source) & (claim.c.page == page))
    c.execute(delete(spell).where(spell.c.claim_id.in_(mine)))
    c.execute(delete(look).where(look.c.source == source, look.c.page == page))


def _again(c: Connection, first: Mapping[int, tuple[Linked, str]], claims: PageClaims) -> None:
    """Give claims that are read anew the place and the names of their first look.

    They stand under these.
    """
    claim = table(ClaimRow)
    columns = (
        "capture",
        "subject",
        "model",
        "provider",
        "terms",
        "locator",
        "link_score",
        "link_reason",
        "link_status",
    )
    ids = sorted(first)
    stored: dict[int, tuple[Any, ...]] = {}
    for chunk in parts(ids):
        query = select(claim.c.id, *(claim.c[n] for n in columns)).where(claim.c.id.in_(chunk))
        stored |= {row[0]: tuple(row[1:]) for row in c.execute(query)}
    for i, (linked, digest) in first.items():
        row = {**claim_row(i, "", linked, ""), "capture": digest}
        if linked.model and tuple(row[n] for n in columns) != stored[i]:
            c.execute(update(claim).where(claim.c.id == i).values({n: row[n] for n in columns}))
            claims.subjects[i] = linked.subject
            claims.subjects[-i] = stored[i][1]  # what it was about before is resolved again too
