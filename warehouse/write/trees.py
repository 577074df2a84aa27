"""Looks at a repository into the warehouse: its commits, and what each changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from almanac.schemas.codes import LinkStatus
from almanac.schemas.moment import stamp
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, LookRow, PageRow, SpellRow
from almanac.warehouse.write import looks as run
from almanac.warehouse.write.bulk import insert, table
from almanac.warehouse.write.claim_rows import GONE, Added, Seen, look_row
from almanac.warehouse.write.observations import PageClaims
from almanac.warehouse.write.page_spells import keep_pages, stored_spells, write_spells
from almanac.warehouse.write.spells import Spell, of_changes


def add_tree(
    c: Connection,
    source: str,
    tree: str,
    commits: Sequence[Seen],
    files: Mapping[str, Sequence[Seen]],
) -> Added:
    """Add looks at a repository: its commits, and what each changed, by page.

    Everything else stood as it was.

    A file that went is a look with the digest `GONE`. Commits may come in any order, and the
    same twice is one.
    """
    before = run.of_page(c, source, tree)
    fresh = _missing(commits, tree, before)
    old_times = run.good_times(before)
    run.keep(c, before, fresh)
    times = sorted({*old_times, *(r["fetched_at"] for r in fresh)})
    late = bool(old_times and fresh and fresh[0]["fetched_at"] < old_times[-1])
    pages = sorted({*files, *_pages_of(c, source, tree)}) if late else sorted(files)
    claims = PageClaims(c, source, pages)
    spells, looks = stored_spells(c, source, pages), _looks(c, source, pages)
    rows: list[dict[str, Any]] = []
    changed: dict[int, list[Spell]] = {}
    for page in pages:
        history = _FileHistory(page, spells.get(page, []), looks.get(page, {}))
        rows += [row for look in files.get(page, ()) if (row := history.look(look, claims))]
        changed |= history.changed(times)
    insert(c, LookRow, rows)
    insert(c, ClaimRow, claims.rows)
    write_spells(c, changed)
    last = times[-1] if times else None
    keep_pages(c, source, {tree: ("", last), **dict.fromkeys(files, (tree, None))})
    subjects = frozenset({claims.subjects[i] for i in changed} - {""})
    return Added(len(fresh) + len(rows), len(claims.rows), subjects)


def _missing(
    commits: Sequence[Seen], tree: str, before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of the commits that are not in yet, in order."""
    have = {(r["fetched_at"], r["digest"]) for r in before}
    rows = [look_row(s, tree, stamp(s.capture.fetched_at)) for s in commits]
    return sorted(
        (r for r in rows if (r["fetched_at"], r["digest"]) not in have),
        key=lambda r: (r["fetched_at"], r["digest"]),
    )


class _FileHistory:
    """What one file of a repository says at each look at which it changed."""

    def __init__(
        self,
        page: str,
        spells: Sequence[tuple[int, str, str | None]],
        looks: Mapping[tuple[str, str], bool],
    ) -> None:
        self._page, self._spells, self._looks = page, spells, looks
        good = [key for key, was_good in looks.items() if was_good]
        self._points = {moment: self._standing(moment) for moment, _ in good}
        self._read = {digest: self._points[moment] for moment, digest in good}

    def _standing(self, moment: str) -> set[int]:
        return {i for i, a, b in self._spells if a <= moment and (b is None or moment <= b)}

    def look(self, look: Seen, claims: PageClaims) -> dict[str, Any] | None:
        """Take in a look; return its row, None where it is in already."""
        moment, digest = stamp(look.capture.fetched_at), look.capture.digest
        if not look.failed:
            standing = (
                self._read[digest] if look.claims is None else claims.standing(look, self._page)
            )
            self._points[moment] = self._read[digest] = standing
        return None if (moment, digest) in self._looks else look_row(look, self._page, moment)

    def changed(self, times: list[str]) -> dict[int, list[Spell]]:
        """Return by claim the spells that are others now, over the looks at the repository."""
        before: dict[int, list[Spell]] = {}
        for i, a, b in self._spells:
            before.setdefault(i, []).append((a, b))
        now = of_changes(times, self._points)
        return {
            i: now.get(i, [])
            for i in before.keys() | now.keys()
            if before.get(i, []) != now.get(i, [])
        }


def of_tree(
    c: Connection, source: str, tree: str, version: int
) -> tuple[dict[str, tuple[bool, int]], set[tuple[str, str]], set[str]]:
    """Return what is in of a repository.

    Its commits as (good, reader version) by id, the (page, blob) pairs that this version of the
    reader read, and the pages on which a name moves.
    """
    look, page, claim = table(LookRow), table(PageRow), table(ClaimRow)
    commits = {
        url.rsplit("/", 1)[-1]: (bool(good), version)
        for url, good, version in c.execute(
            select(look.c.url, look.c.good, look.c.reader_version).where(
                look.c.source == source, look.c.page == tree
            )
        )
    }
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
    read = {(name, blob) for name, blob in c.execute(query) if blob != GONE}
    moving = claim.join(page, (page.c.source == claim.c.source) & (page.c.page == claim.c.page))
    moves = claim.c.link_status.in_([LinkStatus.linked_as_of.value, LinkStatus.moving.value])
    pages = set(
        c.execute(
            select(claim.c.page)
            .select_from(moving)
            .where(page.c.source == source, page.c.tree == tree, moves)
            .distinct()
        ).scalars()
    )
    return commits, read, pages


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
    return list(
        c.execute(select(page.c.page).where(page.c.source == source, page.c.tree == tree)).scalars()
    )


def _looks(
    c: Connection, source: str, pages: Sequence[str]
) -> dict[str, dict[tuple[str, str], bool]]:
    """Return by (moment, digest) whether each look at some files was good."""
    look = table(LookRow)
    looks: dict[str, dict[tuple[str, str], bool]] = {}
    for names in parts(pages):
        query = select(look.c.page, look.c.fetched_at, look.c.digest, look.c.good).where(
            look.c.source == source, look.c.page.in_(names)
        )
        for page, moment, body, good in c.execute(query):
            looks.setdefault(page, {})[(moment, body)] = good
    return looks
