"""Web archives that others made.

No record of them is lost because of another, and none without a word.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from almanac.flows.harvest import web_archives
from almanac.spiders.bounds import LARGEST_PAGE
from tests.spiders.test_evidence import URL, WHOLE, answers, gzipped, member, response

POSING = [
    ("mistral", "https://evil.example/x mistral/models"),
    ("mistral", "https://docs.mistral.ai/x mistral/models"),
    ("mistral", "https://docs.mistral.ai.evil.example/models"),
    ("aws_bedrock_pricing", "https://evil.example/aws-bedrock/pricing_page.html"),
    ("api_list_models", "https://catalog.endpoints.ai.ovh.net.evil.example/rest/v1/models_v2"),
    ("api_list_models", "https://catalog.endpoints.ai.ovh.net@evil.example/rest/v1/models_v2"),
    ("api_list_models", "https://catalog.endpoints.ai.ovh.net:8443/rest/v1/models_v2"),
    ("api_list_models", "https://catalog.endpoints.ai.ovh.net\\@evil.example/rest/v1/models_v2"),
    ("xai", "http://docs.x.ai/docs/models"),
    ("xai", "ftp://docs.x.ai/docs/models"),
    ("xai", "https://docs.x.ai/docs/models\tx"),
    ("xai", "https://docs.x.ai/docs/models\x07"),
    ("xai", "https://docs.x.ai/docs/models\N{NO-BREAK SPACE}"),
    ("xai", "https://docs.x.ai/docs/models/../../of-others"),
    ("xai", "https://docs.x.ai/docs/models/%2E%2e/%2e./of-others"),
    ("xai", "https://docs.x.ai/docs/models\\..\\..\\of-others"),
    ("xai", "https://user@docs.x.ai/docs/models"),
    ("xai", "https://docs.x.a\N{LATIN SMALL LETTER DOTLESS I}/docs/models"),
    ("xai", "//docs.x.ai/docs/models"),
    ("openrouter", "https://evil.example/peers/openrouter/models.json"),
    ("genai_prices", "https://raw.githubusercontent.com/evil/x/main/peers/genai-prices/data.json"),
]
"""Addresses of strangers that a card's patterns, or its pages' names, are found in."""


def archived(url: str, body: bytes = b"x", kind: str = "response") -> bytes:
    """Return a record of an archive at an address, as it is written there."""
    head = f"WARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T00:00:00Z\r\n"
    return member(head, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)


@pytest.mark.parametrize("source, url", POSING)
def test_what_stands_at_a_strangers_address_is_no_page_of_the_source(
    source: str, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(archived(url))
    assert web_archives.pages_of(source)(url) == ""
    assert list(web_archives.looks(source, [path], lambda text: None)) == []


def test_addresses_that_only_look_like_a_page_are_counted_in_one_line_a_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "crawl.warc.gz"
    strange = ["http://docs.x.ai/docs/models", "https://docs.x.ai/docs/models/../x"]
    others = ["https://example.org/", "https://docs.x.ai/elsewhere"]
    own = "https://docs.x.ai/docs/models"
    path.write_bytes(b"".join(map(archived, [*strange, own, *others, *strange])))
    told: list[str] = []
    found = list(web_archives.looks("xai", [path, path], told.append))
    assert [f.page for f in found] == [own, own]
    assert len(told) == 2 and told[0] == told[1], told
    assert told[0].startswith(f"{path.name}: 4 ")
    assert "left out" in told[0] and "https" in told[0] and "docs.x.ai" in told[0]


@pytest.mark.parametrize(
    "source, url, page",
    [
        ("xai", "https://docs.x.ai/docs/models", "https://docs.x.ai/docs/models"),
        ("xai", "https://docs.x.ai/docs/models?a=b#c", "https://docs.x.ai/docs/models"),
        ("xai", "https://docs.x.ai:443/docs/models/", "https://docs.x.ai/docs/models"),
        ("anthropic_pricing", "https://www.claude.com/pricing", "https://www.claude.com/pricing"),
        ("llm_prices", "https://www.llm-prices.com/current-v1.json", ""),
        ("huggingface_config", "https://huggingface.co/o/m/raw/main/config.json", ""),
    ],
)
def test_a_page_at_a_host_of_the_card_is_the_sources(source: str, url: str, page: str) -> None:
    assert web_archives.pages_of(source)(url) == (page or url)


def test_every_page_that_a_source_starts_at_is_one_in_a_web_archive() -> None:
    from almanac.spiders import base

    for source in base.names():
        for url in base.source(source).start_urls:
            assert web_archives.pages_of(source)(url) == url, source


def said(path: Path) -> list[str]:
    """Return what is told of a web archive while its looks are listed."""
    told: list[str] = []
    list(web_archives.looks("llm_prices", [path], told.append))
    return told


def answer(block: bytes, kind: str = "response") -> bytes:
    """Return a record of the page whose block is just these bytes."""
    from almanac.spiders import base

    url = base.source("llm_prices").start_urls[0]
    head = f"WARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T00:00:00Z\r\n"
    return member(head, block)


MALFORMED = {
    "no line end": b"HTTP/1.1 200 OK",
    "no end of the head": b"HTTP/1.1 200 OK\r\nContent-Type: text/html",
    "a head that ends with its block": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
    "a status line without an end": b"HTTP/1.1 200 OK" + b" " * 3_000_000,
    "one long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000_000,
    "nothing": b"",
    "no HTTP": b"<html>",
}


@pytest.mark.parametrize("form", ["members", "plain", "one member"])
@pytest.mark.parametrize("block", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_answer_takes_no_other_record_with_it(
    block: bytes, form: str, tmp_path: Path
) -> None:
    records = [response(WHOLE), answer(block), response(WHOLE), response(WHOLE)]
    plain = b"".join(map(gzip.decompress, records))
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(
        {"members": b"".join(records), "plain": plain, "one member": gzipped(plain)}[form]
    )
    assert answers(path) == ["whole"] * 3
    told = said(path)
    assert len(told) == 1 and "not read: " in told[0] and "breaks off" not in told[0]


def test_an_answer_that_is_no_http_is_told(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(answer(b"ICY 200 OK\r\n\r\nbody") + response(WHOLE))
    assert answers(path) == ["whole"]
    (why,) = said(path)
    assert "no HTTP answer" in why and path.name in why


def test_revisits_are_told_in_one_line_a_file(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    other = response(b"x", url=URL).replace(b"response", b"response")
    again = answer(b"HTTP/1.1 200 OK\r\n\r\n", kind="revisit")
    path.write_bytes(response(WHOLE) + other + again * 3)
    assert answers(path) == ["whole"]
    (why,) = said(path)
    assert why.startswith(f"{path.name}: 3 revisits") and "not taken" in why
    path.write_bytes(response(WHOLE) + other)
    assert said(path) == []


@pytest.mark.parametrize("at", [3, 40, 120, -20, -6, -2])
def test_the_records_behind_a_damaged_one_are_found(at: int, tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    harmed = bytearray(response(WHOLE))
    harmed[at] ^= 0xFF
    path.write_bytes(response(WHOLE) + bytes(harmed) + response(WHOLE) + response(WHOLE))
    assert answers(path).count("whole") == 3
    assert any(path.name in text and "passed over" in text for text in said(path))


def test_what_falls_out_of_the_calendar_is_one_record_that_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    early = gzip.decompress(response(WHOLE))
    early = gzipped(early.replace(b"2026-01-02T00:00:00Z", b"0001-01-01T00:00:00+14:00"))
    path.write_bytes(early + response(WHOLE))
    assert answers(path) == ["whole"]
    assert ["calendar" in text for text in said(path)] == [True]


@pytest.mark.parametrize("packing", ["", "gzip"])
def test_an_answer_that_is_larger_than_a_page_is_a_failed_look(
    packing: str, tmp_path: Path
) -> None:
    path = tmp_path / "crawl.warc.gz"
    large = bytes(LARGEST_PAGE + 2 * 2**20)
    head = f"Content-Encoding: {packing}\r\n" if packing else ""
    path.write_bytes(response(gzip.compress(large, 1) if packing else large, head))
    (why,) = answers(path)
    assert "more than" in why and f"{LARGEST_PAGE:,}" in why
