"""`almanac read`: the claims of one saved page."""

from __future__ import annotations

import sys
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

import typer

from almanac import clock, out
from almanac.app import app

if TYPE_CHECKING:
    from almanac.schemas.claim import Claim, Value
    from almanac.spiders.base import Source
    from almanac.spiders.page import Page


@app.command()
def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A saved page; .gz is unpacked.")],
    source: Annotated[
        str, typer.Option("--source", metavar="S", help="The source whose page it is.")
    ],
    url: Annotated[
        str,
        typer.Option(
            "--url", metavar="U", help="Where it came from; some readers need it to know the model."
        ),
    ] = "",
    fetched_at: Annotated[
        str, typer.Option("--fetched-at", metavar="T", help="When; default now.")
    ] = "",
    refusals: Annotated[
        bool, typer.Option("--refusals", help="Print what was refused instead.")
    ] = False,
    ledger: Annotated[
        bool,
        typer.Option("--ledger", help="Print what became of every cell and line instead."),
    ] = False,
) -> None:
    """Print the claims of one saved page as JSON lines; write nothing.

    Example: almanac read page.md --source anthropic_pricing
    """
    from almanac.schemas.dates import utc
    from almanac.spiders import base
    from almanac.spiders.page import Page

    reader = base.source(source)
    body = _body(file)
    moment = utc(fetched_at) if fetched_at else clock.now()
    page = Page(source, url or _address(reader, file), body, moment)
    reading = base.read_page(reader, page)
    if ledger:
        out.json_lines(asdict(entry) for entry in page.ledger.entries)
    elif refusals:
        out.json_lines(
            r.model_dump(include={"reason", "printed", "locator", "model", "provider", "field"})
            for r in reading.refusals
        )
    else:
        out.json_lines(claim_json(c) for c in reading.claims)
    if reading.failed:
        raise out.Refused(f"{file}: {reading.failed}")
    if ledger:
        print(f"almanac: {_counted(page)}", file=sys.stderr)
    elif reading.refusals and not refusals:
        print(f"almanac: {len(reading.refusals)} refused; --refusals lists them", file=sys.stderr)


def _counted(page: Page) -> str:
    """Return how many entries of a page's ledger ended how."""
    counts = page.ledger.counts()
    if not counts:
        return "this source keeps no ledger yet"
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def _body(file: Path) -> bytes:
    """Return what a saved page holds. Raises Refused where it is not there, or does not unpack."""
    from almanac.flows.harvest.saved_captures import unpacked

    if not file.is_file():
        raise out.Refused(f"{file}: no such file")
    try:
        return unpacked(file)
    except ValueError as error:
        raise out.Refused(f"{file}: {error}") from None


def _address(reader: Source, file: Path) -> str:
    """Return where a page is taken to come from, where nobody says: the source's first page.

    A reader that is told by the address what a page is about gets the file's own.
    """
    if reader.named_by_url or not reader.start_urls:
        return f"file:{file.name}"
    return reader.start_urls[0]


class ClaimJson(TypedDict):
    """A claim as `almanac read` prints it.

    Prices are in currency a unit, intervals a low and a high.
    """

    provider: str | None
    model: str
    field: str
    meter: str | None
    terms: dict[str, str]
    value: JsonValue
    low: JsonValue
    high: JsonValue
    state: str
    unit: str
    printed: str
    locator: str
    effective_from: NotRequired[str]
    """First day it holds, where the source says so."""


JsonValue = int | bool | str | Decimal | list[str] | None
NANO = 10**9
"""Prices are kept in whole billionths of their currency."""


def claim_json(claim: Claim) -> ClaimJson:
    """Return a claim as `almanac read` prints it."""
    shown = _price if claim.field == "price" else _plain
    printed: ClaimJson = {
        "provider": claim.provider,
        "model": claim.model,
        "field": claim.field,
        "meter": claim.meter,
        "terms": dict(claim.terms),
        "value": shown(claim.value),
        "low": shown(claim.low),
        "high": shown(claim.high),
        "state": str(claim.state),
        "unit": claim.unit,
        "printed": claim.printed,
        "locator": claim.locator,
    }
    if claim.effective_from:
        printed["effective_from"] = claim.effective_from.isoformat()
    return printed


def _price(value: Value) -> JsonValue:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) / NANO
    return _plain(value)


def _plain(value: Value) -> JsonValue:
    return list(value) if isinstance(value, tuple) else value
