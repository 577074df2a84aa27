"""The offers of a model as a table: who serves it, on what terms, how fast, how much of it."""

from __future__ import annotations

from enum import IntEnum

from almanac.comparisons.model_profile import ModelProfile, brief, provider_name
from almanac.comparisons.result import OfferRow, ShownFigure
from almanac.warehouse.read.reader import StoredFigure

SERVED = (
    "region",
    "latency",
    "throughput",
    "uptime",
    "context_window",
    "max_output_tokens",
    "quantisation",
)
"""Fields of an offer that stand beside its prices."""
RUN = ("region", "latency", "throughput", "uptime", "quantisation")
"""Those that say where and how it runs: few are known, so they have a table of their own."""


METERS = ("input", "output", "cache_read")
"""Meters whose prices a row shows."""


class Rank(IntEnum):
    """Where an offer stands in the table: the higher, the later."""

    paid = 0
    free = 1
    self_reported = 2
    """What only its seller says of itself."""
    partly_priced = 3
    unpriced = 4


def table(profile: ModelProfile) -> list[OfferRow]:
    """Return a row for each provider.

    It has the standard prices, what is served, and how many more prices there are.

    The cheapest first, the unpriced last.
    """
    rows = []
    for provider in profile.tariffs.keys() | profile.as_served.keys():
        tariff = profile.tariffs.get(provider)
        prices = list(tariff.figures) if tariff else []
        shown = _shown(prices)
        rank, total = _rank([f for f in (shown["input"], shown["output"]) if f])
        served = profile.as_served.get(provider, {})
        rows.append(((rank, total, provider), _row(provider, prices, shown, served, rank)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _row(
    provider: str,
    prices: list[StoredFigure],
    shown: dict[str, StoredFigure | None],
    served: dict[str, list[StoredFigure]],
    rank: Rank,
) -> OfferRow:
    withdrawn = next((f for f in served.get("offered", ()) if f.value == "false"), None)
    return {
        "provider": provider,
        "name": provider_name(provider),
        "input": brief(shown["input"], "price"),
        "output": brief(shown["output"], "price"),
        "cache_read": brief(shown["cache_read"], "price"),
        "served": {field: _served(served[field]) for field in SERVED if field in served},
        "more_prices": len(prices) - sum(f is not None for f in shown.values()),
        "self_reported": rank == Rank.self_reported,
        "free": rank == Rank.free,
        "withdrawn": brief(withdrawn) if withdrawn else None,
        "runs": any(field in served for field in RUN),
    }


def _shown(prices: list[StoredFigure]) -> dict[str, StoredFigure | None]:
    """Return the prices a row shows: on standard terms, else those in another currency."""
    standard = {f.meter: f for f in prices if not f.terms}
    native = {f.meter: f for f in prices if f.terms.startswith("currency=") and ";" not in f.terms}
    return {meter: standard.get(meter) or native.get(meter) for meter in METERS}


def _rank(prices: list[StoredFigure]) -> tuple[Rank, int]:
    """Return where an offer stands by its input and output prices, and their sum."""
    counted = [f for f in prices if f.usable and f.unit == "usd_per_mtok"]
    total = sum(f.number or 0 for f in counted)
    if any(f.rule == "self-reported" for f in counted):
        return Rank.self_reported, total
    if len(counted) == 2:
        return (Rank.paid if total else Rank.free), total
    return (Rank.partly_priced if counted else Rank.unpriced), total


def _served(figures: list[StoredFigure]) -> list[ShownFigure]:
    """Return what is said of a field: under no condition if anything is, else under each."""
    plain = [f for f in figures if not f.terms]
    return [
        brief(f) for f in plain or sorted(figures, key=lambda f: ("via=" in f.terms, f.terms))[:3]
    ]
