"""One source's captures into the warehouse: read, normalise, link, store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from almanac.flows.entity_resolution.linker import Link, Linker, mintable
from almanac.flows.entity_resolution.name_parser import parse
from almanac.flows.entity_resolution.new_models import chimera, own_maker
from almanac.flows.entity_resolution.providers import provider_id
from almanac.flows.normalise.vocabulary import normalise, refusal
from almanac.flows.validation.layout_check import LastGood, cell, collapse
from almanac.schemas import catalogue
from almanac.schemas.claim import Capture, Claim, RefusedItem
from almanac.schemas.codes import LinkStatus, LookFailure, RefusalCode
from almanac.schemas.dates import utc
from almanac.schemas.moment import stamp
from almanac.schemas.organisations import filed, in_history
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.spiders.page import Page
from almanac.warehouse.write.names import NewLink
from almanac.warehouse.write.store import Linked, Seen, Store


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
    collapsed: int = 0
    """Looks that said so much less than the one before that they are not believed."""


@dataclass
class Pending:
    """What is to be read of one source: looks by page, and what is known of those pages."""

    source: str
    pages: dict[str, list[Capture]]
    again: frozenset[str]
    """Pages of which every look is read, in the place of what is known of them."""
    newest: dict[str, str]
    unchanged: int

    def captures(self) -> list[Capture]:
        return [
            c
            for page in sorted(self.pages)
            for c in sorted(self.pages[page], key=lambda c: c.fetched_at)
        ]


@dataclass(frozen=True, slots=True)
class Read:
    """What one look says, in the almanac's words: a pure function of its body."""

    claims: tuple[Claim, ...] = ()
    refusals: tuple[RefusedItem, ...] = ()
    standing: LastGood | None = None
    failed: str = ""
    failure: LookFailure = LookFailure.none


def ingest(
    source: str,
    captures: Sequence[Capture],
    archive: Archive,
    store: Store,
    linker: Linker,
    live: bool = False,
    read: Callable[[Capture], Read] | None = None,
) -> Ingested:
    """Read what is new of a source's captures and keep it.

    Looks already in are not read again, unless by a newer reader.

    A page that cannot be believed is kept as a look that changes no spell, with one refusal that
    says why; so is one that collapsed. A `live` run is also held to the counts on the source's
    card. `read` gives what was read elsewhere.
    """
    return keep(
        pending(source, captures, archive, store),
        archive,
        store,
        linker,
        live,
        read or (lambda c: read_look(c, archive)),
    )


def pending(source: str, captures: Sequence[Capture], archive: Archive, store: Store) -> Pending:
    """Return which of a source's captures are to be read."""
    reader = base.source(source)
    known = store.seen(source)
    pages: dict[str, list[Capture]] = defaultdict(list)
    unchanged = 0
    for capture in map(_filed, captures):
        if _key(capture) in known:
            unchanged += 1
        else:
            pages[capture.page].append(capture)
    newest: dict[str, str] = {}
    for page, moment, _ in known:
        newest[page] = max(newest.get(page, ""), moment)
    outdated = {
        page for (page, _, _), version in known.items() if version != reader.version
    } | store.damaged(source)
    # A look from before one that is in is judged, and judges those after it,
    # as if it had come in time.
    late = {
        page
        for page, some in pages.items()
        if any(stamp(c.fetched_at) < newest.get(page, "") for c in some)
    }
    again = {
        page: whole for page in outdated | late if (whole := _whole(source, page, known, archive))
    }
    pages.update(again)
    return Pending(source, dict(pages), frozenset(again), newest, unchanged)


def keep(
    work: Pending,
    archive: Archive,
    store: Store,
    linker: Linker,
    live: bool,
    read: Callable[[Capture], Read],
) -> Ingested:
    """Link and store what was read, page by page, in the order of time."""
    source, reader = work.source, base.source(work.source)
    done = Ingested(source, unchanged=work.unchanged)
    before = (
        {page: LastGood.of(claims) for page, claims in store.standing(source).items()}
        if work.newest.keys() & work.pages.keys()
        else {}
    )
    expect = base.card(source).expect if live and len(reader.start_urls) == 1 else None
    for page in sorted(work.pages):
        seen: list[Seen] = []
        refusals: list[RefusedItem] = []
        last = None if page in work.again else before.get(page)
        for capture in sorted(work.pages[page], key=lambda c: c.fetched_at):
            in_order = page in work.again or stamp(capture.fetched_at) > work.newest.get(page, "")
            look, refused, last = _look(
                reader.version, capture, read(capture), archive, linker, last, expect, in_order
            )
            seen.append(look)
            refusals += refused
            done.claims += len(look.claims or ())
            if look.failed:
                done.failed[f"{page} ({capture.fetched_at:%Y-%m-%d})"] = look.failed
            done.collapsed += look.failure is LookFailure.collapsed
        added = store.add(source, page, seen, refusals, anew=page in work.again)
        done.looks += added.looks
        done.new_claims += added.claims
        done.refused += len(refusals)
    return done


def _filed(capture: Capture) -> Capture:
    """Return a look under the page that answered, where a maker's was asked and another did."""
    if in_history(capture.page, capture.url):
        return capture
    page = filed(capture.page, capture.url)
    return capture if page == capture.page else capture.model_copy(update={"page": page})


def _key(capture: Capture) -> tuple[str, str, str]:
    return capture.page, stamp(capture.fetched_at), capture.digest


def _whole(
    source: str, page: str, known: Iterable[tuple[str, str, str]], archive: Archive
) -> list[Capture]:
    """Return every look the archive keeps of a page.

    None where a body is missing; then what was read stands.
    """
    mine = (_filed(c) for c, _ in archive.looks if c.source == source)
    kept = [c for c in mine if c.page == page]
    if {key for key in known if key[0] == page} - {_key(c) for c in kept}:
        return []
    try:
        for digest in {c.digest for c in kept}:
            archive.body(digest)
    except (KeyError, ValueError):
        return []
    return kept


def read_look(capture: Capture, archive: Archive) -> Read:
    """Read one look from its body in the archive, and put what it says into the almanac's words."""
    reader = base.source(capture.source)
    try:
        body = archive.body(capture.digest)
    except (KeyError, ValueError) as error:
        reason = f"page refused: {error.args[0] if error.args else error}"
        return Read(
            refusals=(
                RefusedItem(
                    source=capture.source, capture=capture.digest, stage="read", reason=reason
                ),
            ),
            failed=reason,
            failure=LookFailure.damaged,
        )
    page = Page(
        capture.source,
        capture.url,
        body,
        capture.fetched_at,
        blob=capture.digest if len(capture.digest) == 40 else "",
    )
    reading = base.read_page(reader, page)
    claims, refused = normalise(reading.claims)
    return Read(
        tuple(claims),
        (*reading.refusals, *refused),
        LastGood.of(map(cell, reading.claims)),
        reading.failed,
        LookFailure.unread if reading.failed else LookFailure.none,
    )


def _look(
    version: int,
    capture: Capture,
    said: Read,
    archive: Archive,
    linker: Linker,
    before: LastGood | None,
    expect: tuple[int, int] | None,
    in_order: bool,
) -> tuple[Seen, list[RefusedItem], LastGood | None]:
    """Judge and link one look. Return it, what was refused, and what stands after it."""
    place = archive.bodies[capture.digest]
    if said.standing is None:
        seen = Seen(capture, version, (), said.failed, said.failure, place.file, place.offset)
        return seen, list(said.refusals), before
    if not said.failed and (
        reason := collapse(said.standing, before if in_order else None, expect)
    ):
        refusal = RefusedItem(
            source=capture.source,
            capture=capture.digest,
            stage="read",
            reason=f"page refused: {reason}",
        )
        failure = LookFailure.collapsed
        seen = Seen(capture, version, (), reason, failure, place.file, place.offset)
        return seen, [refusal], before
    linked, unlinkable = link_claims(said.claims, capture.source, capture.fetched_at.date(), linker)
    seen = Seen(capture, version, linked, said.failed, said.failure, place.file, place.offset)
    return (
        seen,
        [*said.refusals, *unlinkable],
        before if said.failed or not in_order else said.standing,
    )


def link_claims(
    claims: Sequence[Claim], source: str, on: date, linker: Linker
) -> tuple[list[Linked], list[RefusedItem]]:
    """Return the claims with their canonical ids, and those of records that mix several models.

    A name that no model has keeps its claims, unlinked: a later run links them when the
    model is known.
    """
    records: dict[tuple[str | None, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        records[(claim.provider, claim.model)].append(claim)
    by_model: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_model[claim.model].append(claim)
    refused: list[RefusedItem] = []
    kept: list[Linked] = []
    for (provider_said, name), some in records.items():
        link = find(name, provider_said, source, on, linker)
        if link.released and (reason := chimera(by_model[name], link.released)):
            refused += [refusal(c, "link", reason) for c in some]
            continue
        maker = link.model.split("/")[0] if link.model else parse(name).maker
        provider = provider_id(provider_said, maker) if provider_said is not None else ""
        for claim in some:
            terms = str(claim.terms.merged(link.marks if claim.subject == "offer" else ()))
            kept.append(
                Linked(
                    claim,
                    link.model,
                    provider,
                    terms,
                    link.score,
                    link.reason,
                    link.status,
                )
            )
    return kept, refused


def find(name: str, said: str | None, source: str, on: date, linker: Linker) -> Link:
    """Return what a name means; on a maker's own word a name nothing else has becomes a model."""
    link = linker.link(name, provider_id(said) if said else "", on)
    if link.status not in (LinkStatus.unknown, LinkStatus.ruled_out):
        return link
    maker = own_maker(base.card(source), said, name)
    if not maker or maker not in catalogue.makers() or not mintable(name):
        return link
    try:
        model = linker.mint(name, maker)
    except ValueError:
        return link
    reason = "introduced by its maker's own page or organisation"
    return Link(model, 0.98, reason, LinkStatus.linked, marks=link.marks)


def relink(store: Store, linker: Linker) -> int:
    """Link stored claims whose names have a model by now; list the rest for review.

    Returns how many names were.

    A name is asked about as of the look that first showed it, so that waiting never changes
    what it means.
    """
    linked: list[NewLink] = []
    refusals, candidates = [], {}
    for source, said, name, printed, locator, capture, count, first_look in store.unlinked():
        link = linker.link(
            name, provider_id(said) if said else "", utc(first_look).date() if first_look else None
        )
        if link.status is LinkStatus.linked:
            provider = provider_id(said, link.model.split("/")[0]) if said else ""
            linked.append(
                {
                    "source": source,
                    "provider_said": said,
                    "model_said": name,
                    "model": link.model,
                    "provider": provider,
                    "score": link.score,
                    "reason": link.reason,
                    "status": link.status,
                    "marks": link.marks,
                }
            )
        else:
            refusals.append(
                RefusedItem(
                    source=source,
                    capture=capture,
                    stage="link",
                    reason=link.reason,
                    code=RefusalCode.name_waits,
                    printed=printed,
                    locator=f"{count} claims wait, one at {locator}",
                    model=name,
                    provider=said,
                )
            )
            candidates[(source, said, name)] = ", ".join(link.candidates)
    store.relink(linked)
    store.review(refusals, candidates)
    return len(linked)
