"""What the read API gives: figures, claims, releases, as the tables hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from almanac.schemas.terms import Terms

FOREVER = "9999-12-31T00:00:00Z"


class NotThere(Exception):
    """No warehouse at this place, or no release in it."""


class Stale(NamedTuple):
    """A stretch of time in which nothing of a source could be believed.

    `until` is empty while it lasts.
    """

    id: int
    source: str
    since: str
    last_at: str
    until: str | None
    reason: str


class Missed(NamedTuple):
    """A page that gave no body at the last run that looked at its source.

    `page` is empty for the source as a whole.
    """

    source: str
    page: str
    reason: str
    last_at: str


class StoredFigure(NamedTuple):
    """One decision as a release holds it.

    `value` is canonical text; `number` its whole number, if it is one.
    """

    id: int
    subject_kind: str
    subject: str
    model: str
    provider: str
    field: str
    meter: str
    terms: str
    unit: str
    value: str | None
    number: int | None
    state: str
    confidence: float
    rule: str
    why: str
    support: str
    dissent: str
    valid_from: str
    valid_to: str
    first_release: int
    closed_release: int | None

    @property
    def usable(self) -> bool:
        """Whether a winner, a sentence or a total may be derived from it."""
        return self.state in ("known", "approximate")

    @property
    def conditions(self) -> dict[str, str]:
        return dict(Terms.parse(self.terms))

    def sides(self) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """Return (support, dissent) as pairs of claim id and note."""
        return (
            [tuple(x) for x in json.loads(self.support)],  # type: ignore[misc]
            [tuple(x) for x in json.loads(self.dissent)],  # type: ignore[misc]
        )


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """A statement as stored, with the last look at which it stood."""

    id: int
    source: str
    page: str
    url: str
    capture: str
    model_said: str
    provider_said: str
    subject: str
    field: str
    meter: str
    terms: str
    value: str | None
    number: int | None
    unit: str
    state: str
    printed: str
    locator: str
    basis: str
    link_reason: str
    first_look: str
    last_look: str
    archive: str


@dataclass(frozen=True, slots=True)
class Release:
    id: int
    created_at: str
    parent: int | None
    code_version: str
    digest: str
    counts: dict[str, Any]
    stale: dict[str, str]
    validation: dict[str, Any]
    diff: dict[str, Any]
    sources: dict[str, dict[str, Any]]
    retired_at: str | None


def release_of(row: tuple[Any, ...]) -> Release:
    counts, stale, validation, diff, sources = (json.loads(text) for text in row[5:10])
    return Release(
        row[0], row[1], row[2], row[3], row[4], counts, stale, validation, diff, sources, row[10]
    )
