"""Anthropic's model overview as Markdown: a table with one column for each model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.quantity import Quantity, read_count
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html_tables import PageTable, markdown_tables

PROVIDER = "Anthropic"

FIELDS = {
    "reliable knowledge cutoff": "knowledge_cutoff",
    "training data cutoff": "training_cutoff",
}
IGNORED = {
    "description",
    "claude api id",
    "claude api alias",
    "aws bedrock id",
    "gcp vertex ai id",
    "vertex ai id",
    "google cloud id",
    "priority tier",
    "comparative latency",
    "strengths",
    "multilingual",
    "vision",
    "api model name",
    "pricing",
}
DATE = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{4}"


class AnthropicModels(Source):
    name = "anthropic_models"
    start_urls = ("https://platform.claude.com/docs/en/about-claude/models/overview.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        tables = [t for t in markdown_tables(page.text) if t.head[0].lower() == "feature"]
        if not tables:
            raise LayoutChanged("no table headed Feature")
        for table in tables:
            yield from self._table(page, table)

    def _table(self, page: Page, table: PageTable) -> Iterator[Claim]:
        for row in table.ragged:
            page.refuse(
                "cells do not match the head", printed=" | ".join(row), locator=table.locator
            )
        ids = next(
            (r for r in table.rows if r[0].lower() in ("claude api id", "api model name")), None
        )
        if ids is None:
            raise LayoutChanged("no row of Claude API ids")
        for column, (head, model) in enumerate(zip(table.head[1:], ids[1:], strict=True), start=1):
            called, stage = split_stage(head)
            if set(re.findall(r"[a-z]+|\d+", called.lower())) - set(
                re.findall(r"[a-z]+|\d+", model.lower())
            ):
                page.refuse(
                    "head and id name two models; cells may have changed places",
                    printed=f"{head}: {model}",
                    locator=f"{table.locator} head {column}",
                    model=model,
                )
                continue
            if stage:
                yield from page.say(
                    "lifecycle",
                    stage,
                    model=model,
                    locator=f"{table.locator} head {column}",
                    printed=head,
                )
            for i, row in enumerate(table.rows):
                label = re.sub(r"(?<=[a-z])\d$", "", row[0].lower())  # a flattened footnote mark
                yield from self._cell(
                    page, label, row[column], model, f"{table.row(i)} column {head}"
                )

    def _cell(self, page: Page, label: str, printed: str, model: str, at: str) -> Iterator[Claim]:
        if label == "context window":
            yield from page.say("context_window", printed, model=model, locator=at, read=_window)
        elif label == "pricing":
            yield from self._prices(page, printed, model, at)
        elif label == "max output":
            yield from page.say("max_output_tokens", printed, model=model, locator=at, read=_window)
        elif label in FIELDS:
            # A footnote digit is glued to the year where the page was flattened: `May 20255`.
            cut = re.fullmatch(rf"({DATE})\d?", printed)
            yield from page.say(
                FIELDS[label], cut[1] if cut else printed, model=model, locator=at, printed=printed
            )
        elif label.startswith(("extended thinking", "adaptive thinking")):
            # A model that lacks one kind may have the other,
            # so only a yes says something of reasoning.
            if re.match(r"yes\b", printed, re.I):
                yield from page.say("reasoning", True, model=model, locator=at, printed=printed)
        elif label not in IGNORED:
            page.refuse(
                "a row this reader does not know",
                printed=f"{label}: {printed}",
                locator=at,
                model=model,
            )

    def _prices(self, page: Page, printed: str, model: str, at: str) -> Iterator[Claim]:
        parts = re.findall(r"\$[\d.,]+ / (?:input|output) MTok", printed)
        if len(parts) != 2:
            page.refuse(
                "expected an input and an output price",
                printed=printed,
                locator=at,
                model=model,
                field="price",
            )
            return
        for part in parts:
            meter = "input" if "input" in part else "output"
            yield from page.say(
                "price", part, model=model, provider=PROVIDER, meter=meter, locator=at
            )


def _window(printed: str) -> Quantity:
    """Return the limit every caller gets, the one without conditions.

    As of `200K / 1M (beta)` or `1M (or 200k) tokens`.
    """
    text = " ".join(printed.split())
    if m := re.fullmatch(r"(\S+)(?: tokens)?\s*/\s*\S+(?: tokens)?\s*\(beta\)\d*", text):
        return read_count(m[1])
    if m := re.fullmatch(r"\S+ \(or (\S+?)\) tokens", text):
        return read_count(m[1])
    return read_count(text)
