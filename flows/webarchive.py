"""Looks from web archives that others made: WARC and WET files, gzipped or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from flows.payload import body as undone
from flows.saved import Found
from schemas.dates import utc
from spiders import base
from spiders.warc import LONGEST_HEAD, Damaged, Record, Unpacked, headers, holds, records

_TYPES = ("response", "resource", "conversion")


def found(source: str, files: Sequence[Path], say: Callable[[str], None]) -> Iterator[Found]:
    """Yield the records of some files that are looks at a source's pages: answers with status 200. No body is held: each is read when it is asked for.

    Raises ValueError for a file that is no web archive. A file that breaks off is read up to there, and that is said.
    """
    pages = pages_of(source)
    for path in files:
        if not path.is_file():
            raise ValueError(f"{path}: no such file")
        read = 0
        try:
            with path.open("rb") as file:
                for record in records(Unpacked(file)):
                    read += 1
                    look = _look(source, record, path, pages, say)
                    if look is not None:
                        yield look
        except (Damaged, OSError) as error:
            if not read:
                raise ValueError(f"{path}: not a web archive: {error}") from None
            say(f"{path.name}: breaks off after {read} records ({error}); what is before that is read")
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


def _look(source: str, record: Record, path: Path, pages: Callable[[str], str], say: Callable[[str], None]) -> Found | None:
    url, moment = record.head.get("warc-target-uri", "").strip("<>"), record.head.get("warc-date", "")
    page = pages(url)
    if record.kind not in _TYPES or not page:
        return None
    media = record.head.get("content-type", "")
    try:
        when = utc(moment).replace(microsecond=0)
        if _is_http(record):
            status, answer = _answer(record)
            if status != 200:
                return None
            media = answer.get("content-type", "")
    except ValueError as error:
        say(f"{path.name}: {url}: not read: {error}")
        return None
    return Found(source, url, page, when, f"{path.name}: {url}", partial(_body, path, record.offset, record.inside), media.split(";")[0].strip())


def _is_http(record: Record) -> bool:
    return record.kind == "response" and record.head.get("warc-target-uri", "").strip("<>").lower().startswith(("http:", "https:"))


def _answer(record: Record) -> tuple[int, dict[str, str]]:
    """Return status and headers of the answer in a record; status 0 for what is none."""
    line = record.line(LONGEST_HEAD)
    status = re.match(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b", line)
    if status is None:
        return 0, {}
    return int(status[1]), headers(record.line, record.offset)


def _body(path: Path, offset: int, inside: int) -> bytes:
    """Return the body of the record there. Raises ValueError for one that is not whole, too large, or another than its digests say."""
    with path.open("rb") as file:
        stream = Unpacked(file, offset)
        stream.skip(inside)
        record = next(records(stream), None)
        if record is None:
            raise ValueError("it is not in the archive any more")
        if record.head.get("warc-truncated"):
            raise ValueError("the archive holds only the beginning of it")
        if record.head.get("warc-segment-number"):
            raise ValueError("the archive holds it in several parts")
        block = record.body()
    head = record.head
    if "warc-block-digest" in head and not holds(head["warc-block-digest"], block):
        raise ValueError(f"damaged: its bytes are not what its WARC-Block-Digest {head['warc-block-digest'][:80]} says")
    whole, forms = _parted(block, record) if _is_http(record) else (block, (block,))
    if "warc-payload-digest" in head and not holds(head["warc-payload-digest"], *forms):
        raise ValueError(f"damaged: its bytes are not what its WARC-Payload-Digest {head['warc-payload-digest'][:80]} says")
    return whole


def _parted(block: bytes, record: Record) -> tuple[bytes, tuple[bytes, ...]]:
    """Return (the body of the HTTP answer in a block, its forms on the way to it)."""
    at = 0

    def line(most: int) -> bytes:
        nonlocal at
        end = block.find(b"\n", at)
        part = block[at : end + 1 if end >= 0 else len(block)]
        at += len(part)
        if len(part) > most:
            raise Damaged("its HTTP head has no end", record.offset)
        return part

    line(LONGEST_HEAD)
    answer = headers(line, record.offset)
    return undone(block[at:], answer)
