"""Azure Retail Prices API: meters' names abbreviate model, direction, tier and scope."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import TOKEN, Per
from almanac.schemas.quantity import short
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.row_checks import unique

PROVIDER = "azure"
# How a product's meters spell a model: what stands in front of the bare version.
FAMILIES = {
    "GPT5": "gpt",
    "PP FT GPT4s": "gpt",
    "Deepseek": "DeepSeek",
    "Grok": "Grok",
    "Kimi": "Kimi",
    "Llama": "Llama",
    "Mistral": "Mistral",
    "Media": "gpt",
}
BARE = {
    "gpt": r"\d|Image-\d",
    "DeepSeek": r"[VR]\d",
    "Grok": r"\d",
    "Kimi": r"K\d",
    "Llama": r"\d",
    "Mistral": r"(?:Large|Medium|Small)\b",
}
"""What a meter's name begins with when it leaves the family out."""
AI_PRODUCT = re.compile(
    r"^Azure OpenAI|^Azure (?:\w+ )*Models$|^Azure Kimi$|^Cohere Models$|^Azure AI Foundry", re.I
)
WORDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("inp", "inpt", "input", "in"), ("side", "input")),
    **dict.fromkeys(("opt", "outp", "outpt", "output", "out"), ("side", "output")),
    **dict.fromkeys(("cd", "cchd", "cached", "cache", "cched", "ccchd"), ("cache", "read")),
    **dict.fromkeys(("wr", "write"), ("cache", "write")),
    "batch": ("tier", "batch"),
    "pp": ("tier", "priority"),
    "std": ("tier", ""),
    "flex": ("tier", "flex"),
    **dict.fromkeys(("gl", "glb", "glbl", "global"), ("scope", "global")),
    **dict.fromkeys(("dz", "dzone", "dzn", "datazone"), ("scope", "data zone")),
    **dict.fromkeys(("rg", "rgnl", "regn", "regnl", "regional"), ("scope", "regional")),
    "longco": ("context", "long"),
    "shortco": ("context", ""),
    "ft": ("use", "fine-tuned"),
    **dict.fromkeys(("trng", "training"), ("side", "training")),
    **dict.fromkeys(("hstng", "hosting"), ("side", "hosting")),
    "aud": ("media", "audio"),
    "txt": ("media", ""),
    "text": ("media", ""),
    "img": ("media", "image"),
    "audio": ("media", "audio"),
    **dict.fromkeys(("grdr", "grader"), ("use", "grader")),
}
SPLIT = re.compile(r"(?<=[a-z])(?=Inp|Txt|Aud|Outp|Prvw)|[\s-]+")
LONGER = {
    "mn": "mini",
    "rt": "realtime",
    "rtime": "realtime",
    "prvw": "preview",
    "mnstrl": "Ministral",
    "trscb": "transcribe",
    "tcrb": "transcribe",
    "trb": "turbo",
    "35": "3.5",
}
NOISE = frozenset(["az", "mdl", "mdel", "model", "tuned", "unit", "deployment", "ep", "base"])
TAIL = re.compile(
    r"\s*(?:1M\s+)?(?:tkn\s+)?"
    r"(?P<what>Tokens|Images|Pages|Search|Characters|Video|Second|Session|Unit)$",
    re.I,
)
# (what the meter counts, its unit) -> (meter, per, units);
# a meter of tokens takes its meter from its name.
SIZES: dict[tuple[str, str], tuple[str, Per, Decimal | int]] = {
    ("tokens", "1K"): ("", "mtok", 1000 * TOKEN),
    ("tokens", "1M"): ("", "mtok", 1),
    ("images", "100"): ("image", "image", 100),
    ("pages", "1K"): ("page", "page", 1000),
    ("search", "1K"): ("search", "search", 1000),
    ("characters", "1M"): ("character", "mchar", 1),
    ("video", "1 Second"): ("second", "second", 1),
    ("second", "1"): ("second", "second", 1),
    ("session", "1"): ("session", "session", 1),
    ("unit", "1 Hour"): ("hour", "hour", 1),
    ("unit", "1/Hour"): ("hour", "hour", 1),
}


class AzureRetail(Source):
    name = "azure_retail"
    start_urls = tuple(
        f"https://prices.azure.com/api/retail/prices?$filter=serviceName%20eq%20%27{s}%27"
        for s in ("Foundry%20Models", "Cognitive%20Services")
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        items = (
            next((data[k] for k in ("Items", "items") if isinstance(data.get(k), list)), None)
            if isinstance(data, dict)
            else None
        )
        if not items or not all(
            isinstance(i, dict) and {"meterName", "retailPrice", "unitOfMeasure"} <= i.keys()
            for i in items
        ):
            raise LayoutChanged("no Items with meterName, retailPrice and unitOfMeasure")
        meters: dict[tuple[str, str, str], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for n, item in enumerate(items):
            if (
                AI_PRODUCT.search(item.get("productName", ""))
                and item.get("type", "Consumption") == "Consumption"
            ):
                meters[(item["productName"], item["meterName"], item["unitOfMeasure"])].append(
                    (n, item)
                )
        claims: list[Claim] = []
        for (product, meter, unit), rows in meters.items():
            claims += page.attempt(
                self._meter,
                page,
                product,
                meter,
                unit,
                rows,
                locator=f"/Items/{rows[0][0]}",
                model=meter,
            )
        yield from unique(page, claims)

    def _meter(
        self,
        page: Page,
        product: str,
        meter: str,
        unit: str,
        rows: list[tuple[int, dict[str, Any]]],
    ) -> Iterator[Claim]:
        """One meter stands once a region; only where its prices differ is the region a term."""
        at = f"/Items/{rows[0][0]}"
        short(product + meter + unit)
        tail = TAIL.search(meter)
        size = SIZES.get((tail["what"].lower(), unit)) if tail else None
        if size is None or re.search(r"provisioned|throughput", meter, re.I):
            page.refuse(
                "reserved capacity, or a unit this reader does not know",
                printed=f"{meter} per {unit}: {rows[0][1]['retailPrice']}",
                locator=at,
                model=meter,
                field="price",
            )
            return
        model, kind, where = decode(product, meter)
        counted, per, units = size
        kind = ("training" if kind == "training" else counted) if counted else kind
        if not kind or kind == "hosting" or not model:
            page.refuse(
                "a meter that names no direction",
                printed=f"{meter} per {unit}",
                locator=at,
                model=meter,
                field="price",
            )
            return
        latest: dict[str, tuple[int, dict[str, Any]]] = {}
        for n, row in sorted(rows, key=lambda r: r[1].get("effectiveStartDate", "")):
            for region in row.get("regions") or [row.get("armRegionName") or ""]:
                latest[region] = (n, row)
        prices = {str(row["retailPrice"]) for _, row in latest.values()}
        for region, (n, row) in latest.items() if len(prices) > 1 else list(latest.items())[:1]:
            day = str(row.get("effectiveStartDate") or "")[:10]
            yield from page.price(
                row["retailPrice"],
                row.get("currencyCode") or "USD",
                per,
                units,
                model=model,
                provider=PROVIDER,
                meter=kind,
                terms=terms(**where, region=region if len(prices) > 1 else None),
                printed=f"{row['retailPrice']} per {unit}: {meter}",
                locator=f"/Items/{n}/retailPrice",
                effective_from=date.fromisoformat(day) if day else None,
            )


def decode(product: str, meter: str) -> tuple[str, str, dict[str, str]]:
    """Return (model, meter, terms) of a meter name; the meter is empty where no direction is named.

    >>> decode("Azure OpenAI GPT5", "5.4 mini pp cd Inp Gl 1M Tokens")
    ('gpt-5.4-mini', 'cache_read', {'tier': 'priority', 'scope': 'global'})
    >>> decode("Azure Deepseek Models", "V4 Pro Outp glbl Tokens")
    ('DeepSeek-V4-Pro', 'output', {'scope': 'global'})
    """
    said: dict[str, str] = {}
    name: list[str] = []
    spaced = re.sub(
        r"(?<=\baud|\btxt)(?=\d{4})",
        " ",
        re.sub(
            r"gpt4omini",
            "gpt-4o-mini",
            re.sub(r"data ?zone", "dzone", TAIL.sub("", meter), flags=re.I),
        ),
    )
    words = [w for w in SPLIT.split(spaced) if w]
    for i, word in enumerate(words):
        low = word.lower()
        if low in NOISE or (low == "fine" and i + 1 < len(words)):
            said |= {"use": "fine-tuned"} if low == "fine" else {}
        elif (
            low in ("aud", "img")
            and name
            and "media" not in said
            and not {"realtime", "image", "tts", "transcribe"} & set(name)
        ):
            # The model is made for it; what is metered is said again, or is audio.
            name.append({"aud": "audio", "img": "image"}[low])
            said |= {"media": "audio"} if low == "aud" else {}
        elif low in WORDS and (name or WORDS[low][0] != "media"):
            key, value = WORDS[low]
            if not (key == "cache" and said.get("cache") == "write"):
                said[key] = value
        else:
            name.append(LONGER.get(low, word))
    side, cache, media = said.pop("side", ""), said.pop("cache", ""), said.pop("media", "")
    if side == "hosting":
        said["use"] = f"{said.get('use', 'fine-tuned')} hosting"
    if "embedding" in (w.lower() for w in name):
        side = "input"
    kind = f"cache_{cache}" if cache else side
    kind = (
        f"{kind}_{media}"
        if media and kind in ("input", "output", "cache_read", "cache_write")
        else kind
    )
    if "Fireworks" in product and name and name[0] == "FW":
        name, said["via"] = name[1:], "fireworks"
    model = "-".join(name)
    for part, prefix in FAMILIES.items():
        if part in product and re.match(BARE[prefix], model):
            model = f"{prefix}-{model}"
    return (
        re.sub(r"^gpt-?(?=[\w.])", "gpt-", model, flags=re.I),
        kind,
        {k: v for k, v in said.items() if v},
    )
