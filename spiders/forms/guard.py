"""What no honest table prints: one price twice with two values, a cached token dearer than a fresh one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from schemas.claim import Claim
from schemas.fields import FIELDS
from spiders.page import Page


def unique(page: Page, claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims, each once; where one page gives one thing two values, none of them, with the reason."""
    groups: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[(claim.subject, claim.provider, claim.model, claim.field, claim.meter, claim.terms)].append(claim)
    kept: list[Claim] = []
    for same in groups.values():
        if len({(c.value, c.unit, c.state) for c in same}) == 1:
            kept.append(same[0])
            continue
        for c in same:
            page.refuse(f"the page gives this {len({c.value for c in same})} values under the same terms", printed=c.printed, locator=c.locator, model=c.model,
                        provider=c.provider or "", field=c.field)  # fmt: skip
    return kept


# (less, more): in one row and tier the first never costs more than the second.
_ORDER = (
    ("input", "output"),
    ("cache_read", "input"),
    ("cache_read", "cache_write"),
    ("cache_read_audio", "input_audio"),
    ("input", "input_audio"),
    ("input_audio", "output_audio"),
)
_BATCH = ("input", "output")


def held(page: Page, claims: Sequence[Claim], at: str) -> list[Claim]:
    """Return a row's claims less those that stand in an order no list has: their cells may have changed places."""
    kept = list(claims)
    for problem, fields in ((disorder(claims), {"price"}), (_limits(claims), set(_LIMITS))):
        if problem:
            for c in [c for c in kept if c.field in fields]:
                page.refuse(f"held: {problem}; cells may have changed places", printed=c.printed, locator=c.locator or at, model=c.model, provider=c.provider or "", field=c.field)
            kept = [c for c in kept if c.field not in fields]
    return kept


def disorder(claims: Sequence[Claim]) -> str:
    """Return what is out of order among the prices of one row, or nothing. Free components are left out."""
    prices: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for c in claims:
        if c.field == "price" and isinstance(c.value, int) and c.value and c.unit.endswith("_mtok"):
            rest = str([(k, v) for k, v in c.terms if k not in ("tier", "cache_ttl", "cache")])
            tier = dict(c.terms).get("tier", "")
            prices[(rest, tier)].setdefault(c.meter or "", c.value)
            if c.value > int(FIELDS[("offer", "price")].high or 0):
                return f"{c.meter} beyond any price known"
    for (rest, tier), row in prices.items():
        for less, more in _ORDER:
            if less in row and more in row and row[less] > row[more]:
                return f"{less} dearer than {more}"
        standard = prices.get((rest, ""), {})
        if tier == "batch":
            for meter in _BATCH:
                if meter in row and meter in standard and row[meter] > standard[meter]:
                    return f"{meter} dearer in a batch"
        if "cache_write" in row and "input" in row and row["cache_write"] > 4 * row["input"]:
            return "a cache write over four times the input"
        if "token" in row and standard.get("token", row["token"]) < row["token"] and tier == "batch":
            return "dearer in a batch"
    return ""


_LIMITS = ("context_window", "max_output_tokens", "parameters", "active_parameters")


def _limits(claims: Sequence[Claim]) -> str:
    limits = {c.field: c.value for c in claims if c.field in _LIMITS}
    for less, more in (("max_output_tokens", "context_window"), ("active_parameters", "parameters")):
        if less in limits and more in limits and isinstance(limits[less], (int, Decimal)) and limits[less] > limits[more]:  # type: ignore[operator]
            return f"{less} above {more}"
    return ""
