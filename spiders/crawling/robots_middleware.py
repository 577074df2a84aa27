"""robots.txt, asked for once a host and obeyed for every request, with its Crawl-delay.

Scrapy 2.14 to 2.19 checks only the first requests that wait for a robots.txt and lets later ones
pass, and goes ahead where robots.txt cannot be had. Here every waiter awaits the same answer, and
RFC 9309 (2.3.1) is followed: no such file allows everything, an error or a server that fails
allows nothing.

A robots.txt that moved is followed over five redirects, and what is found holds for the host first
asked (2.3.1.2). After more, a crawler *may* go on as if there were none; this one does not, since
nobody can say what they forbid. Each redirect is held to the card's hosts like any request. The RFC
would have a crawler follow to other hosts too; that only hosts of the card are ever contacted is
the stronger promise, and the error names the host, which whoever keeps the card may put on it.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from urllib.parse import urldefrag, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from w3lib.url import safe_url_string

from almanac.spiders.crawling.hosts_middleware import PublicResolver, distrust, refusal

MOST_REDIRECTS = 5
LARGEST = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""
_AGENT_LINE = re.compile(r"\s*user(?:-|\s*)agent(?:\s*:|\s)(?P<name>[^#]*)", re.I)


class Rules:
    """What one host's robots.txt allows a crawler.

    `problem` says why nothing is allowed where the file could not be had.
    """

    def __init__(self, text: str = "", agent: str = "", problem: str = "") -> None:
        self.parsed = Protego.parse(_ours(text, agent))
        self.agent = agent
        self.problem = problem

    def refusal(self, url: str) -> str:
        """Return why a URL may not be fetched, or nothing."""
        if self.problem:
            return f"robots.txt could not be had ({self.problem}), so nothing is fetched"
        return "" if self.parsed.can_fetch(url, self.agent) else "robots.txt forbids it"

    def delay(self) -> float:
        """Return the seconds between two requests.

        It is 0 where none are asked for or what is asked is no number.
        """
        delay = float(self.parsed.crawl_delay(self.agent) or 0)
        return delay if delay > 0 else 0.0


def _ours(text: str, agent: str) -> str:
    """Return a robots.txt in which every crawler that is not this one has the same name.

    The parser keeps all rules once for each name, so that 500 KiB of both would take it hours and
    all memory. This crawler is known by its product token alone, in any case (RFC 9309, 2.2.1).
    """
    lines = []
    for line in text.splitlines():
        if match := _AGENT_LINE.match(line):
            name = match["name"].strip().lower()
            token = re.match("[a-z_-]*", name.replace("*", ""))
            ours = bool(token) and token[0] == agent  # type: ignore[index]
            line = (
                f"User-agent: {'*' if name == '*' else agent if ours else '-'}"
                if name
                else "User-agent:"
            )
        lines.append(line)
    return "\n".join(lines)


class RobotsMiddleware:
    """Downloader middleware: refuses what robots.txt forbids.

    It keeps the file's Crawl-delay between requests to a host.
    """

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self.agent: str = crawler.settings["USER_AGENT"].split("/")[0].lower()
        self.hosts = frozenset(crawler.settings.getlist("HOSTS"))
        self.limit = crawler.settings["LIMIT"]
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
        if problem := rules.refusal(request.url):
            self.crawler.stats.inc_value("robots/refused")
            raise IgnoreRequest(problem)
        await self._wait(site, rules.delay())

    async def _fetch(self, site: str) -> Rules:
        """Return the rules of a site, found over redirects if need be."""
        url = f"{site}/robots.txt"
        for _ in range(1 + MOST_REDIRECTS):
            try:
                response = await self._ask(url)
                target = _moved_to(response)
            except Exception as error:
                host = urlsplit(url).hostname or ""
                return Rules(
                    problem=PublicResolver.refused.get(host)
                    or distrust(str(error))
                    or str(error)
                    or type(error).__name__
                )
            if not target:
                return self._read(response)
            if problem := refusal(target, self.hosts):
                return Rules(problem=f"it moved, and {problem}")
            url = target
        return Rules(problem=f"more than {MOST_REDIRECTS} redirects")

    async def _ask(self, url: str) -> Response:
        meta = {
            "robots": True,
            "handle_httpstatus_all": True,
            "dont_retry": True,
            "dont_redirect": True,
        }
        return await self.crawler.engine.download_async(
            Request(url, meta=meta, callback=NO_CALLBACK, priority=1000)
        )

    def _read(self, response: Response) -> Rules:
        """Return the rules that an answer states (RFC 9309, 2.3.1.1, 2.3.1.3 and 2.3.1.4)."""
        if 200 <= response.status < 300:
            return Rules(response.body[:LARGEST].decode("utf-8-sig", "replace"), self.agent)
        if 400 <= response.status < 500 and response.status != 429:
            return Rules()
        return Rules(problem=f"answered {response.status}")

    async def _wait(self, site: str, delay: float) -> None:
        """Wait for a site's turn.

        Raises IgnoreRequest, at once, where it comes after the crawl's time.
        """
        if not delay:
            return
        async with self._turn.setdefault(site, asyncio.Lock()):
            rest = self._next.get(site, 0.0) - time.monotonic()
            if not self.limit.allows(max(rest, 0.0)):
                raise IgnoreRequest(
                    f"robots.txt asks for {delay:g} s between two pages,"
                    " and this crawl has no more time for that"
                )
            if rest > 0:
                await asyncio.sleep(rest)
            self._next[site] = time.monotonic() + delay


def _moved_to(response: Response) -> str:
    """Return where a redirect leads, nothing for another answer.

    Raises ValueError for an address that is none.
    """
    location = response.headers.get("Location")
    if response.status not in (301, 302, 303, 307, 308) or not location:
        return ""
    target: str = urldefrag(response.urljoin(safe_url_string(location)))[0]
    return target
