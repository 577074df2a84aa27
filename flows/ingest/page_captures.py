"""One source's captures into the warehouse: read, normalise, link, store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.ingest.claim_links import observed
from almanac.flows.ingest.collector import collector_paused
from almanac.flows.normalise.vocabulary import normalise
from almanac.flows.validation.layout_check import LastGood, cell, collapse
from almanac.schemas.claim import Capture, Claim, RefusedItem
from almanac.schemas.codes import LookFailure
from almanac.schemas.moment import stamp
from almanac.schemas.organisations import filed, in_history
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.spiders.page import Page
from almanac.warehouse.write.store import Look, Store


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

    def count(self, looks: Iterable[Look]) -> None:
        """Count what some looks at pages said, and which of them failed."""
        for look in looks:
            self.claims += len(look.claims or ())
            self.collapsed += look.failure is LookFailure.collapsed
            if look.failed:
                self.failed[f"{look.capture.page} ({look.capture.fetched_at:%Y-%m-%d})"] = (
                    look.failed
                )


@dataclass
class Pending:
    """What is to be read of one source: looks by page, and what is known of those pages."""

    source: str
    pages: dict[str, list[Capture]]
    again: frozenset[str]
    """Pages of which every look is read, in the place of what is known of them."""
    newest: dict[str, str]
    unchanged: int

    def of_page(self, page: str) -> list[Capture]:
        """Return the looks at a page, oldest first."""
        return sorted(self.pages[page], key=lambda c: c.fetched_at)

    def captures(self) -> list[Capture]:
        """Return all looks, in the order in which they are kept."""
        return [capture for page in sorted(self.pages) for capture in self.of_page(page)]


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
    versions = store.reader_versions(source)
    pages: dict[str, list[Capture]] = defaultdict(list)
    unchanged = 0
    for capture in map(_filed, captures):
        if _key(capture) in versions:
            unchanged += 1
        else:
            pages[capture.page].append(capture)
    newest: dict[str, str] = {}
    for page, moment, _ in versions:
        newest[page] = max(newest.get(page, ""), moment)
    outdated = _outdated(source, versions) | store.damaged(source) | _late(pages, newest)
    again = {page: whole for page in outdated if (whole := _whole(source, page, versions, archive))}
    pages.update(again)
    return Pending(source, dict(pages), frozenset(again), newest, unchanged)


def _outdated(source: str, versions: Mapping[tuple[str, str, str], int]) -> set[str]:
    """Return the pages of which another version of the reader read a look."""
    now = base.source(source).version
    return {page for (page, _, _), version in versions.items() if version != now}


def _late(pages: Mapping[str, Sequence[Capture]], newest: Mapping[str, str]) -> set[str]:
    """Return the pages of which a look is from before one that is in.

    It is judged, and judges those after it, as if it had come in time.
    """
    return {
        page
        for page, captures in pages.items()
        if any(stamp(c.fetched_at) < newest.get(page, "") for c in captures)
    }


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
        again = page in work.again
        last, newest = (None, "") if again else (before.get(page), work.newest.get(page, ""))
        looks = PageLooks(reader.version, archive, linker, expect, last)
        for capture in work.of_page(page):
            looks.take(capture, read(capture), stamp(capture.fetched_at) > newest)
        added = store.add(source, page, looks.looks, looks.refusals, anew=again)
        done.count(looks.looks)
        done.looks += added.looks
        done.new_claims += added.claims
        done.refused += len(looks.refusals)
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
    source: str, page: str, looks: Iterable[tuple[str, str, str]], archive: Archive
) -> list[Capture]:
    """Return every look the archive keeps of a page.

    None where a body is missing; then what was read stands.
    """
    mine = (_filed(c) for c, _ in archive.looks if c.source == source)
    kept = [c for c in mine if c.page == page]
    if {key for key in looks if key[0] == page} - {_key(c) for c in kept}:
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
        why = f"page refused: {error.args[0] if error.args else error}"
        return Read((), (_refused(capture, why),), None, why, LookFailure.damaged)
    page = Page(
        capture.source,
        capture.url,
        body,
        capture.fetched_at,
        blob=capture.digest if len(capture.digest) == 40 else "",
    )
    with collector_paused():
        reading = base.read_page(reader, page)
        claims, illegal = normalise(reading.claims)
    return Read(
        tuple(claims),
        (*reading.refusals, *illegal),
        LastGood.of(map(cell, reading.claims)),
        reading.failed,
        LookFailure.unread if reading.failed else LookFailure.none,
    )


@dataclass(slots=True)
class PageLooks:
    """Looks at one page, judged and linked one after the other."""

    version: int
    """The reader's."""
    archive: Archive
    linker: Linker
    expect: tuple[int, int] | None
    """Least and greatest count of models, where they are held to it."""
    last: LastGood | None
    """What stands from the last good look."""
    looks: list[Look] = field(default_factory=list)
    refusals: list[RefusedItem] = field(default_factory=list)

    def take(self, capture: Capture, reading: Read, in_order: bool) -> None:
        """Take in a look; one that is not `in_order` neither judges others nor is judged."""
        place = self.archive.bodies[capture.digest]
        look = Look(capture, self.version, (), reading.failed, reading.failure)
        look.archive_file, look.archive_offset = place.file, place.offset
        self.looks.append(look)
        if reading.standing is None:
            self.refusals += reading.refusals
            return
        before = self.last if in_order else None
        if not reading.failed and (why := collapse(reading.standing, before, self.expect)):
            look.failed, look.failure = why, LookFailure.collapsed
            self.refusals.append(_refused(capture, f"page refused: {why}"))
            return
        on = capture.fetched_at.date()
        with collector_paused():
            look.claims, unlinkable = observed(
                reading.claims, capture.source, capture.page, on, self.linker
            )
        self.refusals += [*reading.refusals, *unlinkable]
        if in_order and not reading.failed:
            self.last = reading.standing


def _refused(capture: Capture, reason: str) -> RefusedItem:
    """Return the refusal of a whole look."""
    return RefusedItem(
        source=capture.source,
        capture=capture.digest,
        stage="read",
        reason=reason,
    )
