"""T-Systems AI Foundation: plan data as JSON, EUR a million tokens by package, model and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from almanac.schemas.claim import Claim
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, PriceKey, Rule, pointer
from almanac.spiders.parsers.row_checks import unique

PRICES = {
    "inputPricePerMillionTokens": PriceKey.of({"input": "EUR per 1M tokens"}),
    "outputPricePerMillionTokens": PriceKey.of({"output": "EUR per 1M tokens"}),
}
PROVIDER = "T-Systems"


class Telekom(Source):
    name = "telekom"
    version = 2
    start_urls = ("https://docs.llmhub.t-systems.net/",)

    def read(self, page: Page) -> Iterator[Claim]:
        packages = page.json
        if not isinstance(packages, list) or not any(
            isinstance(p, dict) and "modelQuotaConfigs" in p for p in packages
        ):
            raise LayoutChanged("no list of packages with modelQuotaConfigs")
        claims: list[Claim] = []
        for n, package in enumerate(packages):
            plan = str(package.get("packageName"))
            records = KeyedRecords(page, card(self.name).records, {"price": _priced_in(plan)})
            for m, row in enumerate(package.get("modelQuotaConfigs") or ()):
                at = pointer(n, "modelQuotaConfigs", m)
                claims += records.row("row", KeyedRecord(row, row["exactModelName"], PROVIDER, at))
            records.refuse_unknown()
        yield from unique(page, _plans(claims))


def _priced_in(plan: str) -> Rule:
    """Return the rule for a price in a plan; what is no price holds in all of them."""

    def price(records: KeyedRecords, row: KeyedRecord, key: str) -> list[Claim]:
        tier = row.fields.get("modelTier")
        terms = Terms.of(
            region=row.fields.get("deploymentRegion"),
            tier=None if tier == "standard" else tier,
            plan=plan,
        )
        return records.price(PRICES[key], replace(row, terms=terms), key)

    return price


def _plans(claims: list[Claim]) -> Iterator[Claim]:
    """Give a price that is the same in every plan to none; others keep their plan as a term."""
    groups: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[(claim.model, claim.field, claim.meter, claim.terms.without("plan"))].append(claim)
    for key, same in groups.items():
        alike = len({(c.value, c.unit) for c in same}) == 1
        yield from (c.model_copy(update={"terms": key[-1]}) if alike else c for c in same)
