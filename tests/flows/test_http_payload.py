"""Packed bodies are undone in one place: whole or not at all, in a time that follows from size."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable

import pytest

from almanac.flows.harvest import http_payload
from almanac.spiders import inflate
from almanac.spiders.archive.unpacked import Damaged, TooLarge
from almanac.spiders.bounds import LARGEST_PAGE
from almanac.spiders.crawling import unpack_middleware

EMPTY = gzip.compress(b"", mtime=0)
TEXT = b'{"prices": "whole"}' * 50


def archived(packed: bytes, packing: str) -> bytes:
    """Return what a web archive's body is, undone."""
    return http_payload.body(packed, {"content-encoding": packing})[0]


def crawled(packed: bytes, packing: str) -> bytes:
    """Return what a crawl makes of a body."""
    return unpack_middleware.unpack(
        packed, packing.replace(" ", "").encode().split(b","), LARGEST_PAGE
    )


BOTH = pytest.mark.parametrize("undone", [archived, crawled])
Undone = Callable[[bytes, str], bytes]


@BOTH
@pytest.mark.parametrize("count", [200, 100_000])
def test_a_body_of_many_empty_parts_is_refused_at_once(undone: Undone, count: int) -> None:
    started = time.thread_time()
    with pytest.raises(ValueError, match=f"more than {inflate.MOST_PARTS} parts"):
        undone(EMPTY * count, "gzip")
    assert time.thread_time() - started < 0.5


@BOTH
def test_parts_cost_what_they_are_long_not_what_follows_them(undone: Undone) -> None:
    """Each part is undone from its own bytes: the rest of a large body is not copied behind it."""
    noise = bytes(range(256)) * (20 * 2**12)
    body = EMPTY * (inflate.MOST_PARTS - 1) + gzip.compress(noise, 0, mtime=0)
    started = time.thread_time()
    assert undone(body, "gzip") == noise
    assert time.thread_time() - started < 1.0


@BOTH
def test_a_body_is_undone_by_both_alike(undone: Undone) -> None:
    assert undone(gzip.compress(TEXT) + gzip.compress(TEXT), "gzip") == TEXT * 2
    assert undone(gzip.compress(zlib.compress(TEXT)), "deflate, x-gzip") == TEXT
    assert undone(zlib.compress(TEXT, wbits=-15), "deflate") == TEXT


@BOTH
@pytest.mark.parametrize(
    "packing, packed",
    [
        ("gzip", gzip.compress(TEXT)[:-9]),
        ("deflate", zlib.compress(TEXT)[:-9]),
        ("gzip", gzip.compress(TEXT)[:16] + b"\xff" * 60),
        ("deflate", b"\xff" * 60),
        ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(TEXT)))),
        ("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-4]),
    ],
    ids=["gzip cut", "deflate cut", "gzip damaged", "no deflate", "three layers", "last part cut"],
)
def test_a_body_that_is_not_whole_is_refused_by_both(
    undone: Undone, packing: str, packed: bytes
) -> None:
    with pytest.raises(ValueError):
        undone(packed, packing)


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "gzip, gzip", ""])
def test_no_body_that_is_larger_than_a_page_comes_out_of_a_web_archive(packing: str) -> None:
    import brotli

    how = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    body = bytes(LARGEST_PAGE + 1)
    for name in filter(None, packing.split(", ")):
        body = how[name](body)
    with pytest.raises(TooLarge, match=f"more than {LARGEST_PAGE:,} bytes"):
        archived(body, packing)
    with pytest.raises(Damaged):
        archived(gzip.compress(b"x")[:-1], "gzip")
