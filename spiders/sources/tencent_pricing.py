"""Tencent Cloud's price page for model services: tables by scenario, one tab a region."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class TencentPricing(Source):
    name = "tencent_pricing"
    version = 2
    start_urls = ("https://cloud.tencent.com/document/product/1823/130055",)
    declared = Declared("Tencent Cloud", yen="CNY")
