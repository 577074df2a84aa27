"""What writes the warehouse: looks, claims and their spells, refusals, and the publication of a release."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlmodel import SQLModel

from schemas.claim import Capture, Claim, Refusal, canonical, terms_text
from schemas.moment import stamp
from warehouse.engine import engine, migrate, writing
from warehouse.place import database_url
from warehouse.spells import Spells
from warehouse.tables import FOREVER, ClaimRow, FigureRow, LearnedRow, LookRow, ModelRow, RefusalRow, ReleaseRow, SpellRow, UnresolvedRow

BATCH = 5_000


class Collapsed(Exception):
    """A release would lose more than half of its parent's figures: it is not published."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A claim with the canonical ids it was linked to; empty ids where it was not."""

    claim: Claim
    model: str
    provider: str
    terms: str
    score: float
    reason: str
    moving: bool = False
    """Linked through a name that moves: the same words on another day are another claim."""

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
    claims: Sequence[Linked] = ()
    failed: str = ""
    archive_file: str = ""
    archive_offset: int = 0


@dataclass(slots=True)
class Added:
    """What one page's looks changed."""

    looks: int = 0
    claims: int = 0


def table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]


def claim_key(linked: Linked, page: str) -> str:
    """Return what makes a claim the same claim on another look: everything said, but not where on the page."""
    c = linked.claim
    said = (c.source, page, c.subject, c.provider or "", c.model, c.field, c.meter or "", terms_text(c.terms), canonical(c.value) or "", str(c.state), c.bound,
            c.printed, c.basis, str(c.effective_from or ""), linked.model if linked.moving else "")  # fmt: skip
    return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()


class Store:
    """The writing side of one warehouse. One writer at a time; each method is one transaction."""

    def __init__(self, url: str | None = None) -> None:
        self.engine = engine(url or database_url())
        migrate(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    def seen(self, source: str) -> dict[tuple[str, str, str], int]:
        """Return the reader version that read each look of a source that is already in, by (page, moment, digest)."""
        look = table(LookRow)
        with self.engine.connect() as c:
            rows = c.execute(select(look.c.page, look.c.fetched_at, look.c.digest, look.c.reader_version).where(look.c.source == source))
            return {(page, moment, body): version for page, moment, body, version in rows}

    def standing(self, source: str) -> dict[str, list[tuple[str, str, str, str, str, str, str]]]:
        """Return, by page, (model, provider, field, meter, terms, locator, printed text) of what stands from the last good look at it."""
        claim, spell = table(ClaimRow), table(SpellRow)
        query = (
            select(claim.c.page, claim.c.model_said, claim.c.provider_said, claim.c.field, claim.c.meter, claim.c.terms, claim.c.locator, claim.c.printed)
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
        look = table(LookRow)
        with self.engine.connect() as c:
            return dict(c.execute(select(look.c.source, func.max(look.c.fetched_at)).where(look.c.good).group_by(look.c.source)).tuples().all())

    def add(self, source: str, page: str, looks: Sequence[Seen], refusals: Iterable[Refusal] = (), anew: bool = False) -> Added:
        """Add looks at one page, in any order, with what was read from each. The same look twice is one.

        `anew` puts these looks, which are all of the page's, in the place of what an older reader made of them.
        """
        added = Added()
        with writing(self.engine) as c:
            claim, look, spell = table(ClaimRow), table(LookRow), table(SpellRow)
            here = (claim.c.source == source) & (claim.c.page == page)
            if anew:
                c.execute(delete(spell).where(spell.c.claim_id.in_(select(claim.c.id).where(here))))
                c.execute(delete(look).where(look.c.source == source, look.c.page == page))
            spells = self._spells(c, source, page)
            ids: dict[str, int] = {}
            subjects: dict[int, str] = {}
            for i, key, subject in c.execute(select(claim.c.id, claim.c.key, claim.c.subject).where(here)):
                ids[key], subjects[i] = i, subject
            have = {(r[0], r[1]) for r in c.execute(select(look.c.fetched_at, look.c.digest).where(look.c.source == source, look.c.page == page))}
            next_id = (c.execute(select(func.max(table(ClaimRow).c.id))).scalar() or 0) + 1
            look_rows, claim_rows = [], []
            for seen in sorted(looks, key=lambda s: (s.capture.fetched_at, s.capture.digest)):
                moment = stamp(seen.capture.fetched_at)
                if (moment, seen.capture.digest) in have:
                    continue
                have.add((moment, seen.capture.digest))
                look_rows.append(_look(seen, page, moment))
                if seen.failed:
                    continue
                standing: set[int] = set()
                for linked in seen.claims:
                    key = claim_key(linked, page)
                    known = ids.get(key)
                    if known is None:
                        known = ids[key] = next_id
                        next_id += 1
                        claim_rows.append(_claim(known, key, linked, page))
                        subjects[known] = linked.subject
                    standing.add(known)
                spells.look(moment, standing)
            self._insert(c, LookRow, look_rows)
            self._insert(c, ClaimRow, claim_rows)
            self._write_spells(c, spells)
            self._refuse(c, refusals)
            added.looks, added.claims = len(look_rows), len(claim_rows)
            self._mark(c, {subjects[i] for i in (subjects if anew else spells.changed) if subjects[i]})
        return added

    def _spells(self, c: Connection, source: str, page: str) -> Spells:
        look, claim, spell = table(LookRow), table(ClaimRow), table(SpellRow)
        times = [r[0] for r in c.execute(select(look.c.fetched_at).where(look.c.source == source, look.c.page == page, look.c.good).distinct().order_by(look.c.fetched_at))]
        rows = c.execute(select(spell.c.claim_id, spell.c.first_look, spell.c.last_look).join(claim, claim.c.id == spell.c.claim_id)
                         .where(claim.c.source == source, claim.c.page == page).order_by(spell.c.first_look))  # fmt: skip
        return Spells(times, rows)  # type: ignore[arg-type]

    def _write_spells(self, c: Connection, spells: Spells) -> None:
        spell = table(SpellRow)
        changed = sorted(spells.changed)
        for start in range(0, len(changed), 900):
            c.execute(delete(spell).where(spell.c.claim_id.in_(changed[start : start + 900])))
        self._insert(c, SpellRow, [{"claim_id": i, "first_look": a, "last_look": b} for i in changed for a, b in spells.of(i)])

    def _insert(self, c: Connection, row: type[SQLModel], rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), BATCH):
            c.execute(insert(table(row)), rows[start : start + BATCH])

    def _refuse(self, c: Connection, refusals: Iterable[Refusal], candidates: dict[tuple[str, str, str], str] | None = None) -> None:
        rows: dict[str, dict[str, Any]] = {}
        for r in refusals:
            said = r.model_dump()
            key = hashlib.blake2b("\x1f".join(str(said[k]) for k in sorted(said)).encode(), digest_size=16).hexdigest()
            rows[key] = {**said, "key": key, "candidates": (candidates or {}).get((r.source, r.provider, r.model), "")}
        keys = sorted(rows)
        known: set[str] = set()
        for start in range(0, len(keys), 900):
            known |= set(c.execute(select(table(RefusalRow).c.key).where(table(RefusalRow).c.key.in_(keys[start : start + 900]))).scalars())
        next_id = (c.execute(select(func.max(table(RefusalRow).c.id))).scalar() or 0) + 1
        self._insert(c, RefusalRow, [{**rows[k], "id": next_id + i} for i, k in enumerate(k for k in keys if k not in known)])

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Put refusals into the quarantine; the same one twice is one."""
        with writing(self.engine) as c:
            self._refuse(c, refusals)

    def review(self, refusals: Sequence[Refusal], candidates: dict[tuple[str, str, str], str]) -> None:
        """Replace the list of names that have no model, each with its nearest candidates."""
        refusal = table(RefusalRow)
        with writing(self.engine) as c:
            c.execute(delete(refusal).where(refusal.c.stage == "link", refusal.c.locator.like("%claims wait, %")))
            self._refuse(c, refusals, candidates)

    def _mark(self, c: Connection, subjects: Iterable[str]) -> None:
        known = set(c.execute(select(table(UnresolvedRow).c.subject)).scalars())
        self._insert(c, UnresolvedRow, [{"subject": s} for s in sorted(set(subjects) - known)])

    # Identity

    def known_models(self) -> list[str]:
        with self.engine.connect() as c:
            named = set(c.execute(select(table(ModelRow).c.id)).scalars())
            claimed = set(c.execute(select(table(ClaimRow).c.model).where(table(ClaimRow).c.model != "").distinct()).scalars())
        return sorted(named | claimed)  # a killed run may have stored claims on a model before its row

    def add_models(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add models as (id, display name, who introduced it); those already there stay as they are."""
        with writing(self.engine) as c:
            known = set(c.execute(select(table(ModelRow).c.id)).scalars())
            self._insert(c, ModelRow, [{"id": i, "maker": i.split("/")[0], "name": n, "introduced_by": by} for i, n, by in rows if i not in known])

    def unlinked(self) -> list[tuple[str, str, str, str, str, str, int]]:
        """Return (source, provider said, model said, any printed text, locator, capture, claims) of names without a model."""
        claim = table(ClaimRow)
        columns = (claim.c.source, claim.c.provider_said, claim.c.model_said)
        with self.engine.connect() as c:
            query = select(*columns, func.min(claim.c.printed), func.min(claim.c.locator), func.min(claim.c.capture), func.count()).where(claim.c.model == "")
            return [tuple(r) for r in c.execute(query.group_by(*columns).order_by(*columns))]  # type: ignore[misc]

    def relink(self, links: Sequence[dict[str, Any]]) -> None:
        """Give claims their models: dicts of source, provider_said, model_said, model, provider, score, reason, marks."""
        claim = table(ClaimRow)
        with writing(self.engine) as c:
            subjects: set[str] = set()
            for link in links:
                where = (claim.c.source == link["source"]) & (claim.c.provider_said == link["provider_said"]) & (claim.c.model_said == link["model_said"]) & (claim.c.model == "")
                rows = c.execute(select(claim.c.id, claim.c.subject_kind, claim.c.terms).where(where)).all()
                for i, kind, terms in rows:
                    subject = f"{link['provider']}:{link['model']}" if kind == "offer" else link["model"]
                    marked = merge_terms(terms, link["marks"]) if kind == "offer" else terms
                    c.execute(update(claim).where(claim.c.id == i).values(model=link["model"], provider=link["provider"] if kind == "offer" else "", subject=subject,
                                                                          terms=marked, link_score=link["score"], link_reason=link["reason"]))  # fmt: skip
                    subjects.add(subject)
            self._mark(c, subjects)

    # Resolution and release

    def unresolved(self) -> list[str]:
        with self.engine.connect() as c:
            return list(c.execute(select(table(UnresolvedRow).c.subject).order_by(table(UnresolvedRow).c.subject)).scalars())

    def learned(self) -> str:
        """Return what was last learned of the sources, as `keep_learned` was given it; empty where nothing was."""
        row = table(LearnedRow)
        with self.engine.connect() as c:
            return c.execute(select(row.c.document).order_by(row.c.id.desc()).limit(1)).scalar() or ""

    def keep_learned(self, document: str, moment: str) -> bool:
        """Keep what was learned, and have every subject resolved again; False where it is what is known already."""
        if document == self.learned():
            return False
        claim = table(ClaimRow)
        with writing(self.engine) as c:
            c.execute(insert(table(LearnedRow)), [{"learned_at": moment, "document": document}])
            self._mark(c, c.execute(select(claim.c.subject).where(claim.c.subject != "").distinct()).scalars())
        return True

    def ruled(self) -> set[tuple[str, str, str, str]]:
        """Return (subject, field, meter, terms) of the figures that stand by a person's ruling."""
        figure = table(FigureRow)
        columns = (figure.c.subject, figure.c.field, figure.c.meter, figure.c.terms)
        with self.engine.connect() as c:
            return {tuple(r) for r in c.execute(select(*columns).where(figure.c.closed_release.is_(None), figure.c.valid_to == FOREVER, figure.c.rule == "ruled"))}  # type: ignore[misc]

    def have_resolved(self, subjects: Iterable[str]) -> None:
        """Have subjects resolved again by the next run."""
        with writing(self.engine) as c:
            self._mark(c, subjects)

    def subjects(self) -> list[str]:
        """Return every subject that claims are about."""
        claim = table(ClaimRow)
        with self.engine.connect() as c:
            return list(c.execute(select(claim.c.subject).where(claim.c.subject != "").distinct().order_by(claim.c.subject)).scalars())

    def looks(self) -> dict[tuple[str, str], list[str]]:
        """Return the moments of the good looks at each (source, page), in order."""
        look = table(LookRow)
        found: dict[tuple[str, str], list[str]] = {}
        with self.engine.connect() as c:
            query = select(look.c.source, look.c.page, look.c.fetched_at).where(look.c.good).distinct().order_by(look.c.source, look.c.page, look.c.fetched_at)
            for source, page, moment in c.execute(query):
                found.setdefault((source, page), []).append(moment)
        return found

    def claims_of(self, subjects: Sequence[str]) -> list[Any]:
        """Return claim rows joined with their spells for some subjects, ordered by what they are about."""
        claim, spell = table(ClaimRow), table(SpellRow)
        columns = [claim.c[n] for n in ("id", "source", "page", "subject_kind", "subject", "model", "provider", "model_said", "field", "meter", "terms", "value",
                                        "readings", "bound", "state", "unit", "printed", "basis", "effective_from")]  # fmt: skip
        found: list[Any] = []
        with self.engine.connect() as c:
            for start in range(0, len(subjects), 900):
                query = select(*columns, spell.c.first_look, spell.c.last_look).join(spell, spell.c.claim_id == claim.c.id)
                query = query.where(claim.c.subject.in_(subjects[start : start + 900]))
                found += c.execute(query.order_by(claim.c.subject, claim.c.field, claim.c.meter, claim.c.terms, claim.c.id, spell.c.first_look)).all()
        return found

    def stands(self, source: str, model: str, field: str, value: str, provider: str = "", meter: str = "") -> bool:
        """Whether a claim with exactly this value stands now: what a correction expects to find."""
        claim, spell = table(ClaimRow), table(SpellRow)
        query = select(func.count()).select_from(claim.join(spell, spell.c.claim_id == claim.c.id)).where(spell.c.last_look.is_(None))
        given = {"source": source, "model": model, "field": field, "value": value, "provider": provider, "meter": meter}
        for column, wanted in given.items():
            if wanted:
                query = query.where(claim.c[column] == wanted)
        with self.engine.connect() as c:
            return bool(c.execute(query).scalar())

    def standing_prices(self) -> list[Any]:
        """Return (model, provider, source, meter, terms, unit, amount) of every price that stands now, for the guards."""
        claim, spell = table(ClaimRow), table(SpellRow)
        query = select(claim.c.model, claim.c.provider, claim.c.source, claim.c.meter, claim.c.terms, claim.c.unit, claim.c.value_integer)
        query = query.join(spell, spell.c.claim_id == claim.c.id).where(claim.c.field == "price", claim.c.model != "", spell.c.last_look.is_(None))
        with self.engine.connect() as c:
            return list(c.execute(query.where(claim.c.value_integer.is_not(None)).distinct()).all())

    def newest_release(self) -> int:
        with self.engine.connect() as c:
            return c.execute(select(func.max(table(ReleaseRow).c.id))).scalar() or 0

    def publish(self, figures: Sequence[dict[str, Any]], subjects: Sequence[str], release: dict[str, Any], force: bool = False) -> int:
        """Publish the figures of `subjects` as a new release, in one transaction, and return its id.

        Readers see the release before or this one, never a part. Figures that did not change cost no row; if
        none did and there is a release already, nothing is published and that one's id is returned.
        """
        row, figure = table(ReleaseRow), table(FigureRow)
        with writing(self.engine) as c:
            parent = c.execute(select(func.max(row.c.id))).scalar()
            new, closed, diff = self._changes(c, figures, subjects)
            unresolved = table(UnresolvedRow)
            for start in range(0, len(subjects), 900):
                c.execute(delete(unresolved).where(unresolved.c.subject.in_(subjects[start : start + 900])))
            if parent is not None and not new and not closed and not force:
                return int(parent)
            number = (parent or 0) + 1
            c.execute(insert(row), [{**release, "id": number, "parent": parent, "digest": "", "counts": "{}", "diff": json.dumps(diff)}])
            for start in range(0, len(closed), 900):
                c.execute(update(figure).where(figure.c.id.in_(closed[start : start + 900])).values(closed_release=number))
            next_id = (c.execute(select(func.max(figure.c.id))).scalar() or 0) + 1
            self._insert(c, FigureRow, [{**f, "id": next_id + i, "first_release": number, "closed_release": None} for i, f in enumerate(new)])
            counts = {**json.loads(release["counts"]), **self._counts(c)}
            former = json.loads(c.execute(select(row.c.counts).where(row.c.id == parent)).scalar() or "{}").get("figures", 0)
            if counts["figures"] < former / 2:
                raise Collapsed(f"{counts['figures']:,} figures would stand where release {parent} has {former:,}: a source has collapsed")
            c.execute(update(row).where(row.c.id == number).values(digest=self._digest(c), counts=json.dumps(counts)))
        with self.engine.connect() as c:
            c.execute(text("ANALYZE"))
            c.commit()
        return number

    def _changes(self, c: Connection, figures: Sequence[dict[str, Any]], subjects: Sequence[str]) -> tuple[list[dict[str, Any]], list[int], dict[str, int]]:
        figure = table(FigureRow)
        names = [c.name for c in figure.columns if c.name not in ("id", "first_release", "closed_release")]
        standing: dict[tuple[Any, ...], int] = {}
        for start in range(0, len(subjects), 900):
            query = select(figure.c.id, *(figure.c[n] for n in names)).where(figure.c.closed_release.is_(None), figure.c.subject.in_(subjects[start : start + 900]))
            standing.update({tuple(r[1:]): r[0] for r in c.execute(query)})
        wanted = {tuple(f[n] for n in names): f for f in figures}
        new = [f for key, f in wanted.items() if key not in standing]
        closed = [i for key, i in standing.items() if key not in wanted]
        identity = [names.index(n) for n in ("subject_kind", "subject", "field", "meter", "terms")]
        opened_at = {tuple(k[i] for i in identity) for k in wanted if k not in standing}
        closed_at = {tuple(k[i] for i in identity) for k in standing if k not in wanted}
        diff = {"new": len(opened_at - closed_at), "changed": len(opened_at & closed_at), "gone": len(closed_at - opened_at)}
        return new, closed, diff

    def _counts(self, c: Connection) -> dict[str, int]:
        figure = table(FigureRow)
        now = (figure.c.closed_release.is_(None)) & (figure.c.valid_to == FOREVER)

        def one(query: Any) -> int:
            return int(c.execute(query).scalar() or 0)

        return {
            "looks": one(select(func.count()).select_from(table(LookRow))),
            "claims": one(select(func.count()).select_from(table(ClaimRow))),
            "models": one(select(func.count(func.distinct(figure.c.model))).where(now)),
            "offers": one(select(func.count(func.distinct(figure.c.subject))).where(now, figure.c.subject_kind == "offer")),
            "figures": one(select(func.count()).where(now)),
            "conflicts": one(select(func.count()).where(now, figure.c.state == "conflicted")),
            "refusals": one(select(func.count()).select_from(table(RefusalRow))),
        }  # fmt: skip

    def _digest(self, c: Connection) -> str:
        """Return the SHA-256 of everything the release says, in an order of its own."""
        figure = table(FigureRow)
        names = ("subject_kind", "subject", "field", "meter", "terms", "unit", "value", "state", "rule", "valid_from", "valid_to")
        hashed = hashlib.sha256()
        for row in c.execute(select(*(figure.c[n] for n in names)).where(figure.c.closed_release.is_(None)).order_by(*(figure.c[n] for n in names[:5]), figure.c.valid_from)):
            hashed.update("\x1f".join(x or "" for x in row).encode())
            hashed.update(b"\n")
        return hashed.hexdigest()


def merge_terms(terms: str, marks: Iterable[tuple[str, str]]) -> str:
    """Return terms with the serving marks of a name among them; what the claim says itself goes first."""
    have = dict(pair.split("=", 1) for pair in terms.split(";") if pair)
    return terms_text(sorted({**dict(marks), **have}.items()))  # type: ignore[arg-type]


def _look(seen: Seen, page: str, moment: str) -> dict[str, Any]:
    c = seen.capture
    return {"source": c.source, "page": page, "url": c.url, "fetched_at": moment, "status": c.status, "digest": c.digest, "media_type": c.media_type,
            "reader_version": seen.reader_version, "good": not seen.failed, "failed": seen.failed, "archive_file": seen.archive_file,
            "archive_offset": seen.archive_offset}  # fmt: skip


def _claim(i: int, key: str, linked: Linked, page: str) -> dict[str, Any]:
    c = linked.claim
    integer = c.value if isinstance(c.value, int) and not isinstance(c.value, bool) else None
    readings = json.dumps([[canonical(a), canonical(b), closed] for a, b, closed in c.readings], separators=(",", ":")) if c.readings else ""
    return {"id": i, "key": key, "source": c.source, "page": page, "capture": c.capture, "subject_kind": c.subject, "subject": linked.subject, "model": linked.model,
            "provider": linked.provider if c.subject == "offer" else "", "model_said": c.model, "provider_said": c.provider or "", "field": c.field,
            "meter": c.meter or "", "terms": linked.terms, "value": canonical(c.value), "value_integer": integer, "readings": readings, "bound": c.bound,
            "state": str(c.state), "unit": c.unit, "printed": c.printed, "locator": c.locator, "basis": c.basis,
            "effective_from": c.effective_from.isoformat() if c.effective_from else None, "link_score": linked.score, "link_reason": linked.reason}  # fmt: skip
