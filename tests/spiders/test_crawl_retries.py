"""Waiting: what servers ask for is read strictly, and never outlives the crawl."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from almanac.spiders.archive.warc import Archive
from almanac.spiders.crawling.crawl_order import CrawlOrder
from almanac.spiders.crawling.retry_middleware import retry_after
from tests.support.crawls import CRAWL, STARTED, crawl, pace
from tests.support.site import Site

NOW = datetime(2026, 5, 19, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "header, seconds",
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"007", 7.0),
        (b"Tue, 19 May 2026 12:01:00 GMT", 60.0),
        (b"Tuesday, 19-May-26 12:01:00 GMT", 60.0),
        (b"Tue May 19 12:01:00 2026", 60.0),
        (b"Tue May  9 12:01:00 2026", 0.0),
        # Of the last century: 2094 is more than 50 years away.
        (b"Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
        (b"Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        (b"Thu, 31 Dec 2026 23:59:60 GMT", (datetime(2027, 1, 1, tzinfo=UTC).timestamp() - NOW)),
        (b"9" * 4000, 2.0**31),
        ("\u00b2".encode("latin-1"), None),
        ("\u00b2".encode(), None),
        ("\u0661\u0662".encode(), None),
        (b"-5", None),
        (b"+5", None),
        (b"1.5", None),
        (b"1e3", None),
        (b"1_000", None),
        (b"inf", None),
        (b"nan", None),
        (b"0x10", None),
        (b"", None),
        (None, None),
        (b"soon", None),
        (b"Tue, 31 Feb 2026 12:00:00 GMT", None),
        (b"Tue, 19 May 0000 12:00:00 GMT", None),
        (b"Tue, 19 May 2026 25:00:00 GMT", None),
        (b"Tue, 19 May 2026 12:01:00 -0000", None),
        (b"Tue, 19 May 2026 12:01:00", None),
        (b"Tue, 19 May 99999999999 12:00:00 GMT", None),
        (b"Tue, 19 May 2026 12:01:00 +9999", None),
        (b"5\r\n6", None),
        (b"5;6", None),
        (b"5, 6", None),
    ],
)
def test_what_a_server_asks_for_is_read_by_the_letter(
    header: bytes | None, seconds: float | None
) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_date_without_a_zone_is_utc_wherever_it_is_read(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert retry_after(b"Tue May 19 12:01:00 2026", NOW) == 60.0
    finally:
        monkeypatch.undo()
        time.tzset()


DATELIKE = st.builds(
    lambda *parts: " ".join(parts).encode("utf-8", "replace"),
    st.sampled_from(["Sun,", "Sunday,", "Tue", ""]),
    st.text("0123456789-\u0661\u00b2", max_size=12),
    st.sampled_from(["May", "Nov", "may", ""]),
    st.text("0123456789-", max_size=30),
    st.text("0123456789:", max_size=12),
    st.sampled_from(["GMT", "-0000", "+2400", ""]),
)


@given(
    st.one_of(
        st.binary(max_size=200), DATELIKE, st.text("0123456789", max_size=500).map(str.encode)
    ),
    st.floats(-1e12, 1e12),
)
@example(b"\xb2", 0.0)
@example(b"Mon, 01 Jan 0001 00:00:00 +2359", 0.0)
@example(b"\xff" * 5, 0.0)
@example(b"0 0 0 0 0", 0.0)
def test_whatever_a_server_sends_is_a_wait_or_nothing(header: bytes, now: float) -> None:
    seconds = retry_after(header, now)
    assert seconds is None or 0 <= seconds <= 2**31


def test_a_header_of_nonsense_costs_no_page(site: Site, tmp_path: Path) -> None:
    """A superscript two passes for a digit, and is no number."""
    site.answers["/odd"] = lambda asked: (
        (503, b"", {"Retry-After": "\u00b2"}) if site.paths()["/odd"] == 1 else (200, site.body, {})
    )
    done = crawl([f"{site.url}/odd"], tmp_path)
    assert len(done.looks) == 1 and site.paths()["/odd"] == 2 and done.errors == []


@pytest.mark.parametrize("wait", ["60", "back off"])
def test_a_wait_that_does_not_fit_is_not_begun(site: Site, tmp_path: Path, wait: str) -> None:
    site.answers["/busy"] = (503, b"", {"Retry-After": wait} if wait.isdigit() else {})
    done = crawl([f"{site.url}/busy"], tmp_path, pace(whole=50, longest_wait=90, back_off=60))
    assert done.last["reason"] == "finished", "it does not wait for its time to be up"
    assert done.looks == [] and "answered 503" in done.errors[0] and site.paths()["/busy"] == 1


def test_what_waits_in_line_when_the_time_is_up_is_left_and_named(
    site: Site, tmp_path: Path
) -> None:
    """A crawl ends soon after its time though requests wait their turn for minutes."""
    urls = [f"{site.url}/allowed/{n}" for n in range(8)]
    done = crawl(urls, tmp_path, pace(delay=200.0, whole=4, grace=2))
    assert done.last["reason"] == "closespider_timeout"
    assert (
        sorted([e.split(": ")[0] for e in done.errors] + [look["page"] for look in done.looks])
        == urls
    )
    assert all("ended" in e or "time" in e for e in done.errors), done.errors


def test_what_was_fetched_before_the_time_was_up_is_kept_and_resumed(
    site: Site, tmp_path: Path
) -> None:
    urls = [f"{site.url}/good", f"{site.url}/never"]
    site.answers["/never"] = lambda asked: time.sleep(200) or (200, b"", {})  # type: ignore[func-returns-value]
    done = crawl(urls, tmp_path, pace(timeout=190, whole=15, grace=2))
    assert done.last["reason"] == "closespider_timeout"
    assert [look["page"] for look in done.looks] == urls[:1] and [
        look.page for look, _ in Archive(tmp_path).looks
    ] == urls[:1]
    assert [e.split(": ")[0] for e in done.errors] == urls[1:]
    assert (
        len(crawl(urls[:1], tmp_path, started="2026-05-19T13:00:00Z").looks) == 1
        and site.paths()["/good"] == 1
    ), "the next crawl goes on where this one stopped"


def test_a_crawl_opens_no_door_of_its_own(site: Site, tmp_path: Path) -> None:
    """Scrapy can be steered from outside, by a server that runs what it is sent: not this crawl."""
    order = CrawlOrder(
        "anthropic_pricing",
        str(tmp_path / "home"),
        (f"{site.url}/slow",),
        ("127.0.0.1",),
        None,
        pace(timeout=30),
        started=STARTED,
    )
    state = tmp_path / "state"
    child = subprocess.Popen(
        CRAWL,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_STATE_HOME": str(state)},
    )
    try:
        assert child.stdin is not None
        child.stdin.write(order.as_json())
        child.stdin.close()
        for _ in range(300):
            if site.paths()["/slow"]:
                break
            time.sleep(0.1)
        assert site.paths()["/slow"], "it is under way"
        assert [
            c
            for c in psutil.Process(child.pid).net_connections("inet")
            if c.status == psutil.CONN_LISTEN
        ] == []
        assert not state.exists()
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize(
    "marker",
    [
        "nonsense",
        "2026-05-19T12:00:00",
        "2027-01-01T00:00:00Z",
        "2026-05-10T00:00:00Z",
        "",
        "0001-01-01T00:00:00+14:00",
        "x" * 10_000,
    ],
)
def test_a_marker_of_a_cut_off_crawl_is_a_time_of_the_last_day_or_nothing(
    site: Site, tmp_path: Path, marker: str
) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished/anthropic_pricing").write_text(marker)
    assert len(crawl([f"{site.url}/good"], tmp_path).looks) == 1 and site.paths()["/good"] == 1
    assert not (tmp_path / "unfinished/anthropic_pricing").exists()


def test_looks_carry_the_time_the_crawl_was_given(site: Site, tmp_path: Path) -> None:
    moment = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
    done = crawl([f"{site.url}/good"], tmp_path, started=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    taken = datetime.fromisoformat(done.looks[0]["fetched_at"])
    assert timedelta(0) <= taken - moment < timedelta(seconds=30)
    assert json.loads(CrawlOrder("s", "f", (), (), started=STARTED).as_json())["started"] == STARTED
    assert CrawlOrder.from_json(
        CrawlOrder("s", "f", ("u",), ("h",), ("a", "b"), started=STARTED).as_json()
    ) == CrawlOrder("s", "f", ("u",), ("h",), ("a", "b"), started=STARTED)
