"""Docker Hub model cards: characteristics, variants by tag, benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.quantity import LONGEST
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.card_subject import bare
from almanac.spiders.parsers.html_tables import PageTable, markdown_tables, plain
from almanac.spiders.parsers.row_checks import held, unique
from almanac.spiders.parsers.scores import read_scores
from almanac.spiders.parsers.specs import SPECS, read_specs

PROVIDER = "docker-hub"
TAG = re.compile(r"ai/[\w.-]+:[\w.-]+")


class DockerHubCards(Source):
    name = "docker_hub_cards"
    version = 2
    named_by_url = True
    start_urls = ("https://hub.docker.com/r/ai/mistral-nemo",)

    def read(self, page: Page) -> Iterator[Claim]:
        title = re.search(r"^#\s+(\S.*)$", page.text, re.M)
        found = list(markdown_tables(page.text))
        if not title or not found:
            raise LayoutChanged("no title with tables under it")
        model = bare(re.sub(r"\s*\(.*\)$", "", plain(title[1][:LONGEST])).strip())
        for table in found:
            heads = [h.lower() for h in table.head]
            for row in table.ragged:
                page.refuse(
                    "cells do not match the head",
                    printed=" | ".join(row)[:300],
                    locator=table.locator,
                    model=model,
                )
            if heads[0] == "model variant":
                yield from self._variants(page, table)
            elif len(heads) == 2 and sum(_known(r[0]) for r in table.rows) >= 2:
                yield from read_specs(page, table, model)
            elif heads[0] in (
                "benchmark",
                "benchmarks",
                "category",
                "capability",
                "metrics",
                "metric",
            ):
                yield from read_scores(page, table, model)

    def _variants(self, page: Page, table: PageTable) -> Iterator[Claim]:
        """A row names one build by its tags; `latest` moves, so the other one is its name."""
        claims: list[Claim] = []
        for i, row in enumerate(table.rows):
            claims += held(
                page,
                page.attempt(
                    self._variant, page, table, row, i, locator=table.row(i), model=row[0]
                ),
                table.row(i),
            )
        yield from unique(page, claims)

    def _variant(
        self, page: Page, table: PageTable, row: tuple[str, ...], i: int
    ) -> Iterator[Claim]:
        tags = TAG.findall(row[0])
        named = [t for t in tags if not t.endswith(":latest")] or tags
        if not named:
            raise ValueError(f"no tag: {row[0]!r}")
        for head, cell in zip(table.head, row, strict=True):
            low, at = head.strip(" ¹²").lower(), f"{table.row(i)} column {head}"
            if low in ("parameters", "context window"):
                yield from page.say(
                    "parameters" if low == "parameters" else "context_window",
                    cell.rstrip("¹²"),
                    model=named[-1],
                    locator=at,
                    printed=cell,
                )
            elif low == "quantization":
                yield from page.say(
                    "quantisation", cell, model=named[-1], provider=PROVIDER, locator=at
                )


def _known(label: str) -> bool:
    return label.strip(" *").lower() in SPECS
