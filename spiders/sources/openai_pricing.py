"""OpenAI's price pages: the documentation's (tables in islands) and the marketing page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import price_of
from almanac.schemas.quantity import is_missing
from almanac.spiders.base import Source
from almanac.spiders.bounds import clipped
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import is_html
from almanac.spiders.parsers.html_tables import html_tables
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

PROVIDER = "OpenAI"
PLAIN = Declared(PROVIDER, name_lines=True)
"""What is known of its pages without islands: the marketing page, the documentation as text."""
ISLANDS = (
    'astro-island[component-export$="PricingTables"],'
    ' astro-island[component-export$="PricingTable"]'
)
METERS = {
    "input": "input",
    "cached input": "cache_read",
    "cache writes": "cache_write",
    "output": "output",
    "output / cost": "output",
}
MEDIA = {"text": "", "audio": "_audio", "image": "_image"}
KNOWN_HEADS = {
    "model",
    "modality",
    "size",
    "portrait",
    "landscape",
    "price per second",
    "use case",
    "estimated cost",
    "tool",
    "details",
    "pricing",
    "category",
    "training",
    *METERS,
}


class OpenAIPricing(Source):
    name = "openai_pricing"
    version = 2
    start_urls = ("https://developers.openai.com/api/docs/pricing",)

    def read(self, page: Page) -> Iterator[Claim]:
        islands = page.soup.select(ISLANDS) if is_html(page) else []
        if not islands:
            yield from read_document(page, PLAIN)
            return
        for n, island in enumerate(islands):
            at = f"astro-island[{n}] props"
            try:
                props = revive(json.loads(str(island.get("props") or ""), parse_float=Decimal))
            except ValueError as error:
                raise LayoutChanged(f"{at} are not the JSON they were: {error}") from None
            tier = _tier(page, island, props)
            if "rows" in props and "tier" in props:
                yield from self._text_tokens(page, props, self._columns(island), tier, at)
            elif "rows" in props:
                yield from self._rows(page, props, [(None, r) for r in props["rows"]], tier, at)
            elif "groups" in props:
                rows = [(g["model"], r) for g in props["groups"] for r in g["rows"]]
                yield from self._rows(page, props, rows, tier, at)

    def _columns(self, island: Any) -> list[str]:
        """Return the heads of the rendered short-context half: the island's rows have none."""
        tables = list(html_tables(island))
        if not tables:
            raise LayoutChanged("an island of token prices renders no table")
        return list(
            dict.fromkeys(
                re.sub(r"^(?:Short|Long) context\s*", "", h).lower() for h in tables[0].head
            )
        )

    def _text_tokens(
        self, page: Page, props: dict[str, Any], heads: list[str], tier: str | None, at: str
    ) -> Iterator[Claim]:
        for i, row in enumerate(props["rows"]):
            name, conditions = _model(row[0])
            # Models older than cache-write prices have one cell less:
            # the writes are what they lack.
            columns = heads if len(row) == len(heads) else [h for h in heads if h != "cache writes"]
            if len(row) != len(columns) or columns[0] != "model":
                page.refuse(
                    "cells do not match the head",
                    printed=str(row),
                    locator=f"{at}.rows[{i}]",
                    model=name,
                )
                continue
            for head, cell in zip(columns[1:], row[1:], strict=True):
                yield from self._price(
                    page,
                    cell,
                    name,
                    METERS[head],
                    {**conditions, "tier": tier},
                    f"{at}.rows[{i}] {head}",
                )

    def _rows(
        self,
        page: Page,
        props: dict[str, Any],
        rows: list[tuple[Any, list[Any]]],
        tier: str | None,
        at: str,
    ) -> Iterator[Claim]:
        heads = [_text(h).lower() for h in props["headings"]]
        if heads[0] in ("tool",) or "size" in heads:
            page.refuse(
                "priced by tool or by second of video: no reader for these yet",
                printed=", ".join(heads),
                locator=at,
                field="price",
            )
            return
        for i, (group, row) in enumerate(rows):
            cells = [
                _text(c) if not isinstance(c, (int, Decimal)) else c
                for c in ([group, *row] if group is not None else row)
            ]
            here = f"{at} row {i}"
            if len(cells) != len(heads):
                page.refuse(
                    "cells do not match the head",
                    printed=str(cells),
                    locator=here,
                    model=str(cells[0]),
                )
                continue
            yield from page.attempt(
                self._row,
                page,
                dict(zip(heads, cells, strict=True)),
                tier,
                here,
                locator=here,
                model=str(cells[0]),
            )

    def _row(self, page: Page, row: dict[str, Any], tier: str | None, at: str) -> Iterator[Claim]:
        name, conditions = _model(row["model"])
        media = MEDIA.get(str(row.get("modality", "text")).lower())
        if media is None:
            page.refuse(
                "a modality this reader does not know",
                printed=str(row["modality"]),
                locator=at,
                model=name,
            )
            return
        trained = "training" in row
        for head, cell in row.items():
            group = re.match(r"(short|long) context (.+)", head)
            base = group[2] if group else head
            where = {
                **conditions,
                "tier": tier,
                "use": "fine-tuned" if trained else None,
                "above_input": 272_000 if group and group[1] == "long" else None,
            }
            if base in METERS and "transcri" not in str(row.get("use case", "")).lower():
                yield from self._price(
                    page, cell, name, METERS[base] + media, where, f"{at} {head}"
                )
            elif base == "training" and isinstance(cell, (int, Decimal)):
                yield from self._price(
                    page, cell, name, "training", {**where, "use": None}, f"{at} {head}"
                )
            elif base in ("training", "estimated cost") and not is_missing(str(cell)):
                meter = "minute" if "minute" in str(cell) else "hour"
                yield from page.say(
                    "price",
                    str(cell),
                    model=name,
                    provider=PROVIDER,
                    meter=meter,
                    locator=f"{at} {head}",
                    terms=terms(tier=tier, use="training" if trained else None),
                )
            elif not group and head not in KNOWN_HEADS:
                raise ValueError(f"a column this reader does not know: {head!r}")

    def _price(
        self, page: Page, cell: Any, name: str, meter: str, conditions: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        if cell is None or (isinstance(cell, str) and is_missing(cell)):
            return
        when = terms(**conditions)
        if isinstance(cell, (int, Decimal)):
            # The island's numbers are dollars for a million tokens, as its caption says.
            yield from page.say(
                "price",
                price_of(cell, "USD", "mtok"),
                model=name,
                provider=PROVIDER,
                meter=meter,
                terms=when,
                printed=f"${cell}",
                locator=at,
            )
        elif str(cell).lower() == "free":
            yield from page.say(
                "price",
                price_of(0, "USD", "mtok"),
                model=name,
                provider=PROVIDER,
                meter=meter,
                terms=when,
                printed=cell,
                locator=at,
            )
        else:
            yield from page.say(
                "price",
                str(cell),
                model=name,
                provider=PROVIDER,
                meter=meter,
                terms=when,
                context="Prices per 1M tokens.",
                locator=at,
            )


def revive(props: Any) -> Any:
    """Return Astro's tagged properties as plain values: `[0, x]` holds a value, `[1, xs]` a list.

    >>> revive({"rows": [1, [[0, "a"], [0, 5]]], "tier": [0, "batch"]})
    {'rows': ['a', 5], 'tier': 'batch'}
    """
    if isinstance(props, dict):
        return {k: _untag(v) for k, v in props.items()}
    raise ValueError("properties are no object")


def _untag(tagged: Any) -> Any:
    if not isinstance(tagged, list) or not tagged:
        raise ValueError(f"no tagged value: {tagged!r}")
    tag, value = tagged[0], tagged[1] if len(tagged) > 1 else None
    if tag == 1:
        return [_untag(v) for v in value or ()]
    return {k: _untag(v) for k, v in value.items()} if isinstance(value, dict) else value


def _text(cell: Any) -> str:
    if isinstance(cell, dict):
        inner = (
            cell.get("__pricingHtml")
            or (cell.get("__pricingTooltipHeading") or {}).get("label")
            or ""
        )
        return " ".join(re.sub(r"<[^>]+>", " ", clipped(str(inner))).split())
    return "" if cell is None else clipped(str(cell).strip())


def _model(cell: Any) -> tuple[str, dict[str, Any]]:
    """Return (model, terms) of a first cell such as `gpt-5.5 (<272K context length)`."""
    text = _text(cell)
    conditions: dict[str, Any] = {}
    if "with data sharing" in text:
        conditions["data_sharing"] = "yes"
    if re.search(r"\(<\s*272K context length\)", text):
        # The base price: its long-context row stands elsewhere.
        text = re.sub(r"\s*\([^)]*\)", "", text)
    elif "(" in text and not re.search(r"\((?:all models)\)", text):
        raise ValueError(f"a condition this reader does not know: {text!r}")
    return re.sub(r"\s+(?:Legacy|with data sharing)\b", "", text).strip(), conditions


def _tier(page: Page, island: Any, props: dict[str, Any]) -> str | None:
    """Return the service tier of an island: its own property, or the switch pane that holds it."""
    said = props.get("tier")
    if said is None:
        pane = island.find_parent(attrs={"data-content-switcher-pane": True})
        said = pane.get("data-value") if pane else None
    return {"standard": None, None: None}.get(said, said)  # type: ignore[no-any-return]
