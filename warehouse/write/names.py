"""Models and names: what is linked to what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from sqlalchemy import Connection, func, select, update

from almanac.schemas.codes import LinkStatus
from almanac.schemas.terms import Terms
from almanac.warehouse.tables import ClaimRow, ModelRow, SpellRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table


class NewLink(TypedDict):
    """A name of a source, and the model and provider that it means; `marks` are its conditions."""

    source: str
    provider_said: str
    model_said: str
    model: str
    provider: str
    score: float
    reason: str
    status: LinkStatus
    marks: Iterable[tuple[str, str]]


def known_models(c: Connection) -> list[str]:
    named = set(c.execute(select(table(ModelRow).c.id)).scalars())
    claimed = set(
        c.execute(
            select(table(ClaimRow).c.model).where(table(ClaimRow).c.model != "").distinct()
        ).scalars()
    )
    # A killed run may have stored claims on a model before its row.
    return sorted(named | claimed)


def add_models(c: Connection, rows: Iterable[tuple[str, str, str]]) -> None:
    """Add models as (id, display name, who introduced it).

    Those already there stay as they are.
    """
    there = set(c.execute(select(table(ModelRow).c.id)).scalars())
    bulk.insert(
        c,
        ModelRow,
        [
            {"id": i, "maker": i.split("/")[0], "name": n, "introduced_by": by}
            for i, n, by in rows
            if i not in there
        ],
    )


def unlinked(c: Connection) -> list[tuple[str, str, str, str, str, str, int, str]]:
    """Return the names without a model.

    Each is (source, provider said, model said, any printed text, locator, capture,
    claims, first look).
    """
    claim, spell = table(ClaimRow), table(SpellRow)
    columns = (claim.c.source, claim.c.provider_said, claim.c.model_said)
    query = (
        select(
            *columns,
            func.min(claim.c.printed),
            func.min(claim.c.locator),
            func.min(claim.c.capture),
            func.count(claim.c.id.distinct()),
            func.min(spell.c.first_look),
        )
        .select_from(claim.outerjoin(spell, spell.c.claim_id == claim.c.id))
        .where(claim.c.model == "")
    )
    return [tuple(r) for r in c.execute(query.group_by(*columns).order_by(*columns))]  # type: ignore[misc]


def relink(c: Connection, links: Sequence[NewLink]) -> set[str]:
    """Give claims their models; return the subjects they are about."""
    claim = table(ClaimRow)
    subjects: set[str] = set()
    for link in links:
        where = (
            (claim.c.source == link["source"])
            & (claim.c.provider_said == link["provider_said"])
            & (claim.c.model_said == link["model_said"])
            & (claim.c.model == "")
        )
        query = select(claim.c.id, claim.c.subject_kind, claim.c.terms).where(where)
        for i, kind, terms in c.execute(query).all():
            values = _linked(link, kind, terms)
            c.execute(update(claim).where(claim.c.id == i).values(values))
            subjects.add(values["subject"])
    return subjects


def _linked(link: NewLink, kind: str, terms: str) -> dict[str, Any]:
    offer = kind == "offer"
    return {
        "model": link["model"],
        "provider": link["provider"] if offer else "",
        "subject": f"{link['provider']}:{link['model']}" if offer else link["model"],
        "terms": str(Terms.parse(terms).merged(link["marks"])) if offer else terms,
        "link_score": link["score"],
        "link_reason": link["reason"],
        "link_status": link["status"].value,
    }
