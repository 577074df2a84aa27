"""Tencent Cloud's price page for model services: tables by scenario, one tab a region."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from almanac.schemas.claim import Claim, terms
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import is_html, tables
from almanac.spiders.parsers.html_tables import PageTable
from almanac.spiders.parsers.price_table import Form, read_tables, section_terms

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

TAB = re.compile(r"tabs__(?:cont|content|pane)")
LABEL = re.compile(r"tabs__(?:item-label|item|label)")
LEGACY = re.compile(r"旧计费方式|积分")


class TencentPricing(Source):
    name = "tencent_pricing"
    start_urls = ("https://cloud.tencent.com/document/product/1823/130055",)

    def read(self, page: Page) -> Iterator[Claim]:
        tabs = labels(page.soup) if is_html(page) else {}
        form = Form(
            "Tencent Cloud", yen="CNY", section=partial(section, tabs), name=name, row_terms=supply
        )
        yield from read_tables(page, tables(page), form)


def section(tabs: Mapping[int, str | None], table: PageTable) -> Terms | None:
    """A tab says the region; tables of the former way of billing are examples, not prices."""
    if any(LEGACY.search(h) for h in table.head):
        return None
    return terms(**dict(section_terms(table)), region=tab(tabs, table))


def labels(soup: BeautifulSoup) -> dict[int, str | None]:
    """Return the label of every tab's pane, by the pane's id.

    None where a group has not as many labels as panes.

    The document is walked twice, however many tables and panes it has.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for pane in soup.find_all(class_=TAB):
        groups[id(pane.parent)].append(id(pane))
    shown = soup.find_all(class_=LABEL)
    outer = {id(above) for label in shown for above in label.parents}
    named: dict[int, list[str]] = defaultdict(list)
    for label in shown:
        text = "" if id(label) in outer else label.get_text(strip=True)
        for above in label.parents if id(label) not in outer else ():
            if id(above) in groups:
                named[id(above)].append(text)
    tabs: dict[int, str | None] = {}
    for group, panes in groups.items():
        known = len(named[group]) == len(panes)
        tabs |= zip(panes, named[group] if known else [None] * len(panes), strict=True)
    return tabs


def tab(tabs: Mapping[int, str | None], table: PageTable) -> str | None:
    """Return the label of the tab whose pane holds the table."""
    above = table.element.parents if table.element is not None else ()
    return next((tabs[id(pane)] for pane in above if id(pane) in tabs), None)


def name(cell: str) -> str:
    """Return the name alone: Chinese words and brackets are notices, never part of it.

    `Hy3 preview（2026-08-31 下线）` is Hy3 preview.
    """
    m = re.match(r"[A-Za-z0-9][\w.+/ -]*", " ".join(cell.split()), re.A)
    return m[0].strip() if m else cell


def supply(cell: str) -> Terms:
    """The same model served by its maker (原厂直供) is a second offer with prices of its own."""
    return terms(supply="direct") if "原厂直供" in cell else STANDARD
