"""Claims in the almanac's words.

Vocabulary is folded, legal ranges kept, capabilities read out of modalities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from almanac.schemas import catalogue
from almanac.schemas.claim import Claim, RefusedItem, State, canonical
from almanac.schemas.fields import FIELDS, METERS, Field

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


def refusal(claim: Claim, stage: str, reason: str) -> RefusedItem:
    return RefusedItem(
        source=claim.source,
        capture=claim.capture,
        stage=stage,  # type: ignore[arg-type]
        reason=reason,
        printed=claim.printed,
        locator=claim.locator,
        model=claim.model,
        provider=claim.provider or "",
        field=claim.field,
    )


def _worded(claim: Claim, entry: Field) -> Claim:
    change: dict[str, object] = {}
    if claim.field == "licence" and isinstance(claim.value, str):
        change["value"] = catalogue.vocabulary("licences").get(
            claim.value.strip().lower(), claim.value.strip()
        )
        if str(change["value"]).lower() == "other":  # Hugging Face's word for "read it yourself"
            return claim.model_copy(update={"value": None, "state": State.not_found})
    elif entry.kind == "set" and isinstance(claim.value, tuple):
        words = catalogue.vocabulary("modalities")
        change["value"] = tuple(sorted({words.get(v, v) for v in claim.value}))
    elif (
        entry.kind == "text"
        and isinstance(claim.value, str)
        and claim.field in ("architecture", "openness", "lifecycle")
    ):
        change["value"] = claim.value.lower()
    currency, _, per = (
        claim.unit.partition("_per_") if entry.kind == "price" else ("usd", "", "mtok")
    )
    odd = claim.meter in _TOKEN_METERS and per not in ("mtok", "")
    if claim.terms or currency not in ("usd", "") or odd:
        terms = dict(claim.terms)
        if odd:  # a token meter priced by the image or hour
            terms["per"] = per
        if currency not in ("usd", ""):
            # Another currency is another price, not another opinion of this one.
            terms["currency"] = currency.upper()
        if "tier" in terms:
            terms["tier"] = catalogue.vocabulary("tiers").get(terms["tier"], terms["tier"])
            if terms["tier"] in ("standard", "default"):
                del terms["tier"]
        if "benchmark" in terms:
            terms["benchmark"] = catalogue.vocabulary("benchmarks").get(
                terms["benchmark"].lower(), terms["benchmark"]
            )
        folded = tuple(sorted((k, re.sub(r"[;=\s]+", " ", v)) for k, v in terms.items()))
        if folded != claim.terms:
            change["terms"] = folded
    return claim.model_copy(update=change) if change else claim


def illegal(claim: Claim, entry: Field) -> str:
    """Return why no such field can have this value, or nothing."""
    value = claim.value
    if value is None:
        return ""
    if entry.kind in ("count", "price", "measure") and isinstance(value, (int, Decimal)):
        if entry.low is not None and value < int(entry.low):
            return (
                f"below the least legal value of {entry.name}:"
                f" {canonical(value)} < {entry.low}. {entry.reason}"
            )
        if (
            entry.high is not None
            and value > int(entry.high)
            and not claim.unit.startswith("points")
        ):
            # A point is no currency.
            return (
                f"above the greatest legal value of {entry.name}:"
                f" {canonical(value)} > {entry.high}. {entry.reason}"
            )
    elif entry.kind == "date" and isinstance(value, str):
        if str(claim.high) < str(entry.low) or str(claim.low) > str(entry.high):
            return f"outside the legal dates of {entry.name}: {value}. {entry.reason}"
    elif entry.values and entry.kind == "text" and value not in entry.values:
        return f"not one of {', '.join(entry.values)}: {value}"
    elif (
        entry.values
        and entry.kind == "set"
        and isinstance(value, tuple)
        and (unknown := [v for v in value if v not in entry.values])
    ):
        return f"not among {', '.join(entry.values)}: {', '.join(unknown)}"
    return ""


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
