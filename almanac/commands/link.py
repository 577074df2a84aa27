"""`almanac link`: names to models, a table at a time."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from almanac import clock, out, warehouse
from almanac.app import app
from almanac.out import Json

if TYPE_CHECKING:
    from almanac.flows.entity_resolution.bulk import Asked
    from almanac.schemas.known_model import KnownModel

COLUMNS = ("name", "provider", "model", "score", "reason", "terms")
Row = dict[str, str]
"""A line of the table, by column."""


@app.command()
def link(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Columns name[,provider][,date].")
    ],
    as_json: Json = False,
) -> None:
    """Link names to models, as CSV: name, provider, model, score, reason, terms.

    The model is empty where a name is not linked; the terms are what a name says of how it is
    served (region, tier, quantisation).

    Example: almanac link names.csv
    """
    from almanac.flows.entity_resolution.bulk import link_all
    from almanac.schemas.rulings import load
    from almanac.schemas.terms import Terms
    from almanac.warehouse.paths import home

    models = known_models()
    rows = _rows(file)
    links = link_all(_questions(file, rows), models, load(home() / "rulings.yaml").names)
    answers = [
        {
            "name": row["name"],
            "provider": row.get("provider") or "",
            "model": link.model,
            "score": link.score,
            "reason": link.reason,
            "terms": Terms().merged(link.marks),
        }
        for row, link in zip(rows, links, strict=True)
    ]
    if as_json:
        out.as_json(
            [{**a, "terms": dict(link.marks)} for a, link in zip(answers, links, strict=True)]
        )
        return
    writer = csv.DictWriter(sys.stdout, COLUMNS)
    writer.writeheader()
    writer.writerows(answers)


def known_models() -> list[KnownModel]:
    """Return the models of the latest release; none where there is no release yet."""
    from almanac.warehouse.read.reader import NotThere

    try:
        return warehouse.open().known_models()
    except NotThere:
        return []


def _rows(file: Path) -> list[Row]:
    """Return the rows of a CSV file. Raises ValueError for one without a column `name`."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if not reader.fieldnames or "name" not in reader.fieldnames:
            raise ValueError(f"{file}: no column `name` in {reader.fieldnames}")
        return list(reader)


def _questions(file: Path, rows: list[Row]) -> list[Asked]:
    """Return what each row asks: a name, the provider that uses it, and the day.

    Raises ValueError, naming the line, for a day that is none.
    """
    from almanac.flows.entity_resolution.providers import provider_id

    today = clock.now().date()
    questions: list[Asked] = []
    for number, row in enumerate(rows, 2):
        try:
            day = date.fromisoformat(row["date"][:10]) if row.get("date") else today
        except ValueError:
            raise ValueError(
                f"{file}, line {number}: {row['date']!r} is no date such as 2026-05-19"
            ) from None
        provider = row.get("provider") or ""
        questions.append((row["name"] or "", provider_id(provider) if provider else "", day))
    return questions
