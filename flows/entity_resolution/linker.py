"""Names to canonical models: exact id, a person's ruling, curated alias, the grammar of names.

Prefers to fail.

A wrong link puts one model's price on another, so a name with no single candidate that differs in
no meaningful part is left unlinked, with its nearest candidates and what they differ in, for a
person to rule on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from almanac.flows.entity_resolution.name_parser import (
    ParsedName,
    fits,
    near,
    parse,
    readings,
    unintroduced,
)
from almanac.flows.entity_resolution.name_wrapping import unwrapped
from almanac.flows.entity_resolution.twins import Twins
from almanac.schemas import catalogue
from almanac.schemas.codes import LinkStatus
from almanac.schemas.known_model import KnownModel
from almanac.schemas.rulings import NameRuling

# What a difference costs. Above LIMIT there is no link;
# of two models that cost the same, neither is meant.
_TUNED, _SIZE_UNSAID, _STAMP_UNSAID, _STAMP_FITS, _MAKER, _STAGE_UNSAID, _READING, _POINTER = (
    1,
    3,
    4,
    2,
    5,
    5,
    2,
    2,
)
_LIMIT = 6
_KNOWN_FOR = timedelta(days=45)
"""So long after the newest release that the catalogue knows, a name that moves keeps its meaning.

It is still taken to mean what the catalogue knows.
"""
_RULED = {True: (1.0, LinkStatus.linked), False: (0.0, LinkStatus.ruled_out)}
_SCORES = {0: 0.97, 1: 0.95, 2: 0.94, 3: 0.93, 4: 0.92, 5: 0.91, 6: 0.9}


@dataclass(frozen=True, slots=True)
class Link:
    """What a name was linked to.

    `model` is empty when it was not; `score` is 1 for exact ids, lower by stage.
    """

    model: str
    score: float
    reason: str
    status: LinkStatus
    candidates: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    """Serving marks found in the name (`:free`, `fp8`), which belong among the terms."""
    released: date | None = None
    """For a pointer: the release date of where it points, to tell a chimera by."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    model: str
    name: ParsedName
    shown: bool = False
    """Whether it is a display name, which leaves out the stamp that its id has."""


@dataclass
class Linker:
    """Links names against the catalogue and the models that makers' own pages have named so far.

    `known` are ids that names introduced, `rulings` what people said of names. `link` is a
    function of the name, its scope and date, and of the models known; `mint` adds a model on a
    maker's own word (`all_names`).
    """

    known: Iterable[KnownModel | str] = ()
    rulings: Iterable[NameRuling] = ()
    models: dict[str, str] = field(default_factory=dict)
    _spellings: dict[tuple[tuple[str, ...], tuple[str, ...]], list[_Spelling]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _display: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _families: dict[tuple[str, tuple[str, ...]], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _twins: Twins = field(default_factory=Twins)
    _memo: dict[tuple[str, str, date | None], Link] = field(default_factory=dict)
    _parts: dict[str, frozenset[str]] = field(default_factory=dict)
    _aliases: dict[tuple[str, str], catalogue.Alias] = field(default_factory=dict)
    _rulings: dict[tuple[str, str], NameRuling] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for model, name in catalogue.models().items():
            self._add(model, name, listed=True)
        for known in self.known:
            given = known if isinstance(known, KnownModel) else _unnamed(known)
            if given.id not in self.models:
                self._add(given.id, given.name, given.listed)
        for alias in catalogue.aliases():
            self._aliases[(alias.provider, fold(alias.name))] = alias
            if not alias.targets and not alias.provider:
                self._index(alias.model, parse(alias.name))
        for ruling in self.rulings:
            self._rulings[(ruling.provider, fold(ruling.name))] = ruling

    def _add(self, model: str, name: str, listed: bool = False) -> None:
        self._memo.clear()
        self.models[model] = name
        self._display[fold(name)].add(model)
        maker = model.split("/")[0]
        parsed = parse(model)
        self._index(model, parsed)
        shown = parse(f"{maker}/{name}")
        # "(Thinking)" behind a name is how it is served, but for a model that has it in its id.
        if dict(shown.marks).keys() <= dict(parsed.marks).keys():
            stamp, stage = shown.stamp or parsed.stamp, shown.stage or parsed.stage
            self._index(model, replace(shown, stamp=stamp, stage=stage), not shown.stamp)
        self._families[(maker, parsed.words)].add(model)
        self._twins.add(model, parsed, listed)
        self._parts[model] = frozenset((*parsed.words, *parsed.numbers, *parsed.sizes))

    def _index(self, model: str, parsed: ParsedName, shown: bool = False) -> None:
        entry = _Spelling(model, parsed, shown)
        if entry not in self._spellings[parsed.core]:
            self._spellings[parsed.core].append(entry)
        for word in parsed.words:
            self._by_word[word].add(model)

    def link(
        self, name: str, provider: str = "", on: date | None = None, near: bool = True
    ) -> Link:
        """Return what `name` means where `provider` uses it on day `on`.

        Stages: canonical id (1.0), a ruling (1.0), curated alias (0.99), the grammar (0.97 for the
        same parts, less for each part that only one side states), a moving name on its date (0.9).
        Without `near`, a name that no model has comes without its nearest candidates, which take as
        long to find as all the rest.
        """
        asked = (name, provider, on)
        if asked not in self._memo:
            found = self._own(self._link(name, provider, on), name, provider)
            if found.model in self.models and (twin := self._twins.of(found.model)) != found.model:
                found = replace(found, model=twin)
            self._memo[asked] = found
        found = self._memo[asked]
        if near and found.status is LinkStatus.unknown:
            return replace(found, candidates=self.near(parse(name, provider)))
        return found

    def _own(self, link: Link, name: str, provider: str) -> Link:
        """Return a link, but none of a word that names no family outside its maker's own place.

        `search` is what many sell; at Perplexity it is a model of theirs.
        """
        parsed = parse(name, provider)
        maker = link.model.split("/")[0]
        if (
            not link.model
            or parsed.numbers
            or parsed.sizes
            or len(parsed.words) != 1
            or parsed.maker == maker
            or catalogue.is_own_api(provider, maker)
            or link.reason.startswith("ruled")
        ):
            return link
        reason = f"a word that only {maker} uses for a model"
        return Link("", 0.0, reason, LinkStatus.unknown, (link.model,), parsed.marks)

    def _link(self, name: str, provider: str, on: date | None) -> Link:
        if name in catalogue.models():
            return Link(name, 1.0, "canonical id", LinkStatus.linked)
        parsed = parse(name, provider)
        moving = self._pointer(parsed, on)
        if name in self.models and not moving:
            return Link(name, 1.0, "canonical id", LinkStatus.linked)
        spellings = _spelled(name)
        for scope in (provider, "") if provider else ("",):
            for spelling in spellings:
                if ruling := self._rulings.get((scope, spelling)):
                    score, status = _RULED[bool(ruling.model)]
                    reason = f"ruled by {ruling.author} on {ruling.date}: {ruling.reason}"
                    return Link(ruling.model, score, reason, status, marks=parsed.marks)
                if alias := self._aliases.get((scope, spelling)):
                    return self._alias(alias, parsed, on)
        same = {self._twins.of(model) for model in self._display.get(spellings[0], ())}
        if not provider and len(same) == 1:
            model = next(iter(same))
            if not moving or model in catalogue.models():
                return Link(model, 0.97, "its display name", LinkStatus.linked, marks=parsed.marks)
        found = self._grammar(parsed)
        if moving and found.model not in catalogue.models():
            return moving
        if found.model or found.candidates:
            return found
        if inner := "(" in name and _BRACKETS.fullmatch(name.strip()):
            inside, outside = (
                self.link(part.strip(), provider, on) for part in (inner[2], inner[1])
            )
            if inside.model and inside.score >= 0.95 and outside.model in ("", inside.model):
                return replace(inside, score=0.93, reason="the name in brackets")
        return _nobody(parsed)

    def _grammar(self, parsed: ParsedName) -> Link:
        costs: dict[str, tuple[int, str]] = {}
        for extra, reading in ((0, parsed), *((_READING, r) for r in readings(parsed))):
            for spelling in self._spellings.get(reading.core, ()):
                if (cost := self._cost(reading, spelling)) is not None:
                    told = (
                        cost[0] + extra,
                        cost[1] if not extra else f"{cost[1]}, read in another way",
                    )
                    costs[spelling.model] = min(told, costs.get(spelling.model, told))
            if costs:
                break
        if (
            not costs
            and parsed.stamp
            and catalogue.grammar().houses.get(parsed.maker, catalogue.House()).stamped
        ):
            for model in self._families.get((parsed.maker, parsed.words), ()):
                own = parse(model)
                if (
                    own.stamp
                    and fits(parsed.stamp, own.stamp)
                    and parsed.stage in ("", own.stage)
                    and _same_size(parsed, own, model)
                ):
                    costs[model] = _STAMP_FITS, "its stamp says which"
        allowed = {m: c for m, c in costs.items() if c[0] <= _LIMIT}
        if not allowed:
            return _nobody(parsed)
        least = min(c for c, _ in allowed.values())
        best = sorted({self._twins.of(m) for m, (c, _) in allowed.items() if c == least})
        if len(best) > 1:
            several = "several models have these parts"
            return Link("", 0.0, several, LinkStatus.ambiguous, tuple(best), parsed.marks)
        why = next(w for m, (c, w) in sorted(allowed.items()) if c == least)
        return Link(best[0], _SCORES[least], why, LinkStatus.linked, marks=parsed.marks)

    def _cost(self, name: ParsedName, spelling: _Spelling) -> tuple[int, str] | None:
        """Return what a name and a model's spelling differ in.

        None where they contradict each other.
        """
        other = spelling.name
        cost, unsaid = 0, []
        context = dict(other.marks).get("context")
        if context and context != dict(name.marks).get("context"):
            return None  # of those that are told apart by their context, another
        if name.maker and other.maker and name.maker != other.maker:
            cost += _MAKER
            unsaid.append(f"published by {name.maker}")
        if name.tuned != other.tuned:
            cost += _TUNED
        if other.pointer != name.pointer and not name.numbers and not name.stamp:
            return None  # of a family, not of one version of it: the day decides
        if other.pointer != name.pointer:
            cost += _POINTER
        if set(name.sizes) != set(other.sizes):
            if set(name.sizes) - set(other.sizes) and set(other.sizes) - set(name.sizes):
                return None
            if self._sized(spelling, set(name.sizes)):
                return None
            if set(name.sizes) - set(other.sizes) - catalogue.sizes().get(spelling.model, set()):
                return None  # a size that nobody says of this model: a distillation has one, too
            cost += _SIZE_UNSAID
            unsaid.append("a size only one of them states")
        released = catalogue.released().get(spelling.model)
        if name.stamp and other.stamp:
            if not fits(name.stamp, other.stamp):
                return None
            if name.listed:
                cost += _STAMP_UNSAID
        elif name.stamp:
            if released is None or not near(name.stamp, released, 45 if name.listed else 14):
                return None
            cost += _STAMP_FITS
            unsaid.append(f"its stamp is of the day {released}, when it was released")
        elif other.stamp:
            if len(other.stamp) < 8 and not spelling.shown:
                return None  # a month tells versions apart; the name without one is the first
            cost += _TUNED if spelling.shown else _STAMP_UNSAID
            unsaid.append("its stamp")
        if name.stage != other.stage:
            if name.stage or other.stage != "preview":
                return None
            if any(m.startswith(f"{spelling.model}-") for m in catalogue.models()):
                return None  # several previews
            cost += _STAGE_UNSAID
            unsaid.append("there is only the preview")
        if spelling.model not in catalogue.models() and (
            cost > _TUNED or (name.tuned and not other.tuned)
        ):
            # Of a model that only its maker's pages name, too little is known
            # to tell what a missing part means.
            return None
        return cost, "the same parts" + (f", but for {'; '.join(unsaid)}" if unsaid else "")

    def _sized(self, spelling: _Spelling, sizes: set[str]) -> bool:
        """True where `sizes` mean another model of this core just as well.

        The two are told apart by size.
        """
        rivals = (
            s
            for s in self._spellings[spelling.name.core]
            if s.model != spelling.model and s.name.maker == spelling.name.maker
        )
        return any(
            r.name.sizes
            and r.name.sizes != spelling.name.sizes
            and (sizes <= set(r.name.sizes) or not spelling.name.sizes)
            for r in rivals
        )

    def _alias(self, alias: catalogue.Alias, parsed: ParsedName, on: date | None) -> Link:
        if not alias.targets:
            return Link(
                alias.model,
                0.99,
                f"curated alias: {alias.reason}",
                LinkStatus.linked,
                marks=parsed.marks,
            )
        return self._moved(
            parsed, [(t.since, t.model, t.released) for t in alias.targets], on, alias.reason
        )

    def _pointer(self, parsed: ParsedName, on: date | None) -> Link | None:
        """Return what a name that moves meant on a day.

        It is the newest model of its family that was out by then. Which names move is for the
        catalogue alone to say: it must not depend on the models that other names introduce.
        """
        members = self._families.get((parsed.maker, parsed.words), set())
        family = members & catalogue.models().keys()
        if (
            not parsed.maker
            or parsed.sizes
            or parsed.stamp
            or parsed.stage
            or parsed.numbers
            or len(family) < 2
        ):
            return None
        if not parsed.pointer and not all(parse(m).stamp or parse(m).pointer for m in family):
            return None
        dated = sorted(
            (released[m], not parse(m).stamp, m)
            for m in family
            if m in (released := catalogue.released()) and not parse(m).pointer
        )
        return self._moved(
            parsed,
            [(day, m, day) for day, _, m in dated],
            on,
            "a family name; the newest of its models is meant",
        )

    def _moved(
        self,
        parsed: ParsedName,
        targets: list[tuple[date, str, date]],
        on: date | None,
        reason: str,
    ) -> Link:
        standing = [t for t in targets if on is not None and t[0] <= on]
        if not standing:
            return Link(
                "",
                0.0,
                f"a moving name without a date: {reason}",
                LinkStatus.moving,
                tuple(t[1] for t in targets),
                parsed.marks,
            )
        if on is not None and on > (known := max(catalogue.released().values())) + _KNOWN_FOR:
            return Link(
                "",
                0.0,
                f"a moving name on {on}, and models released after {known} are not known: {reason}",
                LinkStatus.moving,
                tuple(t[1] for t in targets[-3:]),
                parsed.marks,
            )
        _, model, released = standing[-1]
        return Link(
            model,
            0.9,
            f"a name that moves; on {on} it meant this",
            LinkStatus.linked_as_of,
            marks=parsed.marks,
            released=released,
        )

    def all_models(self) -> list[KnownModel]:
        """Return all models, in order, each under every id of its own."""
        catalogued = catalogue.models()
        return [
            KnownModel(
                model,
                name,
                "catalogue" if model in catalogued else "its maker",
                self._twins.is_listed(model),
            )
            for model, name in sorted(self.models.items())
        ]

    def twins(self) -> dict[str, str]:
        """Return by id the one under which its model stands instead."""
        return {m: twin for m in self.models if (twin := self._twins.of(m)) != m}

    def near(self, parsed: ParsedName, limit: int = 3) -> tuple[str, ...]:
        """Return the models that share most parts with a name, best first."""
        want = {*parsed.words, *parsed.numbers, *parsed.sizes}
        scored = []
        for model in {m for word in parsed.words for m in self._by_word.get(word, ())}:
            if parsed.maker and not model.startswith(f"{parsed.maker}/"):
                continue
            has = self._parts[model]
            if (shared := len(want & has)) >= 2:
                scored.append((-shared / len(want | has), model))
        return tuple(dict.fromkeys(self._twins.of(m) for _, m in sorted(scored)))[:limit]

    def mint(self, name: str, maker: str, shown: str = "", listed: bool = False) -> str:
        """Add the model that a maker's own page or API calls `name`, and return its id.

        It is another model's id where that is spelled in another way. `shown` is what it is
        called besides; `listed` says that the catalogue of models lists it on the maker's own
        platform.

        Raises ValueError for what is no id, or would be one of several that are spelled alike.
        """
        slug = mintable(name)
        if not slug:
            raise ValueError(f"{name!r} is no id a model could have")
        model = f"{maker}/{unintroduced(slug, maker)}"
        known = self.link(model)
        if known.model:
            return known.model
        if known.status is LinkStatus.ambiguous:
            raise ValueError(f"{name!r} is spelled like {' and '.join(known.candidates)}")
        self._add(model, unintroduced(mintable(shown) or slug, maker), listed)
        return model


def _unnamed(id: str) -> KnownModel:
    return KnownModel(id, id.split("/", 1)[1])


def _same_size(name: ParsedName, own: ParsedName, model: str) -> bool:
    """Whether no size that a name states is another than those of a model."""
    return set(name.sizes) <= set(own.sizes) | catalogue.sizes().get(model, frozenset())


def _nobody(name: ParsedName) -> Link:
    return Link("", 0.0, "no model has these parts", LinkStatus.unknown, marks=name.marks)


def mintable(name: str) -> str:
    """Return the slug a model of this name would have.

    Empty for prose, hosts' variants and pointers.
    """
    parsed = parse(name)
    marks: dict[str, str] = {}
    slug = unwrapped(name, marks)[1].lower().replace("_", "-")
    slug = re.sub(r"@.*$", "", slug)
    if (
        not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,80}", slug)
        or slug.endswith("-latest")
        or _SERVED & (dict(parsed.marks).keys() - marks.keys())
    ):
        return ""
    return slug


_SERVED = frozenset(("quantisation", "speed", "enclave", "effort"))
"""Marks inside a name that no model is made of: how it is served is no part of what it is."""


def fold(name: str) -> str:
    """Return a name as alias tables compare it: case and separators folded, nothing dropped."""
    return _SEPARATORS.sub("-", name.strip().lower())


_SEPARATORS = re.compile(r"[\s_-]+")
_BRACKETS = re.compile(r"(?:[\w .]+: )?([^()]+)\(([^()]+)\)")
_ROUTE = re.compile(r":(?:free|extended|nitro)$")


def _spelled(name: str) -> list[str]:
    """Return how an alias table may spell a name: whole, without its path, without its route."""
    whole = fold(name)
    slug = whole.rsplit("/", 1)[-1]
    return list(dict.fromkeys((whole, slug, _ROUTE.sub("", slug))))
