"""What claims are about: names to models as they are read, and those that waited for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from almanac.flows.entity_resolution.linker import Link, Linker, mintable
from almanac.flows.entity_resolution.name_parser import parse
from almanac.flows.entity_resolution.new_models import chimera, own_maker
from almanac.flows.entity_resolution.providers import no_seller, provider_id, seller
from almanac.flows.normalise.vocabulary import refusal
from almanac.schemas import catalogue
from almanac.schemas.claim import Claim, RefusedItem
from almanac.schemas.codes import LinkStatus, RefusalCode
from almanac.schemas.dates import utc
from almanac.schemas.observation import Observation
from almanac.spiders import base
from almanac.warehouse.write.store import LinkedName, Store, WaitingName


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
        link = find(name, spelled, source, on, linker)
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


def find(name: str, spelled: str | None, source: str, on: date, linker: Linker) -> Link:
    """Return what a name means; on a maker's own word a name nothing else has becomes a model."""
    link = linker.link(name, provider_id(spelled, source=source) if spelled else "", on)
    if link.status not in (LinkStatus.unknown, LinkStatus.ruled_out):
        return link
    maker = own_maker(base.card(source), spelled, name)
    if not maker or maker not in catalogue.makers() or not mintable(name):
        return link
    try:
        model = linker.mint(name, maker)
    except ValueError:
        return link
    reason = "introduced by its maker's own page or organisation"
    return Link(model, 0.98, reason, LinkStatus.linked, marks=link.marks)


def relink(store: Store, linker: Linker) -> int:
    """Link stored claims whose names have a model by now; list the rest for review.

    Returns how many names were.

    A name is asked about as of the look that first showed it, so that waiting never changes
    what it means.
    """
    linked: list[LinkedName] = []
    refusals: list[RefusedItem] = []
    candidates: dict[tuple[str, str, str], str] = {}
    for name in store.unlinked():
        spelled, first_look = name.provider_said, name.first_look
        on = utc(first_look).date() if first_look else None
        provider = provider_id(spelled, source=name.source) if spelled else ""
        link = linker.link(name.model_said, provider, on)
        if link.status is LinkStatus.linked:
            linked.append(_linked(name, link))
        else:
            refusals.append(_waits(name, link))
            candidates[(name.source, spelled, name.model_said)] = ", ".join(link.candidates)
    store.relink(linked)
    store.review(refusals, candidates)
    return len(linked)


def _linked(name: WaitingName, link: Link) -> LinkedName:
    link, provider = _sold(link, name.model_said, name.provider_said, name.source)
    return LinkedName(
        source=name.source,
        provider_said=name.provider_said,
        model_said=name.model_said,
        model=link.model,
        provider=provider,
        score=link.score,
        reason=link.reason,
        status=link.status,
        marks=link.marks,
    )


def _waits(name: WaitingName, link: Link) -> RefusedItem:
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
