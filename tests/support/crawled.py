"""A crawl over a built site: every link, and every number with the way to its claims."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urldefrag

from lxml import html

DIGIT = re.compile(r"\d")
OWN = ("data-own", "data-count")
"""What carries these speaks of the page or the release itself.

They are release numbers, the reader's traffic, terms, rules; counts of a list that it leads to.
"""
NAMES = {"name", "who"}
"""Classes of links whose text is a name."""


@dataclass
class Page:
    """A page: its links by target, the places on it, and whether it holds claims.

    Also its numbers that lead nowhere or somewhere.
    """

    path: str
    size: int
    links: list[tuple[str, str]] = field(default_factory=list)
    """(page, place on it), inside the site."""
    places: set[str] = field(default_factory=set)
    claims: bool = False
    numbers: list[tuple[str, str | None]] = field(default_factory=list)
    """(text, the page its link leads to; None without a link)."""


def crawl(folder: Path, start: str = "index.html") -> dict[str, Page]:
    """Return every page that can be reached, by path.

    A link to what is not there is a page of size -1.
    """
    pages: dict[str, Page] = {}
    queue = deque([start])
    while queue:
        path = queue.popleft()
        if path in pages:
            continue
        file = folder / path
        if not file.is_file():
            pages[path] = Page(path, -1)
            continue
        pages[path] = read(path, file.read_bytes())
        queue += [p for p, _ in pages[path].links if p not in pages]
    return pages


def read(path: str, body: bytes) -> Page:
    """Return a page as the crawl sees it."""
    if not path.endswith(".html"):
        return Page(path, len(body))
    tree = html.fromstring(body.decode("utf-8"))
    lean = re.sub(rb"(?s)<svg.*?</svg>", b"", body)
    page = Page(
        path,
        len(lean),
        places={e.get("id") for e in tree.iter() if isinstance(e.tag, str) and e.get("id")},
        claims=bool(tree.xpath("//*[@data-claims]//q[@data-quote]")),
    )
    for e in tree.iter():
        if not isinstance(e.tag, str):
            continue
        for name in ("href", "src"):
            if (where := e.get(name)) and not re.match(r"(?:https?:|data:|mailto:)", where):
                page.links.append(_target(path, where))
    for text, element in _texts(tree):
        if not DIGIT.search(text) or _exempt(element):
            continue
        anchor = next(
            (a for a in [element, *element.iterancestors()] if a.tag == "a" and a.get("href")), None
        )
        page.numbers.append(
            (
                text.strip(),
                (
                    _target(path, anchor.get("href"))[0]
                    if anchor is not None and "://" not in anchor.get("href")
                    else None
                ),
            )
        )
    return page


def _target(path: str, where: str) -> tuple[str, str]:
    address, place = urldefrag(where)
    parts = (
        [p for p in (*path.split("/")[:-1], *unquote(address).split("/")) if p not in ("", ".")]
        if address
        else path.split("/")
    )
    out: list[str] = []
    for part in parts:
        if part == "..":
            out.pop()
        else:
            out.append(part)
    return "/".join(out), unquote(place)


def _texts(tree: html.HtmlElement) -> list[tuple[str, html.HtmlElement]]:
    texts = []
    for e in tree.iter():
        if isinstance(e.tag, str):
            if e.text and e.text.strip():
                texts.append((e.text, e))
            if e.tail and e.tail.strip() and e.getparent() is not None:
                texts.append((e.tail, e.getparent()))
    return texts


def _exempt(element: html.HtmlElement) -> bool:
    """Whether a text is no figure.

    Such are a date or a digest of the page itself, words quoted, a name, a drawing whose numbers
    stand beneath it, a script.
    """
    for e in [element, *element.iterancestors()]:
        if e.tag in (
            "time",
            "code",
            "q",
            "svg",
            "script",
            "style",
            "title",
            "option",
            "h1",
            "h2",
            "h3",
            "label",
            "figcaption",
            "summary",
        ) or any(e.get(name) is not None for name in OWN):
            return True
        if (
            e.get("data-name") is not None
            or e.get("data-gone") is not None
            or NAMES & set((e.get("class") or "").split())
        ):
            return True
        if e.tag in ("th", "small"):  # the name of a row, a note to the figure beside it
            return True
    return False
