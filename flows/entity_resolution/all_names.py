"""The models that all names together introduce: a pure function of them.

The order in which names came, the runs that brought them and what was published before do not
matter.
"""

from __future__ import annotations

import hashlib
import json
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
_NO_MODEL = (LinkStatus.unknown, LinkStatus.ruled_out)


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
    return provider_id(name.provider_said) if name.provider_said else ""


def first_day(name: UsedName) -> date | None:
    """Return the day of the first look that showed a name."""
    return utc(name.first_look).date() if name.first_look else None


class _Introduction(NamedTuple):
    """A maker's own word for a model; they are heard in this order."""

    rank: int
    unstamped: bool
    name: str
    maker: str


def linker_of(names: Iterable[UsedName], rulings: Sequence[NameRuling]) -> Linker:
    """Return a linker that knows the catalogue's models, and those the names introduce.

    A maker's own word introduces a model whose name nothing else has.
    """
    linker = Linker((), rulings)
    for said in sorted(set(_introductions(names, linker))):
        if linker.link(said.name, near=False).status not in _NO_MODEL:
            continue
        try:
            linker.mint(said.name, said.maker)
        except ValueError:
            continue  # spelled like several models
    return linker


def meaning(name: UsedName, linker: Linker) -> Link:
    """Return what a name means; on its maker's own pages, one of several models is the maker's."""
    link = linker.link(name.model_said, scope(name), first_day(name))
    if link.status in (LinkStatus.unknown, LinkStatus.ambiguous) and (maker := _speaker(name)):
        own = linker.link(f"{maker}/{name.model_said.rsplit('/', 1)[-1]}", near=False)
        if own.status is LinkStatus.linked:
            return replace(own, reason=f"{own.reason}, on its maker's own word")
    return link


def _introductions(names: Iterable[UsedName], linker: Linker) -> Iterator[_Introduction]:
    for name in names:
        said = name.model_said
        if not (maker := _speaker(name)) or not mintable(said):
            continue
        if linker.link(said, scope(name), first_day(name), near=False).status in _NO_MODEL:
            yield _Introduction(_rank(name.source), not parse(said).stamp, said, maker)


def _speaker(name: UsedName) -> str:
    """Return the maker whose own word a name is, or nothing."""
    maker = own_maker(base.card(name.source), name.provider_said or None, name.model_said)
    return maker if maker in catalogue.makers() else ""


def _rank(source: str) -> int:
    if source == SPELLER:
        return 0
    return 1 if base.card(source).kind.startswith("maker") else 2


def inputs(rulings: Sequence[NameRuling]) -> str:
    """Return a digest of what decides, beside the names, what they mean."""
    said = hashlib.sha256(json.dumps([VERSION, *map(str, rulings)]).encode())
    for file in sorted(Path(catalogue.__file__).parent.glob("*.yaml")):
        said.update(file.read_bytes())
    return said.hexdigest()
