"""Looks from web archives that others made: WARC and WET files, gzipped or not.

Nothing in them tells who answered but the address that a record names, so a record is a look at a
source's page only where that is an https address on a host of the source's card, plainly written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from almanac.flows.harvest.http_payload import body as undone
from almanac.flows.harvest.saved_captures import SavedLook
from almanac.schemas import files
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.archive.records import LONGEST_HEAD, Gap, WarcRecord, headers, holds, records
from almanac.spiders.archive.unpacked import Damaged, Unpacked
from almanac.spiders.bounds import LARGEST_PAGE

_TYPES = ("response", "resource", "conversion")
_ADDRESS = re.compile(r"(?i:https)://(?P<host>[A-Za-z0-9.-]+)(?::443)?(?P<path>[/?#][!-~]*)?")
"""An address that is read in one way only: no name before the host, no other port, no blank."""
_ODD = re.compile(r"[\\<>\"^`{|}]|(?:/|%2f)(?:\.|%2e){1,2}(?:/|%2f|$)", re.IGNORECASE)
"""What no path of an address holds, or what leads out of it."""


def looks(source: str, archives: Sequence[Path], say: Callable[[str], None]) -> Iterator[SavedLook]:
    """Yield the records of some files that are looks at a source's pages: answers with status 200.

    No body is held: each is read when it is asked for.

    Raises ValueError for a file that is no web archive. What is passed over since it is damaged is
    said, and so is what is no look though it is about a page: an answer that is no HTTP, how many
    revisits there are, and how many records stand at an address that only looks like one of a page.
    """
    pages, like = pages_of(source), _like(source)
    for path in archives:
        if not path.is_file():
            raise ValueError(f"{path}: no such file")
        yield from _Reading(source, path, pages, like, say).looks()


@dataclass(slots=True)
class _Reading:
    """One file as it is read."""

    source: str
    path: Path
    pages: Callable[[str], str]
    like: Callable[[str], bool]
    say: Callable[[str], None]
    records: int = 0
    revisits: int = 0
    posing: int = 0
    """Records whose address looks like one of the source's pages and is none."""

    def looks(self) -> Iterator[SavedLook]:
        try:
            with files.opened(self.path) as file:
                for record in records(Unpacked(file), self._tell):
                    self.records += 1
                    look = self._look(record)
                    if look is not None:
                        yield look
        except (ValueError, OSError) as error:
            if not self.records:
                raise ValueError(f"{self.path}: not a web archive: {error}") from None
            self._tell(
                f"breaks off after {self.records} records ({error}); what is before that is read"
            )
        if not self.records:
            raise ValueError(f"{self.path}: not a web archive, or an empty one")
        if self.revisits:
            self._tell(
                f"{self.revisits} revisits are not taken: their bodies stand in other records"
            )
        if self.posing:
            self._tell(self._left_out())

    def _left_out(self) -> str:
        hosts = ", ".join(base.card(self.source).hosts) or "none are on its card"
        why = f"their addresses are not plain https addresses on the hosts of {self.source}"
        return f"{self.posing} records like its pages are left out: {why} ({hosts})"

    def _tell(self, what: Gap | str) -> None:
        self.say(f"{self.path.name}: {what}")

    def _look(self, record: WarcRecord) -> SavedLook | None:
        """Return the look that a record is, if it is one at a page of the source."""
        url = record.head.get("warc-target-uri", "").strip("<>")
        page = self.pages(url)
        self.revisits += bool(page) and record.kind == "revisit"
        self.posing += not page and record.kind in _TYPES and self.like(url)
        if record.kind not in _TYPES or not page:
            return None
        media = record.head.get("content-type", "")
        try:
            when = utc(record.head.get("warc-date", "")).replace(microsecond=0)
            if _is_http(record):
                status, answer = _answer(record)
                if status != 200:
                    return None
                media = answer.get("content-type", "")
        except ValueError as error:
            self._tell(f"{url}: not read: {error}")
            return None
        body = partial(_body, self.path, record.offset, record.inside)
        media = media.split(";")[0].strip()
        return SavedLook(self.source, url, page, when, f"{self.path.name}: {url}", body, media)


def pages_of(source: str) -> Callable[[str], str]:
    """Return a function that says which page of a source an address of an archive is, or nothing.

    It is one only on a host of the card, compared whole. Of the card's patterns those count that
    are about addresses from their beginning: the others are about files in folders of ours.
    """
    hosts, start_pages = frozenset(base.card(source).hosts), _start_pages(source)
    patterns = [p for p in _patterns(source) if p.pattern.startswith("^https://")]

    def page(url: str) -> str:
        if not _is_on(url, hosts):
            return ""
        if start_page := start_pages.get(_bare(url)):
            return start_page
        return url.split("#")[0].split("?")[0] if _matches(patterns, url) else ""

    return page


def _like(source: str) -> Callable[[str], bool]:
    """Return a function that says whether an address looks like a page, wherever it leads."""
    start_pages, patterns = _start_pages(source), _patterns(source)
    return lambda url: _bare(url) in start_pages or _matches(patterns, url)


def _start_pages(source: str) -> dict[str, str]:
    return {_bare(url): url for url in base.source(source).start_urls}


def _patterns(source: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern) for pattern in base.card(source).matches]


def _matches(patterns: Sequence[re.Pattern[str]], url: str) -> bool:
    return any(pattern.search(f"{url} - - ") for pattern in patterns)


def _is_on(url: str, hosts: frozenset[str]) -> bool:
    """Whether an address is a plainly written https address on one of some hosts."""
    match = _ADDRESS.fullmatch(url)
    if match is None or match["host"].lower() not in hosts:
        return False
    return not _ODD.search(re.split("[?#]", match["path"] or "", maxsplit=1)[0])


def _bare(url: str) -> str:
    """Return an address without what does not tell two pages apart.

    That is scheme, `www.`, and a slash at the end.
    """
    address = url.split("#")[0].rstrip("/").lower()
    return re.sub(r"^https?://(www\.)?([^/]+?)(:443)?(?=/|$)", r"\2", address)


def _is_http(record: WarcRecord) -> bool:
    return record.kind == "response" and record.head.get("warc-target-uri", "").strip(
        "<>"
    ).lower().startswith(("http:", "https:"))


def _answer(record: WarcRecord) -> tuple[int, dict[str, str]]:
    """Return status and headers of the answer in a record. Raises Damaged for what is none."""
    line = record.line(LONGEST_HEAD)
    status = re.match(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b", line)
    if status is None:
        raise Damaged("there is no HTTP answer in it", record.offset)
    return int(status[1]), headers(record.line, record.offset)


def _body(path: Path, offset: int, inside: int) -> bytes:
    """Return the body of the record there.

    Raises ValueError for one that is not whole, too large, or another than its digests say.
    """
    with files.opened(path) as file:
        stream = Unpacked(file, offset)
        stream.skip(inside)
        record = next(records(stream), None)
        if record is None:
            raise ValueError("it is not in the archive any more")
        if record.head.get("warc-truncated"):
            raise ValueError("the archive holds only the beginning of it")
        if record.head.get("warc-segment-number"):
            raise ValueError("the archive holds it in several parts")
        if record.length > LARGEST_PAGE + (LONGEST_HEAD if _is_http(record) else 0):
            raise ValueError(
                f"{record.length:,} bytes, which is more than the {LARGEST_PAGE:,} that are read"
            )
        block = record.body()
    head = record.head
    if "warc-block-digest" in head and not holds(head["warc-block-digest"], block):
        raise ValueError(
            "damaged: its bytes are not what its WARC-Block-Digest"
            f" {head['warc-block-digest'][:80]} says"
        )
    whole, forms = _parted(block, record) if _is_http(record) else (block, (block,))
    if "warc-payload-digest" in head and not holds(head["warc-payload-digest"], *forms):
        raise ValueError(
            "damaged: its bytes are not what its WARC-Payload-Digest"
            f" {head['warc-payload-digest'][:80]} says"
        )
    return whole


def _parted(block: bytes, record: WarcRecord) -> tuple[bytes, tuple[bytes, ...]]:
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
    return undone(block[at:], answer, LARGEST_PAGE)
