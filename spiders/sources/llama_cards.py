"""Meta's Llama model cards: the family's table, benchmarks, release dates and licence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import matches
from almanac.spiders.parsers.html_tables import PageTable, html_tables, markdown_tables
from almanac.spiders.parsers.scores import read_scores
from almanac.spiders.parsers.specs import modalities

LICENCES = (
    re.compile(r"\b(Llama [\d.]+ Community License)", re.I),
    re.compile(r"\bA (custom commercial license)", re.I),
)
DATED = re.compile(
    r"^[^\S\n]*\*\s+\*\*(?P<size>\d+B) Instruct: (?P<day>\w+ \d{1,2}, \d{4})\s*\*\*", re.M
)
FAMILY_DAY = re.compile(
    r"\*\*Model Release Date:?\*\*:?\s*(?:\*\*)?(?P<day>[A-Z]\w+ \d{1,2}, \d{4})"
)
COLUMNS = {
    "context length": "context_window",
    "content length": "context_window",
    "knowledge cutoff": "knowledge_cutoff",
    "input modalities": "input_modalities",
    "output modalities": "output_modalities",
}


class LlamaCards(Source):
    name = "llama_cards"
    start_urls = (
        "https://raw.githubusercontent.com/meta-llama/llama-models/main/models/llama3_3/MODEL_CARD.md",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        found = list(markdown_tables(page.text)) + (
            list(html_tables(page.soup)) if "<table" in page.text else []
        )
        families = [
            t
            for t in found
            if "params" in [h.lower() for h in t.head]
            and {h.lower() for h in t.head} & COLUMNS.keys()
        ]
        if not families:
            raise LayoutChanged("no table of the family with Params and Context length")
        models: list[str] = []
        for table in families:
            for row in table.ragged:
                page.refuse(
                    "cells do not match the head",
                    printed=" | ".join(row)[:300],
                    locator=table.locator,
                )
            for i, row in enumerate(table.rows):
                claims = page.attempt(
                    self._member, page, table, row, i, locator=table.row(i), model=row[0]
                )
                models += dict.fromkeys(c.model for c in claims)
                yield from claims
        yield from self._once(page, list(dict.fromkeys(models)))
        for table in found:
            heads = [h.lower() for h in table.head]
            if "benchmark" in heads:
                yield from read_scores(page, table, "", every=True)

    def _member(
        self, page: Page, table: PageTable, row: tuple[str, ...], i: int
    ) -> Iterator[Claim]:
        cells = dict(zip((h.lower() for h in table.head), row, strict=True))
        family = re.sub(r"\s*\([^)]*\)", "", row[0]).strip()
        sizes = dict(re.findall(r"(\d+(?:\.\d+)?B)\s*\((Activated|Total)\)", cells["params"]))
        total = next((s for s, kind in sizes.items() if kind == "Total"), "") or cells["params"]
        name = family if sizes else f"{family} {total}"
        if not family.lower().startswith("llama"):
            raise ValueError(f"no model of the family: {row[0]!r}")
        if not re.fullmatch(r"\d+(?:\.\d+)?B", total):
            raise ValueError(f"no size: {cells['params']!r}")
        at = table.row(i)
        yield from page.say(
            "parameters", total, model=name, locator=f"{at} column Params", printed=cells["params"]
        )
        yield from page.say(
            "active_parameters",
            next((s for s, kind in sizes.items() if kind == "Activated"), None),
            model=name,
            locator=f"{at} column Params",
            printed=cells["params"],
        )
        for head, field in COLUMNS.items():
            if head not in cells:
                continue
            if field.endswith("_modalities"):
                yield from modalities(page, field, cells[head], name, f"{at} column {head}")
            else:
                yield from page.say(field, cells[head], model=name, locator=f"{at} column {head}")

    def _once(self, page: Page, models: list[str]) -> Iterator[Claim]:
        """Licence and day stand once for the whole family; a day of one size is that size's."""
        text = page.text
        licences = (found for pattern in LICENCES for found in matches(pattern, text))
        licence, day = next(licences, None), next(matches(FAMILY_DAY, text, "day"), None)
        dated = _dated(text)
        for model in models:
            if licence:
                yield from page.say(
                    "licence", licence[1][1], model=model, locator=f"line {licence[0]}"
                )
            if day:
                yield from page.say(
                    "release_date", day[1]["day"], model=model, locator=f"line {day[0]}"
                )
            for end in range(2, 10):
                for n, said in dated.get(model[-end:], ()):
                    yield from page.say(
                        "release_date", said, model=f"{model} Instruct", locator=f"line {n}"
                    )


def _dated(text: str) -> dict[str, list[tuple[int, str]]]:
    """Return the days that a list gives to the sizes of a family, each with its line, by size."""
    days: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for n, m in matches(DATED, text, "day"):
        days[m["size"]].append((n, m["day"]))
    return days
