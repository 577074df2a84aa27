"""What commands are asked: names, a moment, a release; and the warehouse opened at them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Optional

import typer

from almanac import warehouse
from almanac.warehouse import Warehouse

SubjectName = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="A model, or provider:model for an offer.")
]
ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="An id, or a name that links with certainty.")
]
FieldName = Annotated[
    str,
    typer.Argument(
        metavar="FIELD", help="A field of the registry, such as context_window or price."
    ),
]
AsOf = Annotated[
    Optional[str],
    typer.Option(
        "--as-of", metavar="DATE", help="The moment asked about, such as 2026-05-19. Default: now."
    ),
]
InRelease = Annotated[
    Optional[str],
    typer.Option(
        "--known",
        metavar="RELEASE",
        help="In the words of this release, or of the last by a date. Default: the latest.",
    ),
]


def opened(as_of: str | None = None, in_release: str | None = None) -> Warehouse:
    """Return the warehouse, at a moment and in the words of a release where these are given."""
    snapshot = warehouse.open()
    return snapshot.as_of(as_of, in_release) if as_of or in_release else snapshot


def day_of(as_of: str | None) -> date | None:
    """Return the day of a moment that `--as-of` names."""
    return date.fromisoformat(as_of[:10]) if as_of else None
