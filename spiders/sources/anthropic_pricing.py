"""Anthropic's price page as its own Markdown: base, cache, batch and long-context tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim, terms
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html_tables import PageTable, markdown_tables
from almanac.spiders.parsers.price_cards import read_cards

COLUMNS: dict[str, tuple[str, Terms]] = {
    "base input tokens": ("input", STANDARD),
    "input": ("input", STANDARD),
    "5m cache writes": ("cache_write", terms(cache_ttl="5m")),
    "1h cache writes": ("cache_write", terms(cache_ttl="1h")),
    "cache hits & refreshes": ("cache_read", STANDARD),
    "cache hits": ("cache_read", STANDARD),
    "output tokens": ("output", STANDARD),
    "output": ("output", STANDARD),
    "batch input": ("input", terms(tier="batch")),
    "batch output": ("output", terms(tier="batch")),
}
PROVIDER = "Anthropic"


class AnthropicPricing(Source):
    name = "anthropic_pricing"
    version = 2
    start_urls = ("https://platform.claude.com/docs/en/about-claude/pricing.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        found = False
        for table in markdown_tables(page.text):
            head = [h.lower() for h in table.head]
            if head[0] == "model" and any(
                "token count" in h or "definition" in h or "tool" in h for h in head[1:]
            ):
                continue  # sizes of tool prompts, not prices
            if head[0] == "model" and set(head[1:]) & set(COLUMNS):
                found = True
                yield from self._table(page, table)
            elif all(re.search(r"input tokens$", h) for h in head):
                self._long_context(page, table)
        if not found and re.search(r"^### .+$[\s\S]{0,200}^Input\s*$", page.text, re.M):
            # The marketing page's cards.
            yield from read_cards(page, enumerate(page.text.splitlines(), 1), PROVIDER)
        elif not found:
            raise LayoutChanged("no table headed Model with price columns")

    def _table(self, page: Page, table: PageTable) -> Iterator[Claim]:
        unknown = [h for h in table.head[1:] if h.lower() not in COLUMNS]
        if unknown:
            raise LayoutChanged(f"a price column this reader does not know: {unknown[0]!r}")
        for row in table.ragged:
            page.refuse(
                "cells do not match the head",
                printed=" | ".join(row),
                locator=table.locator,
                model=row[0],
            )
        tier = terms(tier="fast") if "fast mode" in table.heading.lower() else ()
        for i, row in enumerate(table.rows):
            name, retired = split_stage(row[0])
            if retired:
                yield from page.say(
                    "lifecycle", retired, model=name, locator=table.row(i), printed=row[0]
                )
            for head, printed in zip(table.head[1:], row[1:], strict=True):
                meter, conditions = COLUMNS[head.lower()]
                yield from page.say(
                    "price",
                    printed,
                    model=name,
                    provider=PROVIDER,
                    meter=meter,
                    locator=f"{table.row(i)} column {head}",
                    terms=terms(**dict(conditions), **dict(tier)),
                )

    def _long_context(self, page: Page, table: PageTable) -> None:
        """Set aside cells such as `Input: $6 / MTok`: their models stand in the prose above."""
        for i, row in enumerate(table.rows):
            page.refuse(
                "long-context prices name no model in the table",
                printed=" | ".join(row),
                locator=table.row(i),
                field="price",
            )


def split_stage(cell: str) -> tuple[str, str]:
    """Return (model, stage) of a first cell such as `Claude Opus 3 (deprecated)`."""
    match = re.search(r"\s*\((deprecated|retired|preview)[^)]*\)", cell, re.I)
    name = re.sub(r"\s*\([^)]*\)", "", cell).strip() if match else cell.strip()
    return name, match[1].lower() if match else ""
