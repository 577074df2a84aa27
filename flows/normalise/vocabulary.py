"""Claims in the almanac's words.

Vocabulary is folded, legal ranges kept, capabilities read out of modalities.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from almanac.schemas import catalogue
from almanac.schemas.claim import Claim, RefusedItem, State, Value, canonical
from almanac.schemas.codes import RefusalCode
from almanac.schemas.field import Field
from almanac.schemas.fields import FIELDS, METERS
from almanac.schemas.licences import spdx_of
from almanac.schemas.terms import Terms

_TOKEN_METERS = {
    m
    for m in METERS
    if m.split("_")[0] in ("input", "output", "cache", "reasoning", "token", "training")
} - {"cache_storage"}


def normalise(claims: Iterable[Claim]) -> tuple[list[Claim], list[RefusedItem]]:
    """Return the claims in canonical words, and those whose value no such field can have."""
    kept: list[Claim] = []
    refused: list[RefusedItem] = []
    for claim in claims:
        entry = FIELDS[(claim.subject, claim.field)]
        claim = _worded(claim, entry)
        reason = illegal(claim, entry)
        if reason:
            refused.append(refusal(claim, "normalise", reason))
        else:
            kept.append(claim)
            kept.extend(_derived(claim))
    return kept, refused


def refusal(
    claim: Claim, stage: str, reason: str, code: RefusalCode = RefusalCode.none
) -> RefusedItem:
    return RefusedItem(
        source=claim.source,
        capture=claim.capture,
        stage=stage,  # type: ignore[arg-type]
        reason=reason,
        code=code,
        printed=claim.printed,
        locator=claim.locator,
        model=claim.model,
        provider=claim.provider or "",
        field=claim.field,
    )


def _worded(claim: Claim, entry: Field) -> Claim:
    value = _value(claim, entry)
    if claim.field == "licence" and str(value).lower() == "other":
        # Hugging Face's word for "read it yourself".
        return claim.model_copy(update={"value": None, "state": State.not_found})
    terms = _terms(claim, entry)
    if (value, terms) == (claim.value, claim.terms):
        return claim
    return claim.model_copy(update={"value": value, "terms": terms})


def _value(claim: Claim, entry: Field) -> Value:
    """Return a claim's value in the almanac's words."""
    value = claim.value
    if isinstance(value, str) and claim.field == "licence":
        return spdx_of(value)
    if isinstance(value, str) and claim.field in ("architecture", "openness", "lifecycle"):
        return value.lower()
    if isinstance(value, tuple) and entry.kind == "set":
        words = catalogue.vocabulary("modalities")
        return tuple(sorted({words.get(word, word) for word in value}))
    return value


def _terms(claim: Claim, entry: Field) -> Terms:
    """Return the conditions of a claim in the almanac's words, with those that its unit states."""
    terms = {**dict(claim.terms), **(_of_unit(claim) if entry.kind == "price" else {})}
    if tier := terms.pop("tier", ""):
        tier = catalogue.vocabulary("tiers").get(tier, tier)
        terms |= {} if tier in ("standard", "default") else {"tier": tier}
    if benchmark := terms.get("benchmark"):
        benchmarks = catalogue.vocabulary("benchmarks")
        terms["benchmark"] = benchmarks.get(benchmark.lower(), benchmark)
    return Terms(sorted((k, re.sub(r"[;=\s]+", " ", v)) for k, v in terms.items()))


def _of_unit(claim: Claim) -> dict[str, str]:
    """Return what the unit of a price states besides its meter.

    Another currency is another price, not another opinion of this one; a meter of tokens may be
    priced by the image or hour.
    """
    currency, _, per = claim.unit.partition("_per_")
    terms = {} if currency in ("usd", "") else {"currency": currency.upper()}
    if claim.meter in _TOKEN_METERS and per not in ("mtok", ""):
        terms["per"] = per
    return terms


def illegal(claim: Claim, entry: Field) -> str:
    """Return why no such field can have this value, or nothing."""
    check = _CHECKS.get(entry.kind)
    return check(claim, entry) if check and claim.value is not None else ""


def _out_of_range(claim: Claim, entry: Field) -> str:
    value = claim.value
    if not isinstance(value, int | Decimal):
        return ""
    if entry.low is not None and value < int(entry.low):
        return (
            f"below the least legal value of {entry.name}:"
            f" {canonical(value)} < {entry.low}. {entry.reason}"
        )
    # A point is no currency.
    if entry.high is not None and value > int(entry.high) and not claim.unit.startswith("points"):
        return (
            f"above the greatest legal value of {entry.name}:"
            f" {canonical(value)} > {entry.high}. {entry.reason}"
        )
    return ""


def _out_of_time(claim: Claim, entry: Field) -> str:
    legal = str(entry.low) <= str(claim.high) and str(claim.low) <= str(entry.high)
    return (
        "" if legal else f"outside the legal dates of {entry.name}: {claim.value}. {entry.reason}"
    )


def _not_a_word(claim: Claim, entry: Field) -> str:
    if not entry.values or claim.value in entry.values:
        return ""
    return f"not one of {', '.join(entry.values)}: {claim.value}"


def _not_among_words(claim: Claim, entry: Field) -> str:
    words = claim.value if isinstance(claim.value, tuple) else ()
    unknown = [word for word in words if word not in entry.values] if entry.values else []
    return f"not among {', '.join(entry.values)}: {', '.join(unknown)}" if unknown else ""


_CHECKS: dict[str, Callable[[Claim, Field], str]] = {
    "count": _out_of_range,
    "price": _out_of_range,
    "measure": _out_of_range,
    "date": _out_of_time,
    "text": _not_a_word,
    "set": _not_among_words,
}


def _derived(claim: Claim) -> Iterator[Claim]:
    """A list of input modalities says whether a model sees and whether it is multimodal."""
    if (
        claim.field == "input_modalities"
        and claim.subject == "model"
        and isinstance(claim.value, tuple)
    ):
        for name, value in (
            ("vision", "image" in claim.value),
            ("multimodal", len(set(claim.value) - {"code"}) > 1),
        ):
            yield claim.model_copy(
                update={"field": name, "value": value, "basis": "derived", "unit": ""}
            )
