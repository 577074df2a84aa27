"""A key is sent to the page that asks for it, and reaches no file and no output."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.spiders.crawling.secret import Secret
from tests.support.crawls import Crawled, crawl, kept
from tests.support.hostile import bounded
from tests.support.site import Answer, Site

KEY = 'sk-Live/4f+"9&ab=~Zq7'
HEADER = ("X-Api-Key", "TEST_KEY")
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "in lower case": str.lower,
    "percent-encoded": lambda key: quote(key, safe=""),
    "percent-encoded, every letter": lambda key: "".join(f"%{ord(c):02x}" for c in key),
    "percent-encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "as base64": lambda key: base64.b64encode(key.encode()).decode(),
    "as base64 for addresses": lambda key: (
        base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
    ),
    "as base64 of a header": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "as base64 of a user": lambda key: base64.b64encode(f"user:{key}:x".encode()).decode(),
    "as base64, percent-encoded": lambda key: quote(
        base64.b64encode(key.encode()).decode(), safe=""
    ),
    "as JSON": lambda key: json.dumps(key).replace("/", "\\/")[1:-1],
    "as JSON, every letter": lambda key: "".join(f"\\u{ord(c):04X}" for c in key),
    "as HTML": lambda key: html.escape(key),
    "as HTML, every letter": lambda key: "".join(f"&#x{ord(c):x};" for c in key),
    "as hexadecimal digits": lambda key: key.encode().hex(),
}
PLACES: dict[str, Callable[[str], Answer]] = {
    "the body": lambda text: (200, f"hello {text} bye".encode(), {}),
    "the body of a refusal": lambda text: (401, f"no such key {text}".encode(), {}),
    "an ETag": lambda text: (200, b"fine", {"ETag": f'"{text}"'}),
    "Last-Modified": lambda text: (200, b"fine", {"Last-Modified": text}),
    "the media type": lambda text: (200, b"fine", {"Content-Type": f"text/{text}"}),
    "any header": lambda text: (200, b"fine", {"X-Request": f"a {text} b"}),
    "the name of a header": lambda text: (200, b"fine", {f"X-{text}": "1"}),
    "Retry-After": lambda text: (503, b"", {"Retry-After": text}),
    "an address of this host": lambda text: (302, b"", {"Location": f"/good?{text}"}),
    "an address of another host": lambda text: (
        302,
        b"",
        {"Location": f"https://docs.example.org/{text}"},
    ),
    "an address that is not followed": lambda text: (
        302,
        b"",
        {"Location": f"ftp://127.0.0.1/{text}"},
    ),
    "a loop": lambda text: (302, b"", {"Location": f"/key?{text}"}),
    "a refreshing page": lambda text: (
        200,
        (
            '<html><head><meta http-equiv="refresh"'
            f' content="0;url=/good?{html.escape(text)}"></head>'
        ).encode(),
        {"Content-Type": "text/html"},
    ),
}


def nowhere(done: Crawled, folder: Path, key: str) -> None:
    """Check that a key is in no file and no output, in none of its forms."""
    everything = kept(folder).lower() + done.printed.lower().encode()
    for name, form in FORMS.items():
        assert form(key).lower().encode() not in everything, name
    assert not Secret(key).is_in(everything)


@pytest.mark.parametrize("place", PLACES)
def test_an_answer_that_repeats_the_key_is_not_kept_wherever_it_does(
    site: Site, tmp_path: Path, place: str
) -> None:
    site.answers["/key"] = lambda asked: PLACES[place](asked["X-Api-Key"])
    done = crawl(
        [f"{site.url}/key", f"{site.url}/good"], tmp_path, key=HEADER, env={"TEST_KEY": KEY}
    )
    assert [look["page"] for look in done.looks] == [f"{site.url}/good"], done.errors
    assert [
        e for e in done.errors if "repeats the key" in e and e.startswith(f"{site.url}/key: ")
    ], done.errors
    assert len(done.errors) == 1
    assert site.paths()["/key"] == 1 or place == "the name of a header", (
        "and it is not asked for again: all but that is an answer"
    )
    assert {headers.get("X-Api-Key") for path, headers in site.asked if path != "/robots.txt"} == {
        KEY
    }
    nowhere(done, tmp_path, KEY)


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_known_in_every_form(site: Site, tmp_path: Path, form: str) -> None:
    text = FORMS[form](KEY)
    site.answers["/key"] = (
        200,
        f"a{text}b".encode() if form.startswith("as base64") else f"a {text} b".encode(),
        {},
    )
    site.answers["/moved"] = (302, b"", {"Location": f"/good?q={text}&r=1"})
    done = crawl(
        [f"{site.url}/key", f"{site.url}/moved"], tmp_path, key=HEADER, env={"TEST_KEY": KEY}
    )
    assert (
        done.looks == []
        and all("repeats the key" in error for error in done.errors)
        and len(done.errors) == 2
    )
    nowhere(done, tmp_path, KEY)


def test_a_key_that_looks_like_a_damaged_answer_is_not_printed(site: Site, tmp_path: Path) -> None:
    """What is said of an answer that is no HTTP at all quotes its first line."""
    site.answers["/key"] = lambda asked: (
        200,
        b"",
        {"X": f"1\r\nContent-Length: {KEY}\r\nContent-Length: 3"},
    )
    done = crawl([f"{site.url}/key"], tmp_path, key=HEADER, env={"TEST_KEY": KEY})
    assert done.looks == [] and len(done.errors) == 1
    nowhere(done, tmp_path, KEY)


def test_a_key_is_sent_to_the_host_of_its_page_only(
    site: Site, second: Site, tmp_path: Path
) -> None:
    """Another host of the card is not told it, wherever the page may have moved."""
    site.answers["/key"] = (302, b"", {"Location": f"{second.url}/good"})
    for header in ("X-Api-Key", "Authorization"):
        done = crawl(
            [f"{site.url}/key"],
            tmp_path / header,
            key=(header, "TEST_KEY"),
            env={"TEST_KEY": KEY},
            hosts=("127.0.0.1", "127.0.0.2"),
        )
        assert len(done.looks) == 1 and all(header not in headers for _, headers in second.asked)
        assert all(
            header not in headers
            for path, headers in [*site.asked, *second.asked]
            if path == "/robots.txt"
        )
        nowhere(done, tmp_path / header, KEY)
    assert {headers.get("X-Api-Key") for path, headers in site.asked if path == "/key"} == {
        KEY,
        None,
    }


@pytest.fixture
def second() -> Iterator[Site]:
    made = Site(host="127.0.0.2")
    yield made
    made.server.shutdown()


@pytest.mark.parametrize(
    "key", ["two\r\nX-Other: lines", "caf\u00e9", "a\tb", "a\x00b"[:1] + "\x7f"]
)
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(
    site: Site, tmp_path: Path, key: str
) -> None:
    done = crawl([f"{site.url}/key"], tmp_path / "home", key=HEADER, env={"TEST_KEY": key})
    assert not site.asked and done.looks == [] and "TEST_KEY" in done.last["reason"]
    assert key not in done.printed and json.dumps(key)[1:-1] not in done.printed


def test_blanks_around_a_key_are_no_part_of_it(site: Site, tmp_path: Path) -> None:
    site.answers["/key"] = lambda asked: (200, f"hello {asked['X-Api-Key']}".encode(), {})
    done = crawl([f"{site.url}/key"], tmp_path, key=HEADER, env={"TEST_KEY": f" {KEY}\n"})
    assert done.looks == [] and "repeats the key" in done.errors[0]
    nowhere(done, tmp_path, KEY)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60),
    st.binary(max_size=30),
    st.binary(max_size=30),
    st.sampled_from(sorted(FORMS)),
)
def test_every_key_is_found_in_every_form_between_any_bytes(
    key: str, before: bytes, after: bytes, form: str
) -> None:
    if form.startswith("as base64"):
        text = before + b" " + FORMS[form](key).encode() + b" " + after
    else:
        text = b"x " + FORMS[form](key).encode() + b" x"
    assert Secret(key).is_in(text)


@given(st.binary(max_size=300))
def test_what_does_not_hold_the_key_is_kept(body: bytes) -> None:
    assert not Secret("sk-0123456789abcdefghijklmnopqrstuvwxyz").is_in(body)
    assert not Secret("").is_in(body)


BODIES: dict[str, Callable[[bytes], bytes]] = {
    "gzipped, and nothing says so": gzip.compress,
    "gzipped in two parts": lambda key: gzip.compress(b"hello ") + gzip.compress(key),
    "gzipped and cut off": lambda key: gzip.compress(key + b" hello" * 1_000, mtime=0)[:-6],
    "with line breaks": lambda key: key[:5] + b"\r\n\t" + key[5:],
    "with tags": lambda key: b"<b>".join(key[i : i + 4] for i in range(0, len(key), 4)),
    "with a place to break": lambda key: b'<wbr class="a">'.join([key[:7], key[7:]]),
    "with a soft hyphen": lambda key: key.replace(b"L", "L\u00ad".encode()),
    "with spaces of no width": lambda key: "\u200b".join(key.decode()).encode(),
    "with spaces of no width, as HTML": lambda key: b"&#8203;&shy;&#x200B;&ZeroWidthSpace;".join(
        [key[:7], key[7:]]
    ),
    "with spaces of no width, as JSON": lambda key: b"\\u200B".join([key[:8], key[8:]]),
    "in hexadecimal digits of UTF-16": lambda key: key.decode().encode("utf-16-le").hex().encode(),
    "in hexadecimal digits of UTF-16, the other order": lambda key: (
        key.decode().encode("utf-16-be").hex().encode()
    ),
    **{
        f"in base64 of {name} behind {before}": lambda key, name=name, before=before: (
            base64.b64encode(b"x" * before + key.decode().encode(name))
        )
        for name in ("utf-16-le", "utf-16-be", "utf-16")
        for before in range(4)
    },
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_key_is_known_though_a_body_breaks_it_up_or_packs_it(kind: str) -> None:
    body = BODIES[kind](KEY.encode())
    assert Secret(KEY).is_in(body) and not Secret("sk-another-key-than-that").is_in(body)


def test_a_gzipped_body_that_repeats_the_key_is_not_kept(site: Site, tmp_path: Path) -> None:
    site.answers["/key"] = lambda asked: (
        200,
        gzip.compress(asked["X-Api-Key"].encode()),
        {"Content-Type": "application/gzip"},
    )
    done = crawl([f"{site.url}/key"], tmp_path, key=HEADER, env={"TEST_KEY": KEY})
    assert done.looks == [] and "repeats the key" in done.errors[0]
    nowhere(done, tmp_path, KEY)


COSTLY = (
    "b'%25' * 10_000_000",
    "b'%41bc' * 6_000_000",
    "b'&amp;' * 6_000_000",
    "b'\\\\' * 15_000_000",
    "b'a<b>' * 7_500_000",
    "b'a ' * 15_000_000",
    "b'&#' + b'0' * 30_000_000",
    "b'<' * 30_000_000",
    "b'&' * 30_000_000",
    "gzip.compress(b'0' * 10**8)",
)


@pytest.mark.parametrize("body", COSTLY)
def test_a_search_costs_what_a_body_is_long(body: str) -> None:
    """30 MB of `%25` took 2.4 GB and 14 s, all of it before anything of the crawl was bounded."""
    work = (
        "import gzip\n"
        "from almanac.spiders.crawling.secret import Secret\n"
        "from tests.support.hostile import peak\n"
        f"body = {body}\n"
        "before = peak()\n"
        f"assert not Secret({KEY!r}).is_in(body)\n"
        "print(peak() - before)\n"
    )
    assert int(bounded(work, seconds=20)) < 300


@pytest.mark.parametrize("escape", ["%4c", "\\u004c", "\\x4C", "&#76;", "&#x4c;", "&#000076"])
@pytest.mark.parametrize("run", ["", "%", "\\\\", "&", "a"])
def test_an_escape_is_undone_wherever_the_parts_of_a_body_meet(
    monkeypatch: pytest.MonkeyPatch, escape: str, run: str
) -> None:
    monkeypatch.setattr("almanac.spiders.crawling.secret._CHUNK", 64)
    key = KEY.replace("L", escape)
    for before in range(0, 130, 1 if not run else 3):
        assert Secret(KEY).is_in(
            ("." * before + (run * 70)[: 70 // max(1, len(run)) * len(run)] + " " + key).encode()
        ), before
