"""The versioned warehouse: claims with their spells, figures with their releases, and the read API."""

from almanac.warehouse.read.reader import NotThere, Warehouse, open
from almanac.warehouse.read.release_diff import history

__all__ = ["NotThere", "Warehouse", "history", "open"]
