"""Alibaba Cloud: Model Studio's help page (an API's HTML) and Hologres' managed models."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class AlibabaPricing(Source):
    name = "alibaba_pricing"
    version = 2
    start_urls = (
        "https://help.aliyun.com/zh/model-studio/model-pricing",
        "https://help.aliyun.com/zh/hologres/user-guide/managed-models-billing",
    )
    declared = Declared("Alibaba Cloud", yen="CNY")
