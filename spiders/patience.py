"""Retries that wait: what Retry-After asks for, else twice as long each time."""

from __future__ import annotations

import asyncio
import email.utils
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response


class PatientRetryMiddleware(RetryMiddleware):  # type: ignore[misc]
    """Downloader middleware in place of Scrapy's: a host that asks for more time than LONGEST_WAIT is left alone."""

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if request.meta.get("dont_retry") or response.status not in self.retry_http_codes:
            return response
        asked = retry_after(response.headers.get("Retry-After"), self.crawler.settings["CLOCK"].now().timestamp())
        longest = self.crawler.settings.getfloat("LONGEST_WAIT")
        if asked is not None and asked > longest:
            request.meta["asked_to_wait"] = asked
            return response
        again = self._retry(request, f"{response.status}")
        if again is None:
            return response
        await asyncio.sleep(self._wait(request) if asked is None else asked)
        return again

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if not isinstance(exception, self.exceptions_to_retry) or request.meta.get("dont_retry"):
            return None
        again: Request | None = self._retry(request, exception)
        if again is not None:
            await asyncio.sleep(self._wait(request))
        return again

    def _wait(self, request: Request) -> float:
        """Seconds before the next try: BACK_OFF, then twice that, and so on, at most LONGEST_WAIT."""
        settings: Any = self.crawler.settings
        return float(min(settings.getfloat("BACK_OFF") * 2 ** request.meta.get("retry_times", 0), settings.getfloat("LONGEST_WAIT")))


def retry_after(header: bytes | None, now: float) -> float | None:
    """Return the seconds a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3); None for none or nonsense.

    >>> retry_after(b"120", 0.0), retry_after(b"Thu, 01 Jan 1970 00:01:00 GMT", 30.0), retry_after(b"soon", 0.0)
    (120.0, 30.0, None)
    """
    text = (header or b"").decode("latin-1").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - now)
