"""What a server sends is bounded before it is kept, sent back or printed."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest

from almanac.spiders.archive.warc import Archive
from almanac.spiders.crawling.conditional_requests import Validators
from almanac.spiders.crawling.hosts_middleware import PrivateAddress, check_address, refusal
from tests.support.crawls import CRAWL, crawl, kept, pace
from tests.support.site import Site

MIB = 2**20
DIGEST = "a" * 64


@pytest.mark.parametrize(
    "encoding, packed",
    [
        ("gzip", gzip.compress(b"0" * 50 * MIB)),
        ("deflate", zlib.compress(b"0" * 50 * MIB)),
        ("br", brotli.compress(b"0" * 50 * MIB)),
        ("gzip, gzip", gzip.compress(gzip.compress(b"0" * 50 * MIB))),
        ("gzip, br", brotli.compress(gzip.compress(b"0" * 50 * MIB))),
        ("", b"0" * 3 * MIB),
    ],
    ids=["gzip", "deflate", "br", "gzip twice", "gzip and br", "plain"],
)
def test_a_body_larger_than_allowed_once_unpacked_is_not_kept(
    site: Site, tmp_path: Path, encoding: str, packed: bytes
) -> None:
    site.answers["/large"] = (200, packed, {"Content-Encoding": encoding} if encoding else {})
    done = crawl([f"{site.url}/large"], tmp_path, pace(largest=MIB, retries=0))
    assert done.looks == [] and not Archive(tmp_path).looks and len(kept(tmp_path)) < 10_000
    assert (
        "only gzip or deflate was asked for" if "br" in encoding else "larger than"
    ) in done.errors[0] and len(done.errors[0]) < 400, done.errors


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_packed_body_that_was_cut_is_not_kept(site: Site, tmp_path: Path, encoding: str) -> None:
    """Half of a page must not pass for the page."""
    packed = gzip.compress(site.body) if encoding == "gzip" else zlib.compress(site.body)
    site.answers["/cut"] = (200, packed[: len(packed) // 2], {"Content-Encoding": encoding})
    site.answers["/whole"] = (200, packed, {"Content-Encoding": encoding})
    done = crawl([f"{site.url}/cut", f"{site.url}/whole"], tmp_path, pace(retries=0))
    assert [look["page"] for look in done.looks] == [f"{site.url}/whole"] and Archive(
        tmp_path
    ).body(done.looks[0]["digest"]) == site.body
    assert "cut" in done.errors[0] or "could not be unpacked" in done.errors[0], done.errors


@pytest.mark.parametrize(
    "answer, said",
    [
        ((302, b"", {"Location": "file:///etc/passwd"}), "not followed"),
        ((302, b"", {"Location": "data:text/html,hello"}), "not followed"),
        ((302, b"", {"Location": "javascript:alert(1)"}), "scheme"),
        ((302, b"", {}), "answered 302"),
        ((300, b"", {}), "answered 300"),
        ((302, b"", {"Location": "http://user:pw@127.0.0.1/good"}), "user name"),
        ((302, b"", {"Location": "http://user@127.0.0.1/good"}), "user name"),
        (
            (302, b"", {"Location": "https://127.0.0.1@docs.example.org/"}),
            "docs.example.org is not a host",
        ),
        ((302, b"", {"Location": "https://docs.example.org\\@127.0.0.1/"}), "not|user name"),
        ((302, b"", {"Location": "http://[::1"}), "."),
        ((302, b"", {"Location": "http://localhost/good"}), "localhost is not a host"),
        ((302, b"", {"Location": "http://0x7f.1/good"}), "not a host"),
        ((302, b"", {"Location": "/good?" + "x" * 10_000}), "longer than"),
        ((304, b"", {}), "answered 304"),
        (
            (
                200,
                (
                    b'<html><head><meta http-equiv="refresh" content="0;url=file:///etc/hostname">'
                    b"</head><body>x"
                ),
                {"Content-Type": "text/html"},
            ),
            None,
        ),
        (
            (
                200,
                (
                    b'<html><head><meta http-equiv="refresh" content="0;url=http://10.0.0.1/">'
                    b"</head><body>x"
                ),
                {"Content-Type": "text/html"},
            ),
            "10.0.0.1 is not a host",
        ),
    ],
)
def test_no_answer_leads_off_the_card_or_is_lost_in_silence(
    site: Site, tmp_path: Path, answer: Any, said: str | None
) -> None:
    import re

    site.answers["/there"] = answer
    done = crawl([f"{site.url}/there"], tmp_path, pace(retries=0))
    if said is None:
        assert len(done.looks) == 1 and Archive(tmp_path).body(done.looks[0]["digest"]) == answer[1]
        return
    assert done.looks == [] and len(done.errors) == 1 and re.search(said, done.errors[0]), (
        done.errors,
        done.printed[-500:],
    )
    assert len(done.errors[0]) < 400 and not site.paths()["/good"]


def test_addresses_with_a_user_name_or_of_great_length_are_refused() -> None:
    hosts = frozenset({"docs.example.org"})
    assert not refusal("https://docs.example.org/x", hosts)
    for url in (
        "https://u:p@docs.example.org/",
        "https://u@docs.example.org/",
        "https://:p@docs.example.org/",
        "https://@docs.example.org/",
    ):
        assert "user name" in refusal(url, hosts), url
    assert "longer than" in refusal("https://docs.example.org/" + "x" * 5000, hosts)
    assert (
        refusal("https://[docs.example.org/", hosts)
        and refusal("https://docs.example.org:99999999/", hosts)
        and refusal("", hosts)
    )
    for address in (
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::ffff:127.0.0.1",
        "fe80::1",
        "ff02::1",
    ):
        with pytest.raises(PrivateAddress):
            check_address("docs.example.org", address)


@pytest.mark.parametrize(
    "value", ["x" * 1001, "x" * 60_000, "a\x01b", "a\x1b[31mb", "caf\u00e9", "a\x85b", "a\x7fb"]
)
def test_a_hostile_validator_is_neither_stored_nor_sent_back(
    site: Site, tmp_path: Path, value: str
) -> None:
    header = value[:15_000]
    site.answers["/page"] = (200, site.body, {"ETag": header, "Last-Modified": header})
    for _ in range(2):
        done = crawl([f"{site.url}/page"], tmp_path, pace(retries=0))
        assert len(done.looks) == 1, done.errors
    assert not any(
        {"If-None-Match", "If-Modified-Since"} & set(headers) for _, headers in site.asked
    )
    assert value[:900].encode() not in kept(tmp_path) and value[:900] not in done.printed
    assert json.loads((tmp_path / "validators/anthropic_pricing.json").read_text()) == {}


def test_a_good_validator_beside_a_hostile_one_is_used(tmp_path: Path) -> None:
    known = Validators(tmp_path, "s")
    known.learn("u", '"v1"', "x" * 5000, DIGEST)
    known.save()
    assert Validators(tmp_path, "s").headers("u") == {"If-None-Match": '"v1"'}


DAMAGED = [
    b"",
    b"[]",
    b"null",
    b"3",
    b'"x"',
    b"{",
    b'{"u": 3}',
    b'{"u": []}',
    b'{"u": {"etag": 3, "digest": null}}',
    b'{"u": {"etag": ["x"], "last_modified": {}, "digest": "%s"}}' % DIGEST.encode(),
    b'{"u": {"etag": "a\\u0001b", "digest": "%s"}}' % DIGEST.encode(),
    b'{"u": {"etag": "%s", "digest": "%s"}}' % (b"x" * 5000, DIGEST.encode()),
    b'{"u": {"etag": "x\\r\\nX-Other: 1", "digest": "%s"}}' % DIGEST.encode(),
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"u": {"etag": "x", "digest": "../../etc"}}',
    b'{"u": {"etag": "x"}}',
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_of_validators_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "validators").mkdir()
    (tmp_path / "validators/s.json").write_bytes(content)
    known = Validators(tmp_path, "s")
    assert known.headers("u") == {} and known.digest("u") == ""
    known.learn("u", '"v"', "", DIGEST)
    known.save()
    assert Validators(tmp_path, "s").headers("u") == {"If-None-Match": '"v"'}


def test_a_page_whose_kept_body_is_damaged_is_asked_for_whole(site: Site, tmp_path: Path) -> None:
    crawl([f"{site.url}/good-etag"], tmp_path)
    (archive,) = tmp_path.glob("*.warc.gz")
    archive.write_bytes(b"\0" * archive.stat().st_size)
    done = crawl([f"{site.url}/good-etag"], tmp_path)
    assert [look["status"] for look in done.looks] == [200] and Archive(tmp_path).body(
        done.looks[0]["digest"]
    ) == site.body


@pytest.mark.parametrize(
    "media, stored",
    [
        ("text/html; charset=utf-8", "text/html"),
        ("TEXT/Markdown", "text/markdown"),
        ("text/" + "x" * 14_000, ""),
        ("nonsense", ""),
        ("a\x1b[31m/b", ""),
        ("text/h\u00e9", ""),
        ("", ""),
    ],
)
def test_a_media_type_is_one_or_nothing(
    site: Site, tmp_path: Path, media: str, stored: str
) -> None:
    site.answers["/page"] = (200, site.body, {"Content-Type": media})
    done = crawl([f"{site.url}/page"], tmp_path)
    assert [look["media_type"] for look in done.looks] == [stored] and len(done.printed) < 3000


def test_what_a_server_makes_an_error_say_is_one_short_printable_line(
    site: Site, tmp_path: Path
) -> None:
    site.answers["/bad"] = (302, b"", {"Location": "https://" + "x" * 3000 + ".example/\x1b[31m"})
    site.answers["/worse"] = (
        200,
        b"",
        {
            "X": (f"1\r\nContent-Length: \x1b[31m\u202e{'y' * 9000}\r\nContent-Length: 3")
            .encode()
            .decode("latin-1")
        },
    )
    done = crawl([f"{site.url}/bad", f"{site.url}/worse"], tmp_path, pace(retries=0))
    assert done.looks == [] and len(done.errors) == 2
    for error in done.errors:
        assert len(error) < 400 and error.isprintable(), error


def test_a_page_that_cannot_be_kept_is_named(site: Site, tmp_path: Path) -> None:
    """A disk that is full, as a limit of one KiB on every file."""
    full = ("bash", "-c", f"ulimit -f 1; exec {' '.join(CRAWL)}")
    site.answers["/large"] = (200, os.urandom(20_000), {})
    done = crawl([f"{site.url}/large"], tmp_path, command=full)
    assert (
        done.looks == []
        and "could not be kept" in done.errors[0]
        and "File too large" in done.errors[0]
    ), done.printed


def test_a_crawl_that_cannot_begin_says_why_in_its_last_line(site: Site, tmp_path: Path) -> None:
    (tmp_path / "unfinished").write_text("a file where a folder should be")
    done = crawl([f"{site.url}/good"], tmp_path)
    assert done.looks == [] and not site.asked and "unfinished" in done.last["reason"], done.printed


def test_validators_that_cannot_be_saved_are_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "validators").write_text("a file where a folder should be")
    done = crawl([f"{site.url}/good"], tmp_path)
    assert len(done.looks) == 1 and "could not be written" in done.last["reason"], done.printed
