"""xAI: its models API (1e-10 US dollars a token), or a page with its objects or table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import price_of
from almanac.schemas.quantity import split_glued
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.row_checks import held, unique
from almanac.spiders.parsers.stacked import blocks

PROVIDER = "xAI"
LARGEST_OBJECT = 50_000
"""Characters of a model's object: real ones have under 3,000.

Each is looked for from where it begins.
"""
UNIT = Decimal(10) ** 4
"""Prices are in 1e-10 dollars for one token: 1e-4 dollars a million."""
PRICES = {
    "prompttexttokenprice": "input",
    "cachedprompttokenprice": "cache_read",
    "cachedprompttexttokenprice": "cache_read",
    "completiontexttokenprice": "output",
    "promptimagetokenprice": "input_image",
}
LIMIT = re.compile(r"\d{1,3}(?:,\d{3})+")
RATE = re.compile(r"[\d.]+[KM]?(?:tpm|rpm|rps)", re.I)
REGION = re.compile(r"[a-z]{2}-[a-z]+-\d")
MODEL = re.compile(r"grok-[\w.-]+")


class XAI(Source):
    name = "xai"
    start_urls = ("https://docs.x.ai/docs/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        objects = list(_objects(page))
        if objects:
            claims: list[Claim] = []
            for i, model in enumerate(objects):
                claims += page.attempt(
                    self._object,
                    page,
                    model,
                    f"/models/{i}",
                    locator=f"/models/{i}",
                    model=str(model.get("id") or model.get("name")),
                )
            yield from unique(page, claims)
        else:
            yield from self._flattened(page)

    def _object(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": m.get("id") or m["name"], "provider": PROVIDER}
        limit = _whole(
            m.get("maxPromptLength") or m.get("max_prompt_length") or m.get("context_length")
        )
        yield from page.say(
            "context_window", limit or None, **who, locator=f"{at}/max_prompt_length"
        )
        above = _whole(m.get("longContextThreshold") or m.get("long_context_threshold"))
        for key, said in m.items():
            low = re.sub(r"_", "", key).lower()
            long = low.endswith("longcontext")
            meter = PRICES.get(low.removesuffix("longcontext"))
            number = _whole(said)
            if meter and number and (above or not long):
                yield from page.say(
                    "price",
                    price_of(number, "USD", "mtok", UNIT),
                    **who,
                    meter=meter,
                    terms=terms(above_input=above if long else None),
                    printed=str(said),
                    locator=f"{at}/{key}",
                )
            elif low.endswith("price") and not meter and number:
                page.refuse(
                    "a price this reader does not know",
                    printed=str(said),
                    locator=f"{at}/{key}",
                    field="price",
                    **who,
                )
        for side in ("input", "output"):
            kinds = m.get(f"{side}_modalities") or m.get(f"{side}Modalities") or ()
            yield from page.say(
                f"{side}_modalities",
                tuple({"1": "text", "2": "image"}.get(str(k), str(k)) for k in kinds) or None,
                **who,
                locator=f"{at}/{side}_modalities",
            )

    def _flattened(self, page: Page) -> Iterator[Claim]:
        """Every cell a block; each is known by its form: limit, rate, region, prices."""
        section = model = ""
        where: dict[str, str] = {}
        found: list[Claim] = []
        for n, block in blocks(page.text):
            if block in ("Per million tokens", "Per image output"):
                section, model = block, ""
            elif block.startswith(("#", "**")) or block in (
                "Language models",
                "Image generation models",
            ):
                section = model = ""
            elif section and MODEL.fullmatch(block):
                model, where = block, {}
            elif model and REGION.fullmatch(block):
                where = {"region": block}
            elif model and LIMIT.fullmatch(block):
                found += page.say(
                    "context_window", block, model=model, provider=PROVIDER, locator=f"line {n}"
                )
            elif model and re.match(r"\$", block):
                found += held(
                    page,
                    page.attempt(
                        self._prices,
                        page,
                        block,
                        section,
                        model,
                        where,
                        f"line {n}",
                        locator=f"line {n}",
                        model=model,
                    ),
                    f"line {n}",
                )
            elif model and not RATE.fullmatch(block):
                page.refuse(
                    "a cell this reader does not know",
                    printed=block[:200],
                    locator=f"line {n}",
                    model=model,
                )
                model = ""
        if not found:
            raise LayoutChanged("neither model objects nor a list of models with prices")
        yield from unique(page, found)

    def _prices(
        self, page: Page, block: str, section: str, model: str, where: dict[str, str], at: str
    ) -> Iterator[Claim]:
        """A token model shows input and output, glued; an image model one price."""
        tokens = section == "Per million tokens"
        amounts = split_glued(block, r"\$\d+\.\d{2,4}", 2) if tokens else [block]
        for meter, amount in zip(
            ("input", "output") if tokens else ("image",), amounts, strict=True
        ):
            price = price_of(amount.lstrip("$"), "USD", "mtok" if tokens else "image")
            yield from page.say(
                "price",
                price,
                model=model,
                provider=PROVIDER,
                meter=meter,
                terms=terms(**where),
                printed=amount,
                locator=at,
            )


def _objects(page: Page) -> Iterator[dict[str, Any]]:
    """Yield the model objects of an API answer, or of a documentation page's scripts."""
    text = page.text
    if text.lstrip()[:1] in "{[":
        data = page.json
        models = (
            data
            if isinstance(data, list)
            else next(
                (
                    data[k]
                    for k in ("models", "languageModels", "data")
                    if isinstance(data.get(k), list)
                ),
                [],
            )
        )
        yield from (m for m in models if isinstance(m, dict))
        return
    if "TokenPrice" not in text:
        return
    text = text.replace('\\"', '"')
    decoder = json.JSONDecoder(parse_float=Decimal)
    for m in re.finditer(r'\{"name":\s*"grok-', text):
        try:
            found, _ = decoder.raw_decode(text[m.start() : m.start() + LARGEST_OBJECT])
        except (ValueError, RecursionError):
            page.refuse(
                "a model object that is no JSON",
                printed=text[m.start() : m.start() + 200],
                locator=f"character {m.start()}",
            )
            continue
        yield found


def _whole(said: Any) -> int:
    """`20000`, `"20000"` and the page's `"$n20000"` are one number; anything else is none."""
    m = re.fullmatch(r"(?:\$n)?(\d+)", str(said)) if not isinstance(said, bool) else None
    return int(m[1]) if m else 0
