"""OpenRouter's price object: US dollars for one token, image, request or search, as strings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.terms import Terms
from almanac.schemas.weekly_hours import WeeklyHours
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, PriceKey

IMAGE = PriceKey.of({"image": "USD per image", "zero": "not charged"})
IMAGE_TOKEN = PriceKey.of({"input_image": "USD per token"})
TIMED = re.compile(r"utc|hour|day|time|peak|window")
"""Keys of a block of prices that hold at some hours, whatever else they say."""


def image(records: KeyedRecords, pricing: KeyedRecord, key: str) -> list[Claim]:
    """Return the price of an image.

    It is documented per image, but for models priced by the token it repeats the prompt's price,
    per token.
    """
    number = pricing.fields[key]
    repeats = number == pricing.fields.get("prompt") and str(number).strip("0.")
    return records.price(IMAGE_TOKEN if repeats else IMAGE, pricing, key)


def prices(records: KeyedRecords, record: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield every price with the conditions that `overrides` puts on it.

    The price beside one of some hours holds in the others; beside hours that are not understood it
    is refused.
    """
    base, placed, lost = record.within(key), [], []
    for n, _ in enumerate(base.fields.get("overrides") or ()):
        block = base.within("overrides", n)
        if limited := records.conditioned("pricing", block, WHEN):
            placed.append(limited)
        elif TIMED.search(" ".join(block.fields)):
            lost.append(block)
    yield from records.limited("pricing", base, placed, lost)


def _hours(block: Mapping[str, Any]) -> Terms:
    """Return the hours from `utc_start` to `utc_end`, each as 930 for 09:30."""
    start, end = (_clock(block[key]) for key in ("utc_start", "utc_end"))
    return Terms.of(window=WeeklyHours.parse(f"{start}-{end}"))


def _clock(number: Any) -> str:
    text = str(number).zfill(4)
    if not re.fullmatch(r"\d{4}", text):
        raise ValueError(f"no time of a day: {number!r}")
    return f"{text[:2]}:{text[2:]}"


def _above(block: Mapping[str, Any]) -> Terms:
    return Terms.of(above_input=int(block["min_prompt_tokens"]))


WHEN = {"min_prompt_tokens": _above, "utc_start": _hours, "utc_end": _hours}
