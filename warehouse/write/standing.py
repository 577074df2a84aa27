"""What is read of looks and claims to judge and to resolve them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from almanac.schemas.codes import LookFailure
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, LookRow, PageRow, SpellRow
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.looks import moments

Stood = tuple[str, str, str, str, str, str, str]
"""(model, provider, field, meter, terms, locator, printed text) of a claim."""
CLAIM_COLUMNS = (
    "id",
    "source",
    "page",
    "subject_kind",
    "subject",
    "model",
    "provider",
    "model_said",
    "field",
    "meter",
    "terms",
    "value",
    "readings",
    "bound",
    "state",
    "unit",
    "printed",
    "basis",
    "effective_from",
)
"""What resolution takes of a claim, in this order."""


def seen(c: Connection, source: str) -> dict[tuple[str, str, str], int]:
    """Return the reader version that read each look at a source's pages that is already in.

    The key is (page, moment, digest).
    """
    look, page = table(LookRow), table(PageRow)
    files = select(page.c.page).where(page.c.source == source, page.c.tree != "")
    trees = select(page.c.tree).where(page.c.source == source, page.c.tree != "")
    query = select(
        look.c.page, look.c.fetched_at, look.c.again, look.c.digest, look.c.reader_version
    ).where(look.c.source == source)
    rows = c.execute(query.where(look.c.page.not_in(files), look.c.page.not_in(trees)))
    return {
        (name, moment, body): version
        for name, first, again, body, version in rows
        for moment in moments(first, again)
    }


def damaged(c: Connection, source: str) -> set[str]:
    """Return the pages of a source of which a look could not be read.

    It could not because the archive's copy was damaged.
    """
    look = table(LookRow)
    return set(
        c.execute(
            select(look.c.page)
            .where(look.c.source == source, look.c.failure == LookFailure.damaged.value)
            .distinct()
        ).scalars()
    )


def standing(c: Connection, source: str) -> dict[str, list[Stood]]:
    """Return, by page, what stands from the last good look at it.

    That is (model, provider, field, meter, terms, locator, printed text).
    """
    claim, spell = table(ClaimRow), table(SpellRow)
    query = (
        select(
            claim.c.page,
            claim.c.model_said,
            claim.c.provider_said,
            claim.c.field,
            claim.c.meter,
            claim.c.terms,
            claim.c.locator,
            claim.c.printed,
        )
        .join(spell, spell.c.claim_id == claim.c.id)
        .where(claim.c.source == source, spell.c.last_look.is_(None))
    )
    standing: dict[str, list[Stood]] = defaultdict(list)
    for page, *columns in c.execute(query):
        standing[page].append(tuple(columns))  # type: ignore[arg-type]
    return standing


def last_looks(c: Connection) -> dict[str, str]:
    """Return the moment of the last good look at each source."""
    page = table(PageRow)
    query = (
        select(page.c.source, func.max(page.c.last_look))
        .where(page.c.last_look.is_not(None))
        .group_by(page.c.source)
    )
    return dict(c.execute(query).tuples().all())


def looks(c: Connection) -> dict[tuple[str, str], list[str]]:
    """Return the moments of the good looks at each (source, page), in order.

    A repository's files share those of the repository.
    """
    look, page = table(LookRow), table(PageRow)
    good: dict[tuple[str, str], list[str]] = {}
    trees = {
        (s, p): t
        for s, p, t in c.execute(
            select(page.c.source, page.c.page, page.c.tree).where(page.c.tree != "")
        )
    }
    query = (
        select(look.c.source, look.c.page, look.c.fetched_at, look.c.again)
        .where(look.c.good)
        .order_by(look.c.source, look.c.page, look.c.fetched_at)
    )
    for source, name, first, again in c.execute(query):
        if (source, name) not in trees:
            times = good.setdefault((source, name), [])
            times += [m for m in moments(first, again) if not times or m > times[-1]]
    for (source, name), tree in trees.items():
        good[(source, name)] = good[(source, tree)]
    return good


def files(c: Connection) -> list[tuple[str, str]]:
    """Return (source, page) of every file of a repository."""
    page = table(PageRow)
    return [
        (s, p) for s, p in c.execute(select(page.c.source, page.c.page).where(page.c.tree != ""))
    ]


def claims_of(c: Connection, subjects: Sequence[str]) -> list[Any]:
    """Return claim rows joined with their spells for some subjects.

    They are ordered by what they are about.
    """
    claim, spell = table(ClaimRow), table(SpellRow)
    columns = [claim.c[name] for name in CLAIM_COLUMNS]
    rows: list[Any] = []
    for names in parts(subjects):
        query = select(*columns, spell.c.first_look, spell.c.last_look).join(
            spell, spell.c.claim_id == claim.c.id
        )
        query = query.where(claim.c.subject.in_(names))
        rows += c.execute(
            query.order_by(
                claim.c.subject,
                claim.c.field,
                claim.c.meter,
                claim.c.terms,
                claim.c.id,
                spell.c.first_look,
            )
        ).all()
    return rows


def stands(
    c: Connection,
    source: str,
    model: str,
    field: str,
    value: str,
    provider: str = "",
    meter: str = "",
) -> bool:
    """Whether a claim with exactly this value stands now: what a correction expects to find."""
    claim, spell = table(ClaimRow), table(SpellRow)
    query = (
        select(func.count())
        .select_from(claim.join(spell, spell.c.claim_id == claim.c.id))
        .where(spell.c.last_look.is_(None))
    )
    given = {
        "source": source,
        "model": model,
        "field": field,
        "value": value,
        "provider": provider,
        "meter": meter,
    }
    for column, wanted in given.items():
        if wanted:
            query = query.where(claim.c[column] == wanted)
    return bool(c.execute(query).scalar())


def standing_prices(c: Connection) -> list[Any]:
    """Return every price that stands now, for the guards, in the order of their claims.

    Each is (model, provider, source, meter, terms, unit, amount).
    """
    claim, spell = table(ClaimRow), table(SpellRow)
    query = select(
        claim.c.model,
        claim.c.provider,
        claim.c.source,
        claim.c.meter,
        claim.c.terms,
        claim.c.unit,
        claim.c.value_integer,
    )
    query = query.join(spell, spell.c.claim_id == claim.c.id).where(
        claim.c.field == "price", claim.c.model != "", spell.c.last_look.is_(None)
    )
    whole = query.where(claim.c.value_integer.is_not(None)).order_by(claim.c.id)
    return list(c.execute(whole).all())
