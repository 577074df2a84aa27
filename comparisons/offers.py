"""The offers of a model as a table: who serves it, on what terms, how fast, how much of it."""

from __future__ import annotations

from typing import Any

from almanac.comparisons.model_profile import ModelProfile, brief, provider_name
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


def table(one: ModelProfile) -> list[dict[str, Any]]:
    """Return a row for each provider.

    It has the standard prices, what is served, and how many more prices there are.

    The cheapest first, the unpriced last.
    """
    rows: list[tuple[tuple[int, int, str], dict[str, Any]]] = []
    for provider in sorted(set(one.tariffs) | set(one.as_served)):
        tariff = one.tariffs.get(provider)
        prices = list(tariff.figures) if tariff else []
        standard = {f.meter: f for f in prices if not f.terms}
        native = {
            f.meter: f for f in prices if f.terms.startswith("currency=") and ";" not in f.terms
        }
        best = {m: standard.get(m) or native.get(m) for m in ("input", "output", "cache_read")}
        served = one.as_served.get(provider, {})
        withdrawn = next((f for f in served.get("offered", ()) if f.value == "false"), None)
        order = _order(best, provider)
        rows.append(
            (
                order,
                {
                    "provider": provider,
                    "name": provider_name(provider),
                    **{m: brief(f, "price") for m, f in best.items()},
                    "served": {
                        field: _served(served[field]) for field in SERVED if field in served
                    },
                    "more_prices": len(prices) - sum(f is not None for f in best.values()),
                    "self_reported": order[0] == 2,
                    "free": order[0] == 1,
                    "withdrawn": brief(withdrawn) if withdrawn else None,
                    "runs": any(field in served for field in RUN),
                },
            )
        )
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _order(best: dict[str, StoredFigure | None], provider: str) -> tuple[int, int, str]:
    """Order offers: paid ones first, the cheapest before others, then free ones.

    Then what only its seller says of itself, what has one price of two, what has none.
    """
    some = [
        f
        for m, f in best.items()
        if f and f.usable and f.unit == "usd_per_mtok" and m != "cache_read"
    ]
    total = sum(f.number or 0 for f in some)
    if any(f.rule == "self-reported" for f in some):
        rank = 2
    elif len(some) == 2:
        rank = 0 if total else 1
    else:
        rank = 3 if some else 4
    return rank, total, provider


def _served(figures: list[StoredFigure]) -> list[dict[str, Any]]:
    """Return what is said of a field: under no condition if anything is, else under each."""
    plain = [f for f in figures if not f.terms]
    return [
        brief(f) for f in plain or sorted(figures, key=lambda f: ("via=" in f.terms, f.terms))[:3]
    ]
