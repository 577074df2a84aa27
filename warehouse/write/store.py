"""What writes the warehouse.

Looks, claims and their spells, refusals, and the publication of a release.
"""

from __future__ import annotations

import hashlib
import secrets
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from almanac.schemas.claim import RefusedItem
from almanac.schemas.codes import LookFailure, RefusalCode
from almanac.schemas.moment import stamp
from almanac.schemas.parts import parts
from almanac.schemas.terms import Terms
from almanac.warehouse.engine import engine, migrate, writing
from almanac.warehouse.paths import database_url
from almanac.warehouse.read.rows import Stale
from almanac.warehouse.tables import (
    FOREVER,
    ClaimRow,
    FigureRow,
    LearnedRow,
    LookRow,
    ModelRow,
    PageRow,
    RefusalRow,
    ReleaseRow,
    SpellRow,
    UnresolvedRow,
)
from almanac.warehouse.write import bulk, observations, outages
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.looks import moments
from almanac.warehouse.write.observations import Added, Linked, Seen
from almanac.warehouse.write.outages import Untold
from almanac.warehouse.write.publish import Collapsed, publish

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
        look, page = table(LookRow), table(PageRow)
        files = select(page.c.page).where(page.c.source == source, page.c.tree != "")
        trees = select(page.c.tree).where(page.c.source == source, page.c.tree != "")
        query = select(
            look.c.page, look.c.fetched_at, look.c.again, look.c.digest, look.c.reader_version
        ).where(look.c.source == source)
        with self.engine.connect() as c:
            rows = c.execute(query.where(look.c.page.not_in(files), look.c.page.not_in(trees)))
            return {
                (name, moment, body): version
                for name, first, again, body, version in rows
                for moment in moments(first, again)
            }

    def damaged(self, source: str) -> set[str]:
        """Return the pages of a source of which a look could not be read.

        It could not because the archive's copy was damaged.
        """
        look = table(LookRow)
        with self.engine.connect() as c:
            return set(
                c.execute(
                    select(look.c.page)
                    .where(look.c.source == source, look.c.failure == LookFailure.damaged.value)
                    .distinct()
                ).scalars()
            )

    def standing(self, source: str) -> dict[str, list[tuple[str, str, str, str, str, str, str]]]:
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
        found: dict[str, list[tuple[str, str, str, str, str, str, str]]] = defaultdict(list)
        with self.engine.connect() as c:
            for page, *said in c.execute(query):
                found[page].append(tuple(said))
        return found

    def last_looks(self) -> dict[str, str]:
        """Return the moment of the last good look at each source."""
        page = table(PageRow)
        with self.engine.connect() as c:
            query = (
                select(page.c.source, func.max(page.c.last_look))
                .where(page.c.last_look.is_not(None))
                .group_by(page.c.source)
            )
            return dict(c.execute(query).tuples().all())

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
            self._refuse(c, refusals)
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

        See `almanac.warehouse.write.observations.add_tree`.
        """
        with writing(self.engine) as c:
            added = observations.add_tree(c, source, tree, commits, files)
            self._refuse(c, refusals)
            self._mark(c, added.subjects)
        return added

    def tree(
        self, source: str, tree: str, version: int
    ) -> tuple[dict[str, tuple[bool, int]], set[tuple[str, str]], set[str]]:
        """Return what is in of a repository (`almanac.warehouse.write.observations.of_tree`)."""
        with self.engine.connect() as c:
            return observations.of_tree(c, source, tree, version)

    def forget_tree(self, source: str, tree: str) -> None:
        """Take out the looks at a repository, to read it anew."""
        with writing(self.engine) as c:
            self._mark(c, observations.forget_tree(c, source, tree))

    def _refuse(
        self,
        c: Connection,
        refusals: Iterable[RefusedItem],
        candidates: dict[tuple[str, str, str], str] | None = None,
    ) -> None:
        rows: dict[str, dict[str, Any]] = {}
        for r in refusals:
            # What it says makes it the same refusal, and the code says nothing more.
            said = r.model_dump(exclude={"code"})
            key = hashlib.blake2b(
                "\x1f".join(str(said[k]) for k in sorted(said)).encode(), digest_size=16
            ).hexdigest()
            rows[key] = {
                **said,
                "code": r.code.value,
                "key": key,
                "candidates": (candidates or {}).get((r.source, r.provider, r.model), ""),
            }
        keys = sorted(rows)
        known: set[str] = set()
        for some in parts(keys):
            known |= set(
                c.execute(
                    select(table(RefusalRow).c.key).where(table(RefusalRow).c.key.in_(some))
                ).scalars()
            )
        next_id = (c.execute(select(func.max(table(RefusalRow).c.id))).scalar() or 0) + 1
        bulk.insert(
            c,
            RefusalRow,
            [
                {**rows[k], "id": next_id + i}
                for i, k in enumerate(k for k in keys if k not in known)
            ],
        )

    def refuse(self, refusals: Iterable[RefusedItem]) -> None:
        """Put refusals into the quarantine; the same one twice is one."""
        with writing(self.engine) as c:
            self._refuse(c, refusals)

    def review(
        self, refusals: Sequence[RefusedItem], candidates: dict[tuple[str, str, str], str]
    ) -> None:
        """Replace the list of names that have no model, each with its nearest candidates."""
        refusal = table(RefusalRow)
        with writing(self.engine) as c:
            c.execute(delete(refusal).where(refusal.c.code == RefusalCode.name_waits.value))
            self._refuse(c, refusals, candidates)

    def _mark(self, c: Connection, subjects: Iterable[str]) -> None:
        wanted, row = sorted(set(subjects)), table(UnresolvedRow)
        for some in parts(wanted):
            c.execute(delete(row).where(row.c.subject.in_(some)))
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
            named = set(c.execute(select(table(ModelRow).c.id)).scalars())
            claimed = set(
                c.execute(
                    select(table(ClaimRow).c.model).where(table(ClaimRow).c.model != "").distinct()
                ).scalars()
            )
        # A killed run may have stored claims on a model before its row.
        return sorted(named | claimed)

    def add_models(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add models as (id, display name, who introduced it).

        Those already there stay as they are.
        """
        with writing(self.engine) as c:
            known = set(c.execute(select(table(ModelRow).c.id)).scalars())
            bulk.insert(
                c,
                ModelRow,
                [
                    {"id": i, "maker": i.split("/")[0], "name": n, "introduced_by": by}
                    for i, n, by in rows
                    if i not in known
                ],
            )

    def unlinked(self) -> list[tuple[str, str, str, str, str, str, int, str]]:
        """Return the names without a model.

        Each is (source, provider said, model said, any printed text, locator, capture,
        claims, first look).
        """
        claim, spell = table(ClaimRow), table(SpellRow)
        columns = (claim.c.source, claim.c.provider_said, claim.c.model_said)
        with self.engine.connect() as c:
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

    def relink(self, links: Sequence[dict[str, Any]]) -> None:
        """Give claims their models.

        They are dicts of source, provider_said, model_said, model, provider, score, reason,
        status, marks.
        """
        claim = table(ClaimRow)
        with writing(self.engine) as c:
            subjects: set[str] = set()
            for link in links:
                where = (
                    (claim.c.source == link["source"])
                    & (claim.c.provider_said == link["provider_said"])
                    & (claim.c.model_said == link["model_said"])
                    & (claim.c.model == "")
                )
                rows = c.execute(
                    select(claim.c.id, claim.c.subject_kind, claim.c.terms).where(where)
                ).all()
                for i, kind, terms in rows:
                    subject = (
                        f"{link['provider']}:{link['model']}" if kind == "offer" else link["model"]
                    )
                    marked = terms
                    if kind == "offer":
                        marked = str(Terms.parse(terms).merged(link["marks"]))
                    c.execute(
                        update(claim)
                        .where(claim.c.id == i)
                        .values(
                            model=link["model"],
                            provider=link["provider"] if kind == "offer" else "",
                            subject=subject,
                            terms=marked,
                            link_score=link["score"],
                            link_reason=link["reason"],
                            link_status=link["status"].value,
                        )
                    )
                    subjects.add(subject)
            self._mark(c, subjects)

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
        look, page = table(LookRow), table(PageRow)
        found: dict[tuple[str, str], list[str]] = {}
        with self.engine.connect() as c:
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
                    times = found.setdefault((source, name), [])
                    times += [m for m in moments(first, again) if not times or m > times[-1]]
        for (source, name), tree in trees.items():
            found[(source, name)] = found[(source, tree)]
        return found

    def files(self) -> list[tuple[str, str]]:
        """Return (source, page) of every file of a repository."""
        page = table(PageRow)
        with self.engine.connect() as c:
            return [
                (s, p)
                for s, p in c.execute(select(page.c.source, page.c.page).where(page.c.tree != ""))
            ]

    def claims_of(self, subjects: Sequence[str]) -> list[Any]:
        """Return claim rows joined with their spells for some subjects.

        They are ordered by what they are about.
        """
        claim, spell = table(ClaimRow), table(SpellRow)
        columns = [
            claim.c[n]
            for n in (
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
        ]
        found: list[Any] = []
        with self.engine.connect() as c:
            for some in parts(subjects):
                query = select(*columns, spell.c.first_look, spell.c.last_look).join(
                    spell, spell.c.claim_id == claim.c.id
                )
                query = query.where(claim.c.subject.in_(some))
                found += c.execute(
                    query.order_by(
                        claim.c.subject,
                        claim.c.field,
                        claim.c.meter,
                        claim.c.terms,
                        claim.c.id,
                        spell.c.first_look,
                    )
                ).all()
        return found

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
        for column, wanted in given.items():
            if wanted:
                query = query.where(claim.c[column] == wanted)
        with self.engine.connect() as c:
            return bool(c.execute(query).scalar())

    def standing_prices(self) -> list[Any]:
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
        with self.engine.connect() as c:
            whole = query.where(claim.c.value_integer.is_not(None)).order_by(claim.c.id)
            return list(c.execute(whole).all())

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
        row, figure = table(ReleaseRow), table(FigureRow)
        with writing(self.engine) as c:
            known = c.execute(
                select(row.c.id, row.c.created_at, row.c.retired_at).order_by(row.c.id)
            ).all()
            last = {made[:7]: i for i, made, _ in known}
            kept = [
                i
                for i, made, gone in known
                if not gone and (made >= stamp(since) or last[made[:7]] == i or i == known[-1][0])
            ]
            gone = [i for i, _, before in known if not before and i not in kept]
            only = [
                i
                for i, first, closed in c.execute(
                    select(figure.c.id, figure.c.first_release, figure.c.closed_release).where(
                        figure.c.closed_release.is_not(None)
                    )
                )
                if bisect_left(kept, first) == bisect_left(kept, closed)
            ]
            if not dry:
                for some in parts(only):
                    c.execute(delete(figure).where(figure.c.id.in_(some)))
                c.execute(update(row).where(row.c.id.in_(gone)).values(retired_at=stamp(now)))
        return gone, len(only) if gone else 0
