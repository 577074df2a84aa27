"""What a claim or a label means, in the words of the field registry."""

from __future__ import annotations

from collections.abc import Iterable

from almanac.schemas.claim import Claim
from almanac.spiders.vocabulary.labels import Label

_PER = {"mtok": "1M tokens", "mchar": "1M characters", "mtok_hour": "1M tokens per hour"}
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
    shown = list(dict.fromkeys(_of_claim(claim) for claim in claims))
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return "; ".join(shown[:3]) + more


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
        return f"price: {claim.meter}{terms}, {unit_words(claim.unit)}"
    whose = " of the model" if claim.subject == "model" else ""
    return f"{claim.field}{whose}{terms}"


def of_label(label: Label) -> str:
    """Return what a label is taken for; nothing where it is not known."""
    if label.role == "":
        return f"capability: {label.flag}, should its cells be yes or no" if label.flag else ""
    if label.role == "role":
        return _ROLES.get(label.name, f"role: {label.name}")
    terms = f" {{{'; '.join(f'{name}={value}' for name, value in label.terms)}}}"
    shown = {
        "blank": "no label",
        "price": f"part of a price: {', '.join(sorted(label.parts)) or 'unit only'}",
        "field": label.name,
        "flag": f"capability: {label.name}",
        "condition": f"condition of the row: {label.name}",
        "prose": f"not of interest: {label.name.removeprefix('ignored: ')}",
        "terms": "condition",
    }[label.role]
    return shown + (terms if label.terms else "")
