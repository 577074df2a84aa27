"""Whose page an address is: what the sources there are, and the catalogue, know of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import urlsplit

from almanac.flows.entity_resolution.providers import provider_id
from almanac.flows.harvest.saved_captures import which
from almanac.schemas import catalogue
from almanac.schemas.card import SourceCard
from almanac.schemas.organisations import maker_of, repository
from almanac.spiders import base
from almanac.spiders.bounds import LONGEST_URL

_NO_NAME = frozenset(("www", "docs", "api", "platform", "developer", "developers", "console"))
"""Parts of a host's name that name nobody."""


@dataclass(frozen=True, slots=True)
class PageOwner:
    """Who publishes a page, and in whose name it speaks; `because` says where that is known from.

    `provider` and `makers` are ids of the catalogue, or what the address gives where it has none.
    """

    host: str
    publisher: str
    provider: str
    makers: tuple[str, ...]
    because: str

    @property
    def is_new(self) -> bool:
        """Whether the catalogue does not know the provider."""
        return self.provider not in catalogue.providers()


def check(name: str, url: str, again: bool = False) -> None:
    """Raise ValueError for a name or an address that no new source can have.

    With `again` the source is there already.
    """
    parts = urlsplit(url)
    odd = any(c in url for c in "\"\\'") or not url.isprintable() or " " in url
    if parts.scheme != "https" or "." not in (parts.hostname or "") or odd:
        raise ValueError(f"not the https address of a page: {url[:200]!r}")
    if len(url) > LONGEST_URL:
        raise ValueError(f"an address of {len(url):,} characters, more than {LONGEST_URL:,}")
    if not again:
        _check_new(name, url)


def _check_new(name: str, url: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise ValueError(
            f"not a source's id: {name!r} (lower case, digits and underscores, as in acme_pricing)"
        )
    if name in base.names():
        raise ValueError(f"there is a source {name!r} already: spiders/sources/{name}.py")
    if reader := which(f"{url} - - "):
        raise ValueError(f"the source {reader!r} reads this page: see its card's `matches`")


def owner_of(url: str) -> PageOwner:
    """Return whose page an address is."""
    host = str(urlsplit(url).hostname)
    if place := repository(url):
        maker = maker_of(place.host, place.organisation)
        return _named(host, place.organisation, maker, f"the organisation at {place.host}")
    if (beside := _beside(url)) is not None:
        name, card = beside
        provider = provider_id(card.providers[0])
        because = f"the source {name} reads the same site"
        return PageOwner(host, card.publisher, provider, tuple(card.makers), because)
    return _named(host, label_of(host), "", "the address")


def label_of(host: str) -> str:
    """Return the part of a host's name that names its owner.

    >>> label_of("docs.acme.example"), label_of("www.ark.co.uk"), label_of("api-docs.loom.ai")
    ('acme', 'ark', 'loom')
    """
    parts = host.split(".")[:-1]
    if len(parts) > 1 and len(parts[-1]) <= 3 and len(host.rsplit(".", 1)[-1]) == 2:
        parts = parts[:-1] if parts[-1] in ("co", "com", "org", "net", "gov", "ac") else parts
    named = [part for part in parts if part not in _NO_NAME]
    return named[-1] if named else parts[-1]


def _named(host: str, label: str, maker: str, because: str) -> PageOwner:
    """Return who a word of an address is, as the catalogue knows it."""
    maker = maker or _maker(label)
    entry = catalogue.makers().get(maker)
    provider = entry.first_party if entry else provider_id(label)
    served = catalogue.providers().get(provider)
    if served is None:
        return PageOwner(host, label.capitalize(), provider, (maker,) if maker else (), because)
    makers = (maker,) if maker else tuple(filter(None, [served.first_party_of]))
    publisher = entry.name if entry else served.name
    return PageOwner(host, publisher, provider, makers, f"{because} and the catalogue")


def _maker(label: str) -> str:
    """Return the maker that a word spells; nothing for none, or one that hosts others' models."""
    hosting = catalogue.grammar().hosting
    for maker in catalogue.makers().values():
        if maker.id not in hosting and label.lower() in {
            word.lower() for word in (maker.id, maker.name, *maker.aliases)
        }:
            return maker.id
    return ""


def _beside(url: str) -> tuple[str, SourceCard] | None:
    """Return the source nearest to an address on the same site, with its card."""
    host = str(urlsplit(url).hostname)
    near = []
    for name in base.names():
        card = base.card(name)
        speaks = card.kind in ("maker", "provider", "marketplace") and len(card.providers) == 1
        for other in card.hosts if speaks else ():
            if other == host or _site(other) == _site(host):
                starts = base.source(name).start_urls or (f"https://{other}",)
                shared = max(_shared(start, url) for start in starts)
                near.append((other == host, shared, name))
    if not near:
        return None
    name = max(near)[2]
    return name, base.card(name)


def _shared(address: str, other: str) -> int:
    """Return how many of their first characters two addresses share."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(address, other, strict=False))))


def _site(host: str) -> tuple[str, str]:
    return label_of(host), host.rsplit(".", 1)[-1]


def pattern_of(url: str) -> str:
    """Return a pattern of saved files' manifest lines that only a page's own address fits.

    >>> pattern_of("https://docs.acme.example/pricing.md?x=1")
    '^https://docs\\\\.acme\\\\.example/pricing(\\\\.md)?(?=[?# ])'
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix(".md")
    ends = r"(\.md)?/?" if parts.path.endswith("/") else r"(\.md)?"
    return rf"^https://{re.escape(str(parts.hostname))}{re.escape(path)}{ends}(?=[?# ])".replace(
        r"\-", "-"
    )
