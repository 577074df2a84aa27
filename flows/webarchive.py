"""Looks from web archives that others made: WARC and WET files, gzipped or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from flows.saved import LARGEST, Found
from schemas.dates import utc
from spiders import base

_TYPES = ("response", "resource", "conversion")


def found(source: str, files: Sequence[Path], say: Callable[[str], None]) -> Iterator[Found]:
    """Yield the records of some files that are looks at a source's pages: whole answers with status 200.

    Raises ValueError for a file that is no web archive. A file that breaks off is read up to there, and that is said.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    pages = pages_of(source)
    for path in files:
        if not path.is_file():
            raise ValueError(f"{path}: no such file")
        read = 0
        try:
            with path.open("rb") as file:
                records = ArchiveIterator(file)
                for record in records:
                    read += record.rec_headers.get_header("WARC-Type") is not None
                    one = _look(source, record, path, pages)
                    if one is not None:
                        yield one
        except (ArchiveLoadFailed, EOFError, OSError) as error:
            if not read:
                raise ValueError(f"{path}: not a web archive: {str(error).strip().splitlines()[0]}") from None
            say(f"{path.name}: breaks off after {read} records; what is before that is read")
        if not read:
            raise ValueError(f"{path}: not a web archive, or an empty one")


def pages_of(source: str) -> Callable[[str], str]:
    """Return a function that says which page of a source an address is, or nothing."""
    card, starts = base.card(source), base.source(source).start_urls
    known = {_bare(url): url for url in starts}

    def page(url: str) -> str:
        if found := known.get(_bare(url)):
            return found
        if any(re.search(p, f"{url} - - ") for p in card.matches):
            return url.split("#")[0].split("?")[0]
        return ""

    return page


def _bare(url: str) -> str:
    """Return an address without what does not tell two pages apart: scheme, `www.`, a slash at the end."""
    return re.sub(r"^https?://(www\.)?", "", url).split("#")[0].rstrip("/").lower()


def _look(source: str, record: Any, path: Path, pages: Callable[[str], str]) -> Found | None:
    head = record.rec_headers
    url, moment = head.get_header("WARC-Target-URI") or "", head.get_header("WARC-Date")
    page = pages(url.strip("<>"))
    if record.rec_type not in _TYPES or not page or not moment:
        return None
    status = int(record.http_headers.get_statuscode()) if record.http_headers else 200
    if status != 200:
        return None
    body = record.content_stream().read(LARGEST + 1)
    media = (record.http_headers.get_header("Content-Type") or "" if record.http_headers else head.get_header("Content-Type") or "").split(";")[0]
    return Found(source, url.strip("<>"), page, utc(moment).replace(microsecond=0), f"{path.name}: {url}", partial(_whole, body, bool(head.get_header("WARC-Truncated"))), media)


def _whole(body: bytes, cut: bool) -> bytes:
    """Return a body. Raises ValueError for one that the archive cut off, or that is too large."""
    if cut or len(body) > LARGEST:
        raise ValueError("the archive holds only the beginning of it")
    return body
