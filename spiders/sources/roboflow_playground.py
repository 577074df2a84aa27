"""Roboflow Playground's comparison pages: HTML, or piped text.

There empty cells may have moved the rest left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import is_missing
from almanac.spiders.base import Source
from almanac.spiders.bounds import paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import is_html, lines, tables

SPECS = {
    "release date": "release_date",
    "context window": "context_window",
    "parameters": "parameters",
    "license": "licence",
}
PRICES = {"input $/1m": "input", "output $/1m": "output"}
EVAL = re.compile(r"(?P<rate>\d+(?:\.\d+)?)%\s*\((?P<passes>\d+)/(?P<total>\d+)\)")
RELEASED = re.compile(r"\breleased on ([A-Z][a-z]+ \d{1,2}, \d{4})")
SMALLER = re.compile(r"\boutput length is smaller than the (\d+[KM]) input window")


class RoboflowPlayground(Source):
    name = "roboflow_playground"
    version = 2

    def read(self, page: Page) -> Iterator[Claim]:
        found = [t for t in tables(page) if t.head[0].lower() == "property"]
        if len(found) != 1 or len(found[0].head) < 3:
            raise LayoutChanged("no table headed Property with two models")
        (table,) = found
        models = list(table.head[1:])
        shifting = not is_html(page)
        for ragged in table.ragged:
            page.refuse(
                "cells do not match the head", printed=" | ".join(ragged), locator=table.locator
            )
        for i, row in enumerate(table.rows):
            label, cells, at = row[0].lower(), row[1:], table.row(i)
            if not any(cells):
                continue  # a section row
            if shifting and not all(cells):
                page.refuse(
                    "an empty cell was lost, so the rest may have moved left:"
                    " whose figure this is cannot be told",
                    printed=" | ".join(row),
                    locator=at,
                    field=SPECS.get(label, "price" if label in PRICES else ""),
                )
                continue
            for model, printed in zip(models, cells, strict=True):
                yield from self._cell(page, label, printed, model, at)
        if shifting:
            self._loose(page, set(table.rows))
        yield from self._prose(page, models)

    def _cell(self, page: Page, label: str, printed: str, model: str, at: str) -> Iterator[Claim]:
        if is_missing(printed):
            return
        if label in SPECS:
            yield from page.say(SPECS[label], printed, model=model, locator=at)
        elif label in PRICES:
            page.refuse(
                "the page does not say whose price this is",
                printed=printed,
                locator=at,
                model=model,
                field="price",
            )
        elif label == "modality":
            yield from page.say(
                "multimodal",
                printed.lower() == "multimodal",
                model=model,
                printed=printed,
                locator=at,
            )
        elif label == "category" and printed.lower() == "open":
            yield from page.say("open_weights", True, model=model, printed=printed, locator=at)
        elif (m := EVAL.fullmatch(printed)) and not re.search(r"[a-z]", label):
            page.refuse(
                "no name of a task; cells may have changed places",
                printed=printed,
                locator=at,
                model=model,
                field="passes",
            )
        elif m := EVAL.fullmatch(printed):
            task = terms(benchmark=f"Roboflow vision evals: {label}", reporter="roboflow")
            yield from page.say(
                "passes",
                int(m["passes"]),
                model=model,
                subject="evaluation",
                terms=task,
                printed=printed,
                locator=at,
            )
            yield from page.say(
                "total",
                int(m["total"]),
                model=model,
                subject="evaluation",
                terms=task,
                printed=printed,
                locator=at,
            )

    def _loose(self, page: Page, taken: set[tuple[str, ...]]) -> None:
        """Set aside rows that a broken line cut off from the table.

        The evals stand there, and whose they are is lost.
        """
        first = {row[0] for row in taken}
        for n, line in enumerate(paced(page.text.splitlines()), start=1):
            cells = tuple(c.strip() for c in line.strip().strip("|").split("|"))
            if (
                line.startswith("|")
                and cells[0].lower() != "property"
                and re.search(r"\d", line)
                and cells[0] not in first
            ):
                page.refuse(
                    "cut off from its table, with one cell for two models:"
                    " whose figure this is cannot be told",
                    printed=line.strip(),
                    locator=f"line {n}",
                )

    def _prose(self, page: Page, models: list[str]) -> Iterator[Claim]:
        current = ""
        begins = [(m, re.compile(re.escape(m) + r"(?:,| is\b)")) for m in models]
        for n, line in enumerate(paced(lines(page)), start=1):
            current = next((m for m, begin in begins if begin.match(line)), current)
            if not current:
                continue
            at = f"overview, line {n}"
            if m := RELEASED.search(line):
                yield from page.say("release_date", m[1], model=current, printed=m[0], locator=at)
            if "introduces vision support" in line:
                yield from page.say(
                    "vision", True, model=current, printed="introduces vision support", locator=at
                )
            if m := SMALLER.search(line):
                yield from page.say(
                    "max_output_tokens", f"up to {m[1]}", model=current, printed=m[0], locator=at
                )
