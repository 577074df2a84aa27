"""A release in the shapes other tools already load.

What we do not know is left out, never zero; where we differ from a tool's own data, a
list says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from almanac.comparisons.shapes import genai_prices, litellm, models_dev
from almanac.comparisons.shapes.offered import Offered, differences, offered
from almanac.warehouse import Warehouse
from almanac.warehouse.read.export import written

Make = Callable[[Warehouse, list[Offered]], tuple[Any, int]]
SHAPES: dict[str, tuple[str, str, Make]] = {
    "litellm": ("litellm", "model_prices_and_context_window.json", litellm.shape),
    "genai-prices": ("genai_prices", "data.json", genai_prices.shape),
    "models.dev": ("models_dev", "api.json", models_dev.shape),
}
"""By name: the source whose shape it is, its file, and what makes it."""


def export(snapshot: Warehouse, name: str, folder: Path) -> dict[str, Any]:
    """Write a release in another tool's shape.

    With it is the list of differences from that tool's own data.

    Returns the manifest.
    """
    source, file, make = SHAPES[name]

    def files(snapshot: Warehouse, part: Path) -> dict[str, dict[str, int]]:
        some = offered(snapshot, source)
        document, rows = make(snapshot, some)
        _write(part / file, document)
        found = differences(snapshot, source, [f for o in some for f in o.figures])
        _write(part / "differences.json", found)
        return {file: {"offers": rows}, "differences.json": {"differences": len(found)}}

    return written(snapshot, name, folder, files)


def _write(path: Path, document: Any) -> None:
    path.write_text(
        json.dumps(document, indent=1, ensure_ascii=False, default=number, sort_keys=True) + "\n",
        encoding="utf-8",
    )


def number(value: Any) -> float | int:
    """Return an exact decimal as the JSON number that reads as it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
