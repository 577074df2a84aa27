"""The open record of what every language model is, costs and can do.

What programs import stands here: `almanac.open()` reads a warehouse, `almanac.price()` makes a
bill, `almanac.history()` tells what was said of a figure before. Each is loaded when it is
first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from almanac.comparisons import Bill, Prices, Unpriced, Usage, price
    from almanac.warehouse import NotThere, Warehouse, history, open

__all__ = [
    "Bill",
    "NotThere",
    "Prices",
    "Unpriced",
    "Usage",
    "Warehouse",
    "history",
    "open",
    "price",
]

_ROOMS = {
    "almanac.comparisons": {"Bill", "Prices", "Unpriced", "Usage", "price"},
    "almanac.warehouse": {"NotThere", "Warehouse", "history", "open"},
}


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(importlib.import_module(room), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
