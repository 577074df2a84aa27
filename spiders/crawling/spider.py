"""Crawl one source into the archive.

Run `python -P -m almanac.spiders.crawling.spider < ORDER`, an order as JSON.

One process, one source.

Every page is a JSON line on stdout, and the last line says how it ended:
{"t": "done", "reason": "finished", "looks": [...], "errors": [[page, why], ...]}.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import scrapy
import scrapy.settings.default_settings
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from almanac.schemas.claim import Capture
from almanac.schemas.clock import Clock
from almanac.schemas.dates import utc
from almanac.schemas.moment import stamp
from almanac.schemas.text import one_line
from almanac.spiders.archive.warc import Archive
from almanac.spiders.crawling.conditional_requests import Validators
from almanac.spiders.crawling.crawl_order import CrawlOrder, Limit
from almanac.spiders.crawling.hosts_middleware import distrust
from almanac.spiders.crawling.secret import Discreet, Secret

LONGEST_ERROR = 300
"""Characters of what is told about one page."""
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
"""RFC 6838, 4.2, with shorter names."""


def settings(order: CrawlOrder, clock: Clock, secret: Secret) -> dict[str, Any]:
    """Return Scrapy's settings for an order. `clock` is what its middlewares ask for the time."""
    contact = os.environ.get("ALMANAC_CONTACT", "see the project's README")
    pace = order.pace
    http = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
    return {
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            "http": http,
            "https": http,
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "REMOTE_CONTROL_ENABLED": False,  # it runs what it is sent
        "TELNETCONSOLE_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # ours obeys: RobotsMiddleware
        "HOSTS": list(order.hosts),
        "CLOCK": clock,
        "LIMIT": Limit(pace.whole),
        "SECRET": secret,
        "KEY_HEADER": order.key[0] if order.key else "",
        "DOWNLOADER_MIDDLEWARES": {
            "almanac.spiders.crawling.hosts_middleware.HostsMiddleware": 10,
            "almanac.spiders.crawling.robots_middleware.RobotsMiddleware": 100,
            "almanac.spiders.crawling.retry_middleware.PatientRetryMiddleware": 550,
            "almanac.spiders.crawling.secret.KeyInBodyMiddleware": 585,
            "almanac.spiders.crawling.unpack_middleware.UnpackMiddleware": 590,
            "almanac.spiders.crawling.secret.KeyInHeadersMiddleware": 610,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        },
        "TWISTED_DNS_RESOLVER": "almanac.spiders.crawling.hosts_middleware.PublicResolver",
        "CONCURRENT_REQUESTS": 2 * pace.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": pace.concurrency,
        "DOWNLOAD_DELAY": pace.delay,
        "AUTOTHROTTLE_ENABLED": pace.throttle,
        "AUTOTHROTTLE_START_DELAY": pace.delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "RETRY_TIMES": pace.retries,
        "RETRY_HTTP_CODES": [429, 500, 502, 503, 504, 522, 524],
        "BACK_OFF": pace.back_off,
        "LONGEST_WAIT": pace.longest_wait,
        "DOWNLOAD_TIMEOUT": pace.timeout,
        "DOWNLOAD_MAXSIZE": pace.largest,
        "DOWNLOAD_WARNSIZE": 0,
        "CLOSESPIDER_TIMEOUT": pace.whole,
        "REDIRECT_MAX_TIMES": 5,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "LOG_LEVEL": "ERROR",
        "USER_AGENT": f"ModelAlmanac/0.1 (open record of language models; contact: {contact})",
    }


class SourceSpider(scrapy.Spider):  # type: ignore[misc]
    """Fetches a source's pages and keeps their bodies.

    Reading is done elsewhere, from the archive.
    """

    name = "source"

    def __init__(self, order: CrawlOrder, clock: Clock, secret: Secret, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.order = order
        self.clock = clock
        self.secret = secret
        folder = Path(order.folder)
        self.archive = Archive(folder)
        self.validators = Validators(folder, order.source)
        self.looks: list[Capture] = []
        self.errors: list[tuple[str, str]] = []
        """Pages that were not looked at, each with the reason."""
        self.settled: set[str] = set()
        """Pages that were looked at or whose error was told."""
        self.ended = False
        self.started = folder / "unfinished" / order.source
        self.resumed = self._resumed()

    async def start(self) -> AsyncIterator[scrapy.Request]:
        asyncio.get_running_loop().call_later(
            self.order.pace.whole + self.order.pace.grace, self._break_off
        )
        for url in self.order.urls:
            if url in self.resumed:
                self._looked(self.resumed[url])
                continue
            headers = {
                **self._key(),
                **(self.validators.headers(url) if self._body_kept(url) else {}),
            }
            yield scrapy.Request(
                url,
                callback=self.keep,
                errback=self.missed,
                headers=headers,
                meta={"page": url, "handle_httpstatus_list": [304]},
                dont_filter=True,
            )

    def _resumed(self) -> dict[str, Capture]:
        """Return the looks of a crawl cut off within a day, by page.

        Mark this one as under way.
        """
        now = self.clock.now()
        since = self._cut_off(now)
        self.started.parent.mkdir(parents=True, exist_ok=True)
        self.started.write_text(stamp(since or now), encoding="utf-8")
        if since is None:
            return {}
        return {
            c.page: c
            for c, _ in self.archive.looks
            if c.source == self.order.source and since <= c.fetched_at <= now
        }

    def _cut_off(self, now: datetime) -> datetime | None:
        """Return when the crawl that was cut off started.

        None without one in the day before `now`.
        """
        try:
            since = utc(self.started.read_text(encoding="utf-8"))
        except (OSError, ValueError, OverflowError):
            return None
        return since if timedelta(0) <= now - since <= timedelta(days=1) else None

    def _body_kept(self, url: str) -> bool:
        """Return whether what a page said when its validators were learned can still be read."""
        try:
            self.archive.body(self.validators.digest(url))
        except (KeyError, ValueError):
            return False
        return True

    def _key(self) -> dict[str, str]:
        if self.order.key is None:
            return {}
        header = self.order.key[0]
        return {
            header: (
                f"Bearer {self.secret.value}" if header == "Authorization" else self.secret.value
            )
        }

    def keep(self, response: Response) -> None:
        page = response.meta["page"]
        if response.status == 304 and not self._body_kept(page):
            self._tell(page, "answered 304 (unchanged) to a question that was not asked")
            return
        try:
            capture = self._kept(page, response)
        except (OSError, ValueError) as error:
            self._tell(page, f"could not be kept: {error}")
            return
        self._looked(capture)
        print(
            json.dumps(
                {"t": "page", "url": page, "status": response.status, "bytes": len(response.body)}
            ),
            flush=True,
        )

    def _kept(self, page: str, response: Response) -> Capture:
        """Return the look at a page, kept. Raises OSError where it cannot be written."""
        unchanged = response.status == 304
        body = self.archive.body(self.validators.digest(page)) if unchanged else response.body
        media = media_type(_header(response, "Content-Type"))
        capture = self.archive.add(
            self.order.source,
            response.url,
            body,
            self.clock.now(),
            page=page,
            status=response.status,
            media_type=media,
        )
        if not unchanged:
            self.validators.learn(
                page, _header(response, "ETag"), _header(response, "Last-Modified"), capture.digest
            )
        return capture

    def _looked(self, capture: Capture) -> None:
        self.looks.append(capture)
        self.settled.add(capture.page)

    def missed(self, failure: Any) -> None:
        why = cause(failure.value)
        if wait := failure.request.meta.get("asked_to_wait"):
            why += f" and asks to wait {wait:.0f} s, which is longer than this crawl does"
        self._tell(failure.request.meta["page"], why)

    def _tell(self, page: str, why: str) -> None:
        """List why a page was not looked at: one line, never too long, never with the key in it."""
        if self.secret.is_in(why):
            why = "what went wrong repeats the key it was asked with, and is not told"
        self.errors.append((page, one_line(why, LONGEST_ERROR)))
        self.settled.add(page)

    def closed(self, reason: str) -> None:
        if self.ended:
            return
        self.ended = True
        for url in self.order.urls:
            if url not in self.settled:
                self._tell(url, f"not fetched: the crawl ended before ({reason})")
        reason = self._saved() or reason
        if reason == "finished":
            self.started.unlink(missing_ok=True)
        tell_end(reason, [self.archive.row(c) for c in self.looks], self.errors)

    def _saved(self) -> str:
        """Write out what is kept. Returns why it could not be, nothing where all is well."""
        try:
            self.archive.close()
            self.validators.save()
        except OSError as error:
            return one_line(f"a file that could not be written: {error}", LONGEST_ERROR)
        return ""

    def _break_off(self) -> None:
        """End the process though requests are under way.

        Scrapy waits for each, however long it sleeps.
        """
        if not self.ended:
            self.closed("closespider_timeout")
            os._exit(0)


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def media_type(header: str) -> str:
    """Return the media type that a Content-Type names, nothing where it names none.

    >>> media_type("Text/HTML; charset=utf-8"), media_type("nonsense")
    ('text/html', '')
    """
    name = header.split(";")[0].strip().lower()
    return name if _MEDIA_TYPE.fullmatch(name) else ""


def cause(error: BaseException) -> str:
    """Return in plain words why a page could not be had."""
    response = getattr(error, "response", None)
    if response is None:
        return distrust(str(error)) or str(error) or type(error).__name__
    answered = f"answered {response.status}"
    if not (300 <= response.status < 400 and response.headers.get("Location")):
        return answered
    return f"{answered} and leads to {_header(response, 'Location')}, which is not followed"


def tell_end(reason: str, looks: list[dict[str, Any]], errors: list[tuple[str, str]]) -> None:
    print(json.dumps({"t": "done", "reason": reason, "looks": looks, "errors": errors}), flush=True)


def obstacle(order: CrawlOrder, secret: Secret) -> str:
    """Return why a crawl cannot be begun, nothing where it can."""
    if not hasattr(scrapy.settings.default_settings, "DOWNLOAD_VERIFY_CERTIFICATES"):
        return (
            f"the installed Scrapy {scrapy.__version__}, which cannot verify certificates:"
            " install the version that model-almanac asks for"
        )
    if order.key and not secret.fits_a_header:
        return (
            f"the key in the environment variable {order.key[1]},"
            " which holds characters that no header can carry: check it"
        )
    return ""


def main(order: CrawlOrder) -> None:
    """Crawl, and say how it ended."""
    secret = Secret(os.environ.get(order.key[1], "") if order.key else "")
    if problem := obstacle(order, secret):
        tell_end(problem, [], [])
        return
    sys.stderr = Discreet(sys.stderr, secret)  # type: ignore[assignment]
    clock = Clock(utc(order.started))
    process = AsyncCrawlerProcess(settings=settings(order, clock, secret))
    crawl = process.crawl(SourceSpider, order=order, clock=clock, secret=secret)
    process.start()
    if crawl.done() and not crawl.cancelled() and (error := crawl.exception()):
        tell_end(one_line(f"an error before it began: {cause(error)}", LONGEST_ERROR), [], [])


if __name__ == "__main__":
    main(CrawlOrder.from_json(sys.stdin.read()))
