"""Crawl one source into the archive: `python -m spiders.crawl < ORDER`, an order as JSON. One process, one source.

Every page is a JSON line on stdout, and the last line says how it ended:
{"t": "done", "reason": "finished", "looks": [...], "errors": [...]}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from schemas.claim import Capture
from schemas.clock import Clock
from schemas.dates import utc
from schemas.moment import stamp
from spiders.archive import Archive
from spiders.pace import CrawlOrder
from spiders.validators import Validators


def settings(order: CrawlOrder, clock: Clock) -> dict[str, Any]:
    """Return Scrapy's settings for an order. `clock` is what its middlewares ask for the time."""
    contact = os.environ.get("ALMANAC_CONTACT", "see the project's README")
    pace = order.pace
    return {
        "ROBOTSTXT_OBEY": False,  # ours obeys: RobotsMiddleware
        "HOSTS": list(order.hosts), "CLOCK": clock,
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.hosts.HostsMiddleware": 10, "spiders.robots.RobotsMiddleware": 100, "spiders.patience.PatientRetryMiddleware": 550,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None, "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        },
        "TWISTED_DNS_RESOLVER": "spiders.hosts.PublicResolver",
        "CONCURRENT_REQUESTS": 2 * pace.concurrency, "CONCURRENT_REQUESTS_PER_DOMAIN": pace.concurrency, "DOWNLOAD_DELAY": pace.delay,
        "AUTOTHROTTLE_ENABLED": pace.throttle, "AUTOTHROTTLE_START_DELAY": pace.delay, "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "RETRY_TIMES": pace.retries, "RETRY_HTTP_CODES": [429, 500, 502, 503, 504, 522, 524], "BACK_OFF": pace.back_off, "LONGEST_WAIT": pace.longest_wait,
        "DOWNLOAD_TIMEOUT": pace.timeout, "DOWNLOAD_MAXSIZE": pace.largest, "DOWNLOAD_WARNSIZE": 0, "CLOSESPIDER_TIMEOUT": pace.whole,
        "REDIRECT_MAX_TIMES": 5, "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "HTTPPROXY_ENABLED": False, "LOG_LEVEL": "ERROR",
        "USER_AGENT": f"ModelAlmanac/0.1 (open record of language models; contact: {contact})",
    }  # fmt: skip


class SourceSpider(scrapy.Spider):  # type: ignore[misc]
    """Fetches a source's pages and keeps their bodies. Reading is done elsewhere, from the archive."""

    name = "source"

    def __init__(self, order: CrawlOrder, clock: Clock, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.order = order
        self.clock = clock
        folder = Path(order.folder)
        self.archive = Archive(folder)
        self.validators = Validators(folder, order.source)
        self.looks: list[Capture] = []
        self.errors: list[str] = []
        self.started = folder / "unfinished" / order.source

    async def start(self) -> AsyncIterator[scrapy.Request]:
        done = self._resumed()
        for url in self.order.urls:
            if url in done:
                self.looks.append(done[url])
                continue
            known = self.validators.digest(url) in self.archive.bodies
            headers = {**self._key(), **(self.validators.headers(url) if known else {})}
            yield scrapy.Request(url, callback=self.keep, errback=self.missed, headers=headers, meta={"page": url, "handle_httpstatus_list": [304]}, dont_filter=True)

    def _resumed(self) -> dict[str, Capture]:
        """Return the looks of a crawl cut off within a day, by page, and mark this one as under way."""
        now = self.clock.now()
        since = self._cut_off(now)
        self.started.parent.mkdir(parents=True, exist_ok=True)
        self.started.write_text(stamp(since or now), encoding="utf-8")
        if since is None:
            return {}
        return {c.page: c for c, _ in self.archive.looks if c.source == self.order.source and since <= c.fetched_at <= now}

    def _cut_off(self, now: datetime) -> datetime | None:
        """Return when the crawl that was cut off started; None without one in the day before `now`."""
        try:
            since = utc(self.started.read_text(encoding="utf-8"))
        except (OSError, ValueError, OverflowError):
            return None
        return since if timedelta(0) <= now - since <= timedelta(days=1) else None

    def _key(self) -> dict[str, str]:
        if self.order.key is None:
            return {}
        header, variable = self.order.key
        secret = os.environ.get(variable, "")
        return {header: f"Bearer {secret}" if header == "Authorization" else secret}

    def keep(self, response: Response) -> None:
        page, now = response.meta["page"], self.clock.now()
        media = (response.headers.get("Content-Type") or b"").decode("latin-1").split(";")[0]
        body = self.archive.body(self.validators.digest(page)) if response.status == 304 else response.body
        if self._repeats_key(body):
            self.errors.append(f"{page}: the answer repeats the key it was asked with, and was not kept")
            return
        capture = self.archive.add(self.order.source, response.url, body, now, page=page, status=response.status, media_type=media)
        self.looks.append(capture)
        if response.status != 304:
            etag, modified = ((response.headers.get(h) or b"").decode("latin-1") for h in ("ETag", "Last-Modified"))
            self.validators.learn(page, etag, modified, capture.digest)
        print(json.dumps({"t": "page", "url": page, "status": response.status, "bytes": len(body)}), flush=True)

    def _repeats_key(self, body: bytes) -> bool:
        secret = os.environ.get(self.order.key[1], "") if self.order.key else ""
        return bool(secret) and secret.encode() in body

    def missed(self, failure: Any) -> None:
        response = getattr(failure.value, "response", None)
        said = f"answered {response.status}" if response is not None else (str(failure.value).splitlines() or [failure.type.__name__])[0] or failure.type.__name__
        if wait := failure.request.meta.get("asked_to_wait"):
            said += f" and asks to wait {wait:.0f} s, which is longer than this crawl does"
        self.errors.append(f"{failure.request.meta['page']}: {said}")

    def closed(self, reason: str) -> None:
        self.archive.close()
        self.validators.save()
        if reason == "finished":
            self.started.unlink(missing_ok=True)
        print(json.dumps({"t": "done", "reason": reason, "looks": [self.archive.row(c) for c in self.looks], "errors": self.errors}), flush=True)


def main(order: CrawlOrder) -> None:
    clock = Clock(utc(order.started))
    process = AsyncCrawlerProcess(settings=settings(order, clock))
    process.crawl(SourceSpider, order=order, clock=clock)
    process.start()


if __name__ == "__main__":
    main(CrawlOrder.from_json(sys.stdin.read()))
