"""Tencent Cloud's price page for model services: tables by scenario, one tab a region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.claim import Claim, Terms, terms
from spiders.base import Source
from spiders.flat import tables
from spiders.forms.price_table import Form, read_tables, section_terms
from spiders.page import Page
from spiders.tables import Table

TAB = re.compile(r"tabs__(?:cont|content|pane)")
LABEL = re.compile(r"tabs__(?:item-label|item|label)")
LEGACY = re.compile(r"旧计费方式|积分")


class TencentPricing(Source):
    name = "tencent_pricing"
    start_urls = ("https://cloud.tencent.com/document/product/1823/130055",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), Form("Tencent Cloud", yen="CNY", section=section, name=name, row_terms=supply))


def section(table: Table) -> Terms | None:
    """A tab says the region; tables of the former way of billing are examples, not prices."""
    if any(LEGACY.search(h) for h in table.head):
        return None
    return terms(**dict(section_terms(table)), region=tab(table))


def tab(table: Table) -> str | None:
    """Return the label of the tab whose pane holds the table."""
    pane = table.element.find_parent(class_=TAB) if table.element is not None else None
    if pane is None:
        return None
    panes = pane.parent.find_all(class_=TAB, recursive=False)
    labels = [e for e in pane.parent.find_all(class_=LABEL) if not e.find(class_=LABEL)]
    return labels[panes.index(pane)].get_text(strip=True) if len(labels) == len(panes) else None


def name(cell: str) -> str:
    """`Hy3 preview（2026-08-31 下线）` is Hy3 preview: Chinese words and brackets are notices, never the name."""
    m = re.match(r"[A-Za-z0-9][\w.+/ -]*", " ".join(cell.split()), re.A)
    return m[0].strip() if m else cell


def supply(cell: str) -> Terms:
    """The same model served by its maker (原厂直供) is a second offer with prices of its own."""
    return terms(supply="direct") if "原厂直供" in cell else ()
