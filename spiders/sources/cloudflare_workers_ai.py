"""Cloudflare Workers AI: a table of models whose price cells say what each amount is for; neurons are its own unit."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.claim import Claim
from spiders.base import Source
from spiders.flat import tables
from spiders.forms.heads import Column
from spiders.forms.price_table import Form, read_tables
from spiders.page import Page

FORM = Form("cloudflare-workers-ai", aliases={"price in neurons": Column("ignored")})


class CloudflareWorkersAI(Source):
    name = "cloudflare_workers_ai"
    start_urls = ("https://developers.cloudflare.com/workers-ai/platform/pricing/index.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), FORM)
