"""What models cost on their cheapest routes, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from almanac.comparisons import formatting
from almanac.comparisons.model_profile import ModelProfile, cell, provider_name, usd
from almanac.comparisons.pricing.traffic_mixes import MIXES, Mix, Route, cheapest, markup, saving
from almanac.comparisons.result import Cost, MeterCost, MixCost
from almanac.warehouse.read.reader import StoredFigure

EXCLUDED = (
    "Batch, cache, other service tiers, free tiers,"
    " negotiated prices and prices only their seller states are left out."
)


def cost_comparison(profiles: list[ModelProfile]) -> Cost | None:
    """Return what all cost on their cheapest route at each mix, and by meter.

    None where one has no known price.
    """
    if not all(p.routes for p in profiles):
        return None
    return {
        "mixes": {mix.name: _at_mix(mix, profiles) for mix in MIXES.values()},
        "input": _of_meter("input", profiles),
        "output": _of_meter("output", profiles),
        "names": {p.model: p.name for p in profiles},
        "excluded": EXCLUDED,
    }


def least(routes: Sequence[Route], meter: str) -> StoredFigure | None:
    """Return the lowest price of a meter on any route."""
    figures: list[StoredFigure] = [getattr(r, meter) for r in routes]
    return min(figures, key=lambda f: (f.number, f.provider), default=None)


def _at_mix(mix: Mix, profiles: list[ModelProfile]) -> MixCost:
    best = [b for p in profiles if (b := cheapest(p.routes, mix)) is not None]
    amounts = [r.cost(mix) for r in best]
    low, high = min(amounts), max(amounts)
    return {
        "basis": mix.basis,
        "usd": amounts,
        "shown": [formatting.money(c) for c in amounts],
        "routes": [provider_name(r.provider) for r in best],
        "cells": [[cell(r.input), cell(r.output)] for r in best],
        "gap_usd": high - low,
        "gap_shown": formatting.money(high - low),
        "lower": _lowest(profiles, amounts),
        "saving_pct": _pct(saving(high, low)),
        "markup_pct": _pct(markup(high, low)),
    }


def _of_meter(meter: str, profiles: list[ModelProfile]) -> MeterCost:
    figures = [f for p in profiles if (f := least(p.routes, meter))]
    prices = [usd(f) for f in figures]
    low, high = min(prices), max(prices)
    return {
        "basis": f"cheapest {meter} price of a million tokens",
        "usd_per_mtok": prices,
        "difference_usd": high - low,
        "lower": _lowest(profiles, prices),
        "cells": [cell(f) for f in figures],
        "providers": [provider_name(f.provider) for f in figures],
        "saving_pct": _pct(saving(high, low)),
        "markup_pct": _pct(markup(high, low)),
    }


def _lowest(profiles: list[ModelProfile], amounts: list[Decimal]) -> str | None:
    """Return the model whose amount is the lowest of all, None where two share it."""
    low = min(amounts)
    return profiles[amounts.index(low)].model if amounts.count(low) == 1 else None


def _pct(ratio: Decimal | None) -> Decimal | None:
    return None if ratio is None else (ratio * 100).quantize(Decimal("0.1")).normalize() + 0
