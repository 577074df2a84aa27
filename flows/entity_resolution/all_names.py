"""The models that all names together introduce: a pure function of them.

The order in which names came, the runs that brought them and what was published before do not
matter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

from almanac.flows.entity_resolution.linker import Link, Linker, mintable
from almanac.flows.entity_resolution.name_parser import parse
from almanac.flows.entity_resolution.new_models import own_maker
from almanac.flows.entity_resolution.providers import provider_id
from almanac.schemas import catalogue
from almanac.schemas.codes import LinkStatus
from almanac.schemas.dates import utc
from almanac.schemas.rulings import NameRuling
from almanac.spiders import base

VERSION = 1
"""Of how names are read; to raise it has all names linked again."""
SPELLER = "models_dev"
"""The source whose spelling of a new model is its id, where several introduce it."""


class UsedName(Protocol):
    """A name as a source and a provider use it."""

    @property
    def source(self) -> str: ...

    @property
    def provider_said(self) -> str: ...

    @property
    def model_said(self) -> str: ...

    @property
    def first_look(self) -> str | None:
        """The first look that showed it; None where no good one did."""


def scope(name: UsedName) -> str:
    """Return the provider in whose words a name is said, as its canonical id, or nothing."""
    return provider_id(name.provider_said, source=name.source)


def first_day(name: UsedName) -> date | None:
    """Return the day of the first look that showed a name."""
    return utc(name.first_look).date() if name.first_look else None


class _Introduction(NamedTuple):
    """A maker's own word for a model; of several spellings of one, the first in order is its id.

    Its maker's own pages before others', and of these what says that it was tuned; then what most
    call it, `3.1` before `3-1`, the shorter before the longer.
    """

    foreign: bool
    untuned: bool
    rank: int
    marks: int
    unheard: int
    hyphened: int
    length: int
    slug: str
    maker: str
    name: str
    tuned: bool
    source: str

    @classmethod
    def of(cls, name: UsedName, maker: str, heard: int) -> _Introduction:
        parsed, slug = parse(name.model_said), mintable(name.model_said)
        hyphened = len(re.findall(r"\d-(?=\d)", slug))
        rank = _rank(name, maker)
        return cls(
            rank > 1,
            rank > 1 and not parsed.tuned,
            rank,
            len(parsed.marks),
            -heard,
            hyphened,
            len(slug),
            slug,
            maker,
            name.model_said,
            parsed.tuned,
            name.source,
        )


def linker_of(names: Sequence[UsedName], rulings: Sequence[NameRuling]) -> Linker:
    """Return a linker that knows the catalogue's models, and those the names introduce.

    A maker's own word introduces a model whose name nothing else has.
    """
    linker = Linker((), rulings)
    for spellings in _models(_introductions(names, linker)):
        first = spellings[0]
        if linker.link(f"{first.maker}/{first.slug}", near=False).status is not LinkStatus.unknown:
            continue
        tuned = next((s.slug for s in spellings if s.tuned), "")
        try:
            linker.mint(first.name, first.maker, tuned, listed=first.rank == 0)
        except ValueError:
            continue  # spelled like several models
    return linker


def _models(introductions: Iterable[_Introduction]) -> list[list[_Introduction]]:
    """Return the spellings of each model that is introduced, each in order.

    Those with a whole date come first: a part of it means them. What leaves out that it was
    tuned is the same model, unless a maker lists both.
    """
    groups: dict[tuple[object, ...], set[_Introduction]] = defaultdict(set)
    for introduction in introductions:
        maker, parsed = introduction.maker, parse(f"{introduction.maker}/{introduction.slug}")
        groups[(maker, *parsed.key, parsed.pointer)].add(introduction)
    models: list[list[_Introduction]] = []
    for spellings in groups.values():
        tuned = {s for s in spellings if s.tuned}
        plain = spellings - tuned
        own = {s.source for s in tuned if not s.foreign} & {
            s.source for s in plain if not s.foreign
        }
        models += [sorted(some) for some in ((tuned, plain) if own else (spellings,)) if some]
    return sorted(models, key=lambda s: (-len(parse(s[0].slug).stamp), s))


def meaning(name: UsedName, linker: Linker) -> Link:
    """Return what a name means; on its maker's own pages, one of several models is the maker's."""
    link = linker.link(name.model_said, scope(name), first_day(name))
    if link.status in (LinkStatus.unknown, LinkStatus.ambiguous) and (maker := _speaker(name)):
        own = linker.link(f"{maker}/{mintable(name.model_said)}", near=False)
        if own.status is LinkStatus.linked:
            return replace(own, reason=f"{own.reason}, on its maker's own word", marks=link.marks)
    return link


def _introductions(names: Sequence[UsedName], linker: Linker) -> Iterator[_Introduction]:
    uses = {(name.source, name.provider_said, name.model_said) for name in names}
    heard = Counter(mintable(spelled) for *_, spelled in uses)
    for name in names:
        spelled = name.model_said
        if not (slug := mintable(spelled)) or not (maker := _speaker(name)):
            continue
        link = linker.link(spelled, scope(name), first_day(name), near=False)
        if link.status is LinkStatus.unknown:
            yield _Introduction.of(name, maker, heard[slug])


def _speaker(name: UsedName) -> str:
    """Return the maker whose own word a name is, or nothing."""
    maker = own_maker(base.card(name.source), name.provider_said or None, name.model_said)
    return maker if maker in catalogue.makers() else ""


def _rank(name: UsedName, maker: str) -> int:
    """Return how early a word is heard: on a maker's own platform before anywhere else.

    A repository without `instruct` may hold the base model, so it does not say what is served.
    """
    spells = name.source == SPELLER
    seller = provider_id(name.provider_said, maker, name.source)
    if spells and seller == provider_id("first-party", maker):
        return 0
    if base.card(name.source).kind == "maker":
        return 1
    return 2 if spells and not seller else 3


def inputs(rulings: Sequence[NameRuling]) -> str:
    """Return a digest of what decides, beside the names, what they mean."""
    cards = {name: base.card(name) for name in base.names()}
    speakers = [(name, card.kind, card.makers, card.hosts) for name, card in cards.items()]
    state = hashlib.sha256(json.dumps([VERSION, speakers, *map(str, rulings)]).encode())
    for file in sorted(Path(catalogue.__file__).parent.glob("*.yaml")):
        state.update(file.read_bytes())
    return state.hexdigest()
