"""Looks at one page into the warehouse.

What was read from them is kept as claims, and the spells during which each claim stood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection, delete, select

from almanac.warehouse.tables import ClaimRow, LookRow, SpellRow
from almanac.warehouse.write import looks as look_rows
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.looks import Look, LookRun
from almanac.warehouse.write.page_claims import PageClaims, keep_pages, spells_of, write_spells
from almanac.warehouse.write.spells import Spells


@dataclass(slots=True)
class Added:
    """What some looks changed; `subjects` are those whose figures may be others now."""

    looks: int = 0
    claims: int = 0
    subjects: frozenset[str] = frozenset()
    revived: Collection[int] = ()
    """Claims that no look showed before: their names may be new."""


def add(c: Connection, source: str, page: str, looks: Sequence[Look], anew: bool = False) -> Added:
    """Add looks at one page, in any order.

    The same look twice is one.

    `anew` puts these looks, which are all of the page's, in the place of what an older
    reader made of them.
    """
    claims = PageClaims(c, source, [page])
    if anew:
        _forget(c, source, page)
    rows = look_rows.of_page(c, source, page)
    before = spells_of(c, source, [page]).get(page, ())
    spells = Spells(look_rows.good_times(rows), before)
    new = _new(looks, rows)
    for look in _good(new):
        spells.look(look.moment, claims.standing(look.claims or ()))
    look_rows.keep(c, rows, [LookRun.of(look, page) for look in new])
    count = claims.insert_new(c)
    if anew:
        claims.restate(c, chain.from_iterable(look.claims or () for look in _good(new)))
    write_spells(c, {number: spells.of(number) for number in spells.changed})
    keep_pages(c, source, {page: ("", spells.times[-1] if spells.times else None)})
    subjects = claims.all_subjects() if anew else claims.subjects(spells.changed)
    return Added(len(new), count, subjects, spells.changed - {number for number, _, _ in before})


def _good(looks: Iterable[Look]) -> Iterator[Look]:
    return (look for look in looks if not look.failed)


def _forget(c: Connection, source: str, page: str) -> None:
    """Take out the looks at a page and the spells that follow from them; claims stay."""
    claim, look, spell = table(ClaimRow), table(LookRow), table(SpellRow)
    mine = select(claim.c.id).where(claim.c.source == source, claim.c.page == page)
    c.execute(delete(spell).where(spell.c.claim_id.in_(mine)))
    c.execute(delete(look).where(look.c.source == source, look.c.page == page))


def _new(looks: Iterable[Look], rows: Iterable[LookRun]) -> list[Look]:
    """Return the looks that are not in yet, each once, in their order."""
    kept = {(moment, row.digest) for row in rows for moment in row.moments}
    new: list[Look] = []
    for look in sorted(looks, key=lambda look: (look.capture.fetched_at, look.capture.digest)):
        key = look.moment, look.capture.digest
        if key not in kept:
            kept.add(key)
            new.append(look)
    return new
