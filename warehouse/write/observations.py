"""Looks into the warehouse.

What was read from them is kept as claims, and the spells during which each claim stood.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from almanac.schemas.claim import Capture, Claim, canonical
from almanac.schemas.codes import LinkStatus, LookFailure
from almanac.schemas.moment import stamp
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, LookRow, PageRow, SpellRow
from almanac.warehouse.write import looks as run
from almanac.warehouse.write.bulk import insert, table
from almanac.warehouse.write.spells import Spell, Spells, of_changes

GONE = "0" * 40
"""The digest of a file that is no longer in its repository."""
"""How many values an IN list takes on every backend."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A claim with the canonical ids it was linked to; empty ids where it was not."""

    claim: Claim
    model: str
    provider: str
    terms: str
    score: float
    reason: str
    status: LinkStatus = LinkStatus.linked

    @property
    def moves(self) -> bool:
        """Whether its name moves: on another day the same words may be another claim."""
        return self.status in (LinkStatus.linked_as_of, LinkStatus.moving)

    @property
    def subject(self) -> str:
        if not self.model:
            return ""
        return f"{self.provider}:{self.model}" if self.claim.subject == "offer" else self.model


@dataclass(slots=True)
class Seen:
    """One look with what was read from it."""

    capture: Capture
    reader_version: int
    claims: Sequence[Linked] | None = ()
    """None for a file of a repository whose content was read at another look."""
    failed: str = ""
    failure: LookFailure = LookFailure.none
    archive_file: str = ""
    archive_offset: int = 0


@dataclass(slots=True)
class Added:
    """What some looks changed; `subjects` are those whose figures may be others now."""

    looks: int = 0
    claims: int = 0
    subjects: frozenset[str] = frozenset()


def claim_key(linked: Linked, page: str) -> str:
    """Return what makes a claim the same claim on another look.

    That is everything said, but not where on the page.
    """
    c = linked.claim
    said = (
        c.source,
        page,
        c.subject,
        c.provider or "",
        c.model,
        c.field,
        c.meter or "",
        str(c.terms),
        canonical(c.value) or "",
        str(c.state),
        c.bound,
        c.printed,
        c.basis,
        str(c.effective_from or ""),
        linked.model if linked.status is LinkStatus.linked_as_of else "",
    )
    return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()


class _Claims:
    """The claims of some pages: those known, and those that are new in this transaction."""

    def __init__(self, c: Connection, source: str, pages: Sequence[str]) -> None:
        claim = table(ClaimRow)
        self.ids: dict[str, int] = {}
        self.subjects: dict[int, str] = {}
        self.rows: list[dict[str, Any]] = []
        for some in parts(pages):
            query = select(claim.c.id, claim.c.key, claim.c.subject).where(
                claim.c.source == source, claim.c.page.in_(some)
            )
            for i, key, subject in c.execute(query):
                self.ids[key], self.subjects[i] = i, subject
        self.known = set(self.subjects)
        self._next = (c.execute(select(func.max(claim.c.id))).scalar() or 0) + 1

    def standing(self, seen: Seen, page: str) -> set[int]:
        """Return the ids of what a look says."""
        found: set[int] = set()
        for linked in seen.claims or ():
            key = claim_key(linked, page)
            known = self.ids.get(key)
            if known is None:
                known = self.ids[key] = self._next
                self._next += 1
                self.rows.append(_claim(known, key, linked, page))
                self.subjects[known] = linked.subject
            found.add(known)
        return found


def add(c: Connection, source: str, page: str, seen: Sequence[Seen], anew: bool = False) -> Added:
    """Add looks at one page, in any order.

    The same look twice is one.

    `anew` puts these looks, which are all of the page's, in the place of what an older
    reader made of them.
    """
    claims = _Claims(c, source, [page])
    look, spell = table(LookRow), table(SpellRow)
    if anew:
        claim = table(ClaimRow)
        c.execute(
            delete(spell).where(
                spell.c.claim_id.in_(
                    select(claim.c.id).where((claim.c.source == source) & (claim.c.page == page))
                )
            )
        )
        c.execute(delete(look).where(look.c.source == source, look.c.page == page))
    rows = run.of_page(c, source, page)
    spells = Spells(run.good_times(rows), _spells(c, source, [page]).get(page, ()))
    have = {(m, r["digest"]) for r in rows for m in run.moments(r["fetched_at"], r["again"])}
    fresh: list[dict[str, Any]] = []
    first: dict[int, tuple[Linked, str]] = {}
    for one in sorted(seen, key=lambda s: (s.capture.fetched_at, s.capture.digest)):
        moment = stamp(one.capture.fetched_at)
        if (moment, one.capture.digest) in have:
            continue
        have.add((moment, one.capture.digest))
        fresh.append(_look(one, page, moment))
        if one.failed:
            continue
        standing = claims.standing(one, page)
        if anew:
            for linked in one.claims or ():
                first.setdefault(claims.ids[claim_key(linked, page)], (linked, one.capture.digest))
        spells.look(moment, standing)
    run.keep(c, rows, fresh)
    insert(c, ClaimRow, claims.rows)
    _again(c, {i: said for i, said in first.items() if i in claims.known}, claims)
    _write_spells(c, {i: spells.of(i) for i in spells.changed})
    newest = spells.times[-1] if spells.times else None
    _pages(c, source, {page: ("", newest)})
    changed = {claims.subjects[i] for i in (claims.subjects if anew else spells.changed)}
    return Added(len(fresh), len(claims.rows), frozenset(changed - {""}))


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
    have = {(r["fetched_at"], r["digest"]) for r in before}
    fresh = [
        row
        for s in commits
        if ((row := _look(s, tree, stamp(s.capture.fetched_at)))["fetched_at"], row["digest"])
        not in have
    ]
    old_times = run.good_times(before)
    late = bool(old_times and fresh and min(r["fetched_at"] for r in fresh) < old_times[-1])
    run.keep(c, before, sorted(fresh, key=lambda r: (r["fetched_at"], r["digest"])))
    times = sorted({*old_times, *(r["fetched_at"] for r in fresh)})
    pages = sorted({*files, *_of_tree(c, source, tree)}) if late else sorted(files)
    claims = _Claims(c, source, pages)
    known, looks = _spells(c, source, pages), _looks(c, source, pages)
    rows: list[dict[str, Any]] = []
    changed: dict[int, list[Spell]] = {}
    for page in pages:
        spells, old = known.get(page, []), looks.get(page, {})
        points = {
            m: {i for i, a, b in spells if a <= m and (b is None or m <= b)}
            for (m, _), good in old.items()
            if good
        }
        read = {digest: points[m] for (m, digest), good in old.items() if good}
        for one in files.get(page, ()):
            moment = stamp(one.capture.fetched_at)
            if (moment, one.capture.digest) not in old:
                rows.append(_look(one, page, moment))
            if not one.failed:
                said = (
                    read[one.capture.digest] if one.claims is None else claims.standing(one, page)
                )
                points[moment] = read[one.capture.digest] = said
        was: dict[int, list[Spell]] = {}
        for i, a, b in spells:
            was.setdefault(i, []).append((a, b))
        now = of_changes(times, points)
        changed |= {
            i: now.get(i, []) for i in was.keys() | now.keys() if was.get(i, []) != now.get(i, [])
        }
    insert(c, LookRow, rows)
    insert(c, ClaimRow, claims.rows)
    _write_spells(c, changed)
    _pages(
        c, source, {tree: ("", times[-1] if times else None), **dict.fromkeys(files, (tree, None))}
    )
    return Added(
        len(fresh) + len(rows),
        len(claims.rows),
        frozenset({claims.subjects[i] for i in changed} - {""}),
    )


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


def _of_tree(c: Connection, source: str, tree: str) -> list[str]:
    page = table(PageRow)
    return list(
        c.execute(select(page.c.page).where(page.c.source == source, page.c.tree == tree)).scalars()
    )


def _looks(
    c: Connection, source: str, pages: Sequence[str]
) -> dict[str, dict[tuple[str, str], bool]]:
    """Return by (moment, digest) whether each look at some files was good."""
    look = table(LookRow)
    found: dict[str, dict[tuple[str, str], bool]] = {}
    for some in parts(pages):
        query = select(look.c.page, look.c.fetched_at, look.c.digest, look.c.good).where(
            look.c.source == source, look.c.page.in_(some)
        )
        for page, moment, body, good in c.execute(query):
            found.setdefault(page, {})[(moment, body)] = good
    return found


def _spells(
    c: Connection, source: str, pages: Sequence[str]
) -> dict[str, list[tuple[int, str, str | None]]]:
    claim, spell = table(ClaimRow), table(SpellRow)
    found: dict[str, list[tuple[int, str, str | None]]] = {}
    for some in parts(pages):
        query = select(claim.c.page, spell.c.claim_id, spell.c.first_look, spell.c.last_look).join(
            claim, claim.c.id == spell.c.claim_id
        )
        query = query.where(claim.c.source == source, claim.c.page.in_(some)).order_by(
            spell.c.first_look
        )
        for page, i, a, b in c.execute(query):
            found.setdefault(page, []).append((i, a, b))
    return found


def _write_spells(c: Connection, changed: Mapping[int, Sequence[Spell]]) -> None:
    spell = table(SpellRow)
    ids = sorted(changed)
    for some in parts(ids):
        c.execute(delete(spell).where(spell.c.claim_id.in_(some)))
    insert(
        c,
        SpellRow,
        [{"claim_id": i, "first_look": a, "last_look": b} for i in ids for a, b in changed[i]],
    )


def _pages(c: Connection, source: str, pages: Mapping[str, tuple[str, str | None]]) -> None:
    """Keep of each page to what tree it belongs and when it was last seen."""
    page = table(PageRow)
    known: dict[str, str | None] = {}
    names = sorted(pages)
    for some in parts(names):
        query = select(page.c.page, page.c.last_look).where(
            page.c.source == source, page.c.page.in_(some)
        )
        known.update(c.execute(query).tuples().all())
    insert(
        c,
        PageRow,
        [
            {"source": source, "page": p, "tree": pages[p][0], "last_look": pages[p][1]}
            for p in names
            if p not in known
        ],
    )
    for p in names:
        if p in known and known[p] != pages[p][1]:
            c.execute(
                update(page)
                .where(page.c.source == source, page.c.page == p)
                .values(last_look=pages[p][1])
            )


def _again(c: Connection, first: Mapping[int, tuple[Linked, str]], claims: _Claims) -> None:
    """Give claims that are read anew the place and the names of their first look.

    They stand under these.
    """
    claim = table(ClaimRow)
    columns = (
        "capture",
        "subject",
        "model",
        "provider",
        "terms",
        "locator",
        "link_score",
        "link_reason",
        "link_status",
    )
    ids = sorted(first)
    stored: dict[int, tuple[Any, ...]] = {}
    for some in parts(ids):
        query = select(claim.c.id, *(claim.c[n] for n in columns)).where(claim.c.id.in_(some))
        stored |= {row[0]: tuple(row[1:]) for row in c.execute(query)}
    for i, (linked, digest) in first.items():
        row = {**_claim(i, "", linked, ""), "capture": digest}
        if linked.model and tuple(row[n] for n in columns) != stored[i]:
            c.execute(update(claim).where(claim.c.id == i).values({n: row[n] for n in columns}))
            claims.subjects[i] = linked.subject
            claims.subjects[-i] = stored[i][1]  # what it was about before is resolved again too


def _look(seen: Seen, page: str, moment: str) -> dict[str, Any]:
    c = seen.capture
    return {
        "source": c.source,
        "page": page,
        "url": c.url,
        "status": c.status,
        "digest": c.digest,
        "media_type": c.media_type,
        "reader_version": seen.reader_version,
        "good": not seen.failed,
        "failed": seen.failed,
        "failure": seen.failure.value,
        "archive_file": seen.archive_file,
        "archive_offset": seen.archive_offset,
        "fetched_at": moment,
        "again": "",
        "last_at": moment,
    }


def _claim(i: int, key: str, linked: Linked, page: str) -> dict[str, Any]:
    c = linked.claim
    integer = c.value if isinstance(c.value, int) and not isinstance(c.value, bool) else None
    readings = (
        json.dumps(
            [[canonical(a), canonical(b), closed] for a, b, closed in c.readings],
            separators=(",", ":"),
        )
        if c.readings
        else ""
    )
    return {
        "id": i,
        "key": key,
        "source": c.source,
        "page": page,
        "capture": c.capture,
        "subject_kind": c.subject,
        "subject": linked.subject,
        "model": linked.model,
        "provider": linked.provider if c.subject == "offer" else "",
        "model_said": c.model,
        "provider_said": c.provider or "",
        "field": c.field,
        "meter": c.meter or "",
        "terms": linked.terms,
        "value": canonical(c.value),
        "value_integer": integer,
        "readings": readings,
        "bound": c.bound,
        "state": str(c.state),
        "unit": c.unit,
        "printed": c.printed,
        "locator": c.locator,
        "basis": c.basis,
        "effective_from": c.effective_from.isoformat() if c.effective_from else None,
        "link_score": linked.score,
        "link_reason": linked.reason,
        "link_status": linked.status.value,
    }
