"""Retries that wait.

They wait what Retry-After asks for, else twice as long each time, and never longer than
the crawl has.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from almanac.spiders.crawling.hosts_middleware import distrust

LONGEST_ASKED = 2.0**31
"""Seconds. What asks for more asks for this (RFC 9111, 1.2.2, of the same kind of number)."""

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_DATES = (
    re.compile(rf"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>[0-9]{{2}})-{_MONTH}-"
        rf"(?P<year>[0-9]{{2}}) {_TIME} GMT"
    ),
    re.compile(rf"{_DAY} {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)
"""The three forms of RFC 9110, 5.6.7: today's, RFC 850's, asctime's. All are UTC."""


class PatientRetryMiddleware(RetryMiddleware):  # type: ignore[misc]
    """Downloader middleware in place of Scrapy's.

    A host that asks for more time than LONGEST_WAIT is left alone.
    """

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if request.meta.get("dont_retry") or response.status not in self.retry_http_codes:
            return response
        asked = retry_after(
            response.headers.get("Retry-After"), self.crawler.settings["CLOCK"].now().timestamp()
        )
        if asked is not None and asked > self.crawler.settings.getfloat("LONGEST_WAIT"):
            request.meta["asked_to_wait"] = asked
            return response
        again = await self._again(
            request, f"{response.status}", self._wait(request) if asked is None else asked
        )
        return response if again is None else again

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if (
            not isinstance(exception, self.exceptions_to_retry)
            or request.meta.get("dont_retry")
            or distrust(str(exception))
        ):
            return None
        return await self._again(request, exception, self._wait(request))

    async def _again(
        self, request: Request, reason: str | Exception, wait: float
    ) -> Request | None:
        """Return the request to try again, after the wait.

        None where it was tried enough or the crawl's time does not suffice.
        """
        if not self.crawler.settings["LIMIT"].allows(wait):
            return None
        again: Request | None = self._retry(request, reason)
        if again is not None:
            await asyncio.sleep(wait)
        return again

    def _wait(self, request: Request) -> float:
        """Return the seconds before the next try.

        BACK_OFF, then twice that, and so on, at most LONGEST_WAIT.
        """
        settings: Any = self.crawler.settings
        return float(
            min(
                settings.getfloat("BACK_OFF") * 2 ** request.meta.get("retry_times", 0),
                settings.getfloat("LONGEST_WAIT"),
            )
        )


def retry_after(header: bytes | None, now: float) -> float | None:
    """Return the seconds a Retry-After header asks for, as a number or a date.

    None for none or nonsense (RFC 9110, 10.2.3).

    `now` is seconds since 1970. What comes back is from 0 to LONGEST_ASKED.

    >>> retry_after(b"120", 0.0), retry_after(b"Thu, 01 Jan 1970 00:01:00 GMT", 30.0)
    (120.0, 30.0)
    >>> retry_after(b"soon", 0.0)
    """
    text = (header or b"").decode("latin-1").strip(" \t")
    if re.fullmatch("[0-9]+", text):
        return min(float(text), LONGEST_ASKED)
    moment = _http_date(text, now)
    return None if moment is None else min(max(0.0, moment - now), LONGEST_ASKED)


def _http_date(text: str, now: float) -> float | None:
    """Return the moment of a date in a header, in seconds since 1970; None for what is no date."""
    match = next((m for form in _DATES if (m := form.fullmatch(text))), None)
    if match is None:
        return None
    year, month = int(match["year"]), _MONTHS.index(match["month"]) + 1
    try:
        if len(match["year"]) == 2:
            year = _century(year, datetime.fromtimestamp(now, UTC).year)
        second = int(match["second"])
        moment = datetime(
            year,
            month,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            min(second, 59),
            tzinfo=UTC,
        )
        # Second 60 is a leap second.
        return (moment + timedelta(seconds=second == 60)).timestamp() if second <= 60 else None
    except (ValueError, OverflowError, OSError):
        return None


def _century(two_digits: int, this_year: int) -> int:
    """Return the year meant by two digits.

    It is of this century, or of the one before where that is over 50 years away (RFC 9110, 5.6.7).
    """
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year + 50 else year
