"""Names: the models there are, and the claims that wait for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from almanac.schemas.claim import RefusedItem
from almanac.schemas.codes import LinkStatus
from almanac.schemas.observation import subject_of
from almanac.schemas.terms import Terms
from almanac.warehouse.engine import writing
from almanac.warehouse.tables import ClaimRow, ModelRow, SpellRow
from almanac.warehouse.write import bulk, refusals, unresolved
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.database import Database
from almanac.warehouse.write.refusals import Name


class WaitingName(NamedTuple):
    """A name without a model, as its source spells it, with any of its claims."""

    source: str
    provider_said: str
    model_said: str
    printed: str
    locator: str
    capture: str
    claims: int
    """How many wait."""
    first_look: str | None
    """The first look that showed it; None where no good one did."""


@dataclass(frozen=True, slots=True)
class LinkedName:
    """A name that waited and has a model now."""

    source: str
    provider_said: str
    model_said: str
    model: str
    provider: str
    """Canonical; for its offers alone."""
    score: float
    reason: str
    status: LinkStatus
    marks: tuple[tuple[str, str], ...]
    """Serving marks in the name, which belong among the terms of its offers."""


class NameStore(Database):
    """The models that are known, and the names in quarantine."""

    def known_models(self) -> list[str]:
        """Return the ids of all models, in order."""
        model, claim = table(ModelRow), table(ClaimRow)
        with self.engine.connect() as c:
            named = set(c.execute(select(model.c.id)).scalars())
            claimed = set(
                c.execute(select(claim.c.model).where(claim.c.model != "").distinct()).scalars()
            )
        # A killed run may have stored claims on a model before its row.
        return sorted(named | claimed)

    def add_models(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add models as (id, display name, who introduced it).

        Those already there stay as they are.
        """
        with writing(self.engine) as c:
            there = set(c.execute(select(table(ModelRow).c.id)).scalars())
            bulk.insert(
                c,
                ModelRow,
                [
                    {"id": id, "maker": id.split("/")[0], "name": name, "introduced_by": by}
                    for id, name, by in rows
                    if id not in there
                ],
            )

    def unlinked(self) -> list[WaitingName]:
        """Return the names without a model, in order."""
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
            .group_by(*columns)
            .order_by(*columns)
        )
        with self.engine.connect() as c:
            return [WaitingName(*row) for row in c.execute(query)]

    def relink(self, links: Sequence[LinkedName]) -> None:
        """Give the claims of names that waited their models."""
        with writing(self.engine) as c:
            unresolved.mark(c, {subject for link in links for subject in _relink(c, link)})

    def refuse(self, refused: Iterable[RefusedItem]) -> None:
        """Put refusals into the quarantine; the same one twice is one."""
        with writing(self.engine) as c:
            refusals.keep(c, refused)

    def review(self, refused: Sequence[RefusedItem], candidates: Mapping[Name, str]) -> None:
        """Replace the list of names that have no model, each with its nearest candidates."""
        with writing(self.engine) as c:
            refusals.forget_waiting(c)
            refusals.keep(c, refused, candidates)


def _relink(c: Connection, link: LinkedName) -> set[str]:
    """Give the claims of one name their model; return what they are about."""
    claim = table(ClaimRow)
    waiting = select(claim.c.id, claim.c.subject_kind, claim.c.terms).where(
        claim.c.source == link.source,
        claim.c.provider_said == link.provider_said,
        claim.c.model_said == link.model_said,
        claim.c.model == "",
    )
    subjects: set[str] = set()
    for number, kind, terms in c.execute(waiting).all():
        offer = kind == "offer"
        subject = subject_of(kind, link.model, link.provider)
        c.execute(
            update(claim)
            .where(claim.c.id == number)
            .values(
                model=link.model,
                provider=link.provider if offer else "",
                subject=subject,
                terms=str(Terms.parse(terms).merged(link.marks)) if offer else terms,
                link_score=link.score,
                link_reason=link.reason,
                link_status=link.status.value,
            )
        )
        subjects.add(subject)
    return subjects
