"""What the head of a price table's column means, in English and in Chinese."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from almanac.schemas.quantity import short
from almanac.spiders.bounds import LONGEST_CELL


@dataclass(frozen=True, slots=True)
class HeadColumn:
    """The meter and the terms of the prices under a head."""

    meter: str
    terms: tuple[tuple[str, str], ...] = ()


def plain_head(head: str) -> str:
    """Return a head folded for matching.

    It has compatibility forms, lower case, single spaces, no markup or footnote marks.
    """
    # NFKC can make 18 characters of one.
    text = unicodedata.normalize("NFKC", head[:LONGEST_CELL]).lower()[: 2 * LONGEST_CELL]
    text = re.sub(r"[*`†‡¹²³]|\[\d+\]", "", text)
    return re.sub(r"\s+", " ", text).strip()


def price_column(text: str) -> HeadColumn:
    """Return the meter and terms that a price head (or the label of one price) names."""
    terms: dict[str, str] = {}
    if re.search(r"batch|批量|批处理|offline|离线", text):
        terms["tier"] = "batch"
    elif m := re.search(r"\b(priority|flex|fast mode)\b", text):
        terms["tier"] = {"fast mode": "fast"}.get(m[1], m[1])
    if (m := re.search(r"\b(5m|1h|5 ?min(?:ute)?s?|1 ?hour)\b", text)) and re.search(
        r"cache|write|缓存", text
    ):
        terms["cache_ttl"] = "1h" if m[1].startswith("1") else "5m"
    if m := re.search(r"显式|explicit|隐式|implicit", text):
        terms["cache"] = "explicit" if m[0] in ("显式", "explicit") else "implicit"
    if re.search(r"非思考|non-thinking|non-reasoning", text):
        terms["mode"] = "non-thinking"
    elif re.search(r"思考模式|\bthinking\b", text) and "非思考和思考" not in text:
        terms["mode"] = "thinking"
    if m := re.search(r"仅(?:纯)?文本输入|多模态输入", text):
        terms["given"] = "multimodal input" if "多模态" in m[0] else "text input"
        text = text.replace(m[0], "")
    if m := re.search(r"\blora(?![a-z])|全参|全量|full-?parameter", text):
        terms["method"] = "lora" if m[0] == "lora" else "full"
    if "citation" in text:
        terms["component"] = "citation"
    missed = re.search(r"未命中|\bmiss|uncached|non-cached", text)
    into, out = (
        re.search(r"输入|input|prompt|传入", text),
        re.search(r"输出|output|completion|response|思维链|回答", text),
    )
    if re.search(r"缓存存储|cache[- ]?storage|storage", text):
        meter = "cache_storage"
    elif re.search(
        r"缓存(?:创建|写入|写)|cache[- ]?(?:write|creation)s?|(?:writes?|creation)\b(?=.*cach)"
        r"|caching write|prompt caching \(?write",
        text,
    ):
        meter = "cache_write"
    elif not missed and re.search(r"缓存|cache|caching|\bhits?\b", text):
        meter = "cache_read"
    elif re.search(r"精调|训练|training|fine-?tun|微调", text):
        meter = "training"
    elif re.search(r"reasoning tokens?|internal reasoning", text):
        meter = "reasoning"
    elif into and out:
        meter = "token"
    elif out:
        meter = "output"
    elif into:
        meter = "input"
    else:
        meter = "token"
    kind = _modality(text)
    if kind and meter in ("input", "output", "cache_read", "cache_write"):
        combined = f"{meter}_{kind}"
        meter = (
            combined
            if combined not in ("cache_read_video", "cache_write_image", "cache_write_video")
            else meter
        )
    return HeadColumn(meter, tuple(sorted(terms.items())))


def _modality(text: str) -> str:
    """Return audio, image or video where a head names that modality alone."""
    if re.search(r"非音频|non-?audio|文本|text(?!\+)", text) and not re.search(
        r"文本\+音频|text ?\+ ?audio", text
    ):
        return ""
    found = [
        k
        for k, p in (
            ("audio", r"音频|audio"),
            ("image", r"图片|图像|\bimages?\b"),
            ("video", r"视频|video"),
        )
        if re.search(p, text)
    ]
    if re.search(
        r"per (?:[\d,k]+ )?(?:generated )?(?:image|video)|/ ?(?:image|video)|元/张|每张", text
    ):
        return ""
    return found[0] if len(found) == 1 or found == ["image", "video"] else ""


_N = r"(?P<{0}>\d+(?:\.\d+)?)\s*(?P<{0}_k>[km]?)"
_WHAT = r"(?P<what>(?:输入|输出|input|output|prompt|completion|response)[^\d\[(<≤>≥~+-]*)?"
_RANGES = tuple(
    re.compile(_WHAT + form, re.I)
    for form in (
        rf"[\[(]\s*{_N.format('low')}\s*,\s*{_N.format('high')}\s*[\])]",
        rf"[\[(]\s*{_N.format('low')}\s*,\s*\+?∞\s*[\])]",
        rf"[\[(]?\s*{_N.format('low')}\s*\+\s*[\])]?",
        (
            rf"{_N.format('low')}\s*(?:<|≤|<=)\s*(?:input |输入)?\s*tokens?\s*"
            rf"(?:<|≤|<=)\s*{_N.format('high')}"
        ),
        rf"{_N.format('low')}\s*(?:tokens?)?\s*(?:~|–|—|-|to)\s*{_N.format('high')}",
        rf"(?:≤|<=|<|up to|under|below)\s*{_N.format('high')}",
        rf"(?:>=|≥|>|over|above|more than)\s*{_N.format('low')}",
    )
)
_NO_TIER = re.compile(
    r"(?:-|–|—|/|\\-|n/?a|无阶梯计价|不区分(?:阶梯)?|无|所有|all(?: lengths?)?|any)?"
)


def token_tier(cell: str, scale: int = 1) -> dict[str, int]:
    """Return the lengths above which a price holds: `above_input` and `above_output`, in tokens.

    The lowest tier has none.

    >>> token_tier("输入长度 (32, 128]", 1000), token_tier("256K<Token≤1M"), token_tier("≤200k")
    ({'above_input': 32000}, {'above_input': 256000}, {})

    Raises ValueError for anything else, and for a bare small number whose unit is nowhere printed.
    """
    text = (
        re.sub(r"\s+", " ", short(unicodedata.normalize("NFKC", short(cell))))
        .strip()
        .lower()
        .replace("（", "(")
        .replace("）", ")")
    )
    if _NO_TIER.fullmatch(text):
        return {}
    found: dict[str, int] = {}
    rest = text
    while rest:
        for form in _RANGES:
            if m := form.match(rest):
                break
        else:
            raise ValueError(f"no length condition this reader knows: {cell!r}")
        parts = m.groupdict()
        side = (
            "output"
            if re.match(r"输出|output|completion|response", parts["what"] or "")
            else "input"
        )
        if parts.get("low"):
            low = _tokens(parts["low"], parts["low_k"] or parts.get("high_k") or "", scale)
            if low:
                found[f"above_{side}"] = low
        elif parts.get("high"):
            _tokens(parts["high"], parts["high_k"], scale)
        rest = re.sub(
            r"^(?:\s|tokens?\b|且|并且|and\b|,|，|;|context\b|length\b)+", "", rest[m.end() :]
        )
    return found


def _tokens(number: str, suffix: str, scale: int) -> int:
    factor = {"k": 1000, "m": 1_000_000}.get(suffix, scale)
    value = Decimal(number) * factor
    if value and factor == 1 and value < 1000:
        raise ValueError(f"thousands or tokens? {number!r}")
    return int(value)
