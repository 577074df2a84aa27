"""Cloudflare Workers AI: a table of models whose price cells say what each amount is for.

Neurons are its own unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.column_heads import Column
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, read_tables

FORM = Form("cloudflare-workers-ai", aliases={"price in neurons": Column("ignored")})


class CloudflareWorkersAI(Source):
    name = "cloudflare_workers_ai"
    start_urls = ("https://developers.cloudflare.com/workers-ai/platform/pricing/index.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), FORM)
