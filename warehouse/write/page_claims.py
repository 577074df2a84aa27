"""The claims of some pages: which are known, which are new, and the spells of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from almanac.schemas.observation import Observation
from almanac.schemas.parts import parts
from almanac.warehouse.tables import ClaimRow, PageRow, SpellRow
from almanac.warehouse.write.bulk import insert, table
from almanac.warehouse.write.spells import Spell

_OF_FIRST_LOOK = (
    "capture",
    "subject",
    "model",
    "provider",
    "terms",
    "conditions",
    "locator",
    "link_score",
    "link_reason",
    "link_status",
)
"""What a claim has from its first look: on another look it may be another, and it the same."""
_of_first_look = attrgetter(*_OF_FIRST_LOOK)


class PageClaims:
    """The claims of some pages: those known, and those that are new in this transaction."""

    def __init__(self, c: Connection, source: str, pages: Sequence[str]) -> None:
        claim = table(ClaimRow)
        self._numbers: dict[str, int] = {}
        self._subjects: dict[int, str] = {}
        self._new: list[tuple[int, Observation]] = []
        self._former: set[str] = set()
        """Subjects of claims that are put on others (`restate`)."""
        for part in parts(pages):
            query = select(claim.c.id, claim.c.key, claim.c.subject).where(
                claim.c.source == source, claim.c.page.in_(part)
            )
            for number, key, subject in c.execute(query):
                self._numbers[key], self._subjects[number] = number, subject
        self._before = set(self._subjects)
        self._next = (c.execute(select(func.max(claim.c.id))).scalar() or 0) + 1

    def standing(self, observations: Iterable[Observation]) -> set[int]:
        """Return the numbers of what a look says; what is new gets one."""
        standing: set[int] = set()
        for observation in observations:
            number = self._numbers.get(observation.key)
            if number is None:
                number = self._numbers[observation.key] = self._next
                self._next += 1
                self._new.append((number, observation))
                self._subjects[number] = observation.subject
            standing.add(number)
        return standing

    def insert_new(self, c: Connection) -> int:
        """Insert the claims that are new, and return how many."""
        return insert(c, ClaimRow, (claim.row(number) for number, claim in self._new))

    def restate(self, c: Connection, observations: Iterable[Observation]) -> None:
        """Give known claims the place and the names of the first of these that says the same.

        They stand under these.
        """
        claim = table(ClaimRow)
        first: dict[int, Observation] = {}
        for observation in observations:
            first.setdefault(self._numbers[observation.key], observation)
        first = {number: o for number, o in first.items() if number in self._before}
        stored: dict[int, tuple[Any, ...]] = {}
        for part in parts(sorted(first)):
            query = select(claim.c.id, *(claim.c[name] for name in _OF_FIRST_LOOK))
            for row in c.execute(query.where(claim.c.id.in_(part))):
                stored[row[0]] = tuple(row[1:])
        for number, observation in first.items():
            cells = dict(zip(_OF_FIRST_LOOK, _of_first_look(observation), strict=True))
            before = dict(zip(_OF_FIRST_LOOK, stored[number], strict=True))
            # What a name means that this look alone does not tell is for all names to say.
            names = _OF_FIRST_LOOK if observation.model else ("capture", "locator")
            values = {name: cells[name] for name in names if cells[name] != before[name]}
            if values:
                c.execute(update(claim).where(claim.c.id == number).values(values))
                # What it was about before is resolved again too.
                self._former.add(self._subjects[number])
                self._subjects[number] = values.get("subject", self._subjects[number])

    def subjects(self, numbers: Iterable[int]) -> frozenset[str]:
        """Return the models and offers that some claims are about."""
        return frozenset({self._subjects[number] for number in numbers} - {""})

    def all_subjects(self) -> frozenset[str]:
        """Return what all claims of these pages are about, and what they were before."""
        return frozenset({*self._subjects.values(), *self._former} - {""})


def spells_of(
    c: Connection, source: str, pages: Sequence[str]
) -> dict[str, list[tuple[int, str, str | None]]]:
    """Return by page its claims' spells, as (claim, first look, last look), oldest first."""
    claim, spell = table(ClaimRow), table(SpellRow)
    spells: dict[str, list[tuple[int, str, str | None]]] = {}
    columns = select(claim.c.page, spell.c.claim_id, spell.c.first_look, spell.c.last_look)
    for part in parts(pages):
        query = columns.join(claim, claim.c.id == spell.c.claim_id).where(
            claim.c.source == source, claim.c.page.in_(part)
        )
        for page, number, first, last in c.execute(query.order_by(spell.c.first_look)):
            spells.setdefault(page, []).append((number, first, last))
    return spells


def write_spells(c: Connection, changed: Mapping[int, Sequence[Spell]]) -> None:
    """Put these spells of some claims in the place of those they have."""
    spell = table(SpellRow)
    numbers = sorted(changed)
    for part in parts(numbers):
        c.execute(delete(spell).where(spell.c.claim_id.in_(part)))
    insert(
        c,
        SpellRow,
        (
            {"claim_id": number, "first_look": first, "last_look": last}
            for number in numbers
            for first, last in changed[number]
        ),
    )


def keep_pages(c: Connection, source: str, pages: Mapping[str, tuple[str, str | None]]) -> None:
    """Keep of each page to what tree it belongs and when it was last seen."""
    page = table(PageRow)
    before: dict[str, str | None] = {}
    names = sorted(pages)
    for part in parts(names):
        query = select(page.c.page, page.c.last_look).where(
            page.c.source == source, page.c.page.in_(part)
        )
        before.update(c.execute(query).tuples().all())
    insert(
        c,
        PageRow,
        [
            {"source": source, "page": name, "tree": pages[name][0], "last_look": pages[name][1]}
            for name in names
            if name not in before
        ],
    )
    for name in names:
        if name in before and before[name] != pages[name][1]:
            c.execute(
                update(page)
                .where(page.c.source == source, page.c.page == name)
                .values(last_look=pages[name][1])
            )
