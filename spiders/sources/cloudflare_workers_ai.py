"""Cloudflare Workers AI: a table of models whose price cells say what each amount is for.

Neurons are its own unit.
"""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class CloudflareWorkersAI(Source):
    name = "cloudflare_workers_ai"
    version = 2
    start_urls = ("https://developers.cloudflare.com/workers-ai/platform/pricing/index.md",)
    declared = Declared("cloudflare-workers-ai")
