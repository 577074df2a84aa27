"""The layout guard: a page that suddenly says far less than it did is not believed; one built differently is reported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.claim import Capture, Claim

LEAST = 8
"""Models, or claims of a field, before which a fall says nothing; of all claims twice as many."""
SHARE = 0.5
"""A page that names less than this share of the models it named, or of what it said, has collapsed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands from the last good look at a page: models, and claims by field."""

    models: int
    fields: dict[str, int]

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> Standing:
        models: set[str] = set()
        fields: dict[str, int] = {}
        for claim in claims:
            models.add(claim.model)
            fields[claim.field] = fields.get(claim.field, 0) + 1
        return cls(len(models), fields)


def collapse(now: Standing, before: Standing | None, expect: tuple[int, int] | None) -> str:
    """Return why a reading is not believed, or nothing. `expect` is the card's least and greatest count of models."""
    if expect and not expect[0] <= now.models <= expect[1]:
        return f"layout guard: {now.models} models, where the card expects {expect[0]} to {expect[1]}"
    if before is None:
        return ""
    if before.models >= LEAST and now.models < before.models * SHARE:
        return f"layout guard: {now.models} models, where the last look had {before.models}"
    said, was = sum(now.fields.values()), sum(before.fields.values())
    if was >= 2 * LEAST and said < was * SHARE:
        return f"layout guard: {said} claims, where the last look had {was}"
    gone = [f"{field} ({n})" for field, n in before.fields.items() if n >= LEAST and not now.fields.get(field)]
    return f"layout guard: no {', '.join(gone)} any more, which the last look had" if gone else ""


def changes(path: Path, source: str, fingerprints: Sequence[tuple[Capture, tuple[str, ...]]]) -> list[str]:
    """Return what is new or gone in the structure of a source's pages since their last look, and remember it in `path`."""
    try:
        known: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    notes = []
    for capture, parts in fingerprints:
        key = f"{source} {capture.page}"
        if key in known and (set(known[key]) != set(parts)):
            gone, new = sorted(set(known[key]) - set(parts)), sorted(set(parts) - set(known[key]))
            said = "; ".join(f"{word}: {', '.join(items[:5])}" for word, items in (("gone", gone), ("new", new)) if items)
            notes.append(f"{source}: the page {capture.page} is built differently ({said[:300]})")
        known[key] = list(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, ensure_ascii=False, indent=0), encoding="utf-8")
    return notes
