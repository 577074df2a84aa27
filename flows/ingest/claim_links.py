"""What claims are about: names to models as they are read, and those that waited for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from almanac.flows.entity_resolution import all_names
from almanac.flows.entity_resolution.linker import Link, Linker
from almanac.flows.entity_resolution.name_parser import parse
from almanac.flows.entity_resolution.new_models import chimera
from almanac.flows.entity_resolution.providers import no_seller, provider_id, seller
from almanac.flows.normalise.vocabulary import refusal
from almanac.schemas.claim import Claim, RefusedItem
from almanac.schemas.codes import RefusalCode
from almanac.schemas.observation import Observation
from almanac.schemas.rulings import NameRuling
from almanac.warehouse.write.store import LinkedName, Linking, NameInUse, Store


def observed(
    claims: Sequence[Claim], source: str, page: str, on: date, linker: Linker
) -> tuple[list[Observation], list[RefusedItem]]:
    """Return the claims of a page with their models, and those that are not taken.

    Those are of records that mix several models, and of offers of what sells nothing. A name that
    no model has keeps its claims, unlinked: a later run links them when the model is known.
    """
    records: dict[tuple[str | None, str], list[Claim]] = defaultdict(list)
    by_model: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        records[(claim.provider, claim.model)].append(claim)
        by_model[claim.model].append(claim)
    refused: list[RefusedItem] = []
    observations: list[Observation] = []
    for (spelled, name), record in records.items():
        offers, unsold = _offers(record, spelled, source)
        refused += unsold
        if not offers:
            continue
        link = linker.link(name, provider_id(spelled or "", source=source), on)
        if link.released and (reason := chimera(by_model[name], link.released)):
            refused += [refusal(claim, "link", reason) for claim in offers]
            continue
        link, provider = _sold(link, name, spelled, source)
        observations += [Observation.of(claim, link, provider, page) for claim in offers]
    return observations, refused


def _offers(
    record: Sequence[Claim], spelled: str | None, source: str
) -> tuple[Sequence[Claim], list[RefusedItem]]:
    """Return a record's claims less those of offers that nobody makes, and the refusals of these.

    `spelled` is how the source spells the provider.
    """
    if spelled is None:
        return record, []
    provider = provider_id(spelled, source=source)
    reasons = {claim.field: no_seller(provider, claim.field) for claim in record}
    return [claim for claim in record if not reasons[claim.field]], [
        refusal(claim, "link", reason, RefusalCode.no_seller)
        for claim in record
        if (reason := reasons[claim.field])
    ]


def _sold(link: Link, name: str, spelled: str | None, source: str) -> tuple[Link, str]:
    """Return a link with what its seller's name adds to the terms, and the seller's id."""
    if not spelled:
        return link, ""
    maker = link.model.split("/")[0] if link.model else parse(name).maker
    provider = seller(spelled, maker, source)
    if provider.via:
        link = replace(link, marks=(*link.marks, *provider.marks))
    return link, provider.id


def relink(store: Store, rulings: Sequence[NameRuling]) -> Linker | None:
    """Link all names as they stand together, and list those without a model for review.

    Returns the linker that knows their models; None where nothing changed that decides it.

    A name is asked about as of the look that first showed it, so that waiting never changes
    what it means.
    """
    inputs = all_names.inputs(rulings)
    if store.linked_by() == inputs:
        return None
    token = store.begin_linking()
    names = store.names()
    linker = all_names.linker_of(names, rulings)
    linking = Linking(linker.all_models(), linker.twins())
    for name in names:
        link = all_names.meaning(name, linker)
        linking.links.append(_linked(name, link))
        if not link.model:
            linking.waiting.append(_waits(name, link))
            key = (name.source, name.provider_said, name.model_said)
            linking.candidates[key] = ", ".join(link.candidates)
    store.link(linking, inputs, token)
    return linker


def _linked(name: NameInUse, link: Link) -> LinkedName:
    link, provider = _sold(link, name.model_said, name.provider_said, name.source)
    return LinkedName(
        name=name,
        model=link.model,
        provider=provider,
        score=link.score,
        reason=link.reason,
        status=link.status,
        marks=link.marks,
    )


def _waits(name: NameInUse, link: Link) -> RefusedItem:
    return RefusedItem(
        source=name.source,
        capture=name.capture,
        stage="link",
        reason=link.reason,
        code=RefusalCode.name_waits,
        printed=name.printed,
        locator=f"{name.claims} claims wait, one at {name.locator}",
        model=name.model_said,
        provider=name.provider_said,
    )
