"""A crawl of one source, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict, cast

from almanac.schemas.claim import Capture
from almanac.schemas.moment import stamp
from almanac.spiders import base
from almanac.spiders.archive.warc import Archive
from almanac.spiders.crawling.crawl_order import CrawlOrder, Pace

PACE = Pace()


class NothingFetched(RuntimeError):
    """A crawl that brought no page. `failed` says of each page why."""

    def __init__(self, why: str, failed: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(why)
        self.failed = tuple(failed)


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What a crawl brought: its captures, and the pages that gave no body, each with the reason."""

    captures: tuple[Capture, ...]
    errors: tuple[tuple[str, str], ...]


class _CrawlReport(TypedDict, total=False):
    """What a crawl prints as its last line."""

    reason: str
    """How it ended; `finished` where it came to its end."""
    looks: list[dict[str, Any]]
    """The captures, as the archive's index has them."""
    errors: list[tuple[str, str]]


def crawl(source: str, folder: Path, archive: Archive, started: datetime) -> CrawlResult:
    """Crawl one source in its own process, since a Twisted reactor starts only once.

    `folder` is that of the archive, `started` (UTC) the moment the crawl counts on from.

    Raises RuntimeError for a key that the environment lacks, NothingFetched where no page came or
    the crawl broke off; what it had fetched is in the archive even so.
    """
    process = subprocess.run(
        [sys.executable, "-P", "-m", "almanac.spiders.crawling.spider"],
        input=_order(source, folder, started).as_json(),
        capture_output=True,
        text=True,
        timeout=PACE.whole + PACE.grace + 60,
        start_new_session=True,
    )
    report = _last_line(process.stdout)
    captures = tuple(archive.adopt(report.get("looks", ())))
    errors = tuple((str(page), str(why)) for page, why in report.get("errors", ()))
    reason = report.get("reason")
    if process.returncode or reason != "finished":
        raise NothingFetched(
            f"the crawl ended with {reason or _last_complaint(process.stderr)}", errors
        )
    if not captures:
        each = "; ".join(f"{page}: {why}" for page, why in errors)
        raise NothingFetched(each or "no page could be fetched", errors)
    return CrawlResult(captures, errors)


def _order(source: str, folder: Path, started: datetime) -> CrawlOrder:
    reader, card = base.source(source), base.card(source)
    if reader.key and not os.environ.get(reader.key[1]):
        raise RuntimeError(f"needs a key in the environment variable {reader.key[1]}")
    return CrawlOrder(
        source,
        str(folder),
        reader.start_urls,
        tuple(card.hosts),
        reader.key,
        PACE,
        started=stamp(started),
    )


def _last_complaint(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1][:200]


def _last_line(output: str) -> _CrawlReport:
    """Return what a crawl reports in its last line, nothing where that is no JSON."""
    try:
        return cast(_CrawlReport, dict(json.loads((output.strip().splitlines() or ["{}"])[-1])))
    except (ValueError, TypeError):
        return {}
