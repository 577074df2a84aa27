"""Many names at once, on every core."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from almanac.flows.entity_resolution.linker import Link, Linker
from almanac.schemas.known_model import KnownModel
from almanac.schemas.rulings import NameRuling

Asked = tuple[str, str, date | None]
"""A name, the provider that uses it, and the day."""

FEW = 5_000
"""So many names are linked sooner than another process starts."""


def link_all(
    asked: Sequence[Asked], known: Sequence[KnownModel], rulings: Sequence[NameRuling]
) -> list[Link]:
    """Return what each name means, in order, without nearest candidates."""
    cores = min(os.cpu_count() or 1, len(asked) // FEW + 1)
    if cores == 1:
        return _some(asked, known, rulings)
    size = -(-len(asked) // cores)
    parts = [asked[i : i + size] for i in range(0, len(asked), size)]
    with ProcessPoolExecutor(max_workers=cores) as pool:
        return [
            link
            for part in pool.map(_some, parts, [known] * len(parts), [rulings] * len(parts))
            for link in part
        ]


def _some(
    asked: Sequence[Asked], known: Sequence[KnownModel], rulings: Sequence[NameRuling]
) -> list[Link]:
    # Nothing made here is a cycle; to walk a growing memory of names costs a quarter of the time.
    gc.disable()
    try:
        linker = Linker(known, rulings)
        return [linker.link(name, provider, on, near=False) for name, provider, on in asked]
    finally:
        gc.enable()
