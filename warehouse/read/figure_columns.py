"""The columns of a figure as a query reads them: in the order of `StoredFigure`, by its names."""

from __future__ import annotations

from almanac.warehouse.read.rows import StoredFigure

_RENAMED = {"number": "value_integer"}
FIGURE = ", ".join(f"f.{_RENAMED.get(name, name)}" for name in StoredFigure._fields)
"""What a query of the figure table `f` selects."""
SAID = "f.first_release <= ? AND (f.closed_release IS NULL OR f.closed_release > ?)"
"""What one release says; its number twice."""
