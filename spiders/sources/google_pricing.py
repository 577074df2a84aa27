"""Gemini API pricing: free and paid tier by model, as HTML or flattened to cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import price_of, read_price
from almanac.schemas.quantity import short
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.column_heads import token_tier
from almanac.spiders.parsers.flat import is_html
from almanac.spiders.parsers.html_tables import Once, cell_text, html_tables, plain
from almanac.spiders.parsers.row_checks import held, unique
from almanac.spiders.parsers.stacked import blocks as split_blocks

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

PROVIDER = "Google AI Studio"
PAID = re.compile(r"^Paid Tier, (per .+)$", re.I)
ID = re.compile(r"\b(?:gemini|imagen|veo|gemma|lyria)-[\w.-]+\w")
ROWS = (
    ("cache_read", re.compile(r"^context caching")),
    ("search", re.compile(r"^grounding with google (?:search|maps)")),
    ("output", re.compile(r"^(?:text )?output price|^output")),
    ("input", re.compile(r"^(?:text )?input price|^input")),
    ("image", re.compile(r"image price")),
    ("second", re.compile(r"video .*price|^video price")),
)
OUT_OF_SCOPE = re.compile(r"^(?:used to improve|tuning|context caching \(storage\))", re.I)
PART = re.compile(
    r"(?P<price>\$[\d.,]+(?:\s*/\s*1,000,000 tokens(?: per hour)?"
    r"|\s*per (?:image|second|minute|video))?)(?P<note>[^$]*)"
)
MEDIA = {
    "audio": "_audio",
    "image": "_image",
    "video": "_video",
    "audio / video": "_audio",
    "image / video": "_image",
    "audio / image / video": "_audio",
}


@dataclass
class _Grid:
    """A table of one model and tier: rows of (label, free, paid, where)."""

    heading: str
    ids: list[str]
    tier: str | None
    paid: str
    rows: list[tuple[str, str, str, str]]


class GooglePricing(Source):
    name = "google_pricing"
    start_urls = ("https://ai.google.dev/gemini-api/docs/pricing",)

    def read(self, page: Page) -> Iterator[Claim]:
        grids = list(_html(page) if is_html(page) else _flattened(page.text))
        if not grids:
            raise LayoutChanged("no table of free and paid tier")
        claims: list[Claim] = []
        for grid in grids:
            rows = (
                page.attempt(self._row, page, grid, *r, locator=r[3], model=grid.heading)
                for r in grid.rows
            )
            claims += held(page, [claim for row in rows for claim in row], grid.heading)
        yield from unique(page, claims)

    def _row(
        self, page: Page, grid: _Grid, label: str, free: str, paid: str, at: str
    ) -> Iterator[Claim]:
        if OUT_OF_SCOPE.match(label):
            return
        label, paid = short(label), short(paid)
        meter = next((m for m, p in ROWS if p.search(label.lower())), "")
        if not meter:
            page.refuse(
                "a row this reader does not know",
                printed=f"{label}: {paid}"[:200],
                locator=at,
                model=grid.heading,
                field="price",
            )
            return
        who: dict[str, Any] = {"model": _which(grid, label), "provider": PROVIDER, "locator": at}
        if free == "Free of charge" and meter in ("input", "output", "cache_read"):
            yield from page.say(
                "price",
                price_of(0, "USD", "mtok"),
                **who,
                meter=meter,
                terms=terms(tier="free"),
                printed=free,
            )
        if paid in ("Not available", "Free of charge", ""):
            return
        if meter == "search":
            if m := re.search(r"\$([\d.]+) / 1,000 (?:grounded prompts|search queries)", paid):
                yield from page.say(
                    "price",
                    price_of(m[1], "USD", "search", 1000),
                    **who,
                    meter="search",
                    printed=m[0],
                    terms=terms(tier=grid.tier, tool="maps" if "maps" in label.lower() else None),
                )
            return
        parts = list(PART.finditer(paid))
        if not parts:
            raise ValueError(f"no price: {paid!r}")
        for part in parts:
            yield from self._part(page, part, meter, grid, who)

    def _part(
        self, page: Page, part: re.Match[str], meter: str, grid: _Grid, who: dict[str, Any]
    ) -> Iterator[Claim]:
        note = " ".join(part["note"].replace("*", "").split()).strip(" ,")
        price = read_price(part["price"], grid.paid)
        where: dict[str, object] = {"tier": grid.tier}
        if m := re.match(r"prompts? ((?:<=|>|≤) ?\d+k)", note):
            where |= token_tier(m[1])
        elif m := re.match(r"\(([a-z /,]+)\)", note):
            kinds = re.sub(r"\s*[,/]\s*", " / ", m[1])
            meter = (
                meter
                if "text" in kinds or kinds not in MEDIA or price.per != "mtok"
                else meter + MEDIA[kinds]
            )
        meter = (
            "cache_storage"
            if price.per == "mtok_hour"
            else price.per
            if price.per in ("image", "second", "minute", "video")
            else meter
        )
        yield from page.say(
            "price",
            price,
            **who,
            meter=meter,
            terms=terms(**where),
            printed=f"{part['price']} {note}".strip(),
        )


def _which(grid: _Grid, label: str) -> str:
    """Return the model a row is about: the section's id, or the one whose word the label says."""
    if len(grid.ids) < 2:
        return grid.ids[0] if grid.ids else grid.heading
    if len(grid.ids) > 100:  # real sections have up to 4, and each is looked at for every row
        raise ValueError(f"a section of {len(grid.ids)} ids")
    words = {i: set(i.split("-")) for i in grid.ids}
    common = set.intersection(*words.values())
    said = set(re.findall(r"[a-z]+", label.lower()))
    named = [i for i in grid.ids if (words[i] - common) & said]
    own = named or [
        i for i in grid.ids if not words[i] - common - {"generate", "preview", "standard"}
    ]
    if len(own) != 1:
        raise ValueError(f"which of {', '.join(grid.ids)} is meant by {label!r}?")
    return own[0]


def _flattened(text: str) -> Iterator[_Grid]:
    """Yield the tables of the page's text: cells parted by blank lines, three to a row."""
    blocks = split_blocks(text)
    heading, count, i = "", 0, 0
    ids: list[str] = []
    while i < len(blocks):
        block = blocks[i][1]
        if title := re.match(r"##\s+(.+)", block):
            heading, ids, count = plain(title[1]), [], 0
        elif re.match(r"_?`", block) and not ids:
            ids = ID.findall(block)
        elif (
            block == "Free Tier" and i + 1 < len(blocks) and (paid := PAID.match(blocks[i + 1][1]))
        ):
            rows, i = [], i + 2
            while i + 2 < len(blocks) and not re.match(
                r"#|Free Tier|\*\*Note|\[Standard\]|\\\[|The |_`", blocks[i][1]
            ):
                rows.append(
                    (
                        plain(blocks[i][1]),
                        blocks[i + 1][1],
                        blocks[i + 2][1],
                        f"line {blocks[i][0]}",
                    )
                )
                i += 3
                if rows[-1][0].startswith("Used to improve"):
                    break
            yield _Grid(heading, ids, "batch" if count else None, paid[1], rows)
            count += 1
            continue
        i += 1


def _marks(soup: BeautifulSoup) -> tuple[dict[int, tuple[Any, Any]], dict[int, Any]]:
    """Return the title and tab that each table stands under, and the code after each title."""
    above: dict[int, tuple[Any, Any]] = {}
    codes: dict[int, Any] = {}
    title = tab = None
    waiting: list[Any] = []
    for node in soup.find_all(["h2", "h3", "code", "table"]):
        if node.name == "h2":
            title, tab = node, None
            waiting.append(node)
        elif node.name == "h3":
            tab = node if title is not None else None
        elif node.name == "code":
            codes |= {id(h2): node for h2 in waiting}
            waiting = []
        else:
            above[id(node)] = (title, tab)
    return above, codes


def _html(page: Page) -> Iterator[_Grid]:
    above, codes = _marks(page.soup)
    shown, coded = Once(cell_text), Once(lambda tag: ID.findall(tag.get_text(" ")))
    for table in html_tables(page.soup):
        if len(table.head) != 3 or not (m := PAID.match(table.head[2])):
            continue
        title, tab = above.get(id(table.element), (None, None))
        ids = coded(codes[id(title)].parent) if id(title) in codes else []
        tier = shown(tab).lower() if tab else ""
        heading = shown(title) if title else table.heading
        rows = [(r[0], r[1], r[2], table.row(i)) for i, r in enumerate(table.rows)]
        for row in table.ragged:
            page.refuse(
                "cells do not match the head",
                printed=" | ".join(row)[:300],
                locator=table.locator,
                model=heading,
            )
        yield _Grid(
            heading, ids, tier if tier in ("batch", "flex", "priority") else None, m[1], rows
        )
