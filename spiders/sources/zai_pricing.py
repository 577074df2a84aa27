"""Z.ai's and BigModel's price pages: tables by kind of model, tiered by input and output length."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.html_tables import PageTable
from almanac.spiders.parsers.price_table import Form, read_tables, section_terms

PRIVATE = re.compile(r"私有实例|公共实例|部署版本|工具名称|产品名称")


class ZaiPricing(Source):
    name = "zai_pricing"
    start_urls = ("https://docs.z.ai/guides/overview/pricing", "https://open.bigmodel.cn/pricing")

    def read(self, page: Page) -> Iterator[Claim]:
        provider = "Zhipu AI" if re.search(r"[\u4e00-\u9fff]", page.text) else "Z.ai"
        yield from read_tables(
            page,
            tables(page),
            Form(
                provider,
                yen="CNY",
                context="" if provider == "Zhipu AI" else _unit(page.text),
                section=section,
            ),
        )


def section(table: PageTable) -> Terms | None:
    """Instances by the day and consulting are not prices of a model's tokens."""
    return None if any(PRIVATE.search(h) for h in table.head) else section_terms(table)


def _unit(text: str) -> str:
    """Return the sentence that says what all prices of the English page are for.

    Nothing if it prints none.
    """
    m = re.search(r"prices?[^.\n]{0,60}per (?:1M|million) tokens[^.\n]{0,40}", text, re.I)
    return m[0] if m else ""
