"""Who may introduce a model, and which records mix several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flows.names import maker_of, parse
from flows.providers import provider_id
from schemas import catalogue

if TYPE_CHECKING:
    from schemas.card import SourceCard
    from schemas.claim import Claim


def own_maker(card: SourceCard, claim_provider: str | None, name: str) -> str:
    """Return the maker in whose name this source may introduce a model, or nothing.

    A maker's own page, the rows a catalogue keeps for a maker's own platform, and repositories or ids
    under a maker's organisation introduce models; a third party's bare name never does.
    """
    parsed = parse(name)
    if "/" in name:
        return maker_of(name.split("/")[-2]) if not re.match(r"accounts/|@cf/", name) else ""
    if len(card.makers) == 1 and (card.kind == "maker" or not claim_provider):
        return card.makers[0] if card.kind == "maker" and (not parsed.maker or parsed.maker == card.makers[0]) else ""
    if claim_provider and card.kind == "catalogue":
        provider = catalogue.providers().get(provider_id(claim_provider))
        if provider and provider.first_party_of and parsed.maker in ("", provider.first_party_of):
            return provider.first_party_of
    return ""


def chimera(claims: Iterable[Claim], released: date) -> str:
    """Return why a record under a moving name mixes versions, or nothing.

    A record whose release date is not that of the model its name points to speaks of another version,
    so none of its facts can be put on either.
    """
    for claim in claims:
        if claim.field == "release_date" and isinstance(claim.value, str):
            low = date.fromisoformat(str(claim.low)[:10] if len(str(claim.low)) >= 10 else f"{claim.value}-01"[:10])
            high = date.fromisoformat(str(claim.high)) if len(str(claim.high)) == 10 else low
            if high < released - timedelta(days=31) or low > released + timedelta(days=31):
                return f"a chimera: it says released {claim.printed}, but on its date the name meant the model released {released}"
    return ""
