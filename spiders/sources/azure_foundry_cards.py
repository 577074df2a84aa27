"""Microsoft Foundry model cards (Markdown): licence, sizes, limits and benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.organisations import maker_at
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html_tables import html_tables, markdown_tables
from almanac.spiders.parsers.scores import read_scores
from almanac.spiders.parsers.specs import bullets, read_specs, spec

LICENSED = re.compile(
    r"(?:^|(?<=[.\n]))[^.\n]{0,80}?\b(?:is licensed under|is made available under"
    r"|released[^.\n]{0,40} under|license for [\w-]+ is) the "
    r"(?:<a[^>]*>|\[)?(?P<name>[A-Z][\w .-]{0,80}?)(?:</a>|\][^ ]*)? licen[sc]e",
    re.I,
)
SIZED = (
    (
        "parameters",
        re.compile(
            r"\b(?:is an?|about an?|with|has|resulting in) (?P<n>\d+(?:\.\d+)?\s?"
            r"(?:[BM]|billion|million))(?: total)?(?: and \d[\d.]*[BM] active)?[ -]parameters?\b"
        ),
    ),
    ("parameters", re.compile(r"\bhas (?P<n>\d+(?:\.\d+)?[BM]) total parameters")),
    (
        "active_parameters",
        re.compile(
            r"\b(?:only uses|and) (?P<n>\d+(?:\.\d+)?[BM])(?: active)? parameters"
            r"(?: per token| chosen)"
        ),
    ),
)
WINDOW = re.compile(r"^[^\S\n]*[-*]\s+(\d+[kKM]) context window\b", re.M)
MEASURED = re.compile(r"benchmark|evaluation results", re.I)
CATALOGUE = re.compile(r"https://ai\.azure\.com/|file:")
"""Where only Microsoft writes, and copies that their owner saved."""


class AzureFoundryCards(Source):
    name = "azure_foundry_cards"
    version = 2
    named_by_url = True
    start_urls = (
        "https://raw.githubusercontent.com/Azure/azureml-assets/main/assets/models/system/Phi-4/description.md",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        if not CATALOGUE.match(page.url) and maker_at(page.url) != "microsoft":
            raise LayoutChanged(
                "the address is not in Microsoft's catalogue, so whose card it is is not known"
            )
        model = _name(page.url)
        if not model:
            raise LayoutChanged("the address names no model")
        found = list(markdown_tables(page.text)) + (
            list(html_tables(page.soup)) if "<table" in page.text else []
        )
        for n, label, value in bullets(page.text):
            yield from spec(page, label, value.rstrip("."), model, f"line {n}")
        yield from self._prose(page, model)
        for table in found:
            if len(table.head) == 2 and not MEASURED.search(table.heading) and not any(table.head):
                yield from read_specs(page, table, model)
            elif MEASURED.search(table.heading) and not table.heading.lower().endswith(
                ("sample", "samples")
            ):
                for row in table.ragged:
                    page.refuse(
                        "cells do not match the head",
                        printed=" | ".join(row)[:300],
                        locator=table.locator,
                        model=model,
                    )
                yield from read_scores(page, table, model)

    def _prose(self, page: Page, model: str) -> Iterator[Claim]:
        """A sentence that states one size or licence of this model; two different ones are none."""
        found: dict[str, dict[str, re.Match[str]]] = {"parameters": {}, "active_parameters": {}}
        for field, pattern in SIZED:
            for m in pattern.finditer(page.text):
                found[field].setdefault(m["n"].replace(" ", "").lower(), m)
        for field, sizes in found.items():
            if len(sizes) == 1:
                (m,) = sizes.values()
                yield from page.say(
                    field,
                    m["n"],
                    model=model,
                    locator=f"line {page.text.count(chr(10), 0, m.start()) + 1}",
                    printed=m[0],
                )
        if window := WINDOW.search(page.text):
            at = f"line {page.text.count(chr(10), 0, window.start(1)) + 1}"
            yield from page.say(
                "context_window", window[1], model=model, locator=at, printed=window[0].strip(" -*")
            )
        licences = {m["name"].strip().lower(): m for m in LICENSED.finditer(page.text)}
        if len(licences) == 1:
            (m,) = licences.values()
            yield from page.say(
                "licence",
                m["name"].strip(),
                model=model,
                locator=f"line {page.text.count(chr(10), 0, m.start('name')) + 1}",
                printed=m[0].strip(),
            )


def _name(url: str) -> str:
    """Return the asset's name: its description's folder, or the name a copy was filed under."""
    if m := re.search(r"/([^/]+)/description\.md$", url):
        return m[1]
    m = re.search(r"([^/:]+?)(?:\.md)?$", url)
    return (
        re.sub(r"^(?:system|foundrylocal|[a-z]+)__", "", m[1])
        if m and "." not in m[1].split("__")[-1][:1]
        else ""
    )
