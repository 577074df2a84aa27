"""Looks: what is in of each page, and what new ones say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from almanac.schemas.claim import RefusedItem
from almanac.schemas.codes import LookFailure
from almanac.schemas.moment import stamp
from almanac.warehouse.engine import writing
from almanac.warehouse.read.rows import Stale
from almanac.warehouse.tables import LookRow, PageRow
from almanac.warehouse.write import (
    linking,
    observations,
    outages,
    refusals,
    repositories,
    unresolved,
)
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.database import Database
from almanac.warehouse.write.looks import Look, moments
from almanac.warehouse.write.observations import Added
from almanac.warehouse.write.outages import Untold
from almanac.warehouse.write.repositories import TreeLooks


class LookStore(Database):
    """Looks at pages and repositories, and what could not be seen."""

    def reader_versions(self, source: str) -> dict[tuple[str, str, str], int]:
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
        damaged = look.c.failure == LookFailure.damaged.value
        query = select(look.c.page).where(look.c.source == source, damaged).distinct()
        with self.engine.connect() as c:
            return set(c.execute(query).scalars())

    def last_looks(self) -> dict[str, str]:
        """Return the moment of the last good look at each source."""
        page = table(PageRow)
        query = (
            select(page.c.source, func.max(page.c.last_look))
            .where(page.c.last_look.is_not(None))
            .group_by(page.c.source)
        )
        with self.engine.connect() as c:
            return dict(c.execute(query).tuples().all())

    def looks(self) -> dict[tuple[str, str], list[str]]:
        """Return the moments of the good looks at each (source, page), in order.

        A repository's files share those of the repository.
        """
        times: dict[tuple[str, str], list[str]] = {}
        with self.engine.connect() as c:
            trees = {(source, file): tree for source, file, tree in _files(c)}
            for source, page, moment in _good_looks(c):
                if (source, page) not in trees:
                    mine = times.setdefault((source, page), [])
                    if not mine or moment > mine[-1]:
                        mine.append(moment)
        for (source, file), tree in trees.items():
            times[(source, file)] = times[(source, tree)]
        return times

    def files(self) -> list[tuple[str, str]]:
        """Return (source, page) of every file of a repository."""
        with self.engine.connect() as c:
            return [(source, file) for source, file, _ in _files(c)]

    def add(
        self,
        source: str,
        page: str,
        looks: Sequence[Look],
        refused: Iterable[RefusedItem] = (),
        anew: bool = False,
    ) -> Added:
        """Add looks at one page, in any order, with what was read from each.

        See `almanac.warehouse.write.observations.add`.
        """
        with writing(self.engine) as c:
            added = observations.add(c, source, page, looks, anew)
            self._keep(c, added, refused)
            if anew:
                linking.forget(c)
        return added

    def add_tree(
        self,
        source: str,
        tree: str,
        commits: Sequence[Look],
        files: Mapping[str, Sequence[Look]],
        refused: Iterable[RefusedItem] = (),
    ) -> Added:
        """Add looks at a repository, with what each changed.

        See `almanac.warehouse.write.repositories.add_tree`.
        """
        with writing(self.engine) as c:
            added = repositories.add_tree(c, source, tree, commits, files)
            self._keep(c, added, refused)
        return added

    def _keep(self, c: Connection, added: Added, refused: Iterable[RefusedItem]) -> None:
        """Keep what follows from looks that were added."""
        refusals.keep(c, refused)
        unresolved.mark(c, added.subjects)
        if added.revived:
            linking.forget(c)

    def tree(self, source: str, tree: str, version: int) -> TreeLooks:
        """Return what is in of a repository, and what of it a version of the reader read."""
        with self.engine.connect() as c:
            return repositories.of_tree(c, source, tree, version)

    def forget_tree(self, source: str, tree: str) -> None:
        """Take out the looks at a repository, to read it anew."""
        with writing(self.engine) as c:
            unresolved.mark(c, repositories.forget_tree(c, source, tree))
            linking.forget(c)

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


def _files(c: Connection) -> list[tuple[str, str, str]]:
    """Return (source, page, tree) of every file of a repository."""
    page = table(PageRow)
    query = select(page.c.source, page.c.page, page.c.tree).where(page.c.tree != "")
    return list(c.execute(query).tuples())


def _good_looks(c: Connection) -> Iterator[tuple[str, str, str]]:
    """Yield (source, page, moment) of every good look, by page and in order."""
    look = table(LookRow)
    query = (
        select(look.c.source, look.c.page, look.c.fetched_at, look.c.again)
        .where(look.c.good)
        .order_by(look.c.source, look.c.page, look.c.fetched_at)
    )
    for source, page, first, again in c.execute(query):
        for moment in moments(first, again):
            yield source, page, moment
