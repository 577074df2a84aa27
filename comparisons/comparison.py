"""A comparison of two models or more, computed from one release as plain data.

Nothing is derived from what is not known.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from almanac.comparisons import advice, formatting, offers, prose
from almanac.comparisons.decision_tags import tags
from almanac.comparisons.model_profile import (
    ModelProfile,
    cell,
    maker_name,
    provider_name,
    side,
    usd,
)
from almanac.comparisons.pricing.monthly import REFERENCE, Traffic, costs
from almanac.comparisons.pricing.traffic_mixes import (
    MIXES,
    Route,
    cheapest,
    free,
    markup,
    saving,
    unchecked,
)
from almanac.comparisons.scores import benchmarks, evals
from almanac.schemas.fields import CAPABILITIES, FIELDS
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredFigure

SPECS = (
    "release_date",
    "announced_date",
    "lifecycle",
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "parameters",
    "active_parameters",
    "architecture",
    "licence",
    "openness",
    "commercial_use",
    "open_weights",
    "knowledge_cutoff",
    "training_cutoff",
    "deprecation_date",
    "retirement_date",
    "input_modalities",
    "output_modalities",
    "reasoning_levels",
)
MOST = 6
"""Models that stand side by side on one page."""


def compare(warehouse: Warehouse, *models: str, traffic: Traffic = REFERENCE) -> dict[str, Any]:
    """Return the comparison of models as data for JSON, the terminal, Markdown and the page.

    Raises LookupError for a model without figures at the moment asked about, ValueError for fewer
    than two or more than `MOST`.
    """
    if len(set(models)) != len(models) or not 2 <= len(models) <= MOST:
        raise ValueError(f"a comparison is of 2 to {MOST} different models")
    release = warehouse.release()
    return beside(
        [side(warehouse, m) for m in models],
        release.id,
        (warehouse.valid or release.created_at)[:10],
        traffic,
    )


def beside(
    sides: list[ModelProfile], release: int, as_of: str, traffic: Traffic = REFERENCE
) -> dict[str, Any]:
    """Return the comparison of sides that are at hand."""
    result: dict[str, Any] = {
        "title": " vs ".join(s.name for s in sides),
        "as_of": as_of,
        "release": release,
        "models": [
            {"id": s.model, "name": s.name, "maker": maker_name(s.model), "year": s.year}
            for s in sides
        ],
        "specs": [_row(f, sides) for f in SPECS if any(f in s.facts for s in sides)],
        "capabilities": [_row(f, sides) for f in CAPABILITIES if any(f in s.facts for s in sides)],
        "prices": {s.model: [_route(r) for r in s.routes] for s in sides},
        "offers": {s.model: offers.table(s) for s in sides},
        "providers": {
            s.model: {
                "count": len(s.providers),
                "ids": s.providers,
                "names": [provider_name(p) for p in s.providers],
                "free": [provider_name(p) for p in free(s.offers)],
                "unchecked": [_said_route(r) for r in unchecked(s.offers)],
            }
            for s in sides
        },
        "benchmarks": benchmarks(sides),
        "evals": {s.model: evals(s) for s in sides},
        "cost": _cost(sides),
        "traffic": costs(sides, traffic),
        "overlap": _overlap(sides, as_of),
        "tags": {s.model: tags(s) for s in sides},
    }
    result["scorecard"] = _scorecard(sides, result)
    result["tradeoffs"] = prose.tradeoffs(sides, result)
    result["verdict"] = prose.verdict(result["cost"])
    result["lede"] = prose.lede(sides, result)
    result["friction"] = prose.friction(sides, result)
    result["advice"] = {s.model: advice.advice(s) for s in sides}
    result["deep_dive"] = prose.deep_dive(sides, result)
    result["faq"] = prose.faq(sides, result)
    return result


def _row(field: str, sides: list[ModelProfile]) -> dict[str, Any]:
    return {
        "field": field,
        "title": FIELDS[("model", field)].title,
        "meaning": FIELDS[("model", field)].meaning,
        "cells": [cell(s.facts.get(field), field) for s in sides],
    }


def _route(r: Route) -> dict[str, Any]:
    return {
        "provider": r.provider,
        "name": provider_name(r.provider),
        "input_usd_per_mtok": usd(r.input),
        "output_usd_per_mtok": usd(r.output),
        "input": formatting.value(r.input),
        "output": formatting.value(r.output),
        **{f"{m.name}_usd": r.cost(m) for m in MIXES.values()},
    }


def _said_route(r: Route) -> str:
    return (
        f"{provider_name(r.provider)}"
        f" ({formatting.value(r.input)} input, {formatting.value(r.output)} output)"
    )


def _cost(sides: list[ModelProfile]) -> dict[str, Any] | None:
    """Return what all cost on their cheapest route at each mix.

    Also their cheapest input and output; None where one has no known price.
    """
    if not all(s.routes for s in sides):
        return None
    found: dict[str, Any] = {"mixes": {}}
    for mix in MIXES.values():
        best = [b for s in sides if (b := cheapest(s.routes, mix)) is not None]
        amounts = [r.cost(mix) for r in best]
        low, high = min(amounts), max(amounts)
        found["mixes"][mix.name] = {
            "basis": mix.basis,
            "usd": amounts,
            "shown": [formatting.money(c) for c in amounts],
            "routes": [provider_name(r.provider) for r in best],
            "cells": [[cell(r.input), cell(r.output)] for r in best],
            "gap_usd": high - low,
            "gap_shown": formatting.money(high - low),
            "lower": _alone(sides, amounts),
            "saving_pct": _pct(saving(high, low)),
            "markup_pct": _pct(markup(high, low)),
        }
    for meter in ("input", "output"):
        figures = [f for s in sides if (f := _least(s, meter))]
        prices = [usd(f) for f in figures]
        low, high = min(prices), max(prices)
        found[meter] = {
            "basis": f"cheapest {meter} price of a million tokens",
            "usd_per_mtok": prices,
            "difference_usd": high - low,
            "lower": _alone(sides, prices),
            "cells": [cell(f) for f in figures],
            "providers": [provider_name(f.provider) for f in figures],
            "saving_pct": _pct(saving(high, low)),
            "markup_pct": _pct(markup(high, low)),
        }
    found["names"] = {s.model: s.name for s in sides}
    found["excluded"] = (
        "Batch, cache, other service tiers, free tiers,"
        " negotiated prices and prices only their seller states are left out."
    )
    return found


def _least(one: ModelProfile, meter: str) -> StoredFigure | None:
    """Return the lowest price of a meter on any route."""
    return min(
        (getattr(r, meter) for r in one.routes), key=lambda f: (f.number, f.provider), default=None
    )


def _alone(sides: list[ModelProfile], amounts: list[Decimal]) -> str | None:
    """Return the model whose amount is the lowest of all, None where two share it."""
    low = min(amounts)
    return sides[amounts.index(low)].model if amounts.count(low) == 1 else None


def _pct(ratio: Decimal | None) -> Decimal | None:
    return None if ratio is None else (ratio * 100).quantize(Decimal("0.1")).normalize() + 0


def _overlap(sides: list[ModelProfile], as_of: str) -> dict[str, Any]:
    """Say who serves all of them.

    The world is open: that nobody is found is said as of a date, over what was tracked.
    """
    both = sorted(set.intersection(*(set(s.providers) for s in sides)))
    counts = [len(s.providers) for s in sides]
    among = f"{' + '.join(map(str, counts))} tracked offers as of {as_of}"
    every = "both" if len(sides) == 2 else f"all {len(sides)}"
    if both:
        said = (
            f"{formatting.listed([provider_name(p) for p in both])}"
            f" {'serve' if len(both) > 1 else 'serves'} {every}, among {among}."
        )
    else:
        said = f"No overlap among {among}."
    return {
        "providers": both,
        "names": [provider_name(p) for p in both],
        "tracked": sum(counts),
        "as_of": as_of,
        "said": said,
    }


def _scorecard(sides: list[ModelProfile], result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows a decision begins with.

    A cell is a figure's, or text that follows from what the page shows below.
    """
    shared = result["benchmarks"]["shared"]
    leads = {s.model: [r["benchmark"] for r in shared if r["leader"] == s.model] for s in sides}
    best = [
        formatting.listed([t["serves"] for t in result["tags"][s.model]], 3)
        or "no tag follows from what is known"
        for s in sides
    ]
    rows: list[dict[str, Any]] = [
        {"title": "Best for", "texts": best, "at": "tags"},
        {
            "title": "Decision fit",
            "texts": [
                formatting.listed([t["tag"] for t in result["tags"][s.model]], 20)
                or formatting.MISSING
                for s in sides
            ],
            "at": "tags",
        },
        {
            "title": "Context window",
            "cells": [cell(s.facts.get("context_window"), "context_window") for s in sides],
        },
    ]
    for meter in ("input", "output"):
        rows.append(
            {
                "title": f"Cheapest {meter}",
                "cells": [cell(_least(s, meter), "price") for s in sides],
            }
        )
    rows.append(
        {
            "title": "Providers",
            "texts": [f"{len(s.providers)} tracked" for s in sides],
            "at": "providers",
        }
    )
    benches = [
        (
            f"leads on {formatting.listed(leads[s.model])}"
            if leads[s.model]
            else f"{len(shared)} shared"
            if shared
            else "none shared"
        )
        for s in sides
    ]
    rows.append({"title": "Shared benchmarks", "texts": benches, "at": "benchmarks"})
    return rows
