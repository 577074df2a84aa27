"""How figures are shown: one way for each kind, the same everywhere.

Unknown is printed as unknown.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from almanac.schemas.money import shown as price
from almanac.warehouse.read.reader import StoredFigure, kind_of

__all__ = ["as_said", "big", "listed", "money", "plain", "price", "said", "value"]

MISSING = "—"
UNITS = {"milliseconds": " ms", "tokens per second": " tokens/s", "percent": " %"}
"""How the units of measurements are printed.

Their figures have two decimals: who measures prints noise after that.
"""
STATES = {
    "conflicted": "conflicted",
    "not_disclosed": "not disclosed",
    "not_applicable": "not applicable",
    "not_found": "not found",
}


def money(amount: Decimal, currency: str = "USD") -> str:
    """Return an amount: 100 and more without cents, less with two.

    What would round to nothing keeps the digits it has.

    >>> money(Decimal(575)), money(Decimal("26"))
    ('$575', '$26.00')
    >>> money(Decimal("3.5"), "CNY"), money(Decimal("0.0012"))
    ('CNY 3.50', '$0.0012')
    """
    sign = "$" if currency == "USD" else f"{currency} "
    if 0 < amount < Decimal("0.01"):
        return f"{sign}{amount.normalize():f}"
    return f"{sign}{amount:,.0f}" if amount >= 100 else f"{sign}{amount:,.2f}"


def plain(number: Decimal) -> str:
    """Return a number with the digits it has and no more: `800`, `12.5`."""
    return f"{number.normalize():,f}" if number else "0"


def value(figure: StoredFigure | None) -> str:
    """Return a figure as a reader sees it: its value, or the name of its state."""
    if figure is None:
        return MISSING
    if not figure.usable or figure.value is None:
        return STATES.get(figure.state, figure.state)
    about = "~" if figure.state == "approximate" else ""
    about = {"upper bound only": "up to ", "lower bound only": "at least "}.get(figure.rule, about)
    kind = kind_of(figure.subject_kind, figure.field)
    if kind == "price":
        return about + price(int(figure.value), figure.unit)
    if kind == "count":
        number = int(figure.value)
        return about + (big(number) if figure.unit == "parameters" else f"{number:,}")
    if kind == "flag":
        return "yes" if figure.value == "true" else "no"
    if kind == "set":
        return ", ".join(json.loads(figure.value))
    if kind == "measure":
        return (
            f"{about}{plain(Decimal(figure.value).quantize(Decimal('0.01')))}"
            f"{UNITS.get(figure.unit, f' {figure.unit}')}"
        )
    return about + figure.value


def plain_value(f: StoredFigure) -> Any:
    """Return a figure's value for JSON.

    Prices are in currency a unit, counts whole, flags booleans, decimals exact.
    """
    if f.value is None:
        return None
    if f.field == "price":
        return Decimal(f.value) / 10**9
    match kind_of(f.subject_kind, f.field):
        case "count":
            return int(f.value)
        case "flag":
            return f.value == "true"
        case "set":
            return json.loads(f.value)
        case "score" | "measure":
            return Decimal(f.value)
    return f.value


def said(about: StoredFigure, told: tuple[str | None, str, str] | None) -> str:
    """Return one side of a difference, (value, unit, state), as a reader sees it."""
    return value(as_said(about, told)) if told else "nothing"


def as_said(about: StoredFigure, told: tuple[str | None, str, str]) -> StoredFigure:
    """Return a figure as one side of a difference has it."""
    return about._replace(value=told[0], unit=told[1], state=told[2], rule="")


def big(number: int) -> str:
    """Return a count of parameters: `12B`, `30.7B`, `350M`."""
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if number >= size:
            return f"{(Decimal(number) / size).normalize():f}{letter}"
    return str(number)


def listed(items: list[str], most: int = 5) -> str:
    """Return items as a sentence names them, never cut without saying how many more there are."""
    shown = items[:most]
    if len(items) > most:
        return ", ".join(shown) + f" and {len(items) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
