"""What writes the warehouse.

Looks, claims and their spells, refusals, and the publication of a release.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from almanac.schemas.claim import RefusedItem
from almanac.schemas.codes import RefusalCode
from almanac.schemas.moment import stamp
from almanac.schemas.parts import parts
from almanac.warehouse.engine import engine, migrate, writing
from almanac.warehouse.paths import database_url
from almanac.warehouse.read.rows import Stale
from almanac.warehouse.tables import (
    FOREVER,
    ClaimRow,
    FigureRow,
    LearnedRow,
    RefusalRow,
    ReleaseRow,
    UnresolvedRow,
)
from almanac.warehouse.write import bulk, names, observations, outages, standing, trees
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.claim_rows import Added, Linked, Seen
from almanac.warehouse.write.names import NewLink
from almanac.warehouse.write.outages import Untold
from almanac.warehouse.write.publish import Collapsed, publish
from almanac.warehouse.write.refusals import refuse
from almanac.warehouse.write.retention import retain
from almanac.warehouse.write.standing import Stood

__all__ = ["Added", "Collapsed", "Linked", "Seen", "Store"]


class Store:
    """The writing side of one warehouse. One writer at a time; each method is one transaction."""

    def __init__(self, url: str | None = None) -> None:
        self.engine = engine(url or database_url())
        migrate(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    def seen(self, source: str) -> dict[tuple[str, str, str], int]:
        """Return the reader version that read each look at a source's pages that is already in.

        The key is (page, moment, digest).
        """
        with self.engine.connect() as c:
            return standing.seen(c, source)

    def damaged(self, source: str) -> set[str]:
        """Return the pages of a source of which a look could not be read.

        It could not because the archive's copy was damaged.
        """
        with self.engine.connect() as c:
            return standing.damaged(c, source)

    def standing(self, source: str) -> dict[str, list[Stood]]:
        """Return, by page, what stands from the last good look at it.

        That is (model, provider, field, meter, terms, locator, printed text).
        """
        with self.engine.connect() as c:
            return standing.standing(c, source)

    def last_looks(self) -> dict[str, str]:
        """Return the moment of the last good look at each source."""
        with self.engine.connect() as c:
            return standing.last_looks(c)

    def add(
        self,
        source: str,
        page: str,
        looks: Sequence[Seen],
        refusals: Iterable[RefusedItem] = (),
        anew: bool = False,
    ) -> Added:
        """Add looks at one page, in any order, with what was read from each.

        See `almanac.warehouse.write.observations.add`.
        """
        with writing(self.engine) as c:
            added = observations.add(c, source, page, looks, anew)
            refuse(c, refusals)
            self._mark(c, added.subjects)
        return added

    def add_tree(
        self,
        source: str,
        tree: str,
        commits: Sequence[Seen],
        files: Mapping[str, Sequence[Seen]],
        refusals: Iterable[RefusedItem] = (),
    ) -> Added:
        """Add looks at a repository, with what each changed.

        See `almanac.warehouse.write.trees.add_tree`.
        """
        with writing(self.engine) as c:
            added = trees.add_tree(c, source, tree, commits, files)
            refuse(c, refusals)
            self._mark(c, added.subjects)
        return added

    def tree(
        self, source: str, tree: str, version: int
    ) -> tuple[dict[str, tuple[bool, int]], set[tuple[str, str]], set[str]]:
        """Return what is in of a repository (`almanac.warehouse.write.trees.of_tree`)."""
        with self.engine.connect() as c:
            return trees.of_tree(c, source, tree, version)

    def forget_tree(self, source: str, tree: str) -> None:
        """Take out the looks at a repository, to read it anew."""
        with writing(self.engine) as c:
            self._mark(c, trees.forget_tree(c, source, tree))

    def refuse(self, refusals: Iterable[RefusedItem]) -> None:
        """Put refusals into the quarantine; the same one twice is one."""
        with writing(self.engine) as c:
            refuse(c, refusals)

    def review(
        self, refusals: Sequence[RefusedItem], candidates: dict[tuple[str, str, str], str]
    ) -> None:
        """Replace the list of names that have no model, each with its nearest candidates."""
        refusal = table(RefusalRow)
        with writing(self.engine) as c:
            c.execute(delete(refusal).where(refusal.c.code == RefusalCode.name_waits.value))
            refuse(c, refusals, candidates)

    def _mark(self, c: Connection, subjects: Iterable[str]) -> None:
        wanted, row = sorted(set(subjects)), table(UnresolvedRow)
        for chunk in parts(wanted):
            c.execute(delete(row).where(row.c.subject.in_(chunk)))
        mark = secrets.randbits(62)
        bulk.insert(c, UnresolvedRow, ({"subject": s, "mark": mark} for s in wanted))

    # What could not be seen

    def keep_outages(
        self,
        moment: datetime,
        looked_at: Collection[str],
        stale: Mapping[str, str],
        missed: Mapping[tuple[str, str], str],
    ) -> None:
        """Keep what a run could not see of the sources that it looked at.

        See `almanac.warehouse.write.outages.keep`.
        """
        with writing(self.engine) as c:
            outages.keep(c, stamp(moment), looked_at, stale, missed)

    def untold(self) -> list[Untold]:
        """Return the sources of which not all know that they went stale, or are well again."""
        with self.engine.connect() as c:
            return outages.untold(c)

    def tell(self, waiting: Mapping[Stale, Collection[str]]) -> None:
        """Keep that these have been told, to all but those named who could not be reached."""
        with writing(self.engine) as c:
            outages.tell(c, waiting)

    # Identity

    def known_models(self) -> list[str]:
        with self.engine.connect() as c:
            return names.known_models(c)

    def add_models(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add models as (id, display name, who introduced it).

        Those already there stay as they are.
        """
        with writing(self.engine) as c:
            names.add_models(c, rows)

    def unlinked(self) -> list[tuple[str, str, str, str, str, str, int, str]]:
        """Return the names without a model.

        Each is (source, provider said, model said, any printed text, locator, capture,
        claims, first look).
        """
        with self.engine.connect() as c:
            return names.unlinked(c)

    def relink(self, links: Sequence[NewLink]) -> None:
        """Give claims their models."""
        with writing(self.engine) as c:
            self._mark(c, names.relink(c, links))

    # Resolution and release

    def unresolved(self) -> dict[str, int]:
        """Return the subjects to be resolved, in order.

        Each has the mark of what last changed its claims.
        """
        row = table(UnresolvedRow)
        with self.engine.connect() as c:
            return dict(
                c.execute(select(row.c.subject, row.c.mark).order_by(row.c.subject)).tuples().all()
            )

    def learned(self) -> str:
        """Return what was last learned of the sources, as `keep_learned` was given it.

        Empty where nothing was.
        """
        row = table(LearnedRow)
        with self.engine.connect() as c:
            return (
                c.execute(select(row.c.document).order_by(row.c.id.desc()).limit(1)).scalar() or ""
            )

    def keep_learned(self, document: str, moment: str) -> bool:
        """Keep what was learned, and have every subject resolved again.

        Return False where it is what is known already.
        """
        if document == self.learned():
            return False
        subjects = self.subjects()
        with writing(self.engine) as c:
            c.execute(insert(table(LearnedRow)), [{"learned_at": moment, "document": document}])
            self._mark(c, subjects)
        return True

    def ruled(self) -> set[tuple[str, str, str, str]]:
        """Return (subject, field, meter, terms) of the figures that stand by a person's ruling."""
        figure = table(FigureRow)
        columns = (figure.c.subject, figure.c.field, figure.c.meter, figure.c.terms)
        with self.engine.connect() as c:
            return {
                tuple(r)  # type: ignore[misc]
                for r in c.execute(
                    select(*columns).where(
                        figure.c.closed_release.is_(None),
                        figure.c.valid_to == FOREVER,
                        figure.c.rule == "ruled",
                    )
                )
            }

    def have_resolved(self, subjects: Iterable[str]) -> None:
        """Have subjects resolved again by the next run."""
        with writing(self.engine) as c:
            self._mark(c, subjects)

    def subjects(self) -> list[str]:
        """Return every subject that claims are about."""
        claim = table(ClaimRow)
        with self.engine.connect() as c:
            return list(
                c.execute(
                    select(claim.c.subject)
                    .where(claim.c.subject != "")
                    .distinct()
                    .order_by(claim.c.subject)
                ).scalars()
            )

    def looks(self) -> dict[tuple[str, str], list[str]]:
        """Return the moments of the good looks at each (source, page), in order.

        A repository's files share those of the repository.
        """
        with self.engine.connect() as c:
            return standing.looks(c)

    def files(self) -> list[tuple[str, str]]:
        """Return (source, page) of every file of a repository."""
        with self.engine.connect() as c:
            return standing.files(c)

    def claims_of(self, subjects: Sequence[str]) -> list[Any]:
        """Return claim rows joined with their spells for some subjects.

        They are ordered by what they are about.
        """
        with self.engine.connect() as c:
            return standing.claims_of(c, subjects)

    def stands(
        self, source: str, model: str, field: str, value: str, provider: str = "", meter: str = ""
    ) -> bool:
        """Whether a claim with exactly this value stands now: what a correction expects to find."""
        with self.engine.connect() as c:
            return standing.stands(c, source, model, field, value, provider, meter)

    def standing_prices(self) -> list[Any]:
        """Return every price that stands now, for the guards, in the order of their claims.

        Each is (model, provider, source, meter, terms, unit, amount).
        """
        with self.engine.connect() as c:
            return standing.standing_prices(c)

    def newest_release(self) -> int:
        with self.engine.connect() as c:
            return c.execute(select(func.max(table(ReleaseRow).c.id))).scalar() or 0

    def publish(
        self,
        figures: Sequence[dict[str, Any]],
        subjects: Mapping[str, int],
        release: dict[str, Any],
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
            number = publish(c, figures, subjects, release, force)
        with self.engine.connect() as c:
            c.execute(text("ANALYZE"))
            c.commit()
        return number

    def retain(self, since: datetime, now: datetime, dry: bool = False) -> tuple[list[int], int]:
        """Let go of releases made before `since` that are not the last of their month.

        Return (which, how many figures only they said).

        The latest release always stays. Looks, claims, spells and the releases' own rows stay too.
        """
        with writing(self.engine) as c:
            return retain(c, since, now, dry)
