"""Alibaba Cloud: Model Studio's help page (an API's HTML) and Hologres' managed models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from almanac.schemas.claim import Claim, terms
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html import parsed
from almanac.spiders.parsers.html_tables import Once, PageTable, html_tables
from almanac.spiders.parsers.price_table import Form, read_tables, section_terms

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

REGION = re.compile(
    r"(?:华[东北南西]\d?|中国|美国|新加坡|德国|日本|英国|韩国|马来西亚|印度尼西亚|泰国|菲律宾"
    r"|阿联酋|国际|中国站|国际站)[\w ]*(?:（[^）]+）)?"
)


class AlibabaPricing(Source):
    name = "alibaba_pricing"
    start_urls = (
        "https://help.aliyun.com/zh/model-studio/model-pricing",
        "https://help.aliyun.com/zh/hologres/user-guide/managed-models-billing",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(
            page,
            html_tables(_soup(page)),
            Form("Alibaba Cloud", yen="CNY", section=partial(section, Once(_words))),
        )


def _soup(page: Page) -> BeautifulSoup:
    """Return the document: the page itself, or the HTML inside the help centre's JSON answer."""
    if page.text.lstrip()[:1] != "{":
        return page.soup
    data = page.json.get("data") or {}
    if not isinstance(data.get("content"), str):
        raise LayoutChanged("no data.content in the help centre's answer")
    return parsed(data["content"])


def section(words: Once[str], table: PageTable) -> Terms | None:
    """Every region has its own tables; the nearest heading, or one above the fold, names it."""
    return terms(**dict(section_terms(table)), region=region(words, table))


def region(words: Once[str], table: PageTable) -> str | None:
    """Return the region that a table's headings name."""
    for heading in table.headings:
        text = words(heading)
        if REGION.fullmatch(text):
            return text
        if heading.name in ("h1", "h2", "h3"):
            return None
    return None


def _words(heading: Tag) -> str:
    return str(heading.get_text(strip=True))
