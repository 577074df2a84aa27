"""Whose card a page is: the one model that its address, its front matter or its title names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from almanac.schemas.organisations import maker_at
from almanac.spiders.document.blocks import Document, Line
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.card_subject import bare, named_by
from almanac.spiders.parsers.repository import repository
from almanac.spiders.reading.declared import Declared
from almanac.spiders.vocabulary.labels import label

LONGEST_TITLE = 120
_CARD = re.compile(
    r"^(?:model card (?:for|of)\s+(?P<after>\S.*)|(?P<before>.*\S)\s+model card)$", re.I
)
_NAME = re.compile(r"(?=\D{0,60}\d)[A-Za-z][\w.+-]{0,80}(?: [\w.+-]{1,40}){0,5}")
"""A few words of which one has a figure."""
_ASSET = re.compile(r"/([^/]+)/description\.md$")
_FILED = re.compile(r"([^/:]+?)(?:\.md)?$")


def subject_of(page: Page, content: Document, declared: Declared) -> str:
    """Return the model that a card is of: the address's own, else the first way that tells it."""
    if name := declared.named_by([page.url]):
        return name
    for way in ("first heading",) if declared.titled else declared.subject:
        if name := _WAYS[way](page, content):
            return name
    return ""


def check_writer(page: Page, declared: Declared) -> None:
    """Raise LayoutChanged for a card at an address where others than its publisher write."""
    if not declared.maker or page.url.startswith(declared.own_addresses):
        return
    if maker_at(page.url) != declared.maker:
        raise LayoutChanged(
            f"the address is not {declared.maker}'s own, so whose card it is is not known"
        )


def front_matter(content: Document) -> Mapping[str, Any]:
    """Return the front matter of a Markdown page; nothing where it has none."""
    values = (r.value for r in content.records() if r.kind == "front matter")
    return next((value for value in values if isinstance(value, dict)), {})


def _by_repository(page: Page, content: Document) -> str:
    return named_by(page.url) if "/" in repository(page.url) else ""


def _by_asset(page: Page, content: Document) -> str:
    """Return the folder of a description, or the name that a copy of it was filed under."""
    if m := _ASSET.search(page.url):
        return m[1]
    m = _FILED.search(page.url)
    name = m[1].split("__")[-1] if m else ""
    return "" if name[:1] == "." else name


def _by_front_matter(page: Page, content: Document) -> str:
    front = front_matter(content)
    index = front.get("model-index") or []
    if len(index) == 1 and isinstance(index[0], dict) and index[0].get("name"):
        return bare(str(index[0]["name"]))
    return ""


def _by_licence(page: Page, content: Document) -> str:
    """Return the repository in which the card's licence lies."""
    link = str(front_matter(content).get("license_link") or "")
    m = re.match(r"https://huggingface\.co/[\w.-]+/([\w.-]+)/", link)
    return m[1] if m else ""


def _titles(content: Document) -> list[Line]:
    return [b for b in content.lines() if b.kind == "heading" and len(b.text) <= LONGEST_TITLE]


def _by_card_title(page: Page, content: Document) -> str:
    for line in _titles(content):
        if line.level == 1 and (m := _CARD.match(line.text.strip())) and m["after"]:
            return bare(m["after"].strip())
    return ""


def _by_title(page: Page, content: Document) -> str:
    """Return the first heading, if it has the shape of one name."""
    first = next((line for line in _titles(content) if line.level == 1), None)
    text = first.text.strip() if first else ""
    m = _CARD.match(text)
    if m and m["before"]:
        return m["before"]
    return text if _NAME.fullmatch(text) and not label(text).role else ""


def _by_first_heading(page: Page, content: Document) -> str:
    """Return the first heading, whatever it is, without what is bracketed behind it."""
    first = next((line for line in _titles(content) if line.level == 1), None)
    return bare(re.sub(r"\s*\(.*\)$", "", first.text).strip()) if first else ""


_WAYS: dict[str, Callable[[Page, Document], str]] = {
    "repository": _by_repository,
    "asset": _by_asset,
    "front matter": _by_front_matter,
    "licence": _by_licence,
    "card title": _by_card_title,
    "title": _by_title,
    "first heading": _by_first_heading,
}
