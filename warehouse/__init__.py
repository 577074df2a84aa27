"""The versioned warehouse and its read API.

It holds claims with their spells, and figures with their releases.
"""

from almanac.warehouse.read.reader import NotThere, Warehouse, open
from almanac.warehouse.read.release_diff import history

__all__ = ["NotThere", "Warehouse", "history", "open"]
