"""robots.txt that is elsewhere, hostile, or asks for more time than there is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from almanac.spiders.crawling.robots_middleware import Rules
from tests.support.crawls import crawl, pace
from tests.support.site import Site

FORBIDS = (200, b"User-agent: *\nDisallow: /private/\n", {})


def redirects(site: Site, hops: int, status: int = 301) -> None:
    """Let robots.txt be found after so many redirects."""
    for hop in range(hops):
        path = "/robots.txt" if hop == 0 else f"/hop/{hop}"
        site.answers[path] = (status, b"", {"Location": f"/hop/{hop + 1}"})
    site.answers[f"/hop/{hops}"] = FORBIDS


@pytest.fixture
def other() -> Iterator[Site]:
    """A server at another address, which is not on the card."""
    site = Site(host="127.0.0.2")
    yield site
    site.server.shutdown()


@pytest.mark.parametrize("hops, status", [(1, 301), (1, 302), (1, 303), (2, 307), (5, 308)])
def test_a_robots_file_that_moved_is_followed_and_obeyed(
    site: Site, tmp_path: Path, hops: int, status: int
) -> None:
    """RFC 9309, 2.3.1.2: at least five redirects; what is found there holds for the first host."""
    redirects(site, hops, status)
    done = crawl([f"{site.url}/good", f"{site.url}/private/1"], tmp_path)
    assert [look["page"] for look in done.looks] == [f"{site.url}/good"]
    assert ["robots.txt forbids it" in error for error in done.errors] == [True]
    assert [path for path, _ in site.asked if path.startswith("/hop/")] == [
        f"/hop/{n + 1}" for n in range(hops)
    ], "asked once"


@pytest.mark.parametrize(
    "hops, said",
    [
        (
            {
                "/robots.txt": "/hop/1",
                "/hop/1": "/hop/2",
                "/hop/2": "/hop/3",
                "/hop/3": "/hop/4",
                "/hop/4": "/hop/5",
                "/hop/5": "/hop/6",
            },
            "more than 5 redirects",
        ),
        ({"/robots.txt": "/robots.txt"}, "more than 5 redirects"),
        ({"/robots.txt": "/hop/1", "/hop/1": "/robots.txt"}, "more than 5 redirects"),
        (
            {"/robots.txt": "http://10.0.0.1/robots.txt"},
            "10.0.0.1 is not a host of the source's card",
        ),
        (
            {"/robots.txt": "http://169.254.169.254/latest/meta-data"},
            "169.254.169.254 is not a host",
        ),
        (
            {"/robots.txt": "/hop/1", "/hop/1": "https://www.example.org/robots.txt"},
            "www.example.org is not a host",
        ),
        ({"/robots.txt": "//localhost/robots.txt"}, "localhost is not a host"),
        ({"/robots.txt": "file:///etc/hostname"}, "no host is not a host"),
        ({"/robots.txt": "ftp://127.0.0.1/robots.txt"}, "ftp is not spoken"),
        ({"/robots.txt": "http://user:pass@127.0.0.1/robots.txt"}, "user name"),
        ({"/robots.txt": "http://[::1/robots.txt"}, "could not be had"),
        ({"/robots.txt": ""}, "could not be had"),
    ],
)
def test_a_robots_file_that_cannot_be_reached_allows_nothing(
    site: Site, tmp_path: Path, hops: dict[str, str], said: str
) -> None:
    site.answers.update(
        {path: (302, b"", {"Location": to} if to else {}) for path, to in hops.items()}
    )
    site.answers["/hop/6"] = FORBIDS
    done = crawl([f"{site.url}/good"], tmp_path)
    assert done.looks == [] and not site.paths()["/good"] and not site.paths()["/hop/6"]
    (error,) = done.errors
    assert said in error and "robots.txt could not be had" in error and len(error) < 400, error
    assert len(site.asked) <= 6


def test_a_robots_file_never_leads_off_the_card(site: Site, other: Site, tmp_path: Path) -> None:
    """Every host that is contacted is on the card, the host of a robots.txt too.

    Put on the card, it is read.
    """
    other.answers["/robots.txt"] = FORBIDS
    site.answers["/robots.txt"] = (301, b"", {"Location": f"{other.url}/robots.txt"})
    urls = [f"{site.url}/good", f"{site.url}/private/1"]
    refused = crawl(urls, tmp_path / "off")
    assert (
        refused.looks == []
        and not other.asked
        and "127.0.0.2 is not a host of the source's card" in refused.errors[0]
    )
    allowed = crawl(urls, tmp_path / "on", hosts=("127.0.0.1", "127.0.0.2"))
    assert [look["page"] for look in allowed.looks] == [f"{site.url}/good"] and len(
        other.asked
    ) == 1


def test_a_robots_file_that_is_a_page_with_a_refresh_is_not_followed(
    site: Site, tmp_path: Path
) -> None:
    page = b'<html><head><meta http-equiv="refresh" content="0;url=/elsewhere"></head></html>'
    site.answers["/robots.txt"] = (200, page, {"Content-Type": "text/html"})
    assert len(crawl([f"{site.url}/good"], tmp_path).looks) == 1 and not site.paths()["/elsewhere"]


@pytest.mark.parametrize("delay", ["1e9", "1e308", "99999999999999999999", "100"])
def test_a_delay_longer_than_the_crawl_ends_it_at_once_and_says_so(
    site: Site, tmp_path: Path, delay: str
) -> None:
    site.robots = (200, f"User-agent: *\nCrawl-delay: {delay}\n".encode())
    done = crawl([f"{site.url}/allowed/{n}" for n in range(4)], tmp_path, pace(whole=60))
    assert done.last["reason"] == "finished"
    assert (
        len(done.looks) == 1 and sum("robots.txt asks for" in error for error in done.errors) == 3
    )
    assert max(map(len, done.errors)) < 300


@pytest.mark.parametrize(
    "delay", ["nan", "-5", "-inf", "soon", "9" * 5000, "inf", "1e999", "\u00b2"]
)
def test_a_delay_that_is_no_number_never_stops_a_crawl(
    site: Site, tmp_path: Path, delay: str
) -> None:
    site.robots = (200, f"User-agent: *\nCrawl-delay: {delay}\n".encode())
    done = crawl([f"{site.url}/allowed/{n}" for n in range(3)], tmp_path, pace(whole=60))
    assert done.last["reason"] == "finished" and done.looks
    assert len(done.looks) + len(done.errors) == 3


def test_a_robots_file_that_begins_with_a_byte_order_mark_is_obeyed(
    site: Site, tmp_path: Path
) -> None:
    site.robots = (200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /private/\n")
    done = crawl([f"{site.url}/private/1"], tmp_path)
    assert done.looks == [] and "robots.txt forbids it" in done.errors[0]


def test_the_group_of_this_crawler_is_found_by_its_name_alone() -> None:
    """RFC 9309, 2.2.1: by the product token, in any case.

    It is not found by a word of what else the agent says of itself.
    """
    for line, allowed in {
        "ModelAlmanac": False,
        "modelalmanac/0.1": False,
        "*": False,
        "open": True,
        "Model": True,
        "OtherBot": True,
        "ModelAlmanacNot": True,
    }.items():
        assert (
            not Rules(f"User-agent: {line}\nDisallow: /\n", "modelalmanac").refusal(
                "https://x.example/a"
            )
        ) is allowed, line
    ours = Rules(
        "User-agent: *\nDisallow: /\n\nUser-agent: OtherBot\n"
        "User-Agent : ModelAlmanac # us\nDisallow: /b\n",
        "modelalmanac",
    )
    assert not ours.refusal("https://x.example/a") and ours.refusal("https://x.example/b")


def test_many_agents_times_many_rules_cost_no_more_than_their_lines() -> None:
    """Read as written, 100 KiB of it take a minute and more than a gigabyte."""
    for line in ("User-agent: bot-{}", "useragent {}", "USER AGENT  : x{}", "User-agent:*{}"):
        text = (
            "\n".join(line.format(f"{n:x}") for n in range(12_000))
            + "\nDisallow: /private/\n"
            + "Disallow: /a\n" * 15_000
        )
        started = time.process_time()
        Rules(text, "modelalmanac").refusal("https://x.example/a")
        assert time.process_time() - started < 10
