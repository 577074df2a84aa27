"""Mistral's documentation as Markdown: prices in EUR, limits, versions, retirements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.column_heads import Column
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.html_tables import PageTable
from almanac.spiders.parsers.price_table import Form, first_line, read_tables

CHECK = ":heavy_check_mark:"
AVAILABILITY = "weight availability"
LISTED = re.compile(r"following models are available:[^\S\n]*\n((?:\s*[-*] .+\n?)+)")
CLOUDS = (
    ("azure", re.compile(r"^id: azure|Azure AI", re.M)),
    ("google-vertex", re.compile(r"^id: vertex|Vertex AI", re.M)),
)


class Mistral(Source):
    name = "mistral"
    start_urls = ("https://docs.mistral.ai/getting-started/models/models_overview.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        found = list(tables(page))
        if listed := LISTED.search(page.text):
            yield from self._clouds(page, listed)
            return
        form = Form(
            "Mistral",
            facts="model",
            name=_name,
            aliases={
                "name": Column("name"),
                "weight availability": Column("ignored"),
                "description": Column("ignored"),
            },
        )
        claims = list(read_tables(page, found, form))
        yield from claims
        known = {c.model for c in claims}
        for table in found:
            yield from self._weights(page, table, known)

    def _weights(self, page: Page, table: PageTable, known: set[str]) -> Iterator[Claim]:
        """A row's second column says whether weights can be had, and under which licence."""
        heads = [h.lower() for h in table.head]
        if AVAILABILITY not in heads:
            return
        ids = next(
            (heads.index(h) for h in ("api endpoints",) if h in heads),
            heads.index("model") if "model" in heads else 0,
        )
        for i, row in enumerate(table.rows):
            cell, model = row[heads.index(AVAILABILITY)], _name(row[ids]) or _name(row[0])
            if model not in known or not model:
                continue
            at = f"{table.row(i)} column Weight availability"
            if CHECK in cell:  # an empty cell may be a gap
                yield from page.say("open_weights", True, model=model, locator=at, printed=cell)
            if "available via api" in heads and CHECK in row[heads.index("available via api")]:
                yield from page.say(
                    "offered",
                    True,
                    model=model,
                    provider="Mistral",
                    locator=f"{table.row(i)} column Available via API",
                    printed=CHECK,
                )
            if CHECK in cell and (licence := " ".join(cell.replace(CHECK, "").split())):
                yield from page.say("licence", licence, model=model, locator=at)

    def _clouds(self, page: Page, listed: re.Match[str]) -> Iterator[Claim]:
        provider = next((p for p, pattern in CLOUDS if pattern.search(page.text[:400])), "")
        if not provider:
            raise LayoutChanged("a list of models on a cloud this reader does not know")
        first = page.text.count("\n", 0, listed.start(1)) + 1
        for n, line in enumerate(listed[1].splitlines()):
            if model := line.strip(" -*").strip():
                yield from page.say(
                    "offered",
                    True,
                    model=model,
                    provider=provider,
                    printed=model,
                    locator=f"line {first + n}",
                )


def _name(cell: str) -> str:
    """`voxtral-mini-2507 via audio/transcriptions` is the model before `via`; NA is no id."""
    text = re.sub(r"\s+via\s.*$", "", " ".join(first_line(cell).split()))
    return "" if text in ("NA", "") else text
