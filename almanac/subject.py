"""What a user means by a name.

A model id, an alias that links with certainty, or `provider:model`.
"""

from __future__ import annotations

from datetime import date

from almanac.out import Refused
from almanac.warehouse import Warehouse


def model(warehouse: Warehouse, name: str, on: date | None = None) -> str:
    """Return the model a name means on a day, by default that of the newest look.

    Raises Refused, with the candidates, for one that is not certain.
    """
    if name in warehouse.model_ids():
        return name
    if (successors := warehouse.successors(name)) is not None:
        return _succeeded(warehouse, name, successors)
    from almanac.flows.entity_resolution.linker import Linker
    from almanac.schemas.rulings import load
    from almanac.warehouse.paths import home

    looked = (warehouse.valid or warehouse.newest_look())[:10]
    day = on or (date.fromisoformat(looked) if looked else None)
    link = Linker(warehouse.known_models(), load(home() / "rulings.yaml").names).link(name, "", day)
    if not link.model:
        near = (
            f"; did you mean {', '.join(link.candidates)}?"
            if link.candidates
            else "; `almanac models` lists what there is"
        )
        raise Refused(f"no model is certainly {name!r}: {link.reason}{near}")
    if link.released and on is None:
        raise Refused(
            f"{name!r} is a name that moves: on {day} it means {link.model};"
            " say that, or give --as-of DATE for what it meant then"
        )
    return link.model


def _succeeded(warehouse: Warehouse, name: str, successors: list[str]) -> str:
    """Return an id that went where the release still has it, else its one successor."""
    if warehouse.figures(model=name):
        return name
    if len(successors) == 1:
        further = warehouse.successors(successors[0])
        return _succeeded(warehouse, successors[0], further) if further else successors[0]
    now = f"its names mean {' or '.join(successors)} now" if successors else "nothing succeeds it"
    raise Refused(f"{name!r} is no model any more: {now}")


def subject(warehouse: Warehouse, name: str, on: date | None = None) -> str:
    """Return the subject of figures: a model id, or `provider:model` for an offer."""
    head, colon, tail = name.partition(":")
    if colon and tail and "/" not in head:
        from almanac.flows.entity_resolution.providers import provider_id

        return f"{provider_id(head)}:{model(warehouse, tail, on)}"
    return model(warehouse, name, on)
