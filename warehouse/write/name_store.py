"""Names: what they are linked to, the models there are, and the claims that wait for one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from almanac.schemas.claim import RefusedItem
from almanac.schemas.known_model import KnownModel
from almanac.warehouse.engine import writing
from almanac.warehouse.tables import ClaimRow, LinkingRow, ModelRow, SpellRow
from almanac.warehouse.write import linking, model_rows, refusals, unresolved
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.database import Database
from almanac.warehouse.write.linked_names import Linking, NameInUse


class NameStore(Database):
    """The models that are known, and the names in quarantine."""

    def known_models(self) -> list[KnownModel]:
        """Return all models that names give, in order, each with its twin's id too."""
        model = table(ModelRow)
        columns = (model.c.id, model.c.name, model.c.introduced_by, model.c.listed)
        with self.engine.connect() as c:
            query = select(*columns).where(model.c.in_use).order_by(model.c.id)
            return [KnownModel(*row) for row in c.execute(query)]

    def linked_by(self) -> str:
        """Return by what the names were last linked; empty where claims came since."""
        with self.engine.connect() as c:
            return c.execute(select(table(LinkingRow).c.inputs)).scalar() or ""

    def names(self) -> list[NameInUse]:
        """Return all names in use, in order; one that moved once for each model it meant."""
        claim, spell = table(ClaimRow), table(SpellRow)
        said = (claim.c.source, claim.c.provider_said, claim.c.model_said)
        linked = (claim.c.link_score, claim.c.link_reason, claim.c.link_status)
        query = (
            select(
                *said,
                claim.c.model,
                *linked,
                func.min(claim.c.printed),
                func.min(claim.c.locator),
                func.min(claim.c.capture),
                func.count(claim.c.id.distinct()),
                func.min(spell.c.first_look),
            )
            .select_from(claim.join(spell, spell.c.claim_id == claim.c.id))
            .group_by(*said, claim.c.model, *linked)
            .order_by(*said, claim.c.model, *linked)
        )
        with self.engine.connect() as c:
            return [NameInUse(*row) for row in c.execute(query)]

    def begin_linking(self) -> str:
        """Begin to link all names, and return a token for `link`."""
        with writing(self.engine) as c:
            return linking.begin(c)

    def link(self, names: Linking, inputs: str, token: str) -> None:
        """Keep what all names mean, as linked by `inputs` since `begin_linking` gave a token.

        An id that no name gives any more keeps its successors.
        """
        with writing(self.engine) as c:
            model_rows.keep(c, names.models, names.twins, names.links)
            unresolved.mark(c, linking.relink(c, names.links))
            refusals.forget_waiting(c)
            refusals.keep(c, names.waiting, names.candidates)
            linking.keep(c, inputs, token)

    def refuse(self, refused: Iterable[RefusedItem]) -> None:
        """Put refusals into the quarantine; the same one twice is one."""
        with writing(self.engine) as c:
            refusals.keep(c, refused)
