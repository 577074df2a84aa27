"""robots.txt, asked for once a host and obeyed for every request, with its Crawl-delay.

Scrapy 2.14 to 2.19 checks only the first requests that wait for a robots.txt and lets later ones pass, and goes
ahead where robots.txt cannot be had. Here every waiter awaits the same answer, and RFC 9309 (2.3.1) is followed:
no such file allows everything, an error or a server that fails allows nothing.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from spiders.hosts import PublicResolver

LONGEST_DELAY = 120.0
"""Seconds. A longer Crawl-delay is cut to this."""
LARGEST = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""


class Rules:
    """What one host's robots.txt allows. `problem` says why nothing is allowed where the file could not be had."""

    def __init__(self, text: str = "", problem: str = "") -> None:
        self.parsed = Protego.parse(text)
        self.problem = problem

    def refusal(self, url: str, agent: str) -> str:
        """Return why a URL may not be fetched, or nothing."""
        if self.problem:
            return f"robots.txt could not be had ({self.problem}), so nothing is fetched"
        return "" if self.parsed.can_fetch(url, agent) else "robots.txt forbids it"

    def delay(self, agent: str) -> float:
        return min(float(self.parsed.crawl_delay(agent) or 0), LONGEST_DELAY)


class RobotsMiddleware:
    """Downloader middleware: refuses what robots.txt forbids and keeps its Crawl-delay between requests to a host."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self.agent: str = crawler.settings["USER_AGENT"]
        self._rules: dict[str, asyncio.Future[Rules]] = {}
        self._turn: dict[str, asyncio.Lock] = {}
        self._next: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Any) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("robots"):
            return
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._fetch(site))
        rules = await asyncio.shield(self._rules[site])
        if problem := rules.refusal(request.url, self.agent):
            self.crawler.stats.inc_value("robots/refused")
            raise IgnoreRequest(problem)
        await self._wait(site, rules.delay(self.agent))

    async def _fetch(self, site: str) -> Rules:
        request = Request(f"{site}/robots.txt", meta={"robots": True, "handle_httpstatus_all": True, "dont_retry": True}, callback=NO_CALLBACK, priority=1000)
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except Exception as error:
            host = urlsplit(site).hostname or ""
            return Rules(problem=PublicResolver.refused.get(host) or (str(error).splitlines() or [type(error).__name__])[0][:120])
        if 200 <= response.status < 300:
            return Rules(response.body[:LARGEST].decode("utf-8", "replace"))
        if 400 <= response.status < 500 and response.status != 429:
            return Rules()
        return Rules(problem=f"answered {response.status}")

    async def _wait(self, site: str, delay: float) -> None:
        if not delay:
            return
        async with self._turn.setdefault(site, asyncio.Lock()):
            rest = self._next.get(site, 0.0) - time.monotonic()
            if rest > 0:
                await asyncio.sleep(rest)
            self._next[site] = time.monotonic() + delay
