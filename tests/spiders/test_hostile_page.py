"""What one page may ask for: its size, depth, parts, claims and time.

One that asks for more is refused whole, at once, with the reason.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from almanac.schemas.claim import Claim
from almanac.spiders import base, bounds
from almanac.spiders import page as pages
from almanac.spiders.page import Page
from almanac.spiders.parsers import flat
from almanac.spiders.parsers.records import KeyedRecords
from almanac.spiders.sources.litellm import LiteLLM
from tests.support.hostile import bounded, read_in_child

MOMENT = datetime(2026, 5, 1, tzinfo=UTC)
ROW = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-07}


def read(source: str, body: bytes | str, url: str = "https://example.org/page") -> base.Reading:
    return base.read_page(
        base.source(source),
        Page(
            source,
            url,
            body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass"),
            MOMENT,
        ),
    )


TALL = "<table><tr><th>Model</th><th>Input per 1M tokens</th></tr>"
DEEP = {
    "elements in each other": (
        "perplexity_pricing",
        "<html><body>" + "<div>" * 100_000,
        "nested deeper than 200",
    ),
    "elements closed that were never open": (
        "perplexity_pricing",
        "<html><body>" + "<b>" * 300_000 + "</i>" * 300_000,
        "nested deeper than 200",
    ),
    "more elements than any page has": (
        "perplexity_pricing",
        "<html><body>" + "<p>" * 900_000,
        "more than 300,000 elements",
    ),
    "spans over spans": (
        "perplexity_pricing",
        "<html><body>" + TALL + "<tr>" + "<td colspan=200 rowspan=200>1" * 300,
        "columns, more than 200",
    ),
    "spans down and across": (
        "perplexity_pricing",
        "<html><body>" + TALL + "<tr><td colspan=150>1" * 1_000,
        "cells",
    ),
    "a hundred thousand columns of HTML": (
        "perplexity_pricing",
        "<html><body>" + TALL + "<tr>" + "<td>1" * 100_000,
        "columns, more than 200",
    ),
    "a hundred thousand columns of Markdown": (
        "perplexity_pricing",
        "| Model | Input |\n|---|---|\n" + "|1" * 100_000,
        "columns, more than 200",
    ),
    "a million empty cells": (
        "perplexity_pricing",
        "| Model | Input |\n|---|---|\n" + "| | |\n" * 500_000,
        "cells",
    ),
    "a head of a hundred thousand columns": (
        "perplexity_pricing",
        "|a" * 100_000 + "|\n" + "|--" * 100_000 + "|\n",
        "columns, more than 200",
    ),
    "tables in tables": (
        "llm_reference",
        "<html><body>" + "<table><tr><td>" * 60 + "word " * 500_000,
        "no table has a column",
    ),
    "JSON in JSON": ("litellm", '{"a":' * 100_000, "nested too deeply"),
    "JSON of nothing": ("litellm", "[" + "{}," * 1_000_000 + "{}]", "JSON of up to"),
    "TOML in TOML": ("models_dev", "a = " + "[" * 100_000, ""),
    "an address of a megabyte": ("litellm", "{}", "an address of"),
}


@pytest.mark.parametrize("kind", DEEP)
def test_a_page_built_to_be_large_is_refused_at_once(kind: str) -> None:
    source, body, reason = DEEP[kind]
    url = (
        "https://example.org/" + "a" * 10**6
        if "address" in kind
        else "https://example.org/models/m.toml"
        if "TOML" in kind
        else "https://example.org/page"
    )
    if "address" in kind:
        reading = read(source, body, url)
        assert reason in reading.failed
        return
    said = read_in_child(source, url, body.encode(), seconds=30)
    assert said["claims"] == 0 and reason in said["failed"], said
    assert said["megabytes"] < 700, "what it asks for is refused before it is there"


def test_a_body_larger_than_any_page_is_refused_before_it_is_decoded() -> None:
    work = (
        "from tests.support.hostile import peak\n"
        "from tests.spiders.test_hostile_page import read\n"
        "before = peak()\n"
        "reading = read('litellm', b'x' * (120 * 2**20))\n"
        "grown = peak() - before\n"
        "assert 'a body of 125,829,120 bytes' in reading.failed, reading.failed\n"
        "assert reading.refusals[-1].reason.startswith('page refused: a body of'),"
        " reading.refusals\n"
        "assert grown < 200, grown\n"
        "print('done')\n"
    )
    assert bounded(work, seconds=20).strip() == "done"


def test_a_page_of_the_size_of_the_largest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"gpt-4o-mini": ROW})
    monkeypatch.setattr(pages, "LARGEST_PAGE", len(body))
    assert len(read("litellm", body).claims) == 1
    assert "a body of" in read("litellm", body + " ").failed


class Slow(LiteLLM):
    """A reader whose every row takes its time, as patterns do on a page that is built for it."""

    rows = 0

    def _row(
        self, records: KeyedRecords, name: str, row: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        Slow.rows += 1
        yield from super()._row(records, name, row, at)


SLOW = json.dumps({f"gpt-{n}": ROW for n in range(1_000)}).encode()


def _work() -> None:
    until = time.thread_time() + 0.005
    while time.thread_time() < until:
        pass


HTML = (
    "<html><body>"
    + (
        "<h2>Prices</h2><table><tr><th>Model</th><th>Input per 1M tokens</th></tr>"
        "<tr><td>sonar</td><td>$3</td></tr></table>"
    )
    * 600
)
MARKDOWN = (
    "| Model | Input per 1M tokens |\n|---|---|\n"
    + "| sonar | $3 |\n" * 600
    + "| a | b | c |\n" * 600
)
BLOCKS = "sonar\n\n" * 600


def _busy(items: Iterable[object]) -> None:
    for _ in items:
        _work()


FORGETFUL: dict[str, tuple[str, Callable[[Page], object]]] = {
    "tables": (HTML, lambda page: _busy(flat.tables(page))),
    "rows": (MARKDOWN, lambda page: _busy(flat.tables(page)[0].rows)),
    "ragged rows": (MARKDOWN, lambda page: _busy(flat.tables(page)[0].ragged)),
    "lines": (BLOCKS, lambda page: _busy(flat.lines(page))),
    "lines in pairs": (BLOCKS, lambda page: _busy(pairwise(flat.lines(page)))),
    "matches": (BLOCKS, lambda page: _busy(flat.matches(re.compile("sonar"), page.text))),
    "a walk for every table": (
        HTML,
        lambda page: [
            t.find_parent("nav") or t.find_all_previous("h1")
            for t in page.soup.find_all("table")
            for _ in range(99)
        ],
    ),
    "a search for every table": (
        HTML,
        lambda page: [page.soup.find_all("td") for _ in range(9_999)],
    ),
    "a selector for every table": (
        HTML,
        lambda page: [page.soup.select("td.x") for _ in range(9_999)],
    ),
    "a text for every table": (HTML, lambda page: [page.soup.get_text() for _ in range(9_999)]),
    "what comes after every table": (
        HTML,
        lambda page: [
            t.find_all_next("h1") for t in page.soup.find_all("table") for _ in range(99)
        ],
    ),
    "what is beside every table": (
        HTML,
        lambda page: [
            t.find_next_siblings("h1") for t in page.soup.find_all("table") for _ in range(99)
        ],
    ),
    "what was beside every table": (
        HTML,
        lambda page: [
            t.find_previous_siblings("h1") for t in page.soup.find_all("table") for _ in range(99)
        ],
    ),
}
"""Readers whose author did not think of the time."""


@pytest.mark.parametrize("kind", FORGETFUL)
def test_a_reader_that_never_asks_for_the_time_is_stopped(kind: str) -> None:
    text, work = FORGETFUL[kind]

    class Forgetful(base.Source):
        def read(self, page: Page) -> Iterator[Claim]:
            work(page)
            yield from ()

    started = time.thread_time()
    reading = base.read_page(
        Forgetful(), Page("perplexity_pricing", "u", text.encode(), MOMENT, seconds=0.6)
    )
    assert reading.failed == "takes longer than 0.6 s to read"
    assert time.thread_time() - started < 2.5, "all of it would take more than three"


def test_elements_are_found_as_they_were() -> None:
    """What asks for the time is else the element that it was."""
    from bs4 import BeautifulSoup, Tag

    from almanac.spiders.parsers.html import parsed

    ours, plain = parsed(HTML), BeautifulSoup(HTML, "lxml")
    assert str(ours) == str(plain) and ours.get_text(" ") == plain.get_text(" ")
    assert all(isinstance(tag, Tag) for tag in ours.find_all(True))
    for found in (
        lambda s: s.find_all("td"),
        lambda s: s.select("tr:has(td) > td"),
        lambda s: s.find("td").find_all_previous(True),
        lambda s: s.find("td").find_parents(),
    ):
        assert [str(tag) for tag in found(ours)] == [str(tag) for tag in found(plain)]


def _slow() -> base.Reading:
    return base.read_page(Slow(), Page("litellm", "u", SLOW, MOMENT, seconds=0.6))


def test_a_page_slow_in_its_rows_is_stopped_and_refused_whole() -> None:
    Slow.rows = 0
    reading = _slow()
    assert reading.failed == "takes longer than 0.6 s to read" and not reading.claims
    assert 1 <= Slow.rows <= 60, "stopped between two rows, when the time was over"


def test_the_time_is_kept_in_threads_each_by_its_own() -> None:
    """Prefect and Dask read pages in threads, where no signal arrives."""
    readings: list[base.Reading] = []
    threads = [threading.Thread(target=lambda: readings.append(_slow())) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert len(read("litellm", json.dumps({"gpt-4o-mini": ROW})).claims) == 1, (
        "another page, meanwhile"
    )
    for thread in threads:
        thread.join(60)
    assert [r.failed for r in readings] == ["takes longer than 0.6 s to read"] * 2


def test_what_is_read_after_a_slow_page_has_its_own_time() -> None:
    assert _slow().failed
    assert len(read("litellm", json.dumps({"gpt-4o-mini": ROW})).claims) == 1


def test_a_page_of_more_claims_than_any_has_is_refused_whole_and_never_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "MOST_CLAIMS", 1_000)
    taken: list[int] = []

    class Endless(LiteLLM):
        def read(self, page: Page) -> Iterator[Claim]:
            for n in range(10**7):
                taken.append(n)
                yield from page.say("context_window", 128_000, model=f"m-{n}", locator=f"/{n}")

    reading = base.read_page(Endless(), Page("litellm", "u", b"{}", MOMENT))
    assert reading.failed == "more than 1,000 claims" and not reading.claims and len(taken) == 1_001


def test_a_row_cannot_take_the_count_of_claims_for_its_own_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows that fail are set aside one by one; that the page has too many is no fault of a row."""
    monkeypatch.setattr(pages, "MOST_CLAIMS", 50)
    reading = read("litellm", json.dumps({f"gpt-{n}": ROW for n in range(200)}))
    assert reading.failed == "more than 50 claims"


def test_of_very_many_refusals_the_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_REFUSALS", 100)
    rows = {f"gpt-{n}": {**ROW, "input_cost_per_token": -1} for n in range(1_000)} | {
        "gpt-4o-mini": ROW
    }
    reading = read("litellm", json.dumps(rows))
    assert len(reading.claims) == 1 and len(reading.refusals) == 101
    assert reading.refusals[-1].reason == "900 more were refused and are not listed"


def test_bounds_are_well_above_what_real_pages_ask_for(everything_read: dict[str, int]) -> None:
    assert (
        everything_read["claims"] * 4 < bounds.MOST_CLAIMS
        and everything_read["refusals"] * 9 < bounds.MOST_REFUSALS
    )
    assert everything_read["bytes"] * 9 < bounds.LARGEST_PAGE


@pytest.fixture(scope="module")
def everything_read() -> dict[str, int]:
    from tests.support.recorded import RECORDED, reading

    most = {"claims": 0, "refusals": 0, "bytes": 0}
    for body in RECORDED:
        said = reading(body)
        most = {
            "claims": max(most["claims"], len(said.claims)),
            "refusals": max(most["refusals"], len(said.refusals)),
            "bytes": max(most["bytes"], body.stat().st_size),
        }
    return most


NOT_OF_THE_WEB = (
    "zlib",
    "hex",
    "rot13",
    "base64",
    "bz2",
    "quopri",
    "uu",
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "utf-7",
    "utf_16",
    "utf-32",
    "mbcs",
    "undefined",
    "__init__",
    "no-such-thing",
    "a" * 5000,
)


@pytest.mark.parametrize("declared", NOT_OF_THE_WEB)
def test_a_page_names_only_encodings_of_the_web(declared: str) -> None:
    """UTF-7 hides text, an escape makes text of text, and a bomb unpacks.

    Such a page is read as the UTF-8 that it is.
    """
    body = f'<!doctype html><meta charset="{declared}"><p>1 +AD4- \\u0041 é'.encode()
    assert Page("s", "u", body, MOMENT).text.endswith("<p>1 +AD4- \\u0041 é")


@pytest.mark.parametrize(
    "declared, name",
    [
        ("windows-1252", "cp1252"),
        ("ISO-8859-1", "latin-1"),
        ("gbk", "gbk"),
        ("Shift_JIS", "shift_jis"),
        ("KOI8-R", "koi8-r"),
        ("utf8", "utf-8"),
        ("gb18030", "gb18030"),
        ("euc-kr", "euc_kr"),
        ("big5", "big5"),
        ("iso-8859-15", "iso8859-15"),
    ],
)
def test_the_encodings_of_the_web_are_read(declared: str, name: str) -> None:
    word = {
        "gbk": "价格",
        "gb18030": "价格",
        "Shift_JIS": "価格",
        "KOI8-R": "цена",
        "euc-kr": "가격",
        "big5": "價格",
    }.get(declared, "é")
    assert Page("s", "u", f'<meta charset="{declared}">{word}'.encode(name), MOMENT).text.endswith(
        word
    )


def test_a_packed_body_stays_packed() -> None:
    import zlib

    bomb = b"charset=zlib " + zlib.compress(b"0" * 10**7)
    with pytest.raises(pages.Unreadable, match="is not text in"):
        _ = Page("s", "u", bomb, MOMENT).text


def test_one_number_of_five_thousand_digits_refuses_itself_alone() -> None:
    rows = json.dumps({"gpt-4o-mini": ROW, "gpt-9": {**ROW, "max_input_tokens": 7}}).replace(
        ": 7}", ": " + "7" * 5_000 + "}"
    )
    reading = read("litellm", rows)
    assert not reading.failed and [c.model for c in reading.claims] == ["gpt-4o-mini", "gpt-9"]
    assert {c.field for c in reading.claims} == {"price"}
    assert [(r.model, r.field) for r in reading.refusals] == [("gpt-9", "max_input_tokens")]


Make = Callable[[int], str]
LINES: dict[str, tuple[str, Make]] = {
    "a comment of hashes": ("models_dev", lambda n: "# " * n),
    "comments upon comments": ("models_dev", lambda n: "# a # b\n" * n + "!"),
    "a title of spaces": ("docker_hub_cards", lambda n: "# x" + " " * n + "x"),
    "blank lines": ("llama_cards", lambda n: "\n" * n + "| Model | Params |\n|---|---|\n"),
    "pictures never closed": ("groq", lambda n: "[![" * n),
    "cells of spaces": ("xai", lambda n: " " * n + "x"),
    "spaces between an offer's words": ("llm_api", lambda n: "a" + " " * n + "Global"),
    "spaces after a heading": ("perplexity_pricing", lambda n: "# x" + " " * n + "x\n"),
    "brackets in a line": ("google_models", lambda n: "[" * n + "\nModel code\n"),
    "a rule of spaces": ("perplexity_pricing", lambda n: "a|b\n" + " " * n + "|x\n"),
}
OTHERS = {"docker_hub_cards", "llama_cards"}
"""Read by patterns that are mended with the cards themselves."""


@pytest.mark.parametrize("kind", LINES)
def test_a_page_of_one_character_over_and_over_costs_what_it_is_long(kind: str) -> None:
    """Quadratic in 200,000 characters is minutes, and a pattern at work cannot be stopped."""
    source, make = LINES[kind]
    said = read_in_child(
        source,
        "https://example.org/models/m.json",
        make(200_000 // max(1, len(make(1)) // 2)).encode(),
        seconds=20,
    )
    assert said["claims"] == 0


def test_headings_and_links_come_as_they_did() -> None:
    from almanac.spiders.parsers.html_tables import markdown_tables, plain

    (table,) = markdown_tables(
        "##  Prices ## #  \n\nIn *dollars*\n\n| a | b |\n| :-- | --: |\n| [x](y) | <b>1</b> |\n"
    )
    assert (table.heading, table.before, table.rows) == (
        "Prices ##",
        ("In dollars",),
        (("x", "1"),),
    )
    assert plain("a < b <sup>2</sup> [c [d]](e) [f") == "a < b  c [d] [f"


def test_a_cell_longer_than_any_figure_is_refused_for_its_length() -> None:
    table = (
        "| Model | Input price per 1M tokens |\n|---|---|\n"
        f"| sonar | ${'1' * 60_000} |\n| sonar-pro | $3 |\n"
    )
    reading = read("perplexity_pricing", table)
    assert [c.model for c in reading.claims] == ["sonar-pro"]
    assert any("characters, more than any figure has (500)" in r.reason for r in reading.refusals)
    assert all(len(r.printed) <= 500 for r in reading.refusals)
