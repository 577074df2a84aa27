"""Releases: what is to be resolved, what was learned of the sources, what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, text

from almanac.warehouse.engine import writing
from almanac.warehouse.tables import (
    FOREVER,
    FigureRow,
    LearnedRow,
    ReleaseRow,
    UnresolvedRow,
)
from almanac.warehouse.write import publish, retention, unresolved
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.claim_store import ClaimStore


class ReleaseStore(ClaimStore):
    """What comes after claims: resolution and release."""

    def unresolved(self) -> dict[str, int]:
        """Return the subjects to be resolved, in order.

        Each has the mark of what last changed its claims.
        """
        row = table(UnresolvedRow)
        with self.engine.connect() as c:
            query = select(row.c.subject, row.c.mark).order_by(row.c.subject)
            return dict(c.execute(query).tuples().all())

    def have_resolved(self, subjects: Iterable[str]) -> None:
        """Have subjects resolved again by the next run."""
        with writing(self.engine) as c:
            unresolved.mark(c, subjects)

    def learned(self) -> str:
        """Return what was last learned of the sources, as `keep_learned` was given it.

        Empty where nothing was.
        """
        row = table(LearnedRow)
        with self.engine.connect() as c:
            query = select(row.c.document).order_by(row.c.id.desc()).limit(1)
            return c.execute(query).scalar() or ""

    def keep_learned(self, document: str, moment: str) -> bool:
        """Keep what was learned, and have every subject resolved again.

        Return False where it is what is known already.
        """
        if document == self.learned():
            return False
        subjects = self.subjects()
        with writing(self.engine) as c:
            c.execute(insert(table(LearnedRow)), [{"learned_at": moment, "document": document}])
            unresolved.mark(c, subjects)
        return True

    def ruled(self) -> set[tuple[str, str, str, str]]:
        """Return (subject, field, meter, terms) of the figures that stand by a person's ruling."""
        figure = table(FigureRow)
        query = select(figure.c.subject, figure.c.field, figure.c.meter, figure.c.terms).where(
            figure.c.closed_release.is_(None),
            figure.c.valid_to == FOREVER,
            figure.c.rule == "ruled",
        )
        with self.engine.connect() as c:
            return set(c.execute(query).tuples())

    def newest_release(self) -> int:
        """Return the number of the newest release; 0 where there is none."""
        with self.engine.connect() as c:
            return c.execute(select(func.max(table(ReleaseRow).c.id))).scalar() or 0

    def publish(
        self,
        figures: Sequence[publish.Row],
        subjects: Mapping[str, int],
        release: Mapping[str, str],
        force: bool = False,
    ) -> int:
        """Publish the figures of `subjects` as a new release, in one transaction; return its id.

        The subjects are `unresolved`, as they were when they were resolved.

        A subject whose claims another run has changed since, or has published, is left to that
        run. Readers see the release before or this one, never a part. Figures that did not change
        cost no row; if none did and there is a release already, nothing is published and that
        one's id is returned.
        """
        with writing(self.engine) as c:
            number = publish.publish(c, figures, subjects, release, force)
        with self.engine.connect() as c:
            c.execute(text("ANALYZE"))
            c.commit()
        return number

    def retain(self, since: datetime, now: datetime, dry: bool = False) -> tuple[list[int], int]:
        """Let go of old releases; return which, and how many figures only they said.

        See `almanac.warehouse.write.retention.retain`.
        """
        with writing(self.engine) as c:
            return retention.retain(c, since, now, dry)
