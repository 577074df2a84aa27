"""The versioned warehouse: claims with their spells, figures with their releases, and the read API."""

from warehouse.reader import Warehouse, open

__all__ = ["Warehouse", "open"]
