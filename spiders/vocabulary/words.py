"""The words of `words.yaml`, found in a text: the longest phrase at each place, nothing skipped."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from almanac.schemas import safe_yaml
from almanac.schemas.fields import REGISTERED

Kind = Literal[
    "part",
    "unit",
    "filler",
    "role",
    "condition",
    "prose",
    "term",
    "notice",
    "capability",
    "medium",
    "field",
    "benchmark",
    "benchmark part",
    "metric",
    "edition",
    "measured",
    "score label",
    "aside",
]
LONGEST = 300
"""Characters of a text that is looked at for words: the longest head of a real column has 90."""
KIND = "+"
"""Ends the name of a capability of which only a kind is meant: only its yes says anything."""
_MARKS = re.compile(r"[*`†‡§¹²³⁴⁵⁶⁷⁸⁹ⁱᵃᵇᶜ]|\[\d+\]|\\(?=\W)|[\u200b\u200c\u200d\u2060\ufeff]")
_LATIN = re.compile(r"[0-9a-z]")


_NAMED: tuple[tuple[str, Kind], ...] = (
    ("parts", "part"),
    ("roles", "role"),
    ("conditions", "condition"),
    ("capabilities", "capability"),
    ("media", "medium"),
    ("fields", "field"),
    ("editions", "edition"),
    ("score_labels", "score label"),
)
_LISTED: tuple[tuple[str, Kind], ...] = (
    ("units", "unit"),
    ("filler", "filler"),
    ("prose", "prose"),
    ("notices", "notice"),
    ("benchmarks", "benchmark"),
    ("benchmark_parts", "benchmark part"),
    ("metrics", "metric"),
    ("measured", "measured"),
    ("aside", "aside"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase means: `name` is the field, part, role or term; `value` is of a term."""

    kind: Kind
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in a text with all that it may mean; no entry for words nobody knows."""

    text: str
    entries: tuple[Entry, ...]

    def get(self, kind: Kind) -> Entry | None:
        for entry in self.entries:
            if entry.kind == kind:
                return entry
        return None


def fold(text: str) -> str:
    """Return a text folded for matching: compatibility forms, lower case, no marks, single spaces.

    >>> fold("**Cache  Hits** & Refreshes¹（USD）")
    'cache hits & refreshes(usd)'
    """
    return _folded(text[: 2 * LONGEST])


@functools.lru_cache(maxsize=16384)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", text)).lower()
    return " ".join(_MARKS.sub("", plain).split())[: 2 * LONGEST]


@functools.cache
def entries() -> dict[str, tuple[Entry, ...]]:
    """Return what each folded phrase means, as `words.yaml` and the field registry say."""
    data = safe_yaml.load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    table: dict[str, list[Entry]] = {}
    for phrase, entry in _stated(data):
        meanings = table.setdefault(fold(str(phrase)), [])
        if entry not in meanings:
            meanings.append(entry)
    return {phrase: tuple(meanings) for phrase, meanings in table.items()}


def _stated(data: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for group, kind in _NAMED:
        for name, phrases in data[group].items():
            yield from ((phrase, Entry(kind, name)) for phrase in phrases)
    for name, phrases in data["capability_kinds"].items():
        yield from ((phrase, Entry("capability", name + KIND)) for phrase in phrases)
    for group, kind in _LISTED:
        yield from ((phrase, Entry(kind, group)) for phrase in data[group])
    for name, values in data["terms"].items():
        for value, phrases in values.items():
            yield from ((phrase, Entry("term", name, value)) for phrase in phrases)
    yield from _registered()


def _registered() -> Iterator[tuple[str, Entry]]:
    """Yield the titles of the field registry."""
    for field in REGISTERED:
        if field.kind == "flag":
            yield field.title, Entry("capability", field.name)
        elif field.subject == "model":
            yield field.title, Entry("field", field.name)


@functools.cache
def _phrases(kinds: frozenset[Kind]) -> tuple[re.Pattern[str], dict[str, Phrase]]:
    """Return the pattern of a phrase of some kinds, a gap or a word, and what phrases mean.

    Of several phrases at a place it takes the longest; a Latin one ends where a word ends, and
    none begins within a word. They stand by their first character, at which most places fail.
    """
    phrases: dict[str, Phrase] = {}
    by_first: dict[str, list[str]] = {}
    for phrase, meanings in entries().items():
        if of_kinds := tuple(entry for entry in meanings if entry.kind in kinds):
            phrases[phrase] = Phrase(phrase, of_kinds)
            by_first.setdefault(phrase[0], []).append(phrase)
    groups = [
        re.escape(first) + f"(?:{'|'.join(_rest(p) for p in sorted(group, key=len, reverse=True))})"
        for first, group in by_first.items()
    ]
    within = r"(?!(?<=[0-9a-z])[0-9a-z])"
    return re.compile(rf"{within}(?:{'|'.join(groups)})|(?P<gap>{_GAP})|{_WORD}"), phrases


def _rest(phrase: str) -> str:
    """Return the pattern of a phrase behind its first character."""
    return re.escape(phrase[1:]) + ("(?![0-9a-z])" if _LATIN.match(phrase[-1]) else "")


_GAP = r"[\s()\[\]{}:;,._|/·•—–~-]+"
_WORD = r"[0-9a-z]+(?:['’.][0-9a-z]+)*|\S"


def scan(folded: str, kinds: frozenset[Kind]) -> Iterator[Phrase]:
    """Yield the phrases of some kinds in a folded text, each the longest there is at its place.

    Words that no phrase covers come one by one, without entries. Punctuation between phrases is
    passed over.
    """
    pattern, phrases = _phrases(kinds)
    for m in pattern.finditer(folded):
        if m.lastgroup is None:
            yield phrases.get(m[0]) or Phrase(m[0], ())


def means(text: str, kind: Kind) -> Entry | None:
    """Return what a whole text means among the entries of one kind; None where it is none.

    >>> means("Function Calling", "capability").name
    'function_calling'
    """
    return next((e for e in entries().get(fold(text), ()) if e.kind == kind), None)
