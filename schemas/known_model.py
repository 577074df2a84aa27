"""A model as names give it: what a linker is told of those that it did not introduce itself."""

from __future__ import annotations

from typing import NamedTuple


class KnownModel(NamedTuple):
    """One id of a model. Two ids may be twins: then names mean one of them."""

    id: str
    name: str
    """What it is called besides its id."""
    introduced_by: str = ""
    listed: bool = False
    """Whether the catalogue, or the one of models.dev on its maker's platform, lists it."""
