"""What writes the warehouse: looks, claims and their spells, refusals, names, releases."""

from __future__ import annotations

from almanac.warehouse.write.linked_names import LinkedName, Linking, NameInUse
from almanac.warehouse.write.look_store import LookStore
from almanac.warehouse.write.looks import Look
from almanac.warehouse.write.name_store import NameStore
from almanac.warehouse.write.observations import Added
from almanac.warehouse.write.publish import Collapsed
from almanac.warehouse.write.release_store import ReleaseStore

__all__ = ["Added", "Collapsed", "LinkedName", "Linking", "Look", "NameInUse", "Store"]


class Store(LookStore, NameStore, ReleaseStore):
    """The writing side of one warehouse. One writer at a time; each method is one transaction."""
