"""What a claim or a label means, in the words of the field registry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from almanac.schemas.claim import Claim
from almanac.schemas.money import shown
from almanac.spiders.vocabulary.labels import Label

_PER = {"mtok": "1M tokens", "mchar": "1M characters", "mtok_hour": "1M tokens per hour"}
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ROLES = {
    "model": "names the model",
    "id": "names the model, by its id",
    "replacement": "names the model that replaces it: not claimed",
    "unit": "says the unit of the row",
    "item": "says what is priced",
    "provider": "says whose model it is",
    "benchmark": "names the benchmark",
    "features": "features: claimed where they have a field",
}


def of_claims(claims: Iterable[Claim]) -> str:
    """Return what claims say: each field, or meter with terms and unit, once."""
    words = list({_kind(claim): _of_claim(claim) for claim in reversed(list(claims))}.values())[
        ::-1
    ]
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    return "; ".join(words[:3]) + more


def _kind(claim: Claim) -> tuple[object, ...]:
    return claim.field, claim.meter, claim.terms, claim.unit, claim.subject == "model"


def unit_words(unit: str) -> str:
    """Return a unit in words.

    >>> unit_words("usd_per_mtok")
    'USD per 1M tokens'
    """
    currency, _, per = unit.partition("_per_")
    return f"{currency.upper()} per {_PER.get(per, per)}"


def _of_claim(claim: Claim) -> str:
    terms = f" {{{claim.terms}}}" if claim.terms else ""
    if claim.field == "price":
        return f"price: {claim.meter}{terms}, {unit_words(claim.unit)}{_converted(claim)}"
    whose = " of the model" if claim.subject == "model" else ""
    return f"{claim.field}{whose}{terms}"


def _converted(claim: Claim) -> str:
    """Return what the printed amount comes to, where another unit than the kept one is printed."""
    printed = _AMOUNT.search(claim.printed)
    if not printed or not isinstance(claim.value, int):
        return ""
    if Decimal(printed[0].replace(",", "")) * 10**9 == claim.value:
        return ""
    return f" ({printed[0]} there is {shown(claim.value, claim.unit)})"


def of_label(label: Label) -> str:
    """Return what a label is taken for; nothing where it is not known."""
    if label.role == "":
        return f"capability: {label.flag}, should its cells be yes or no" if label.flag else ""
    if label.role == "role":
        return _ROLES.get(label.name, f"role: {label.name}")
    terms = f" {{{'; '.join(f'{name}={value}' for name, value in label.terms)}}}"
    meaning = {
        "blank": "no label",
        "price": f"part of a price: {', '.join(sorted(label.parts)) or 'unit only'}",
        "field": label.name,
        "flag": f"capability: {label.name}",
        "condition": f"condition of the row: {label.name}",
        "prose": f"not of interest: {label.name.removeprefix('ignored: ')}",
        "terms": "condition",
    }[label.role]
    return meaning + (terms if label.terms else "")
