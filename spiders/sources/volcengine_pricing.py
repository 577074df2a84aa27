"""Volcano Engine Ark (Chinese) and BytePlus ModelArk (English).

Tables are tiered by prompt length, in thousands of tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

CHINESE = Declared("Volcengine", yen="CNY")
ENGLISH = Declared("BytePlus", yen="CNY")


class VolcenginePricing(Source):
    name = "volcengine_pricing"
    version = 2
    start_urls = (
        "https://www.volcengine.com/docs/82379/1544106",
        "https://docs.byteplus.com/en/docs/ModelArk/1544106",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_document(page, CHINESE if "元" in page.text else ENGLISH)
