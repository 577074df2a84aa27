"""Crawl one source into the archive: `python -m spiders.crawl SOURCE ARCHIVE_FOLDER`. One process, one source.

The last line on stdout is JSON: {"reason": "finished", "pages": 1, "errors": []}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from spiders import base
from spiders.archive import Archive

SETTINGS: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    # Scrapy 2.14–2.19 checks robots.txt only for the first waiting requests; one at a time is checked right.
    "CONCURRENT_REQUESTS": 1,
    "DOWNLOAD_DELAY": 2,
    "AUTOTHROTTLE_ENABLED": True,
    "RETRY_TIMES": 3,
    "DOWNLOAD_TIMEOUT": 60,
    "DOWNLOAD_MAXSIZE": 64 * 2**20,
    "REDIRECT_MAX_TIMES": 5,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "USER_AGENT": "ModelAlmanac/0.1 (open record of language models; contact: maintainers of model-almanac)",
    "LOG_LEVEL": "WARNING",
}


class SourceSpider(scrapy.Spider):  # type: ignore[misc]
    """Fetches a source's pages and keeps their bodies. Reading is done elsewhere, from the archive."""

    name = "source"

    def __init__(self, source: str, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = base.source(source)
        self.allowed_domains = list(base.card(source).hosts)  # held for redirects too: nothing else is contacted
        self.archive = Archive(folder)
        self.pages = 0
        self.waiting = set(self.source.start_urls)
        self.errors: list[str] = []

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in self.source.start_urls:
            yield scrapy.Request(url, callback=self.keep, errback=self.missed, meta={"page": url})

    def keep(self, response: Response) -> None:
        media = (response.headers.get("Content-Type") or b"").decode("latin-1").split(";")[0]
        self.archive.add(
            self.source.name, response.url, response.body, datetime.now(UTC).replace(microsecond=0), page=response.meta["page"], status=response.status, media_type=media
        )
        self.pages += 1
        self.waiting.discard(response.meta["page"])

    def missed(self, failure: Any) -> None:
        response = getattr(failure.value, "response", None)
        said = f"answered {response.status}" if response is not None else (str(failure.value).splitlines() or [failure.type.__name__])[0]
        asked = failure.request.meta.get("redirect_urls", [failure.request.url])[0]
        self.errors.append(f"{asked}: {said}")
        self.waiting.discard(asked)

    def closed(self, reason: str) -> None:
        self.archive.close()
        self.errors += [f"{url}: led off the hosts of its card, and was not followed" for url in sorted(self.waiting)]
        print(json.dumps({"reason": reason, "pages": self.pages, "errors": self.errors}), flush=True)


def main(source: str, folder: str) -> None:
    process = AsyncCrawlerProcess(settings=SETTINGS)
    process.crawl(SourceSpider, source=source, folder=Path(folder))
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:3])
