"""AWS's price-list API for Bedrock, in two offer files.

One has a model attribute and units of 1K tokens, one the marketplace's models in 1M.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import short
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

PROVIDER = "Amazon Bedrock"
UNITS = {"1K tokens": Decimal("0.001"), "1M tokens": Decimal(1)}
EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)$")
TIERS = ("batch", "flex", "priority")


class AwsPriceList(Source):
    name = "aws_price_list"
    start_urls = tuple(
        f"https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{o}/current/us-east-1/index.json"
        for o in ("AmazonBedrock", "AmazonBedrockFoundationModels")
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        offers = (
            [data]
            if isinstance(data, dict) and "products" in data
            else list(data.values())
            if isinstance(data, dict)
            else []
        )
        if not offers or not all(
            isinstance(o, dict) and {"products", "terms"} <= o.keys() for o in offers
        ):
            raise LayoutChanged("no products and terms")
        for offer in offers:
            on_demand = offer["terms"].get("OnDemand") or {}
            for sku, product in offer["products"].items():
                if sku not in on_demand:
                    page.refuse(
                        "a product without a price",
                        printed=str(product.get("attributes", {}).get("usagetype", ""))[:200],
                        locator=f"/products/{sku}",
                        field="price",
                    )
                    continue
                yield from page.attempt(
                    self._product,
                    page,
                    sku,
                    product["attributes"],
                    on_demand[sku],
                    locator=f"/products/{sku}",
                )
            for sku in on_demand.keys() - offer["products"].keys():
                page.refuse(
                    "a price without its product",
                    printed=_described(on_demand[sku])[:200],
                    locator=f"/terms/OnDemand/{sku}",
                    field="price",
                )

    def _product(
        self, page: Page, sku: str, about: dict[str, str], priced: dict[str, Any]
    ) -> Iterator[Claim]:
        usage, kind = about.get("usagetype", ""), about.get("inferenceType", "")
        short(usage + kind + about.get("feature", "") + about.get("servicename", ""))
        model = about.get("model") or EDITION.sub(
            "", about.get("servicename", "").removeprefix("Amazon Bedrock")
        )
        if not model:
            page.refuse(
                "no model is named", printed=usage[:200], locator=f"/products/{sku}", field="price"
            )
            return
        meter, where = _meter(f"{kind} {usage}", about.get("feature", ""))
        if not meter:
            page.refuse(
                "a usage type this reader does not know",
                printed=usage[:200],
                locator=f"/products/{sku}",
                model=model,
                provider=PROVIDER,
                field="price",
            )
            return
        where["region"] = about.get("regionCode") or about.get("location")
        for term in priced.values():
            for code, dimension in term["priceDimensions"].items():
                if dimension["unit"] not in UNITS:
                    page.refuse(
                        "a unit this reader does not know",
                        printed=f"{dimension['unit']}: {dimension['pricePerUnit']}",
                        locator=f"/terms/OnDemand/{code}",
                        model=model,
                        field="price",
                    )
                    continue
                day = str(term.get("effectiveDate", ""))[:10]
                for currency, number in dimension["pricePerUnit"].items():
                    yield from page.price(
                        number,
                        currency,
                        "mtok",
                        UNITS[dimension["unit"]],
                        model=model,
                        provider=PROVIDER,
                        meter=meter,
                        terms=terms(**where),
                        printed=f"{number} {currency} per {dimension['unit']}",
                        locator=f"/terms/OnDemand/{code}",
                        effective_from=date.fromisoformat(day) if day else None,
                    )


def _meter(said: str, feature: str) -> tuple[str, dict[str, Any]]:
    """Return (meter, terms) hidden in a usage type.

    Such as `USE1-MP:USE1_CacheWriteInputTokenCount_Global_Batch-Units`.
    """
    low = re.sub(r"[^a-z0-9]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", said).lower())
    where: dict[str, Any] = {
        "tier": next((t for t in TIERS if t in f"{low} {feature.lower()}".split()), None)
    }
    if re.search(r"latency optimi[sz]ed|\blctx\b|long context", low):
        where["context"] = "long" if "ctx" in low or "long" in low else None
        where["tier"] = where["tier"] or ("latency optimised" if "latency" in low else None)
    if "mantle" in low.split():
        where["endpoint"] = "mantle"
    if re.search(r"\bglobal\b", low):
        where["scope"] = "global"
    if re.search(r"cache write|write cache", low):
        return "cache_write", where | {
            "cache_ttl": "1h" if re.search(r"\b1 ?h(?:our)?\b", low) else None
        }
    if re.search(r"cache read|read cache|cached", low):
        return "cache_read", where
    if re.search(r"\binput tokens?\b|input token count", low):
        return "input", where
    if re.search(r"\boutput tokens?\b|output token count", low):
        return "output", where
    return "", where


def _described(priced: dict[str, Any]) -> str:
    return "; ".join(
        str(d.get("description"))
        for term in priced.values()
        for d in term["priceDimensions"].values()
    )
