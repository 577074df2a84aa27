"""The spells and the pages of a source, read and written inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select, update

from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, PageRow, SpellRow
from almanac.warehouse.write.bulk import insert, table
from almanac.warehouse.write.spells import Spell


def stored_spells(
    c: Connection, source: str, pages: Sequence[str]
) -> dict[str, list[tuple[int, str, str | None]]]:
    """Return by page (claim, first look, last look) of each spell, in the order they began."""
    claim, spell = table(ClaimRow), table(SpellRow)
    spells: dict[str, list[tuple[int, str, str | None]]] = {}
    for names in parts(pages):
        query = select(claim.c.page, spell.c.claim_id, spell.c.first_look, spell.c.last_look).join(
            claim, claim.c.id == spell.c.claim_id
        )
        query = query.where(claim.c.source == source, claim.c.page.in_(names)).order_by(
            spell.c.first_look
        )
        for page, i, a, b in c.execute(query):
            spells.setdefault(page, []).append((i, a, b))
    return spells


def write_spells(c: Connection, changed: Mapping[int, Sequence[Spell]]) -> None:
    """Put the spells of some claims in the place of those they had."""
    spell = table(SpellRow)
    ids = sorted(changed)
    for chunk in parts(ids):
        c.execute(delete(spell).where(spell.c.claim_id.in_(chunk)))
    insert(
        c,
        SpellRow,
        [{"claim_id": i, "first_look": a, "last_look": b} for i in ids for a, b in changed[i]],
    )


def keep_pages(c: Connection, source: str, pages: Mapping[str, tuple[str, str | None]]) -> None:
    """Keep of each page to what tree it belongs and when it was last seen."""
    page = table(PageRow)
    last: dict[str, str | None] = {}
    names = sorted(pages)
    for chunk in parts(names):
        query = select(page.c.page, page.c.last_look).where(
            page.c.source == source, page.c.page.in_(chunk)
        )
        last.update(c.execute(query).tuples().all())
    insert(
        c,
        PageRow,
        [
            {"source": source, "page": p, "tree": pages[p][0], "last_look": pages[p][1]}
            for p in names
            if p not in last
        ],
    )
    for p in names:
        if p in last and last[p] != pages[p][1]:
            c.execute(
                update(page)
                .where(page.c.source == source, page.c.page == p)
                .values(last_look=pages[p][1])
            )
