"""A claim's locator leads to the bytes that hold its words, in the file that its page names."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from almanac.flows.harvest.saved_captures import listing
from almanac.spiders import base
from almanac.spiders.bundles import slices
from almanac.spiders.page import Page
from almanac.spiders.parsers.records import pointer
from tests.support.recorded import CAPTURES, RECORDED, reading

KEYED = [s for s in base.names() if base.card(s).records]
"""Sources of keyed records: their locators are JSON pointers."""
MOMENT = datetime(2026, 9, 1, tzinfo=UTC)


def followed(content: Any, place: str) -> Any:
    """Return what a pointer leads to. Raises LookupError where it leads nowhere."""
    for part in place.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        content = content[int(key)] if isinstance(content, list) else content[key]
    return content


def parsed(body: bytes, url: str) -> Any:
    text = body.decode()
    if text.lstrip()[:1] in "{[":
        return json.loads(text, parse_float=str, parse_int=str)
    if url.endswith(".toml"):
        return tomllib.loads(text, parse_float=str)
    return yaml.load(text, yaml.BaseLoader)


def holds(content: Any, printed: str) -> bool:
    """Whether what a key holds is printed so: a list by its words, a mark by `true`."""
    text = json.dumps(content, ensure_ascii=False)
    return all(word in text for word in printed.split(", "))


@pytest.mark.parametrize(
    "body",
    [b for b in RECORDED if b.parent.parent.name in KEYED and b.read_bytes().lstrip()[:1] != b"#"],
    ids=lambda b: "/".join(b.parts[-3:-1]),
)
def test_every_claim_leads_to_its_words(body: Path) -> None:
    url = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))["url"]
    if body.read_bytes().lstrip()[:1] == b"<" or b"|" in body.read_bytes()[:300]:
        pytest.skip("a document, whose places are not pointers")
    content, claims = parsed(body.read_bytes(), url), reading(body).claims
    assert claims
    lost = [c for c in claims if not holds(followed(content, c.locator), c.printed)]
    assert not [(c.locator, c.printed) for c in lost]


def test_most_sources_of_keyed_records_are_followed() -> None:
    assert len(KEYED) >= 16 and {"portkey", "llmstats", "models_dev", "litellm"} <= set(KEYED)


@pytest.mark.parametrize(
    "keys, place",
    [
        (("a/b", 0, "c~d"), "/a~1b/0/c~0d"),
        (("", "~1"), "//~01"),
        ((), ""),
    ],
)
def test_a_pointer_leads_back(keys: tuple[Any, ...], place: str) -> None:
    content: Any = "x"
    for key in reversed(keys):
        content = [content] if key == 0 else {key: content}
    assert pointer(*keys) == place and followed(content, place) == "x"


# Bundles


def portkey() -> dict[str, Any]:
    block = {"request_token": {"price": 0.00025}, "response_token": {"price": 1e-3}}
    entry = {"pricing_config": {"pay_as_you_go": block}}
    return {"openai": {"gpt-9": entry}, "ai21": {"jamba-9": entry, "default": entry}}


def llmstats() -> dict[str, Any]:
    body = CAPTURES / "llmstats/2025-05-22/body"
    content: dict[str, Any] = json.loads(body.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("source, bundle", [("portkey", portkey()), ("llmstats", llmstats())])
def test_each_member_of_a_bundle_is_a_page_that_holds_its_words(
    source: str, bundle: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "peers"
    (folder / source).mkdir(parents=True)
    saved = folder / source / "all-2026-09-01.json"
    saved.write_text(json.dumps(bundle, indent=1), encoding="utf-8")
    looks = listing(folder).looks
    assert len(looks) == len(bundle) and len({look.page for look in looks}) == len(bundle)
    whole, apart = set(), set()
    for look in looks:
        body = look.body()
        assert body in saved.read_bytes() and look.url == look.page
        read = base.read_page(base.source(source), Page(source, look.url, body, MOMENT))
        content = parsed(body, look.url)
        assert read.claims and not read.failed
        assert all(holds(followed(content, c.locator), c.printed) for c in read.claims)
        apart |= {(c.provider, c.model, c.field, c.meter, c.printed) for c in read.claims}
    page = Page(source, "file:all.json", saved.read_bytes(), MOMENT)
    for c in base.read_page(base.source(source), page).claims:
        assert holds(followed(parsed(saved.read_bytes(), ""), c.locator), c.printed)
        whole.add((c.provider, c.model, c.field, c.meter, c.printed))
    assert whole == apart


@pytest.mark.parametrize("source", ["portkey", "llmstats", "models_dev", "litellm"])
def test_a_file_alone_is_no_bundle(source: str) -> None:
    single: dict[str, Any] = {
        "portkey": portkey()["openai"],
        "llmstats": next(iter(llmstats().values())),
    }.get(source, {"gpt-9": {"litellm_provider": "p"}})
    assert not list(base.source(source).members(json.dumps(single).encode()))


@pytest.mark.parametrize(
    "body, members",
    [
        (b'{"a": {"n": 1.50}, "b" : []}', [("a", b'{"n": 1.50}'), ("b", b"[]")]),
        (b'\xef\xbb\xbf{"\xc3\xa9/\\u0061": "\xc3\xbc"}', [("é/a", '"ü"'.encode())]),
        (b"{}", []),
        (b"[1, 2]", []),
        (b"", []),
        (b"\xff\xfe", []),
        (b'{"a": 1, "b": ', [("a", b"1")]),
        (b'{"a":' * 50_000, []),
    ],
)
def test_members_are_cut_out_as_they_stand(body: bytes, members: list[tuple[str, bytes]]) -> None:
    assert list(slices(body)) == members
