"""Sources' spellings of providers to their canonical ids."""

from __future__ import annotations

import functools
import re

from almanac.schemas import catalogue


def provider_id(name: str, maker: str = "") -> str:
    """Return the canonical provider of a source's spelling.

    One that is not in the catalogue is its own folded name.

    `first-party` stands for the maker's own platform.
    """
    if name == "first-party":
        entry = catalogue.makers().get(maker)
        return entry.first_party if entry else maker
    return (
        _providers().get(name)
        or _providers().get(name.lower())
        or re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
    )


@functools.cache
def _providers() -> dict[str, str]:
    entries = catalogue.providers().values()
    return {
        form: p.id
        for p in entries
        for spelling in (p.id, p.name, *p.aliases)
        for form in (spelling, spelling.lower())
    }
