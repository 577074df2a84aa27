"""LLM Reference's comparison pages of May and June 2026: HTML, piped or glued text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import is_missing, split_glued
from almanac.spiders.base import Source
from almanac.spiders.bounds import paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import lines, tables

MARK = r"[—–-]"
SIZE = rf"\d+(?:\.\d+)?[kKmMbBtT]|{MARK}"
PHRASE = (
    r"[Dd]ecoder [Oo]nly|[Ee]ncoder[ -][Dd]ecoder|[Mm]ixture [Oo]f [Ee]xperts"
    r"|[Ss]tate [Ss]pace|[Hh]ybrid"
)
LICENCE = (
    r"(?:Proprietary|Unknown|Apache 2\.0|MIT|BSD-3-Clause|CC[- ]BY[\w .-]*\d"
    r"|[A-Z][\w .]*? (?:Community )?Licen[cs]e)(?:OSI-approved)?"
)
OPENNESS = r"Proprietary|Open source|Open weights|Restricted weights|Unknown"


@dataclass(frozen=True, slots=True)
class Spec:
    field: str
    cell: str
    """Pattern of one cell: what makes glued cells separable."""


SPECS = {
    "released": Spec("release_date", rf"\d{{4}}-\d{{2}}(?:-\d{{2}})?|{MARK}"),
    "context window": Spec("context_window", SIZE),
    "parameters": Spec("parameters", SIZE),
    "architecture": Spec("architecture", f"{PHRASE}|{MARK}"),
    "license": Spec("licence", LICENCE),
    "openness": Spec("openness", OPENNESS),
    "commercial use": Spec(
        "commercial_use", r"Commercial use: (?:conditional|permitted|forbidden|unknown)"
    ),
    "knowledge cutoff": Spec("knowledge_cutoff", rf"\d{{4}}-\d{{2}}(?:-\d{{2}})?|{MARK}"),
}
PRICES = {"input price": "input", "output price": "output"}
PRICE = r"\$\d+(?:\.\d+)?/1M tokens"
CAPABILITIES = {
    "vision": "vision",
    "multimodal": "multimodal",
    "reasoning": "reasoning",
    "function calling": "function_calling",
    "tool use": "tool_use",
    "structured outputs": "structured_outputs",
    "code execution": "code_execution",
    "ide integration": "ide_integration",
    "computer use": "computer_use",
    "parallel agents": "parallel_agents",
}
ROUTE = re.compile(r"Cheapest tracked route(?:/tier)?: (.+)")
HEADS = {"signal", "specification", "pricing attribute", "capability", "benchmark", ""}


@dataclass(frozen=True, slots=True)
class SpecRow:
    section: str
    label: str
    cells: list[str]
    locator: str


class LlmReference(Source):
    name = "llm_reference"

    def read(self, page: Page) -> Iterator[Claim]:
        text = lines(page)
        title = next(
            (
                m
                for line in paced(text)
                if (m := re.fullmatch(r"(.+?) vs (.+)", line)) and not line.endswith("?")
            ),
            None,
        )
        if not title or not any("tracked" in line for line in text):
            raise LayoutChanged("no title A vs B with tracked routes: neither template")
        models = [title[1].strip(), title[2].strip()]
        template = "2026-06" if any(line.startswith("Best for") for line in text) else "2026-05"
        routes = [m[1].strip() for line in text if (m := ROUTE.fullmatch(line))]
        for row in self._rows(page, text, models):
            yield from page.attempt(
                self._row,
                page,
                row,
                models,
                routes,
                f"template {template}, {row.locator}",
                locator=row.locator,
            )
        yield from self._offered(page, text, models)

    def _rows(self, page: Page, text: list[str], models: list[str]) -> Iterator[SpecRow]:
        found = [t for t in tables(page) if t.head[0].lower() in HEADS and len(t.head) == 3]
        for table in found:
            section = table.heading.lower() or table.head[0].lower()
            for i, row in enumerate(table.rows):
                yield SpecRow(section, row[0], list(row[1:]), table.row(i))
            for ragged in table.ragged:
                page.refuse(
                    "cells do not match the head", printed=" | ".join(ragged), locator=table.locator
                )
        if found:
            return
        section = ""
        for n, line in enumerate(paced(text), start=1):
            if line.lower() in (
                "specs",
                "pricing and availability",
                "capabilities",
                "benchmarks",
                "deep dive",
                "decision scorecard",
            ):
                section = line.lower()
            elif (
                section
                and section not in ("deep dive", "decision scorecard")
                and not _is_head(line, models)
                and (glued := self._glued(page, section, line, n))
            ):
                yield glued

    def _glued(self, page: Page, section: str, line: str, n: int) -> SpecRow | None:
        low, at = line.lower(), f"{section}, line {n}"
        label = next(
            (
                x
                for x in sorted([*SPECS, *PRICES, *CAPABILITIES], key=len, reverse=True)
                if low.startswith(x)
            ),
            None,
        )
        try:
            if section == "benchmarks":
                tail = line[len(line.rstrip("0123456789.")) :].lstrip(".")
                return (
                    SpecRow(section, line.removesuffix(tail), split_glued(tail, r"\d+\.\d"), at)
                    if tail
                    else None
                )
            if label is None or low in ("providers",):
                return None
            pattern = (
                SPECS[label].cell if label in SPECS else PRICE if label in PRICES else "Yes|No"
            )
            return SpecRow(section, label, split_glued(line[len(label) :], pattern), at)
        except ValueError as error:
            page.refuse(
                f"a cell is lost or cannot be told from its neighbour: {error}",
                printed=line,
                locator=at,
                field=label or "",
            )
            return None

    def _row(
        self, page: Page, row: SpecRow, models: list[str], routes: list[str], at: str
    ) -> Iterator[Claim]:
        label = row.label.strip().lower()
        for i, (model, printed) in enumerate(zip(models, row.cells, strict=True)):
            if label in SPECS and "scorecard" not in row.section:
                yield from self._spec(page, SPECS[label].field, printed, model, at)
            elif label in PRICES:
                if i < len(routes) == len(models):
                    yield from page.say(
                        "price",
                        printed,
                        model=model,
                        provider=routes[i],
                        meter=PRICES[label],
                        locator=at,
                    )
                elif not is_missing(printed):
                    page.refuse(
                        "the page does not say whose price this is",
                        printed=printed,
                        locator=at,
                        model=model,
                        field="price",
                    )
            elif label in CAPABILITIES:
                yield from page.say(CAPABILITIES[label], printed, model=model, locator=at)
            elif "benchmark" in row.section and not is_missing(printed):
                yield from page.say(
                    "score",
                    printed,
                    model=model,
                    subject="evaluation",
                    terms=terms(benchmark=row.label.strip()),
                    locator=at,
                )

    def _spec(self, page: Page, field: str, printed: str, model: str, at: str) -> Iterator[Claim]:
        said = printed.replace("OSI-approved", "").replace("Commercial use:", "").strip()
        if field in ("openness", "commercial_use"):
            said = said.lower()
        # Both templates print "decoder only" for every model:
        # it is the template's word, not a finding.
        basis = "opinion" if field == "architecture" else "stated"
        yield from page.say(field, said, model=model, printed=printed, locator=at, basis=basis)  # type: ignore[arg-type]

    def _offered(self, page: Page, text: list[str], models: list[str]) -> Iterator[Claim]:
        offered = [
            (model, re.compile(rf"{re.escape(model)} is available on ([^.]{{1,2000}}?)(?:\. |\.$)"))
            for model in models
        ]
        for n, line in enumerate(paced(text), start=1):
            for model, pattern in offered:
                m = pattern.search(line)
                if not m:
                    continue
                for provider in re.split(r",\s*(?:and\s+)?|\s+and\s+", m[1]):
                    yield from page.say(
                        "offered",
                        True,
                        model=model,
                        provider=provider.strip(),
                        printed=m[0].strip(),
                        locator=f"FAQ, line {n}",
                    )


def _is_head(line: str, models: list[str]) -> bool:
    return line.endswith(models[0] + models[1]) or line.lower() in HEADS
