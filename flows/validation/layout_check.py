"""The layout guard: a page that suddenly says far less than it did is not believed.

One built differently is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from almanac.schemas.claim import Capture, Claim
from almanac.spiders.parsers.row_checks import row_of

LEAST = 8
"""Models, or claims of a field, before which a fall says nothing; of all claims twice as many."""
SHARE = 0.5
"""A page that names less than this share of the models it named, or of what it said, has collapsed.
"""


FEW = 0.1
"""A field of which fewer claims stood than this share of the models may go without the page's form.
"""
ClaimText = tuple[str, str, str, str, str, str, str]
"""Model, provider, field, meter, terms, locator and printed text of a claim."""
Cells = dict[tuple[str, ...], str]
"""What the cells of a page's tables said, by what they were about."""


@dataclass(frozen=True, slots=True)
class LastGood:
    """What stands from the last good look at a page.

    That is models, claims by field, and the cells of tables.
    """

    models: int
    fields: dict[str, int]
    cells: Cells
    rows: dict[str, list[tuple[str, ...]]]
    """The same cells by their row, in their order."""

    @classmethod
    def of(cls, claims: Iterable[ClaimText]) -> LastGood:
        """Return it for what each claim says."""
        models: set[str] = set()
        fields: dict[str, int] = {}
        cells: Cells = {}
        rows: dict[str, list[tuple[str, ...]]] = {}
        for model, provider, field, meter, terms, locator, printed in claims:
            models.add(model)
            fields[field] = fields.get(field, 0) + 1
            if row := row_of(locator):
                key = (model, provider, field, meter, terms)
                cells[key] = printed
                rows.setdefault(row, []).append(key)
        return cls(len(models), fields, cells, rows)


def cell(claim: Claim) -> ClaimText:
    """Return what `LastGood.of` asks of a claim."""
    return (
        claim.model,
        claim.provider or "",
        claim.field,
        claim.meter or "",
        str(claim.terms),
        claim.locator,
        claim.printed,
    )


def collapse(now: LastGood, before: LastGood | None, expect: tuple[int, int] | None) -> str:
    """Return why a reading is not believed, or nothing.

    `expect` is the card's least and greatest count of models.
    """
    if expect and not expect[0] <= now.models <= expect[1]:
        return (
            f"layout guard: {now.models} models, where the card expects {expect[0]} to {expect[1]}"
        )
    if before is None:
        return ""
    if before.models >= LEAST and now.models < before.models * SHARE:
        return f"layout guard: {now.models} models, where the last look had {before.models}"
    count, was = sum(now.fields.values()), sum(before.fields.values())
    if was >= 2 * LEAST and count < was * SHARE:
        return f"layout guard: {count} claims, where the last look had {was}"
    gone = [
        f"{field} ({n})"
        for field, n in before.fields.items()
        if n >= max(LEAST, before.models * FEW) and not now.fields.get(field)
    ]
    return (
        f"layout guard: no {', '.join(gone)} any more, which the last look had"
        if gone
        else exchanged(now, before)
    )


def exchanged(now: LastGood, before: LastGood | None) -> str:
    """Return why a reading is not believed whose cells changed places.

    A cell says what another of its row said at the last look.
    """
    if before is None:
        return ""
    gone = _gone(now, before)
    for row, keys in now.rows.items():
        if why := _swapped(row, keys, now, before) or _moved(row, keys, now, before, gone):
            return why
    return ""


Key = tuple[str, ...]


def _swapped(row: str, keys: list[Key], now: LastGood, before: LastGood) -> str:
    """Return which two cells of a row say what the other said."""
    moved = [k for k in keys if k in before.cells and before.cells[k] != now.cells[k]]
    for a, b in combinations(moved, 2):
        if now.cells[a] == before.cells[b] and now.cells[b] == before.cells[a]:
            return (
                f"layout guard: two cells of {row} changed places since the last look"
                f" (“{now.cells[a]}” and “{now.cells[b]}”)"
            )
    return ""


def _moved(
    row: str, keys: list[Key], now: LastGood, before: LastGood, gone: set[tuple[Key, str]]
) -> str:
    """Return which new cell of a row says what a cell that is empty now said."""
    for key in keys:
        text = now.cells[key]
        if key not in before.cells and any((mate, text) in gone for mate in _mates(key)):
            return f"layout guard: “{text}” of {row} stood in another cell at the last look"
    return ""


def _gone(now: LastGood, before: LastGood) -> set[tuple[tuple[str, ...], str]]:
    """Return what stood in cells that are empty now, among models that are still there.

    It is by what they shared with the others of their row.
    """
    models = {key[0] for key in before.cells} & {key[0] for key in now.cells}
    across = {_table(row) for row, keys in before.rows.items() if len({key[0] for key in keys}) > 1}
    gone = set()
    for row, keys in before.rows.items():
        for key in keys:
            if key not in now.cells and key[0] in models:
                gone.add((_mates(key)[_table(row) in across], before.cells[key]))
    return gone


def _table(row: str) -> str:
    return row.rsplit(" row", 1)[0]


def _mates(key: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the cells of a row share.

    It is the model, or the field in a table whose columns are models.
    """
    model, _, field, meter, terms = key
    return ("model", model), ("field", field, meter, terms)


def changes(
    path: Path, source: str, fingerprints: Sequence[tuple[Capture, tuple[str, ...]]]
) -> list[str]:
    """Return what is new or gone in the structure of a source's pages since their last look.

    Remember it in `path`.
    """
    try:
        structures: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        structures = {}
    notes = []
    for capture, parts in fingerprints:
        key = f"{source} {capture.page}"
        if key in structures and set(last := structures[key]) != set(parts):
            gone, new = sorted(set(last) - set(parts)), sorted(set(parts) - set(last))
            differences = "; ".join(
                f"{word}: {', '.join(items[:5])}"
                for word, items in (("gone", gone), ("new", new))
                if items
            )
            notes.append(
                f"{source}: the page {capture.page} is built differently ({differences[:300]})"
            )
        structures[key] = list(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(structures, ensure_ascii=False, indent=0), encoding="utf-8")
    return notes
