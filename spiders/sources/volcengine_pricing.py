"""Volcano Engine Ark (Chinese) and BytePlus ModelArk (English).

Tables are tiered by prompt length, in thousands of tokens.
"""

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

NOT_PRICES = re.compile(r"TPM|套餐|算力|机型|商品|版权|高度|时长|example", re.I)


class VolcenginePricing(Source):
    name = "volcengine_pricing"
    start_urls = (
        "https://www.volcengine.com/docs/82379/1544106",
        "https://docs.byteplus.com/en/docs/ModelArk/1544106",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        provider = (
            "BytePlus"
            if re.search(r"Model ID", page.text) and "元" not in page.text
            else "Volcengine"
        )
        yield from read_tables(
            page, tables(page), Form(provider, yen="CNY", section=section, name=name)
        )


def section(table: PageTable) -> Terms | None:
    """Throughput packages, plans and worked examples are no prices of a token."""
    near = " ".join((*table.before[:1], table.heading))
    if any(NOT_PRICES.search(t) for t in (near, *table.head)) or any(
        "TPM" in c for row in table.rows[:1] for c in row
    ):
        return None
    return section_terms(table)


def name(cell: str) -> str:
    """The model id comes first; what follows says how it is priced."""
    return (cell.split() or [""])[0]
