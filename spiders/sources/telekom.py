"""T-Systems AI Foundation: plan data as JSON, EUR a million tokens by package, model and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.row_checks import unique

PRICES = {"inputPricePerMillionTokens": "input", "outputPricePerMillionTokens": "output"}
PROVIDER = "T-Systems"


class Telekom(Source):
    name = "telekom"
    start_urls = ("https://docs.llmhub.t-systems.net/",)

    def read(self, page: Page) -> Iterator[Claim]:
        packages = page.json
        if not isinstance(packages, list) or not any(
            isinstance(p, dict) and "modelQuotaConfigs" in p for p in packages
        ):
            raise LayoutChanged("no list of packages with modelQuotaConfigs")
        claims: list[Claim] = []
        for i, package in enumerate(packages):
            for j, row in enumerate(package.get("modelQuotaConfigs") or ()):
                at = f"/{i}/modelQuotaConfigs/{j}"
                claims += page.attempt(
                    self._row,
                    page,
                    row,
                    str(package.get("packageName")),
                    at,
                    locator=at,
                    model=str(row.get("exactModelName", "")),
                )
        yield from unique(page, _plans(claims))

    def _row(self, page: Page, row: dict[str, Any], plan: str, at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {"model": row["exactModelName"], "provider": PROVIDER}
        tier = row.get("modelTier")
        where = terms(
            region=row.get("deploymentRegion"), tier=None if tier == "standard" else tier, plan=plan
        )
        for key, meter in PRICES.items():
            yield from page.price(
                row.get(key), "EUR", "mtok", **who, meter=meter, terms=where, locator=f"{at}/{key}"
            )
        yield from page.say(
            "context_window", row.get("contextWindow"), **who, locator=f"{at}/contextWindow"
        )


def _plans(claims: list[Claim]) -> Iterator[Claim]:
    """Give a price that is the same in every plan to none; others keep their plan as a term."""
    groups: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[(claim.model, claim.field, claim.meter, claim.terms.without("plan"))].append(claim)
    for key, same in groups.items():
        alike = len({(c.value, c.unit) for c in same}) == 1
        yield from (c.model_copy(update={"terms": key[-1]}) if alike else c for c in same)
