"""Looks at a repository into the warehouse: each commit is a look at every file of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from almanac.schemas.observation import MOVING
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, LookRow, PageRow, SpellRow
from almanac.warehouse.write import looks as look_rows
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.looks import GONE, Look, LookRun
from almanac.warehouse.write.observations import Added
from almanac.warehouse.write.page_claims import PageClaims, keep_pages, spells_of, write_spells
from almanac.warehouse.write.spells import Spell, of_changes


class CommitLook(NamedTuple):
    """A look at a repository that is in: whether it was believed, and by which reader."""

    good: bool
    reader_version: int


class TreeLooks(NamedTuple):
    """What is in of a repository."""

    commits: dict[str, CommitLook]
    """By the id of the commit."""
    read: set[tuple[str, str]]
    """(page, blob) that this version of the reader read."""
    moving: set[str]
    """Pages on which a name moves."""


def add_tree(
    c: Connection,
    source: str,
    tree: str,
    commits: Sequence[Look],
    files: Mapping[str, Sequence[Look]],
) -> Added:
    """Add looks at a repository: its commits, and what each changed, by page.

    Everything else stood as it was.

    A file that went is a look with the digest `GONE`. Commits may come in any order, and the
    same twice is one.
    """
    before = look_rows.of_page(c, source, tree)
    new, old_times = _new(commits, before, tree), look_rows.good_times(before)
    look_rows.keep(c, before, new)
    times = sorted({*old_times, *(run.fetched_at for run in new)})
    late = bool(old_times and new and new[0].fetched_at < old_times[-1])
    pages = sorted({*files, *_pages_of(c, source, tree)}) if late else sorted(files)
    claims = PageClaims(c, source, pages)
    spells, looks = spells_of(c, source, pages), _good_looks(c, source, pages)
    runs: list[LookRun] = []
    changed: dict[int, list[Spell]] = {}
    for page in pages:
        file = _File(spells.get(page, ()), looks.get(page, {}))
        new_looks = [look for look in files.get(page, ()) if file.take(look, claims)]
        runs += [LookRun.of(look, page) for look in new_looks]
        changed.update(file.changed(times))
    look_rows.insert_looks(c, runs)
    count = claims.insert_new(c)
    write_spells(c, changed)
    newest = times[-1] if times else None
    keep_pages(c, source, {tree: ("", newest), **dict.fromkeys(files, (tree, None))})
    in_use = {number for page in spells.values() for number, _, _ in page}
    return Added(len(new) + len(runs), count, claims.subjects(changed), changed.keys() - in_use)


def _new(commits: Iterable[Look], before: Iterable[LookRun], tree: str) -> list[LookRun]:
    """Return the looks at a repository that are not in yet, in their order."""
    kept = {(run.fetched_at, run.digest) for run in before}
    runs = (LookRun.of(look, tree) for look in commits)
    new = (run for run in runs if (run.fetched_at, run.digest) not in kept)
    return sorted(new, key=lambda run: (run.fetched_at, run.digest))


class _File:
    """What one file of a repository said from when on; `looks` says which of its looks were good.

    Each look is (moment, digest).
    """

    def __init__(
        self,
        spells: Sequence[tuple[int, str, str | None]],
        looks: Mapping[tuple[str, str], bool],
    ) -> None:
        self._looks = looks
        self._before: dict[int, list[Spell]] = {}
        for number, first, last in spells:
            self._before.setdefault(number, []).append((first, last))
        good = [key for key, is_good in looks.items() if is_good]
        self._points = {moment: _standing_at(moment, spells) for moment, _ in good}
        """By moment, the claims that stood from then until the next."""
        self._read = {digest: self._points[moment] for moment, digest in good}

    def take(self, look: Look, claims: PageClaims) -> bool:
        """Take in a look, and return whether it is a new one."""
        moment, digest = look.moment, look.capture.digest
        if not look.failed:
            standing = self._read[digest] if look.claims is None else claims.standing(look.claims)
            self._points[moment] = self._read[digest] = standing
        return (moment, digest) not in self._looks

    def changed(self, times: list[str]) -> Iterator[tuple[int, list[Spell]]]:
        """Yield each claim whose spells are others than before, with these.

        `times` are the looks at the repository, in order.
        """
        now = of_changes(times, self._points)
        for number in self._before.keys() | now.keys():
            if self._before.get(number, []) != now.get(number, []):
                yield number, now.get(number, [])


def _standing_at(moment: str, spells: Iterable[tuple[int, str, str | None]]) -> set[int]:
    return {
        number
        for number, first, last in spells
        if first <= moment and (last is None or moment <= last)
    }


def of_tree(c: Connection, source: str, tree: str, version: int) -> TreeLooks:
    """Return what is in of a repository, and what of it a version of the reader read."""
    return TreeLooks(
        _commits(c, source, tree), _read(c, source, tree, version), _moving(c, source, tree)
    )


def _commits(c: Connection, source: str, tree: str) -> dict[str, CommitLook]:
    look = table(LookRow)
    query = select(look.c.url, look.c.good, look.c.reader_version).where(
        look.c.source == source, look.c.page == tree
    )
    return {
        url.rsplit("/", 1)[-1]: CommitLook(bool(good), version)
        for url, good, version in c.execute(query)
    }


def _read(c: Connection, source: str, tree: str, version: int) -> set[tuple[str, str]]:
    look, page = table(LookRow), table(PageRow)
    files = look.join(page, (page.c.source == look.c.source) & (page.c.page == look.c.page))
    query = (
        select(look.c.page, look.c.digest)
        .select_from(files)
        .where(
            page.c.source == source,
            page.c.tree == tree,
            look.c.good,
            look.c.reader_version == version,
        )
    )
    return {(name, blob) for name, blob in c.execute(query) if blob != GONE}


def _moving(c: Connection, source: str, tree: str) -> set[str]:
    page, claim = table(PageRow), table(ClaimRow)
    files = claim.join(page, (page.c.source == claim.c.source) & (page.c.page == claim.c.page))
    query = (
        select(claim.c.page)
        .select_from(files)
        .where(page.c.source == source, page.c.tree == tree, claim.c.link_status.in_(MOVING))
    )
    return set(c.execute(query.distinct()).scalars())


def forget_tree(c: Connection, source: str, tree: str) -> frozenset[str]:
    """Take out the looks at a repository and the spells that follow from them; claims stay.

    Return the subjects they are about.
    """
    claim, look, spell, page = table(ClaimRow), table(LookRow), table(SpellRow), table(PageRow)
    files = select(page.c.page).where(page.c.source == source, page.c.tree == tree)
    mine = (claim.c.source == source) & claim.c.page.in_(files)
    subjects = frozenset(c.execute(select(claim.c.subject).where(mine).distinct()).scalars()) - {""}
    c.execute(delete(spell).where(spell.c.claim_id.in_(select(claim.c.id).where(mine))))
    c.execute(
        delete(look).where(look.c.source == source, look.c.page.in_(files) | (look.c.page == tree))
    )
    return subjects


def _pages_of(c: Connection, source: str, tree: str) -> list[str]:
    page = table(PageRow)
    query = select(page.c.page).where(page.c.source == source, page.c.tree == tree)
    return list(c.execute(query).scalars())


def _good_looks(
    c: Connection, source: str, pages: Sequence[str]
) -> dict[str, dict[tuple[str, str], bool]]:
    """Return by (moment, digest) whether each look at some files was good."""
    look = table(LookRow)
    looks: dict[str, dict[tuple[str, str], bool]] = {}
    for part in parts(pages):
        query = select(look.c.page, look.c.fetched_at, look.c.digest, look.c.good).where(
            look.c.source == source, look.c.page.in_(part)
        )
        for page, moment, body, good in c.execute(query):
            looks.setdefault(page, {})[(moment, body)] = good
    return looks
