"""What a label means: a column's head, a row's first cell, a key, the words before a colon.

A label is parts and conditions, with units around them, and nothing may be left over: a word that
nobody knows makes the whole label unknown.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, replace
from typing import Literal

from almanac.spiders.vocabulary.lengths import cut
from almanac.spiders.vocabulary.media import resolution_in, without_resolution
from almanac.spiders.vocabulary.meters import meter_of
from almanac.spiders.vocabulary.words import LONGEST, Entry, Kind, Phrase, entries, fold, scan

Role = Literal["", "blank", "price", "field", "flag", "condition", "prose", "terms", "role"]
_WHOLE: tuple[Literal["role", "field", "condition", "prose"], ...] = (
    "role",
    "field",
    "condition",
    "prose",
)
"""Kinds that a whole label may be, the first that fits taken."""
_COMPOSED: frozenset[Kind] = frozenset(("part", "unit", "filler", "term", "field"))
"""Kinds of words that a label of several may have."""
_WITH_UNITS: frozenset[Kind] = frozenset((*_WHOLE, "unit"))


@dataclass(frozen=True, slots=True)
class Label:
    """What a label means.

    `role` is nothing where a word of it is not known; `name` is the field, the condition that its
    cells state, or the role (`model`, `id`, `unit` …); `parts` are those of a price.
    """

    role: Role
    name: str = ""
    parts: frozenset[str] = frozenset()
    terms: tuple[tuple[str, str], ...] = ()
    flag: str = ""
    """The capability that it names, should its cells be yes and no."""
    scale: int = 1
    """What a bare number under it counts: 1,000 where it says thousand tokens."""
    unknown: tuple[str, ...] = field(default=(), compare=False)

    def meter(self, per: str) -> str:
        """Return the meter of a price under it, for a unit. Raises ValueError for none."""
        return meter_of(self.parts, per)[0]

    def is_role(self, *names: str) -> bool:
        return self.role == "role" and self.name in names


def label(text: str) -> Label:
    """Return what a label means.

    >>> label("Cache-hit input (non-audio) (USD/M tokens)").meter("mtok")
    'cache_read'
    >>> label("5m Cache Writes").terms, label("模型名称").name, label("Frobnication").unknown
    ((('cache_ttl', '5m'),), 'model', ('frobnication',))
    """
    if len(text) > LONGEST:
        return Label("", unknown=(text[:40],))
    return _label(text)


@functools.lru_cache(maxsize=65536)
def _label(text: str) -> Label:
    folded = fold(text)
    if not folded:
        return Label("blank")
    stated = _read(folded)
    footnoted = re.fullmatch(r"(.*[a-z\u4e00-\u9fff)])\d{1,2}", folded)
    if stated.role == "" and not stated.flag and footnoted:
        return _read(footnoted[1])
    return stated


def _read(folded: str) -> Label:
    return _whole(folded) or _tuned(folded) or _noted(folded) or _sided(folded) or _composed(folded)


def _noted(folded: str) -> Label | None:
    """Return what a label means before a bracket, where what stands in it changes no figure."""
    bare = re.sub(r"\s*\([^()]*\)$", "", folded)
    stated = _whole(bare) if bare and bare != folded else None
    harmless = stated and (stated.role in ("role", "condition", "prose") or stated.flag)
    return stated if harmless and not (stated and stated.role == "field") else None


def _whole(folded: str) -> Label | None:
    """Return what a text means that is one entry, alone or with units beside it."""
    named = entries().get(folded.strip(" :.")) or _beside_units(folded) or _id_words(folded)
    if not named and folded.endswith((" model", " models")):
        named = entries()["model"]
    for kind in _WHOLE:
        if entry := next((e for e in named if e.kind == kind), None):
            flag = next((e.name for e in named if e.kind == "capability"), "")
            return Label(kind, entry.name, flag=flag, scale=_scale(folded))
    return None


def _beside_units(folded: str) -> tuple[Entry, ...]:
    words = _all_known(folded, _WITH_UNITS)
    named = [w for w in words if any(e.kind in _WHOLE for e in w.entries)]
    same = {w.entries for w in named}
    return named[0].entries if len(same) == 1 else ()


def _all_known(folded: str, kinds: frozenset[Kind]) -> list[Phrase]:
    """Return the phrases of a text; none where a word of it is not of these kinds."""
    words: list[Phrase] = []
    for word in scan(folded, kinds):
        if not word.entries:
            return []
        words.append(word)
    return words


_ID_WORDS = frozenset(
    [
        "api",
        "model",
        "models",
        "name",
        "string",
        "id",
        "ids",
        "for",
        "the",
        "identifier",
        "slug",
        "key",
    ]
)
_ID_KEYS = frozenset(("id", "ids", "string", "identifier", "slug"))


def _id_words(folded: str) -> tuple[Entry, ...]:
    """Return the role of an id where all words are those of one, as in `API Model String`."""
    words = set(re.findall(r"\w+", folded))
    return entries()["id"] if words <= _ID_WORDS and words & _ID_KEYS else ()


_TUNED: frozenset[Kind] = frozenset(("role", "part", "filler"))


def _tuned(folded: str) -> Label | None:
    """Return the role of a column that names the base of fine-tuned models."""
    words = _all_known(folded, _TUNED)
    parts = {e.name for w in words if (e := w.get("part"))}
    roles = {e.name for w in words if (e := w.get("role"))}
    if parts == {"training"} and roles == {"model"}:
        return Label("role", "model", terms=(("use", "fine-tuned"),))
    return None


_SIDED: frozenset[Kind] = frozenset(("condition", "part", "filler"))
_SIDES = frozenset(("in", "out", "text", "image", "audio", "video"))
_OF_MEDIA = frozenset(("resolution", "quality", "kind"))
"""Conditions that media have, of which a head may say whose they are."""


def _sided(folded: str) -> Label | None:
    """Return the condition that a head names beside what it is of, as in `Output video quality`."""
    words = _all_known(folded, _SIDED)
    named = {e.name for w in words if (e := w.get("condition"))}
    others = {e.name for w in words if not w.get("condition") and (e := w.get("part"))}
    if len(named) == 1 and named <= _OF_MEDIA:
        return Label("condition", named.pop()) if others and others <= _SIDES else None
    return None


def _scale(folded: str) -> int:
    return 1000 if re.search(r"千 ?token|k tokens?\b|\(k\)|thousand", folded) else 1


def _composed(folded: str) -> Label:
    """Return what a label of several words means; unknown for one with a word that is."""
    scale = _scale(folded)
    try:
        lengths, rest = cut(folded, scale, in_label=True)
        own, words = _sized(rest)
        for length in lengths:
            own |= length.terms
        terms = _terms(words, own)
    except ValueError as error:
        return Label("", unknown=(str(error),))
    flag = _capability(rest)
    if unknown := tuple(w.text for w in words if not w.entries):
        return Label("", flag=flag, unknown=unknown)
    stated = _of_words(words, terms, scale)
    if stated is None and (lengths or own or any(w.get("term") for w in words)):
        stated = Label("terms", terms=terms, scale=scale)
    return replace(stated or Label("", unknown=(folded,)), flag=flag)


def _sized(folded: str) -> tuple[dict[str, str], list[Phrase]]:
    """Return the resolution that a label names, as its term, and the words beside it."""
    size = resolution_in(folded)
    words = list(scan(without_resolution(folded) if size else folded, _COMPOSED))
    return {"resolution": size} if size else {}, words


def _of_words(words: list[Phrase], terms: tuple[tuple[str, str], ...], scale: int) -> Label | None:
    """Return the field or the price that known words name; None where they name neither."""
    if fields := {e.name for w in words if (e := _field(w))}:
        return _one_field(fields, _parts(words), terms, scale)
    if (parts := _parts(words)) or _priced(words):
        return Label("price", parts=parts, terms=terms, scale=scale)
    return None


def _capability(folded: str) -> str:
    named = entries().get(folded, ())
    return next((e.name for e in named if e.kind == "capability"), "")


def _terms(words: list[Phrase], terms: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the conditions that words name, sorted. Raises ValueError for two of one name."""
    for word in words:
        if (e := word.get("term")) and e.value and terms.setdefault(e.name, e.value) != e.value:
            raise ValueError(f"two of {e.name}")
    return tuple(sorted(terms.items()))


def _one_field(
    fields: set[str], parts: frozenset[str], terms: tuple[tuple[str, str], ...], scale: int
) -> Label:
    if len(fields) > 1 or parts - {"text"}:
        return Label("", unknown=tuple(sorted(fields)))
    return Label("field", fields.pop(), terms=terms, scale=scale)


def _parts(words: list[Phrase]) -> frozenset[str]:
    """Return the parts of a price; a word that is a term too is one where it stands alone."""
    named = [(w, e) for w in words if (e := w.get("part"))]
    return frozenset(e.name for w, e in named if not w.get("term") or _alone(words, w))


def _field(word: Phrase) -> Entry | None:
    """Return the field that a word names, if it is not rather a part of a price."""
    entry = word.get("field")
    return entry if entry and not word.get("part") and not word.get("filler") else None


def _alone(words: list[Phrase], word: Phrase) -> bool:
    return all(w is word or w.get("unit") or w.get("filler") for w in words)


def _priced(words: list[Phrase]) -> bool:
    """Whether units alone say that this is a price, as `USD / 1M tokens` does."""
    texts = {w.text for w in words if w.get("unit")}
    return bool(texts & {"/", "per", "每"} and len(texts) > 1) or bool(
        texts & {"usd", "$", "eur", "€", "cny", "元", "¥", "rmb"}
    )
