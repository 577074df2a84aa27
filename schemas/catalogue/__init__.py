"""The curated catalogue: makers, providers, models, aliases, corrections, vocabulary.

Data with reasons.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from almanac.schemas import safe_yaml


@dataclass(frozen=True, slots=True)
class Maker:
    id: str
    name: str
    first_party: str
    aliases: tuple[str, ...] = ()
    organisations: tuple[tuple[str, str], ...] = ()
    """Its own repositories' organisations as (host, name).

    Also its names as an author in public catalogues (see `almanac.schemas.organisations`).
    """


Role = Literal[
    "first_party", "cloud", "host", "gateway", "plan", "tool", "statistic", "local_runtime"
]
SELLS_NOTHING: dict[Role, str] = {
    "tool": "a tool that serves no model",
    "statistic": "a statistic of several sellers",
    "local_runtime": "software on one's own machine",
}
"""The roles whose bearers sell no model, and what each is."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models. See `providers.yaml`."""

    id: str
    name: str
    role: Role
    first_party_of: str = ""
    aliases: tuple[str, ...] = ()
    foreign: str = ""
    """The provider that is meant where a source files another maker's model under this one."""
    at: tuple[tuple[str, str], ...] = ()
    """Spellings of single sources, as (source, spelling)."""


@dataclass(frozen=True, slots=True)
class Target:
    model: str
    since: date
    released: date


@dataclass(frozen=True, slots=True)
class Alias:
    """A curated name. A pointer has `targets`, in order of time, instead of one model."""

    name: str
    model: str
    reason: str
    provider: str = ""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """How one maker names models. See `grammar.yaml`."""

    families: frozenset[str] = frozenset()
    model: frozenset[str] = frozenset()
    neutral: frozenset[str] = frozenset()
    brand: str = ""
    """The word that stands for the maker's name inside its models' names."""
    stamped: bool = False
    """Whether a date stamp alone says which model of a family is meant.

    Then no version or size beside it matters.
    """


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of model names.

    Those for tuned models, neutral ones, stages, serving marks by word, makers' houses, makers
    by family word.
    """

    tuned: frozenset[str]
    neutral: frozenset[str]
    stages: dict[str, str]
    marks: dict[str, str]
    houses: dict[str, House]
    families: dict[str, str]
    listing: frozenset[str]
    """Hosts that append the day on which they listed a model."""
    served: dict[str, str]
    """The kind of mark of each word that a tag or brackets may hold."""
    routes: frozenset[str]
    """Ways to ask for a model that are no seller's name."""
    hosting: frozenset[str]
    """Makers that also serve others' models."""
    visual: frozenset[str]
    """Words of models of images and video, where a word of speed is part of the model."""
    translated: dict[str, str]
    """Words of other scripts, and the word of ours that says the same."""


@dataclass(frozen=True, slots=True)
class Correction:
    source: str
    model: str
    field: str
    action: str
    expect: str
    author: str
    date: date
    reason: str
    provider: str = ""
    meter: str = ""


def _load(name: str) -> Any:
    return safe_yaml.load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))


@functools.cache
def makers() -> dict[str, Maker]:
    rows = (
        Maker(
            r["id"],
            r["name"],
            r["first_party"],
            tuple(r.get("aliases", ())),
            tuple((host, name) for host, names in r["organisations"].items() for name in names),
        )
        for r in _load("makers")
    )
    return {m.id: m for m in rows}


@functools.cache
def providers() -> dict[str, Provider]:
    """Return every provider by id.

    Raises ValueError for an entry whose role is none.
    """
    return {row["id"]: _provider(row) for row in _load("providers")}


def _provider(row: Mapping[str, Any]) -> Provider:
    if row["role"] not in get_args(Role):
        raise ValueError(f"providers.yaml: {row['id']}: no role {row['role']!r}")
    return Provider(
        row["id"],
        row["name"],
        row["role"],
        row.get("first_party_of", ""),
        tuple(row.get("aliases", ())),
        row.get("foreign", ""),
        tuple((source, name) for source, names in row.get("at", {}).items() for name in names),
    )


@functools.cache
def provider(id: str) -> Provider | None:
    """Return a provider by id.

    A maker's own platform that has no entry bears its maker's name; of others there is none.
    """
    if entry := providers().get(id):
        return entry
    owners = (m for m in makers().values() if m.first_party == id)
    maker = next(owners, None)
    return Provider(id, maker.name, "first_party", maker.id) if maker else None


def first_parties() -> dict[str, set[str]]:
    """Return the providers that are a maker's own, by maker."""
    owned: dict[str, set[str]] = {}
    for entry in providers().values():
        if entry.first_party_of:
            owned.setdefault(entry.first_party_of, set()).add(entry.id)
    return owned


def is_own_api(id: str, maker: str) -> bool:
    """Whether a provider is a maker's own API, and no cloud or host of several makers' models."""
    entry, owner = provider(id), makers().get(maker)
    if entry is None or entry.role != "first_party":
        return False
    return entry.first_party_of == maker or (owner is not None and owner.first_party == id)


@functools.cache
def models() -> dict[str, str]:
    """Return display names by canonical model id."""
    return {model: entry["name"] for model, entry in _load("models").items()}


@functools.cache
def released() -> dict[str, date]:
    """Return release dates by canonical model id; a month is its first day."""
    rows = {model: entry.get("released") for model, entry in _load("models").items()}
    return {model: date.fromisoformat(f"{day}-01"[:10]) for model, day in rows.items() if day}


@functools.cache
def sizes() -> dict[str, frozenset[str]]:
    """Return the sizes by which a model is known whose id states none, such as `671b`."""
    rows = {model: entry.get("sizes") for model, entry in _load("models").items()}
    return {model: frozenset(stated) for model, stated in rows.items() if stated}


@functools.cache
def grammar() -> Grammar:
    """Return the words of model names, by what they say."""
    raw = _load("grammar")
    houses = {
        maker: House(
            frozenset(row.get("families", ())),
            frozenset(row.get("model", ())),
            frozenset(row.get("neutral", ())),
            row.get("brand", ""),
            bool(row.get("stamped")),
        )
        for maker, row in raw["makers"].items()
    }
    marks = {word: kind for kind, words in raw["marks"].items() for word in words}
    return Grammar(
        frozenset(raw["tuned"]),
        frozenset(raw["neutral"]),
        raw["stages"],
        marks,
        houses,
        {word: maker for maker, house in houses.items() for word in house.families},
        frozenset(raw["listing"]),
        {word: kind for kind, words in raw["served"].items() for word in words},
        frozenset(raw["routes"]),
        frozenset(raw["hosting"]),
        frozenset(raw["visual"]),
        raw["translated"],
    )


@functools.cache
def aliases() -> tuple[Alias, ...]:
    return tuple(
        Alias(
            r["name"],
            r.get("model", ""),
            r["reason"],
            r.get("provider", ""),
            tuple(Target(t["model"], t["from"], t["released"]) for t in r.get("targets", ())),
        )
        for r in _load("aliases")
    )


@functools.cache
def corrections() -> tuple[Correction, ...]:
    return tuple(Correction(**{**r, "expect": str(r["expect"])}) for r in _load("corrections"))


@functools.cache
def vocabulary(kind: str) -> dict[str, str]:
    """Return canonical words by lower-case spelling.

    They are of `licences`, `benchmarks`, `modalities` or `tiers`.
    """
    words = _load("vocabulary")[kind]
    return {
        spelling.lower(): canonical
        for canonical, spellings in words.items()
        for spelling in (*spellings, canonical)
    }


@functools.cache
def osi_approved() -> frozenset[str]:
    return frozenset(_load("vocabulary")["osi_approved"])
