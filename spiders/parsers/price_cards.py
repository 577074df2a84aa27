"""The shared form of price cards.

A model's name is a heading, labels stand on lines of their own, prices under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import read_price
from almanac.schemas.quantity import LONGEST, is_missing
from almanac.spiders.bounds import paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.column_heads import plain_head, price_column, token_tier
from almanac.spiders.parsers.row_checks import unique

LABELS = {
    "input": "input",
    "output": "output",
    "cached input": "cache_read",
    "cached inputs": "cache_read",
    "cache read": "cache_read",
    "cache write": "cache_write",
    "cache hits & refreshes": "cache_read",
    "training": "training",
    "write": "cache_write",
    "read": "cache_read",
    "cache writes": "cache_write",
    "base input": "input",
}
GROUPS = {"prompt caching", "context caching", "caching"}
KINDS = {
    "price": {},
    "prices": {},
    "pricing": {},
    "fine-tuning price": {"use": "fine-tuned"},
    "reinforcement fine-tuning price": {"use": "reinforcement fine-tuned"},
}
MEDIA = {"text": "", "audio": "_audio", "image": "_image"}
PRICE = re.compile(r"[$€£]\s*\d")
IDENTIFIER = re.compile(r"(?=.*[a-z])(?=.*-)[A-Za-z][\w.-]*", re.A)
PER = re.compile(r"^(?:price )?per (?:1M tokens|million tokens|second|image|minute|hour)", re.I)


@dataclass
class _Card:
    """Where in the cards a line stands."""

    model: str = ""
    label: str = ""
    media: str = ""
    context: str = ""
    where: dict[str, str] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)


def read_cards(
    page: Page, lines: Iterable[tuple[int, str]], provider: str, model: str = ""
) -> Iterator[Claim]:
    """Yield the prices of numbered lines; a price is read only under a model and a label.

    Raises LayoutChanged for none.
    """
    card = _Card(model)
    claims: list[Claim] = []
    for n, raw in paced(lines):
        if len(raw) > LONGEST:
            # No name, label or price is so long; what it is about is not what stood above it.
            if PRICE.match(raw.strip()):
                page.refuse(
                    f"a price among {len(raw):,} characters",
                    printed=raw,
                    locator=f"line {n}",
                    model=card.model,
                    provider=provider,
                    field="price",
                )
            card = _Card(model) if raw.lstrip().startswith("#") else card
            continue
        line = re.sub(r"\\([-$>*_])", r"\1", raw).strip().strip("*").strip()
        low = plain_head(line).rstrip(": ")
        if m := re.match(r"(#{1,6})\s+(.+)", line):
            card = _heading(card, len(m[1]), plain_head(m[2]), m[2].strip(), model)
        elif low in LABELS:
            if low in ("input", "output", "training"):
                card.above = {}
            card.label = LABELS[low]
        elif low in GROUPS:
            card.label, card.above = "", {}
        elif low in MEDIA:
            card.media = MEDIA[low]
        elif PER.match(low):
            card.context = line
        elif re.match(r"(?:prompts?\s*)?(?:≤|<=|>|up to|over)\s*\d+\s*k", low):
            card.above = {
                k: str(v)
                for k, v in token_tier(re.sub(r"^prompts?\s*|\s*tokens?.*$", "", low)).items()
            }
        elif PRICE.match(line):
            claims += _price(page, line, card, provider, n)
        elif IDENTIFIER.fullmatch(line) and not model:
            card.model, card.label = line, ""
    if not claims:
        raise LayoutChanged("no price under a model and a label")
    yield from unique(page, claims)


def _heading(card: _Card, depth: int, low: str, text: str, fixed: str) -> _Card:
    if low in KINDS:
        card.where, card.label = dict(KINDS[low]), ""
    elif low in MEDIA:
        card.media, card.label = MEDIA[low], ""
    elif not fixed:
        card = _Card(text, context=card.context if depth > 2 else "")
    return card


def _price(page: Page, line: str, card: _Card, provider: str, n: int) -> list[Claim]:
    said = price_column(plain_head(re.sub(r"^[$€£]\s*[\d.,]+", "", line)))
    meter = said.meter if said.meter != "token" else card.label
    where = {**card.where, **card.above, **dict(said.terms)}
    if not card.model or is_missing(line):
        return []
    if not re.search(r"\d", card.model) and not IDENTIFIER.fullmatch(card.model):
        page.refuse(
            "a price under a heading that names no model",
            printed=line,
            locator=f"line {n}",
            field="price",
        )
        return []
    try:
        price = read_price(line.rstrip("*"), card.context)
    except ValueError as error:
        page.refuse(
            str(error),
            printed=line,
            locator=f"line {n}",
            model=card.model,
            provider=provider,
            field="price",
        )
        return []
    if price.per in ("second", "image", "request", "search", "session", "minute") or (
        price.per == "hour" and meter != "training"
    ):
        meter = price.per
    if not meter:
        page.refuse(
            "a price without a label",
            printed=line,
            locator=f"line {n}",
            model=card.model,
            provider=provider,
            field="price",
        )
        return []
    if card.media and meter in ("input", "output", "cache_read"):
        meter += card.media
    return page.say(
        "price",
        price,
        model=card.model,
        provider=provider,
        meter=meter,
        terms=terms(**where),
        printed=line,
        locator=f"line {n}",
    )
