"""Poe: bots priced in compute points, or in US dollars a token.

They stand in its model list with scraped price cards, or on catalogue pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import Per, price_of
from almanac.schemas.quantity import LONGEST, read_number
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import is_html, tables
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

PROVIDER = "poe"
POINTS = "POINTS"
AMOUNT = re.compile(
    r"(?P<n>\d[\d,]*(?:\.\d+)?)(?P<more>\+)?\s*(?:points?|credits?)?\s*"
    r"(?:(?:/|per)\s*(?P<count>[\d,]+\s*k?|k)?\s*"
    r"(?P<unit>tokens?|characters?|messages?|seconds?|s|images?|megapixels?"
    r"|files?|hours?|videos?|quer(?:y|ies)|search(?:es)?|documents?|research))?",
    re.I,
)
UNITS: dict[str, tuple[str, Per, int]] = {
    "token": ("token", "mtok", 10**6),
    "character": ("character", "mchar", 10**6),
    "message": ("request", "request", 1),
    "second": ("second", "second", 1),
    "s": ("second", "second", 1),
    "image": ("image", "image", 1),
    "hour": ("hour", "hour", 1),
    "query": ("search", "search", 1),
    "querie": ("search", "search", 1),
    "search": ("search", "search", 1),
    "searche": ("search", "search", 1),
}
LABELS = {
    "input": "input",
    "input_text": "input",
    "text_input": "input",
    "input (text)": "input",
    "input processing": "input",
    "input tokens": "input",
    "output": "output",
    "output (text)": "output",
    "output generation": "output",
    "output tokens": "output",
    "bot message (text)": "output",
    "reasoning tokens": "reasoning",
    "input_image": "input_image",
    "input (image)": "input_image",
    "input (images)": "input_image",
    "input (audio)": "input_audio",
    "output (audio)": "output_audio",
    "output (image)": "image",
    "image_output": "image",
    "input (video)": "input_video",
    "total_cost": "request",
    "total cost": "request",
    "per_message": "request",
    "base cost": "request",
    "base request fee": "request",
    "message cost": "request",
    "output (message)": "request",
    "video_output": "video",
    "video output": "video",
    "input & output tokens": "token",
    "per search": "search",
    "search queries": "search",
}
NO_PRICE = {
    "initial points cost",
    "initial_points_cost",
    "cache discount",
    "chat_history_cache_discount",
    "chat_history",
    "bot_message",
}
"""What a chat begins at, a share off, and what repeats a price: no price of a unit."""


class Poe(Source):
    name = "poe"
    version = 2
    start_urls = ("https://api.poe.com/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        if page.text.lstrip()[:1] in "{[":
            data = page.json.get("data") if isinstance(page.json, dict) else page.json
            if not data or not all(isinstance(m, dict) and "id" in m for m in data):
                raise LayoutChanged("no list of bots under data")
            records = KeyedRecords(page, card(self.name).records, {"costs": self._costs})
            at = pointer("data") if isinstance(page.json, dict) else ""
            for n, bot in enumerate(data):
                record = KeyedRecord(bot, str(bot["id"]), PROVIDER, at + pointer(n))
                yield from records.row("bot", record)
            records.refuse_unknown()
            return
        yield from self._page(page)

    def _costs(self, records: KeyedRecords, pricing: KeyedRecord, key: str) -> Iterator[Claim]:
        """Yield the prices of a card: each label with its amount."""
        details = pricing.within(key)
        who = {"model": details.model, "provider": PROVIDER}
        for label, amount in details.fields.items():
            yield from self._cost(records.page, label, amount, who, details.at + pointer(label))

    def _page(self, page: Page) -> Iterator[Claim]:
        title = page.soup.find("h1") if is_html(page) else None
        name = (
            title.get_text(strip=True).rstrip("¶")
            if title
            else (m[1] if (m := re.search(r"^#[^\S\n]+\[([^\]\n]+)\]", page.text, re.M)) else "")
        )
        costs = [t for t in tables(page) if [h.lower() for h in t.head] == ["type", "cost"]]
        if not name or not costs:
            raise LayoutChanged("no bot's name with a table of Type and Cost")
        who: dict[str, Any] = {"model": name, "provider": PROVIDER}
        for table in costs:
            for row in table.ragged:
                page.refuse(
                    "cells do not match the head",
                    printed=" | ".join(row)[:200],
                    locator=table.locator,
                    **who,
                )
            for i, (label, said) in enumerate(table.rows):
                yield from self._cost(page, label, said, who, table.row(i))

    def _cost(
        self, page: Page, label: str, said: Any, who: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        """`12 points/1k tokens`: a known label and one amount with its unit, or a refusal."""
        if len(label) > LONGEST or (isinstance(said, str) and len(said) > LONGEST):
            page.refuse(
                "more characters than any price has",
                printed=f"{label[:100]}: {said}",
                locator=at,
                field="price",
                **who,
            )
            return
        low = " ".join(label.split()).lower()
        if said is None or low in NO_PRICE:
            return
        length = re.search(r"\s*\([≤>]\s*(\d+)k tokens\)", low)
        meter = LABELS.get(low[: length.start()] if length else low)
        m = AMOUNT.fullmatch(" ".join(said.split())) if isinstance(said, str) else None
        if meter is None or m is None:
            page.refuse(
                "a price in points this reader does not know",
                printed=f"{label}: {said}"[:200],
                locator=at,
                field="price",
                **who,
            )
            return
        unit = (
            re.sub(r"s$", "", (m["unit"] or ("message" if meter == "request" else "")).lower())
            or "s"
        )
        if unit not in UNITS or (not m["unit"] and meter != "request"):
            page.refuse(
                "points for a unit this reader does not know",
                printed=f"{label}: {said}"[:200],
                locator=at,
                field="price",
                **who,
            )
            return
        base, per, size = UNITS[unit]
        count = (m["count"] or "1").lower().replace(",", "").replace(" ", "")
        number = int(float(count.rstrip("k") or 1) * 1000) if count.endswith("k") else int(count)
        price = price_of(read_number(m["n"], decimal=".")[0], POINTS, per, Decimal(number) / size)
        above = int(length[1]) * 1000 if length and ">" in low else None
        side = _side(meter) if base in ("character", "second") else None
        # A fee on top of what the tokens cost.
        fee = low if base == "request" and "fee" in low else None
        yield from page.say(
            "price",
            price,
            **who,
            meter=meter if base == "token" else base,
            terms=terms(above_input=above, side=side, component=fee),
            printed=str(said),
            locator=at,
        )


def _side(meter: str) -> str | None:
    return meter.split("_")[0] if meter.split("_")[0] in ("input", "output") else None
