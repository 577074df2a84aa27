"""Names to canonical models and offers: exact id, curated alias, structural parse. Prefers to fail.

A wrong link puts one model's price on another, so a name with no single candidate that differs in no
meaningful part is left unlinked, with its nearest candidates, for a person to rule on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flows.names import Name, maker_of, parse
from schemas import catalogue

if TYPE_CHECKING:
    from schemas.card import SourceCard
    from schemas.claim import Claim


@dataclass(frozen=True, slots=True)
class Link:
    """What a name was linked to. `model` is empty when it was not; `score` is 1 for exact ids, lower by stage."""

    model: str
    score: float
    reason: str
    candidates: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    """Serving marks found in the name (`:free`, `fp8`), which belong among the terms."""
    released: date | None = None
    """For a pointer: the release date of where it points, to tell a chimera by."""


@dataclass
class Linker:
    """Links names against the catalogue and the models that makers' own pages have named so far.

    `known` are ids minted in earlier runs. `link` is a function of the name, its scope and date, and of the
    models known; `mint` adds a model on a maker's own word.
    """

    known: Iterable[str] = ()
    models: dict[str, str] = field(default_factory=dict)
    _by_key: dict[tuple[str, tuple[str, ...]], list[str]] = field(default_factory=lambda: defaultdict(list))
    _by_plain: dict[tuple[str, tuple[str, ...]], list[str]] = field(default_factory=lambda: defaultdict(list))
    _aliases: dict[tuple[str, str], catalogue.Alias] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for model, name in catalogue.models().items():
            self._add(model, name)
        for model in self.known:
            if model not in self.models:
                self._add(model, model.split("/", 1)[1])
        for alias in catalogue.aliases():
            self._aliases[(alias.provider, fold(alias.name))] = alias
            if not alias.targets and not alias.provider:
                self._index(alias.model, parse(alias.name))

    def _add(self, model: str, name: str) -> None:
        self.models[model] = name
        for spelling in {model.split("/", 1)[1], name}:
            self._index(model, parse(spelling))

    def _index(self, model: str, parsed: Name) -> None:
        for index, key in ((self._by_key, parsed.key), (self._by_plain, parsed.plain)):
            for scope in ("", model.split("/")[0]):
                if model not in index[(scope, key)]:
                    index[(scope, key)].append(model)

    def link(self, name: str, provider: str = "", on: date | None = None) -> Link:
        """Return what `name` means where `provider` uses it on day `on`.

        Stages: canonical id (1.0), curated alias (0.99), same parts (0.97), same parts but for
        "instruct" (0.95), same parts but for a date stamp where there is only one model (0.93).
        """
        if name in self.models:
            return Link(name, 1.0, "canonical id")
        parsed = parse(name)
        slug = name.rsplit("/", 1)[-1]
        for scope in (provider, ""):
            for spelling in (name, slug, re.sub(r":(?:free|extended|nitro)$", "", slug)):
                if alias := self._aliases.get((scope, fold(spelling))):
                    return self._alias(alias, parsed, on)
        maker = parsed.maker
        for score, reason, index, key in (
            (0.97, "the same maker and parts", self._by_key, parsed.key),
            (0.95, "the same parts but for 'instruct'", self._by_plain, parsed.plain),
        ):
            found = index.get((maker, key), [])
            if len(found) == 1:
                return Link(found[0], score, reason, marks=parsed.marks)
            if len(found) > 1:
                exact = [m for m in found if parse(m.split("/", 1)[1]).key == parsed.key]
                if len(exact) == 1:
                    return Link(exact[0], score, reason, marks=parsed.marks)
                return Link("", 0.0, "several models have these parts", tuple(sorted(found)), parsed.marks)
        if parsed.stamp:
            dateless = tuple(p for p in parsed.plain if p != parsed.stamp)
            found = self._by_plain.get((maker, dateless), [])
            if len(found) == 1 and not self._dated_siblings(maker, dateless):
                return Link(found[0], 0.93, "the same parts; its date stamp names the only version there is", marks=parsed.marks)
        return Link("", 0.0, "no model has these parts", self.near(parsed), parsed.marks)

    def _dated_siblings(self, maker: str, plain: tuple[str, ...]) -> bool:
        return any(set(key[:-1]) == set(plain) and re.fullmatch(r"20\d{6}", key[-1]) for (m, key) in self._by_plain if m == maker and len(key) == len(plain) + 1)

    def _alias(self, alias: catalogue.Alias, parsed: Name, on: date | None) -> Link:
        if not alias.targets:
            return Link(alias.model, 0.99, f"curated alias: {alias.reason}", marks=parsed.marks)
        standing = [t for t in alias.targets if on is not None and t.since <= on]
        if not standing:
            return Link("", 0.0, f"a moving name without a date: {alias.reason}", tuple(t.model for t in alias.targets), parsed.marks)
        target = standing[-1]
        return Link(target.model, 0.9, f"a name that moves; on {on} it meant this", marks=parsed.marks, released=target.released)

    def near(self, parsed: Name, limit: int = 3) -> tuple[str, ...]:
        """Return the models that share most parts with a name, best first."""
        want = set(parsed.plain)
        scored = []
        for (scope, key), found in self._by_plain.items():
            if scope != parsed.maker and scope:
                continue
            shared = len(want & set(key))
            if shared >= 2:
                scored += [(-shared / len(want | set(key)), m) for m in found]
        return tuple(dict.fromkeys(m for _, m in sorted(scored)))[:limit]

    def mint(self, name: str, maker: str) -> str:
        """Add the model that a maker's own page or API calls `name`, and return its id."""
        slug = mintable(name)
        if not slug:
            raise ValueError(f"{name!r} is no id a model could have")
        model = f"{maker}/{slug}"
        if model not in self.models:
            self._add(model, slug)
        return model


def mintable(name: str) -> str:
    """Return the slug a model of this name would have; empty for prose, hosts' variants and pointers."""
    parsed = parse(name)
    slug = name.split(":")[0].rsplit("/", 1)[-1].lower()
    slug = re.sub(r"-(?:maas|free)$|-v\d+$|@.*$", "", slug.replace("_", "-"))
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,80}", slug) or slug.endswith("-latest") or any(k == "quantisation" for k, _ in parsed.marks):
        return ""
    return slug


def fold(name: str) -> str:
    """Return a name as alias tables compare it: case and separators folded, nothing dropped."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def provider_id(name: str, maker: str = "") -> str:
    """Return the canonical provider of a source's spelling; one not in the catalogue is its own folded name.

    `first-party` stands for the maker's own platform.
    """
    if name == "first-party":
        entry = catalogue.makers().get(maker)
        return entry.first_party if entry else maker
    return _providers().get(name) or _providers().get(name.lower()) or re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")


def _providers() -> Mapping[str, str]:
    if not _PROVIDERS:
        for p in catalogue.providers().values():
            for spelling in (p.id, p.name, *p.aliases):
                _PROVIDERS[spelling] = _PROVIDERS[spelling.lower()] = p.id
    return _PROVIDERS


_PROVIDERS: dict[str, str] = {}


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
