"""Groq's models page: a pipe table, or cells flattened; a row's link names the model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.html_tables import markdown_tables
from almanac.spiders.parsers.price_table import Form, read_tables
from almanac.spiders.parsers.stacked import stacked_tables

MODEL_CELL = re.compile(
    r"\[!\[[^\[\]]*\]\([^()]*\)[^\[\]]*\]\((?:https://console\.groq\.com)?/docs/"
    r"(model|compound/systems)/([\w./-]+)\)([\w./ -]*)"
)


class Groq(Source):
    name = "groq"
    start_urls = ("https://console.groq.com/docs/models.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        text = MODEL_CELL.sub(_identified, page.text)
        yield from read_tables(page, [*markdown_tables(text), *stacked_tables(text)], Form("groq"))


def _identified(cell: re.Match[str]) -> str:
    """A model cell glues a name, perhaps a mark, and the id: the link says which is the id."""
    linked, shown = (f"groq/{cell[2]}" if "compound" in cell[1] else cell[2]), cell[3].strip()
    return linked if shown.endswith(linked) else shown or linked
