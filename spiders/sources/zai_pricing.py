"""Z.ai's and BigModel's price pages: tables by kind of model, tiered by input and output length."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

CHINESE = Declared("Zhipu AI", yen="CNY")
ENGLISH = Declared("Z.ai", yen="CNY")


class ZaiPricing(Source):
    name = "zai_pricing"
    version = 2
    start_urls = ("https://docs.z.ai/guides/overview/pricing", "https://open.bigmodel.cn/pricing")

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_document(page, CHINESE if "元" in page.text else ENGLISH)
