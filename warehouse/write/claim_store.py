"""Claims as they stand: what figures are made from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from almanac.schemas.observation import COLUMNS, Observation
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, SpellRow
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.database import Database

Words = tuple[str, str, str, str, str, str, str]
"""Model, provider, field, meter, terms, locator and printed text, as a source gives them."""


class StandingPrice(NamedTuple):
    """A price that stands; `amount` is in nano-units."""

    model: str
    provider: str
    source: str
    meter: str
    terms: str
    unit: str
    amount: int


class ClaimStore(Database):
    """Claims, with the spells during which they stood."""

    def subjects(self) -> list[str]:
        """Return every subject that claims are about, in order."""
        subject = table(ClaimRow).c.subject
        with self.engine.connect() as c:
            query = select(subject).where(subject != "").distinct().order_by(subject)
            return list(c.execute(query).scalars())

    def claims_of(self, subjects: Sequence[str]) -> list[Observation]:
        """Return the claims about some subjects, one for each of its spells.

        They are ordered by what they are about.
        """
        claim, spell = table(ClaimRow), table(SpellRow)
        columns = (*(claim.c[name] for name in COLUMNS), spell.c.first_look, spell.c.last_look)
        query = (
            select(*columns)
            .join(spell, spell.c.claim_id == claim.c.id)
            .order_by(
                claim.c.subject,
                claim.c.field,
                claim.c.meter,
                claim.c.terms,
                claim.c.id,
                spell.c.first_look,
            )
        )
        claims: list[Observation] = []
        with self.engine.connect() as c:
            for part in parts(subjects):
                rows = c.execute(query.where(claim.c.subject.in_(part)))
                claims += Observation.from_rows(rows.keys(), rows)
        return claims

    def standing(self, source: str) -> dict[str, list[Words]]:
        """Return, by page, what stands from the last good look at it."""
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
        standing: dict[str, list[Words]] = defaultdict(list)
        with self.engine.connect() as c:
            for page, *words in c.execute(query):
                standing[page].append(tuple(words))
        return standing

    def stands(
        self, source: str, model: str, field: str, value: str, provider: str = "", meter: str = ""
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
        for column, cell in given.items():
            if cell:
                query = query.where(claim.c[column] == cell)
        with self.engine.connect() as c:
            return bool(c.execute(query).scalar())

    def offered_by(self) -> list[tuple[str, str, str]]:
        """Return (provider, model, source) of every offer that a source ever spoke of, in order."""
        claim = table(ClaimRow)
        columns = (claim.c.provider, claim.c.model, claim.c.source)
        query = (
            select(*columns)
            .where(claim.c.subject_kind == "offer", claim.c.model != "", _in_use())
            .distinct()
            .order_by(*columns)
        )
        with self.engine.connect() as c:
            return [(provider, model, source) for provider, model, source in c.execute(query)]

    def open_weights(self) -> set[str]:
        """Return the models whose weights are open, as more sources say than deny."""
        claim = table(ClaimRow)
        query = (
            select(claim.c.model, claim.c.source, claim.c.value)
            .where(claim.c.subject_kind == "model", claim.c.field == "open_weights")
            .where(claim.c.model != "", claim.c.value.is_not(None), _in_use())
            .distinct()
        )
        balance: Counter[str] = Counter()
        with self.engine.connect() as c:
            for model, _, value in c.execute(query):
                balance[model] += 1 if value == "true" else -1
        return {model for model, more in balance.items() if more > 0}

    def standing_prices(self) -> list[StandingPrice]:
        """Return every price that stands now, for the guards, in the order of their claims."""
        claim, spell = table(ClaimRow), table(SpellRow)
        query = (
            select(
                claim.c.model,
                claim.c.provider,
                claim.c.source,
                claim.c.meter,
                claim.c.terms,
                claim.c.unit,
                claim.c.value_integer,
            )
            .join(spell, spell.c.claim_id == claim.c.id)
            .where(claim.c.field == "price", claim.c.model != "", spell.c.last_look.is_(None))
            .where(claim.c.value_integer.is_not(None))
            .order_by(claim.c.id)
        )
        with self.engine.connect() as c:
            return [StandingPrice(*row) for row in c.execute(query)]


def _in_use() -> ColumnElement[bool]:
    """Return the condition that a look showed a claim, as it is linked now."""
    in_use: ColumnElement[bool] = table(ClaimRow).c.id.in_(select(table(SpellRow).c.claim_id))
    return in_use
