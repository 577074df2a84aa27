"""DeepSeek's price page, English or Chinese: one table, a column for each model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import is_missing
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html_tables import PageTable, html_tables

PROVIDER = "DeepSeek"
FLAGS = {
    "json output": "structured_outputs",
    "tool calls": "function_calling",
    "function calling": "function_calling",
}
PRICE = re.compile(r"百万\s*tokens\s*(?P<zh>输入|输出)|1M\s+(?P<en>INPUT|OUTPUT)\s+TOKENS", re.I)
HIT = re.compile(r"(?:缓存命中|cache hit)", re.I)
WINDOW = re.compile(r"(?:UTC|北京时间)?\s*(\d{2}:\d{2})\s*[-–—至]\s*(\d{2}:\d{2})")
CONTEXT = ("上下文长度", "context length")
OUTPUT = ("输出长度", "max output")
SIZE = re.compile(r"(?:最大|maximum:?|max:?)\s*(\d+(?:\.\d+)?[KM])\b", re.I)


class DeepSeekPricing(Source):
    name = "deepseek_pricing"
    start_urls = ("https://api-docs.deepseek.com/quick_start/pricing",)

    def read(self, page: Page) -> Iterator[Claim]:
        tables = [
            t for t in html_tables(page.soup) if t.head and t.head[0].lower() in ("模型", "model")
        ]
        if len(tables) != 1:
            raise LayoutChanged(f"expected one table headed MODEL, found {len(tables)}")
        (table,) = tables
        labels = next(
            (i for i, h in enumerate(table.head) if h.lower() not in ("模型", "model")), 0
        )
        models = [re.sub(r"\s*\(\d+\)$", "", h) for h in table.head[labels:]]
        if not labels or not all(re.fullmatch(r"[\w.-]+", m) for m in models):
            raise LayoutChanged(f"the head names no models: {table.head}")
        for row in table.ragged:
            page.refuse(
                "cells do not match the head", printed=" | ".join(row), locator=table.locator
            )
        yield from self._rows(page, table, labels, models)

    def _rows(
        self, page: Page, table: PageTable, labels: int, models: list[str]
    ) -> Iterator[Claim]:
        window = ""
        for i, row in enumerate(table.rows):
            label = " ".join(dict.fromkeys(row[:labels]))
            if (m := WINDOW.search(label)) and not PRICE.search(row[labels - 1]):
                window = f"{m[1]}-{m[2]}"
            for model, printed in zip(models, row[labels:], strict=True):
                yield from self._cell(
                    page,
                    label,
                    row[labels - 1],
                    printed,
                    model,
                    f"{table.row(i)} column {model}",
                    window,
                )

    def _cell(
        self, page: Page, label: str, last: str, printed: str, model: str, at: str, window: str
    ) -> Iterator[Claim]:
        low = label.lower()
        if m := PRICE.search(label):
            if is_missing(printed):
                return
            hours = WINDOW.search(label)
            said = "".join(m.groupdict()[g] or "" for g in ("zh", "en")).lower()
            meter = (
                "output"
                if said in ("输出", "output")
                else "cache_read"
                if HIT.search(label)
                else "input"
            )
            yield from page.say(
                "price",
                printed,
                model=model,
                provider=PROVIDER,
                meter=meter,
                locator=at,
                context=last if "百万" in last else "per 1M tokens",
                terms=terms(window=f"{hours[1]}-{hours[2]}" if hours else window),
            )
        elif any(word in low for word in CONTEXT):
            yield from page.say("context_window", printed, model=model, locator=at)
        elif any(word in low for word in OUTPUT):
            size = SIZE.search(printed)
            yield from page.say(
                "max_output_tokens",
                size[1] if size else printed,
                model=model,
                locator=at,
                printed=printed,
            )
        elif last.lower() in FLAGS:
            yield from page.say(FLAGS[last.lower()], printed, model=model, locator=at)
