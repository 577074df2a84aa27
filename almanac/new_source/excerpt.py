"""The smallest part of a page that still says, of some rows, all that the whole page says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from almanac.new_source.met import place_of
from almanac.schemas.claim import Claim
from almanac.spiders.base import Reading, Source, read_page
from almanac.spiders.page import Page

T = TypeVar("T")
Statement = tuple[object, ...]
"""What a claim says, wherever on a page it stands."""
MOST_ROWS = 40
FEWEST_ROWS = 3
SECONDS = 60.0
"""How long the cutting of one page may take; what is not cut by then stays."""


def statement(claim: Claim) -> Statement:
    """Return what a claim says, without its place."""
    return (
        claim.subject,
        claim.provider,
        claim.model,
        claim.field,
        claim.meter,
        claim.terms,
        claim.value,
        claim.unit,
        claim.state,
        claim.bound,
        claim.effective_from,
    )


def _kind(claim: Claim) -> Statement:
    """Return what is like a claim: those under the same head that say the same sort of thing."""
    head = "" if claim.subject == "evaluation" else place_of(claim.locator)[1]
    names = tuple(name for name, _ in claim.terms)
    return (claim.subject, head, claim.field, claim.meter, names, claim.unit, claim.state)


def _row(claim: Claim) -> str:
    """Return the row, line or object that a claim stands in."""
    locator = claim.locator.split(" column ")[0]
    if locator.startswith("/") or " /" in locator:
        keys = locator.split("/")
        last = max((n for n, key in enumerate(keys) if key.isdigit()), default=len(keys) - 1)
        return "/".join(keys[: last + 1])
    return locator


def worth_keeping(claims: Iterable[Claim]) -> frozenset[Statement]:
    """Return what the claims of a few rows say: of each kind of claim there is at least one."""
    rows: dict[str, list[Claim]] = {}
    for claim in claims:
        rows.setdefault(_row(claim), []).append(claim)
    kinds: set[Statement] = set()
    kept: list[str] = []
    for row, its in rows.items():
        new = {_kind(claim) for claim in its} - kinds
        if (new or len(kept) < FEWEST_ROWS) and len(kept) < MOST_ROWS:
            kept.append(row)
            kinds |= new
    return frozenset(statement(claim) for row in kept for claim in rows[row])


def _all_of(reading: Reading) -> frozenset[Statement]:
    """Return what a page says, and what of it is refused and why: neither may be new in a part."""
    refused = {("refused", r.reason.split(";")[0], r.printed, r.model) for r in reading.refusals}
    return frozenset(map(statement, reading.claims)) | refused


@dataclass
class Cutter:
    """Tells of a part of a page whether it still says what is worth keeping, and nothing new."""

    source: Source
    whole: Page
    everything: frozenset[Statement]
    """What the whole page says and refuses."""
    kept: frozenset[Statement]
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    @classmethod
    def of(cls, source: Source, page: Page, reading: Reading) -> Cutter:
        everything = _all_of(reading)
        return cls(source, page, everything, worth_keeping(reading.claims))

    def holds(self, text: str) -> bool:
        """Whether a text says the same of the rows that are kept, and nothing the page does not."""
        return time.monotonic() < self.until and self.agrees(text)

    def agrees(self, text: str) -> bool:
        """As `holds`, however long the cutting took already."""
        body = text.encode("utf-8", "replace")
        page = Page(self.whole.source, self.whole.url, body, self.whole.fetched_at)
        reading = read_page(self.source, page)
        return not reading.failed and self.kept <= _all_of(reading) <= self.everything


def smallest(parts: Sequence[T], holds: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return parts of which none can go: first many at a time are tried, then fewer, then each.

    >>> smallest("a sentence about 7 and 9", lambda part: "7" in part and "9" in part)
    ['7', '9']
    """
    kept = list(parts)
    size = max(1, len(kept) // 2)
    while True:
        at, count = 0, len(kept)
        while at < len(kept):
            rest = kept[:at] + kept[at + size :]
            if holds(rest):
                kept = rest
            else:
                at += size
        if size == 1 and len(kept) == count:
            return kept
        size = max(1, size // 2)
