"""What a line means as a label, and what may be its value."""

from __future__ import annotations

import re

from almanac.spiders.reading.columns import is_flag, one_side
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.capabilities import capabilities_of
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.media import media_of

MONEY = re.compile(r"[$€£¥￥]\s*\d|\d\s*(?:元|美元|[$€£])")
"""An amount with the sign of its currency."""
_FIGURE = re.compile(r"\d")
_VALUE_FIRST = re.compile(
    r"^(?P<value>[\d.,]+\s?[KkMmBb]?|[A-Z][a-z]{2,8} (?:\d{1,2}, )?\d{4})"
    r"\s+(?P<label>[A-Za-z][A-Za-z -]{3,40})$"
)
"""A value before its label, as in `400,000 context window`."""


def values_first(text: str) -> list[re.Match[str]]:
    """Return the values before labels that a whole text lists; nothing where a part is none."""
    parts = [text] if _VALUE_FIRST.match(text) else re.split(r"[,;]\s+(?=\d)", text)
    found = [_VALUE_FIRST.match(part) for part in parts]
    return [m for m in found if m] if all(found) else []


def label_of(context: Context, text: str) -> Label:
    """Return what a line means as a label: also a capability with its stage beside it."""
    stated = context.declared.label(text)
    able = () if stated.role or stated.flag else capabilities_of(text)
    return Label("", flag=able[0]) if len(able) == 1 else stated


def reads(stated: Label) -> bool:
    if stated.role in ("price", "field") or (stated.flag and stated.role in ("", "price", "terms")):
        return True
    return stated.is_role("speed", "status", "modality", "features")


def is_condition(stated: Label, text: str) -> bool:
    return stated.role == "condition" and stated.name != "length" and len(text) <= 30


def fits(stated: Label, text: str) -> bool:
    """Whether a text may be a value of what a label names: a price with a sign, a count, a day."""
    if stated.flag and is_flag(text):
        return True
    if stated.role == "price":
        bare = {"in", "out"} >= stated.parts and bool(stated.parts)
        return bool(MONEY.search(text)) or text.lower() == "free" or (bare and bool(media_of(text)))
    if stated.role == "field":
        return _fits_field(stated.name, text)
    if stated.is_role("features", "modality", "status"):
        return True
    return is_flag(text) or bool(_FIGURE.search(text))


def _fits_field(name: str, text: str) -> bool:
    if name.endswith("_date") and ":" in text:
        return False
    return bool(_FIGURE.search(text)) or bool(media_of(text)) or name == "licence"


def as_meant(stated: Label, text: str) -> Label:
    if stated.flag and is_flag(text):
        return Label("flag", stated.flag)
    side = one_side(stated)
    return Label("field", f"{side}_modalities") if side and media_of(text) else stated
