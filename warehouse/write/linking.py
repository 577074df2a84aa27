"""Claims under what their names mean.

A claim that a release may cite stays as that release read it: what stands on is a copy of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from almanac.schemas.observation import subject_of
from almanac.schemas.parts import parts
from almanac.schemas.terms import Terms
from almanac.warehouse.tables import ClaimRow, LinkingRow, ReleaseRow, SpellRow
from almanac.warehouse.write import bulk
from almanac.warehouse.write.bulk import table
from almanac.warehouse.write.linked_names import LinkedName

_NAME = ("source", "provider_said", "model_said")
_FROM_NAME = (
    "model",
    "link_reason",
    "subject",
    "provider",
    "terms",
    "link_score",
    "link_status",
)
Cells = dict[str, str | int | float]
"""What of a claim follows from its name, by column."""


def begin(c: Connection) -> str:
    """Begin to link the names, and return a token for `keep`."""
    forget(c)
    token = secrets.token_hex(16)
    c.execute(insert(table(LinkingRow)), [{"inputs": token}])
    return token


def keep(c: Connection, inputs: str, token: str) -> None:
    """Keep by what the names are linked, unless claims came since it was begun."""
    row = table(LinkingRow)
    kept = c.execute(update(row).where(row.c.inputs == token).values(inputs=inputs))
    if not kept.rowcount:  # another run began to link them, which has seen less than there is now
        forget(c)


def forget(c: Connection) -> None:
    """Have the names linked by the next run: there are others."""
    c.execute(delete(table(LinkingRow)))


def relink(c: Connection, links: Sequence[LinkedName]) -> set[str]:
    """Put the claims of some names under what these mean now.

    Returns what those that change are, and were, about.
    """
    if not links:
        return set()
    released = c.execute(select(func.count()).select_from(table(ReleaseRow))).scalar()
    subjects: set[str] = set()
    waiting: list[Cells] = []
    cited: list[Cells] = []
    for number, was, cells in _changed(c, links):
        subjects |= {was, str(cells["subject"])}
        (cited if released and was else waiting).append({"number": number, **cells})
    _copy(c, cited)
    _put(c, waiting)
    return subjects - {""}


def _changed(c: Connection, links: Sequence[LinkedName]) -> Iterator[tuple[int, str, Cells]]:
    """Yield the claims of some names: number, subject so far, and the cells that change."""
    claim, spell = table(ClaimRow), table(SpellRow)
    new = {
        (
            link.name.source,
            link.name.provider_said,
            link.name.model_said,
            link.name.model,
            link.name.reason,
        ): link
        for link in links
    }
    columns = (*_NAME, *_FROM_NAME, "id", "subject_kind", "conditions")
    query = select(*(claim.c[name] for name in columns)).where(
        claim.c.id.in_(select(spell.c.claim_id))
    )
    for row in c.execute(query).all():
        stored = row[len(_NAME) : -3]
        if link := new.get((*row[: len(_NAME)], *stored[:2])):
            cells = _cells(link, row.subject_kind, row.conditions)
            if [cells[column] for column in _FROM_NAME] != list(stored):
                yield row.id, row.subject, cells


def _cells(link: LinkedName, kind: str, conditions: str) -> Cells:
    offer = kind == "offer"
    return {
        "model": link.model,
        "provider": link.provider if offer else "",
        "subject": subject_of(kind, link.model, link.provider),
        "terms": str(Terms.parse(conditions).merged(link.marks)) if offer else conditions,
        "link_score": link.score,
        "link_reason": link.reason,
        "link_status": link.status.value,
    }


def _put(c: Connection, rows: Sequence[Cells]) -> None:
    claim = table(ClaimRow)
    if not rows:
        return
    cells: dict[str, BindParameter[str]] = {
        name: bindparam(name) for name in rows[0] if name != "number"
    }
    c.execute(update(claim).where(claim.c.id == bindparam("number")).values(cells), rows)


def _copy(c: Connection, rows: Sequence[Cells]) -> None:
    """Have copies of some claims stand in their place, each with cells of its own."""
    claim, spell = table(ClaimRow), table(SpellRow)
    following = (c.execute(select(func.max(claim.c.id))).scalar() or 0) + 1
    for part in parts(rows):
        numbers = {row["number"]: following + place for place, row in enumerate(part)}
        following += len(part)
        cells = {row["number"]: row for row in part}
        rows_now = c.execute(select(claim).where(claim.c.id.in_(sorted(numbers)))).mappings().all()
        # The key is the copy's: a look that says the same again finds it.
        for number in sorted(numbers):
            old = update(claim).where(claim.c.id == number)
            c.execute(old.values(key=claim.c.key + f" {number}"))
        bulk.insert(
            c,
            ClaimRow,
            [
                {**row, **{k: v for k, v in cells[row["id"]].items() if k != "number"}}
                | {"id": numbers[row["id"]]}
                for row in rows_now
            ],
        )
        for number, copy in sorted(numbers.items()):
            c.execute(update(spell).where(spell.c.claim_id == number).values(claim_id=copy))
