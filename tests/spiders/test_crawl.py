"""Real crawls over HTTP against a server on loopback.

They are polite, patient, and never anywhere but the card's hosts.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from almanac.spiders.archive.warc import Archive
from almanac.spiders.crawling.crawl_order import CrawlOrder, Pace
from almanac.spiders.crawling.hosts_middleware import PrivateAddress, check_address
from tests.support import crawls
from tests.support.crawls import STARTED
from tests.support.recorded import CAPTURES
from tests.support.site import QUICK, Site

PAGE = (CAPTURES / "anthropic_pricing/2026-05-11/body").read_bytes()


def crawl(
    site: Site,
    folder: Path,
    *paths: str,
    pace: Pace = QUICK,
    key: tuple[str, str] | None = None,
    env: dict[str, str] | None = None,
    started: str = STARTED,
) -> dict[str, Any]:
    done = crawls.crawl([site.url + p for p in paths], folder, pace, key, env, started)
    assert done.code == 0, done.printed
    assert done.last["reason"] == "finished"
    return done.last | {"errors": done.errors}


def test_robots_is_obeyed_for_every_one_of_many_waiting_requests(
    site: Site, tmp_path: Path
) -> None:
    """Scrapy 2.14 to 2.19 lets all but the first waiters through.

    See spiders/crawling/robots_middleware.py.
    """
    allowed = [f"/allowed/{i}" for i in range(6)]
    forbidden = [f"/private/{i}" for i in range(4)]
    mixed = [p for pair in zip(allowed, [*forbidden, "", ""], strict=True) for p in pair if p]
    said = crawl(site, tmp_path, *mixed)
    assert set(site.paths()) == set(allowed)
    assert (
        len(said["looks"]) == 6 and sum("robots.txt forbids it" in e for e in said["errors"]) == 4
    )
    assert Counter(p for p, _ in site.asked)["/robots.txt"] == 1


@pytest.mark.parametrize(
    "robots, fetched",
    [((404, b"none"), 1), ((503, b""), 0), ((200, b""), 1), ((200, b"<html>not robots</html>"), 1)],
)
def test_a_robots_file_that_fails_forbids_and_one_that_is_missing_does_not(
    site: Site, tmp_path: Path, robots: tuple[int, bytes], fetched: int
) -> None:
    site.robots = robots
    said = crawl(site, tmp_path, "/good")
    assert (len(said["looks"]), site.paths()["/good"]) == (fetched, fetched)
    assert fetched or "answered 503" in said["errors"][0]


def test_crawl_delay_is_kept_between_requests(site: Site, tmp_path: Path) -> None:
    site.robots = (200, b"User-agent: *\nCrawl-delay: 0.7\n")
    crawl(site, tmp_path, "/allowed/1", "/allowed/2", "/allowed/3")
    gaps = [b - a for a, b in zip(site.times[1:], site.times[2:], strict=False)]
    assert len(gaps) == 2 and min(gaps) > 0.5


def test_the_agent_is_honest_and_has_a_contact(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "/good", env={"ALMANAC_CONTACT": "ops@example.org"})
    assert {h["User-Agent"] for _, h in site.asked} == {
        "ModelAlmanac/0.1 (open record of language models; contact: ops@example.org)"
    }


def test_a_page_that_did_not_change_is_seen_unchanged_by_304(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "/good-etag")
    second = crawl(site, tmp_path, "/good-etag")
    assert site.asked[-1][1]["If-None-Match"] == f'"{len(PAGE)}"'
    assert [look["status"] for look in second["looks"]] == [304]
    archive = Archive(tmp_path)
    assert {c.digest for c, _ in archive.looks} == {second["looks"][0]["digest"]} and archive.body(
        second["looks"][0]["digest"]
    ) == PAGE
    site.body = PAGE + b"\nmore"
    assert [look["status"] for look in crawl(site, tmp_path, "/good-etag")["looks"]] == [200]


def test_validators_without_their_body_are_not_used(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "/good-etag")
    for path in [*tmp_path.glob("*.warc.gz"), tmp_path / "index.jsonl"]:
        path.unlink()
    assert [look["status"] for look in crawl(site, tmp_path, "/good-etag")["looks"]] == [200]


def test_retry_after_is_waited_for_and_errors_back_off(site: Site, tmp_path: Path) -> None:
    started = time.monotonic()
    said = crawl(site, tmp_path, "/busy")
    assert len(said["looks"]) == 1 and site.paths()["/busy"] == 3
    assert time.monotonic() - started > 2
    said = crawl(
        site,
        tmp_path,
        "/broken",
        "/always-broken",
        "/busy-for-long",
        pace=Pace(**{**QUICK.__dict__, "retries": 3}),
    )
    assert [look["page"] for look in said["looks"]] == [site.url + "/broken"] and site.paths()[
        "/broken"
    ] == 4
    errors = " ".join(said["errors"])
    assert (
        "/always-broken: answered 500" in errors
        and "/busy-for-long: answered 429 and asks to wait 3600 s" in errors
    )
    assert site.paths()["/busy-for-long"] == 1


@pytest.mark.parametrize(
    "path, said",
    [
        ("/slow", "took longer than 2"),
        ("/cut", "dataloss|partial|ResponseFailed|PartialDownload"),
        ("/loop", "max redirections"),
        ("/bomb", "DOWNLOAD_MAXSIZE|maxsize|exceed|larger"),
        ("/gone", "answered 404"),
        ("/to?http://localhost:1/x", "localhost is not a host"),
        ("/to?http://10.0.0.1/x", "10.0.0.1 is not a host"),
        ("/to?http://169.254.169.254/latest/meta-data", "169.254.169.254 is not a host"),
        ("/to?file:///etc/passwd", "file"),
        ("/to?ftp://127.0.0.1/x", "ftp"),
        ("/to?https://docs.example.org/", "docs.example.org is not a host"),
    ],
)
def test_what_cannot_be_had_is_named_and_nothing_is_kept(
    site: Site, tmp_path: Path, path: str, said: str
) -> None:
    import re

    result = crawl(site, tmp_path, path)
    assert result["looks"] == [] and not Archive(tmp_path).looks
    assert len(result["errors"]) == 1 and re.search(said, result["errors"][0], re.I), result[
        "errors"
    ]


def test_a_name_that_leads_inside_the_network_is_refused() -> None:
    for address in (
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
    ):
        with pytest.raises(PrivateAddress, match="not a public address"):
            check_address("docs.example.org", address)
    assert check_address("docs.example.org", "93.184.215.14") == "93.184.215.14"


def test_the_resolver_is_the_one_that_checks(site: Site, tmp_path: Path) -> None:
    once, url = (
        Pace(**{**QUICK.__dict__, "retries": 0}),
        f"https://localhost:{site.server.server_port}/good",
    )
    done = crawls.crawl([url], tmp_path, once, hosts=("localhost",))
    assert done.looks == [] and "not a public address" in done.errors[0]
    assert not site.asked


def test_a_key_is_sent_from_the_environment_and_kept_nowhere(site: Site, tmp_path: Path) -> None:
    said = crawl(
        site, tmp_path, "/key", key=("X-Api-Key", "TEST_KEY"), env={"TEST_KEY": "s3cr3t-value"}
    )
    assert [h.get("X-Api-Key") for p, h in site.asked if p == "/key"] == ["s3cr3t-value"] and len(
        said["looks"]
    ) == 1
    echoed = crawl(
        site, tmp_path, "/key", key=("X-Api-Key", "TEST_KEY"), env={"TEST_KEY": "echo-s3cr3t"}
    )
    assert echoed["looks"] == [] and "repeats the key" in echoed["errors"][0]
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert b"s3cr3t" not in kept and b"s3cr3t" not in gzip.decompress(
        b"".join(p.read_bytes() for p in tmp_path.glob("*.warc.gz"))
    )
    assert "s3cr3t" not in json.dumps(said) + json.dumps(echoed)


def test_a_crawl_that_was_cut_off_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    pace, urls = Pace(**{**QUICK.__dict__, "timeout": 30}), (site.url + "/good", site.url + "/slow")
    order = CrawlOrder(
        "anthropic_pricing", str(tmp_path), urls, ("127.0.0.1",), None, pace, started=STARTED
    )
    child = subprocess.Popen(crawls.CRAWL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdin is not None
    child.stdin.write(order.as_json())
    child.stdin.close()
    assert json.loads(child.stdout.readline())["url"].endswith("/good")
    child.kill()
    child.wait()
    said = crawl(site, tmp_path, "/good", "/allowed/1", started="2026-05-19T13:00:00Z")
    assert site.paths()["/good"] == 1, "fetched before the kill"
    assert {look["page"] for look in said["looks"]} == {site.url + "/good", site.url + "/allowed/1"}
    crawl(site, tmp_path, "/good", started="2026-05-19T14:00:00Z")
    assert site.paths()["/good"] == 2, "a crawl that ended is not resumed"
