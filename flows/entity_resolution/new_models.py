"""Who may introduce a model, and which records mix several."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from almanac.flows.entity_resolution.name_parser import own_words, parse
from almanac.flows.entity_resolution.providers import provider_id
from almanac.schemas import catalogue
from almanac.schemas.organisations import maker_of

if TYPE_CHECKING:
    from almanac.schemas.card import SourceCard
    from almanac.schemas.claim import Claim


def own_maker(card: SourceCard, claim_provider: str | None, name: str) -> str:
    """Return the maker in whose name this source may introduce a model, or nothing.

    A maker's own page introduces its own models, a repository on Hugging Face those of the maker
    whose own it is, and a catalogue those that it lists under a maker as their author or on a
    maker's own platform. Who the author is, is a whole organisation as its maker lists it
    (`almanac.schemas.organisations`): words in a name never introduce a model.
    """
    *path, slug = name.split("/")
    if card.kind == "maker_card":  # there the id is the address's, not the page's
        return (
            maker_of("huggingface", path[0])
            if len(path) == 1 and "huggingface.co" in card.hosts
            else ""
        )
    if path and (maker := _author(path, claim_provider)):
        if card.kind == "maker":
            return maker if maker in card.makers else ""
        return "" if _is_anothers(slug, maker) else maker
    maker = _own_platform(card, claim_provider)
    return maker if not _routed(path, claim_provider) and parse(slug).maker in ("", maker) else ""


def _is_anothers(slug: str, maker: str) -> bool:
    """Whether a name says nothing but a family that another maker owns."""
    parsed = parse(slug)
    words = set(parsed.words)
    return (
        parsed.maker not in ("", maker)
        and words <= own_words(parsed.maker)
        and not words <= own_words(maker)
    )


def _author(path: list[str], provider: str | None) -> str:
    """Return the maker that stands as the author before a name.

    It may stand behind the name of the seller whose row it is.
    """
    organisation = _routed(path, provider) if len(path) > 1 else path
    return (
        (maker_of("catalogues", organisation[0]) or maker_of("huggingface", organisation[0]))
        if len(organisation) == 1
        else ""
    )


def _routed(path: list[str], provider: str | None) -> list[str]:
    """Return a name's path without the name of the seller whose row it is."""
    return path[1:] if path and provider and provider_id(path[0]) == provider_id(provider) else path


def _own_platform(card: SourceCard, provider: str | None) -> str:
    """Return the maker whose own page this is.

    Or the one on whose own platform a catalogue's row says it is served.
    """
    if card.kind == "maker" and len(card.makers) == 1:
        return card.makers[0]
    entry = (
        catalogue.providers().get(provider_id(provider))
        if provider and card.kind == "catalogue"
        else None
    )
    return entry.first_party_of if entry else ""


def chimera(claims: Iterable[Claim], released: date) -> str:
    """Return why a record under a moving name mixes versions, or nothing.

    A record whose release date is not that of the model its name points to speaks of another
    version, so none of its facts can be put on either.
    """
    for claim in claims:
        if claim.field == "release_date" and isinstance(claim.value, str):
            low = date.fromisoformat(
                str(claim.low)[:10] if len(str(claim.low)) >= 10 else f"{claim.value}-01"[:10]
            )
            high = date.fromisoformat(str(claim.high)) if len(str(claim.high)) == 10 else low
            if high < released - timedelta(days=31) or low > released + timedelta(days=31):
                return (
                    f"a chimera: it says released {claim.printed},"
                    f" but on its date the name meant the model released {released}"
                )
    return ""
