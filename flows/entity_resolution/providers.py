"""Who sells: sources' spellings of providers to their canonical ids.

Every name of a provider becomes an id here and nowhere else.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from almanac.schemas import catalogue
from almanac.schemas.card import SourceCard
from almanac.schemas.fields import FIELDS

_BETWEEN = re.compile(r"[\W_]+")
_NO_WORD = re.compile(r"(?:[^\w.]|_)+")
_OWN_WORD = "first-party"
"""What a source's reader writes for the maker's own platform."""


class Seller(NamedTuple):
    """A provider's id, and the gateway through which a source says it is reached."""

    id: str
    via: str = ""

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """What it adds to the terms of an offer."""
        return (("via", self.via),) if self.via else ()


def seller(name: str, maker: str = "", source: str = "") -> Seller:
    """Return who is meant by a source's spelling of a provider, where it serves a maker's model.

    Spellings are compared by letters and digits alone. `first-party` stands for the maker's own
    platform; `GATEWAY_HOST` is the host, through the gateway. One that is not in the catalogue
    is its own folded name.

    >>> seller("together-ai").id, seller("huggingface_novita"), seller("google", "anthropic").id
    ('togetherai', Seller(id='novita-ai', via='huggingface'), 'google-vertex')
    """
    if name == _OWN_WORD:
        entry = catalogue.makers().get(maker)
        return Seller(entry.first_party if entry else maker)
    if provider := _listed(name, source):
        return Seller(_serving(provider, maker))
    return _through_gateway(name) or Seller(_folded(name))


def provider_id(name: str, maker: str = "", source: str = "") -> str:
    """Return the canonical provider of a source's spelling (`seller`)."""
    return seller(name, maker, source).id


def no_seller(provider: str, field: str) -> str:
    """Return why a provider makes no offer of which a field is said; nothing where it may.

    What is measured of several sellers stands: it says how fast a model is, not who sells it.
    """
    entry = catalogue.provider(provider)
    what = catalogue.SELLS_NOTHING.get(entry.role) if entry else None
    if entry is None or what is None:
        return ""
    if entry.role == "statistic" and FIELDS[("offer", field)].kind == "measure":
        return ""
    return f"no seller: {entry.name} is {what}"


def sold_by_hearsay(
    offers: Iterable[tuple[str, str, str]],
    open_weights: Collection[str],
    cards: Mapping[str, SourceCard],
) -> set[tuple[str, str]]:
    """Return (provider, model) of open weights that a maker's own API sells by others' word alone.

    Whoever likes may serve such a model, and a row that names its maker often means just that.
    `offers` are all (provider, model, source) of whom a source ever spoke.
    """
    own: set[tuple[str, str]] = set()
    heard: set[tuple[str, str]] = set()
    for provider, model, source in offers:
        if source in cards and provider in cards[source].providers:
            own.add((provider, model))
        elif model in open_weights and catalogue.is_own_api(provider, model.split("/")[0]):
            heard.add((provider, model))
    return heard - own


def _serving(provider: str, maker: str) -> str:
    """Return where a maker's model is served that a source files under a provider."""
    entry = catalogue.providers()[provider]
    return entry.foreign if entry.foreign and maker not in ("", entry.first_party_of) else provider


def _through_gateway(name: str) -> Seller | None:
    gateway, _, host = name.partition("_")
    via, provider = _listed(gateway), _listed(host)
    through = via and provider and catalogue.providers()[via].role == "gateway"
    return Seller(provider, via) if through else None


def _listed(name: str, source: str = "") -> str:
    """Return the id of the provider in the catalogue that a name spells; nothing for another."""
    spelled = _spelled(name)
    return _at_sources().get((source, spelled)) or _providers().get(spelled, "")


def _spelled(name: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name).casefold())


def _folded(name: str) -> str:
    return _NO_WORD.sub("-", unicodedata.normalize("NFKC", name).casefold()).strip("-")


@functools.cache
def _providers() -> dict[str, str]:
    entries = catalogue.providers().values()
    return {_spelled(word): p.id for p in entries for word in (p.id, p.name, *p.aliases)}


@functools.cache
def _at_sources() -> dict[tuple[str, str], str]:
    return {
        (source, _spelled(word)): p.id
        for p in catalogue.providers().values()
        for source, word in p.at
    }
