"""One source's captures into the warehouse: read, normalise, link, store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from flows.introduce import chimera, own_maker
from flows.layout import Standing, cell, collapse
from flows.link import Link, Linker, mintable
from flows.names import parse
from flows.normalise import normalise, refusal
from flows.providers import provider_id
from schemas import catalogue
from schemas.claim import Capture, Claim, Refusal, terms_text
from schemas.moment import stamp
from spiders import base
from spiders.archive import Archive
from spiders.page import Page
from warehouse.store import Linked, Seen, Store, merge_terms


@dataclass
class Ingested:
    """What one source gave in one run."""

    source: str
    looks: int = 0
    unchanged: int = 0
    claims: int = 0
    new_claims: int = 0
    refused: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    """Pages that could not be believed, with the reason."""
    layout: list[str] = field(default_factory=list)
    """Pages that are built differently than at their last look."""


def ingest(source: str, captures: Sequence[Capture], archive: Archive, store: Store, linker: Linker, live: bool = False) -> Ingested:
    """Read what is new of a source's captures and keep it. Looks already in are not read again, unless by a newer reader.

    A page that cannot be believed is kept as a look that changes no spell, with one refusal that says why; so is one
    that collapsed. A `live` run is also held to the counts on the source's card.
    """
    done = Ingested(source)
    reader = base.source(source)
    known = store.seen(source)
    pages: dict[str, list[Capture]] = defaultdict(list)
    for capture in captures:
        if _key(capture) in known:
            done.unchanged += 1
        else:
            pages[capture.page].append(capture)
    newest: dict[str, str] = {}
    for page, moment, _ in known:
        newest[page] = max(newest.get(page, ""), moment)
    outdated = {page for (page, _, _), version in known.items() if version != reader.version}
    # A look from before one that is in is judged, and judges those after it, as if it had come in time.
    late = {page for page, some in pages.items() if any(stamp(c.fetched_at) < newest.get(page, "") for c in some)}
    again = {page: _whole(source, page, known, archive) for page in outdated | late}
    pages.update({page: captures for page, captures in again.items() if captures})
    before = {page: Standing.of(claims) for page, claims in store.standing(source).items()} if newest.keys() & pages.keys() else {}
    expect = base.card(source).expect if live and len(reader.start_urls) == 1 else None
    for page in sorted(pages):
        seen: list[Seen] = []
        refusals: list[Refusal] = []
        last = None if again.get(page) else before.get(page)
        for capture in sorted(pages[page], key=lambda c: c.fetched_at):
            in_order = bool(again.get(page)) or stamp(capture.fetched_at) > newest.get(page, "")
            look, refused, last = _look(reader, capture, archive, linker, last, expect, in_order)
            seen.append(look)
            refusals += refused
            done.claims += len(look.claims or ())
            if look.failed:
                done.failed[f"{page} ({capture.fetched_at:%Y-%m-%d})"] = look.failed
        added = store.add(source, page, seen, refusals, anew=bool(again.get(page)))
        done.looks += added.looks
        done.new_claims += added.claims
        done.refused += len(refusals)
    return done


def _key(capture: Capture) -> tuple[str, str, str]:
    return capture.page, stamp(capture.fetched_at), capture.digest


def _whole(source: str, page: str, known: Iterable[tuple[str, str, str]], archive: Archive) -> list[Capture]:
    """Return every look the archive keeps of a page; none where a body is missing, and what was read stands."""
    kept = [c for c, _ in archive.looks if c.source == source and c.page == page]
    if {key for key in known if key[0] == page} - {_key(c) for c in kept}:
        return []
    try:
        for digest in {c.digest for c in kept}:
            archive.body(digest)
    except (KeyError, ValueError):
        return []
    return kept


def _look(
    reader: base.Source, capture: Capture, archive: Archive, linker: Linker, before: Standing | None, expect: tuple[int, int] | None, in_order: bool
) -> tuple[Seen, list[Refusal], Standing | None]:
    """Read one look. Return it, what was refused, and what stands after it."""
    place = archive.bodies[capture.digest]
    try:
        body = archive.body(capture.digest)
    except (KeyError, ValueError) as error:
        reason = f"page refused: {error}"
        return (Seen(capture, reader.version, (), reason, place.file, place.offset),
                [Refusal(source=reader.name, capture=capture.digest, stage="read", reason=reason)], before)  # fmt: skip
    reading = base.read_page(reader, Page(reader.name, capture.url, body, capture.fetched_at))
    now = Standing.of(map(cell, reading.claims))
    if not reading.failed and (reason := collapse(now, before if in_order else None, expect)):
        refusal = Refusal(source=reader.name, capture=capture.digest, stage="read", reason=f"page refused: {reason}")
        return Seen(capture, reader.version, (), reason, place.file, place.offset), [refusal], before
    claims, refused = normalise(reading.claims)
    linked, unlinkable = link_claims(claims, reader.name, capture.fetched_at.date(), linker)
    seen = Seen(capture, reader.version, linked, reading.failed, place.file, place.offset)
    return seen, [*reading.refusals, *refused, *unlinkable], before if reading.failed or not in_order else now


def link_claims(claims: Sequence[Claim], source: str, on: date, linker: Linker) -> tuple[list[Linked], list[Refusal]]:
    """Return the claims with their canonical ids, and those of records that mix several models.

    A name that no model has keeps its claims, unlinked: a later run links them when the model is known.
    """
    records: dict[tuple[str | None, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        records[(claim.provider, claim.model)].append(claim)
    by_model: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_model[claim.model].append(claim)
    refused: list[Refusal] = []
    kept: list[Linked] = []
    for (provider_said, name), some in records.items():
        link = find(name, provider_said, source, on, linker)
        if link.released and (reason := chimera(by_model[name], link.released)):
            refused += [refusal(c, "link", reason) for c in some]
            continue
        maker = link.model.split("/")[0] if link.model else parse(name).maker
        provider = provider_id(provider_said, maker) if provider_said is not None else ""
        for claim in some:
            terms = merge_terms(terms_text(claim.terms), link.marks) if link.marks and claim.subject == "offer" else terms_text(claim.terms)
            kept.append(Linked(claim, link.model, provider, terms, link.score, link.reason, link.released is not None))
    return kept, refused


def find(name: str, said: str | None, source: str, on: date, linker: Linker) -> Link:
    """Return what a name means; on a maker's own word a name nothing else has becomes a model."""
    link = linker.link(name, provider_id(said) if said else "", on)
    if link.model or (link.candidates and link.reason.startswith("several")):
        return link
    maker = own_maker(base.card(source), said, name)
    if maker and maker in catalogue.makers() and not link.reason.startswith("a moving") and mintable(name):
        try:
            return Link(linker.mint(name, maker), 0.98, "introduced by its maker's own page or organisation", marks=link.marks)
        except ValueError:
            return link
    return link


def relink(store: Store, linker: Linker, on: date) -> int:
    """Link stored claims whose names have a model by now; list the rest for review. Returns how many names were."""
    linked, refusals, candidates = [], [], {}
    for source, said, name, printed, locator, capture, count in store.unlinked():
        link = linker.link(name, provider_id(said) if said else "", on)
        if link.model and not link.released:
            provider = provider_id(said, link.model.split("/")[0]) if said else ""
            linked.append({"source": source, "provider_said": said, "model_said": name, "model": link.model, "provider": provider, "score": link.score,
                           "reason": link.reason, "marks": link.marks})  # fmt: skip
        else:
            refusals.append(Refusal(source=source, capture=capture, stage="link", reason=link.reason, printed=printed,
                                    locator=f"{count} claims wait, one at {locator}",
                                    model=name, provider=said))  # fmt: skip
            candidates[(source, said, name)] = ", ".join(link.candidates)
    store.relink(linked)
    store.review(refusals, candidates)
    return len(linked)
