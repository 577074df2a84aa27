"""Which of the names that a page prints are linked to models, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from almanac.flows.entity_resolution.bulk import link_all
from almanac.new_source.address import PageOwner
from almanac.schemas.known_model import KnownModel
from almanac.schemas.rulings import load
from almanac.warehouse.paths import home


@dataclass(frozen=True, slots=True)
class NamesLinked:
    """How many names are linked, and those that are not, each with the reason."""

    linked: int
    unlinked: dict[str, str]


def link_names(
    names: Sequence[str], provider: str, today: date, models: Sequence[KnownModel]
) -> NamesLinked:
    """Return which names are linked to the models of a release and of the catalogue."""
    rulings = load(home() / "rulings.yaml").names
    links = link_all([(name, provider, today) for name in names], models, rulings)
    unlinked = {n: link.reason for n, link in zip(names, links, strict=True) if not link.model}
    return NamesLinked(len(names) - len(unlinked), unlinked)


def what_to_do(owner: PageOwner) -> list[str]:
    """Return what to do about names that are not linked."""
    maker = owner.makers[0] if owner.makers else ""
    first = (
        f"New models of {maker}'s own: nothing; a refresh takes them from their maker's page."
        if maker
        else f"New models of others: nothing; {owner.provider} may not introduce them. They wait in"
        " `almanac review` until their maker's source, or a catalogue, names them."
    )
    return [
        "Asked here is the catalogue alone: a refresh also knows what other sources name.",
        first,
        "A model that there is: a line with its reason in schemas/catalogue/aliases.yaml.",
        "A part that says a tier, region or format: a word in schemas/catalogue/grammar.yaml.",
    ]
