"""Which model a label of a table of scores names, seen from the page that the table stands on."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from almanac.schemas import catalogue
from almanac.spiders.reading.score_layout import AxisLabel, Part, role_of
from almanac.spiders.vocabulary.benchmarks import (
    edition_of,
    edition_within,
    is_metric,
    shots_of,
)
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.names import Name, names
from almanac.spiders.vocabulary.words import means

_SIZE = re.compile(r"\d+(?:\.\d+)?\s*[bm]|xxs|xs|xl|xxl|mini|nano|tiny|small|medium|large", re.I)
_SIZED = re.compile(r"(?<![a-z0-9.])(?:\d+x)?\d+(?:\.\d+)?[bm](?![a-z0-9])", re.I)
_RELEASE = re.compile(r"v\d+(?:\.\d+)*|\d+(?:\.\d+)+|\d{4}|\d{6}|\d{8}|\d{4}-\d\d(?:-\d\d)?", re.I)
_ID = re.compile(r"[A-Za-z][\w.-]*/[\w.-]*\d[\w.-]*")
_NUMBERED = re.compile(r"[A-Za-z]{2,}[ -]?v?\d")
"""A word with a number, as models are named where it is certain that labels name models."""
_PLAIN = frozenset(("instruct", "it", "in", "ins", "chat", "model", "base", "pt", "tuned"))
"""Words that name an edition, which is compared apart, or nothing."""
_SILENT = frozenset(("provider", "prose", "group"))
"""Roles of labels that say nothing of which model it is."""
_EDITIONS = {"instruct": "Instruct", "base": "Base"}


def words(name: str) -> list[str]:
    """Return the words of a name, its organisation left out."""
    return re.findall(r"[a-z]+|\d+(?:\.\d+)?", name.split("/")[-1].lower())


@functools.lru_cache(maxsize=16384)
def _core(name: str) -> frozenset[str]:
    return frozenset(words(name)) - _PLAIN


def same_model(one: str, other: str) -> bool:
    """Whether two names are of one model, whatever edition of it.

    >>> same_model("Loom-4 8B Instruct", "acme/loom-4-8b"), same_model("Loom 4 8B", "Loom 4 70B")
    (True, False)
    """
    return bool(_core(one)) and _core(one) == _core(other)


def _of_another_maker(name: str, subject: str) -> bool:
    """Whether a name is of another organisation's model: a copy does not speak of its original."""
    maker, _, rest = name.rpartition("/")
    return bool(maker and rest and "/" in subject) and maker != subject.rpartition("/")[0]


def members(name: str) -> list[str]:
    """Return the sizes that a name prints, folded."""
    return [m[0].lower() for m in _SIZED.finditer(name)]


_BESIDE_MODE = re.compile(
    r"\b(?:mode|results?|evaluations?|benchmarks?|performance|with|effort)\b", re.I
)


_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]")


def modes_of(titles: Iterable[str]) -> dict[str, str]:
    """Return the modes and efforts that titles say, which say nothing else, the nearest first.

    >>> modes_of(["Non-Thinking Mode"]), modes_of(["Loom 4 Thinking"])
    ({'mode': 'non-thinking'}, {})
    """
    terms: dict[str, str] = {}
    texts = [part for title in titles for part in (title, *_BRACKETS.findall(title))]
    for text in texts:
        stated = label(" ".join(_BESIDE_MODE.sub(" ", text).split()))
        for name, value in stated.terms if stated.role == "terms" else ():
            if name in ("mode", "effort"):
                terms.setdefault(name, value)
    return terms


def _unsized(name: str) -> str:
    return _SIZED.sub(" ", name)


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a page is known to speak of before its tables are read."""

    subject: str = ""
    names: tuple[str, ...] = ()
    families: frozenset[str] = field(
        default_factory=lambda: frozenset(catalogue.grammar().families)
    )

    @classmethod
    def of(cls, subject: str, named: Iterable[str]) -> Known:
        known = cls(subject, tuple(named))
        first = [w for name in (subject, *named) for w in words(name)[:1] if len(w) > 2]
        return replace(known, families=known.families | frozenset(first))

    def is_model(self, text: str) -> bool:
        """Whether a text has the name of a model that is known here, or the shape of one."""
        if any(same_model(text, name) for name in (self.subject, *self.names) if name):
            return True
        spelled = set(words(text))
        return bool(spelled & self.families or _ID.fullmatch(text.strip()) or members(text))

    def stands_for_own(self, text: str) -> bool:
        """Whether a label is only a value's, a size, or a release of the page's own model."""
        plain = _without_value(text)
        return bool(self.subject) and (
            not plain
            or (not _BRACKETS.search(plain) and bool(modes_of((plain,))))
            or is_metric(plain)
            or bool(_SIZE.fullmatch(plain) or _RELEASE.fullmatch(plain))
        )


def _without_value(text: str) -> str:
    """Return a label without the words that say that values stand under it."""
    return " ".join(word for word in text.split() if role_of(word) != "value")


@dataclass(frozen=True, slots=True)
class Scored:
    """The model of a line of scores, the conditions its labels state; or why it has none."""

    name: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    refused: str = ""
    another: bool = False
    """Whether it is a model of which this page is not the word."""


OTHERS = Scored(another=True)


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis that names models: all its labels, and what the page says around the table."""

    known: Known
    labels: tuple[AxisLabel, ...]
    edition: str = ""
    """The edition that the nearest title says."""
    editions: frozenset[str] = frozenset()
    """All that titles of the page say."""
    everyone: bool = False
    """Whether the page's word holds for every model that it names."""

    @property
    def told(self) -> bool:
        """Whether names alone tell the models apart, without the sizes that stand beside them."""
        named = [tuple(line.texts("", "model")) for line in self.labels]
        return len(set(named)) == len(named) and all(named)

    def models(self) -> list[Scored]:
        """Return the model of each label."""
        read = [self._pieces(line) for line in self.labels]
        texts = [text for text, _, _ in read]
        return [
            Scored(refused=refused) if refused else self._told(self._scored(text, terms, texts))
            for text, terms, refused in read
        ]

    def _told(self, scored: Scored) -> Scored:
        """Refuse a name without an edition where titles of the page speak of several."""
        several = len(self.editions) > 1 and not self.edition
        if several and scored.name and not edition_within(scored.name):
            return Scored(refused=f"which edition of {scored.name} it is cannot be told")
        return scored

    def _pieces(self, line: AxisLabel) -> tuple[str, dict[str, str], str]:
        """Return a label's name, its terms, and why it cannot be read."""
        terms: dict[str, str] = {}
        named: list[str] = []
        for part in line.parts:
            if part.role == "?" and part.text:
                return "", {}, f"a text that may be a condition: {part.text[:60]!r}"
            if part.text and part.role not in _SILENT and not (part.role == "size" and self.told):
                _take_part(part, named, terms)
        if len(named) > 1 and self._is_title(named[0], named[-1]):
            named = named[1:]
        return " ".join(named), terms, ""

    def _is_title(self, upper: str, lower: str) -> bool:
        """Whether the upper of two texts is a title over whole names, and divides none."""
        lasts = [line.parts[-1].text for line in self.labels if line.parts]
        return (
            self.known.is_model(lower)
            and not self.known.stands_for_own(lower)
            and not self.known.is_model(upper)
            and lasts.count(lower) == 1
        )

    def _scored(self, text: str, terms: dict[str, str], texts: Sequence[str]) -> Scored:
        plain = _without_value(text)
        if self.known.subject:
            own = self._own(plain, terms, texts)
            if not (own.another and self.everyone):
                return own
        elif not self.everyone and not self._is_member(plain):
            return OTHERS
        if not (self.known.is_model(plain) or _NUMBERED.search(plain)):
            return Scored(refused=f"no name of a model that is known here: {text[:60]!r}")
        return self._named(plain, terms)

    def _is_member(self, text: str) -> bool:
        """Whether a label names a member of the family that a table of the page lists."""
        return any(same_model(text, name) for name in self.known.names)

    def _named(self, text: str, terms: dict[str, str]) -> Scored:
        """Return the model of a label by its own words, with the edition of the title over it."""
        text, condition = _conditioned(text)
        terms |= condition
        try:
            (name,) = names(text)
        except ValueError as error:
            return Scored(refused=str(error) or "several models in one label")
        return _as_scored(name, self._of_edition(name.text), terms)

    def _of_edition(self, name: str) -> str:
        """Return a name with the edition of the title that it stands under, if it says none."""
        if self.edition == "instruct" and not edition_within(name):
            return f"{name} {_EDITIONS['instruct']}"
        return name

    def _own(self, text: str, terms: dict[str, str], texts: Sequence[str]) -> Scored:
        """Return the page's own model if a label names it, else that it is another's."""
        if not text or is_metric(text):
            more = {"metric": text.strip("() ")} if text else {}
            return Scored(self._of_page(), tuple(sorted({**more, **terms}.items())))
        if _SIZE.fullmatch(text):
            return self._of_size(text, terms)
        if _RELEASE.fullmatch(text):
            return self._of_release(text, terms)
        text, condition = _conditioned(text)
        terms |= condition
        try:
            stated = names(text)
        except ValueError:
            bare = re.sub(r"\s*\([^()]*\)$", "", text)
            own = same_model(bare, self.known.subject)
            return Scored(refused=f"what stands beside the name: {text[:60]!r}") if own else OTHERS
        return self._if_own(stated[0], terms, texts) if len(stated) == 1 else OTHERS

    def _if_own(self, name: Name, terms: dict[str, str], texts: Sequence[str]) -> Scored:
        """Return the page's model, a member of its family, or a lone column's kin, as named."""
        subject = self.known.subject
        if _of_another_maker(name.text, subject):
            return OTHERS
        if same_model(name.text, subject):
            return self._edition_of_own(name, terms, texts)
        member = not members(subject) and _core(_unsized(name.text)) == _core(subject)
        kin = len(texts) == 1 and words(name.text)[:1] == words(subject)[:1]
        if not (member or kin):
            return OTHERS
        return _as_scored(name, self._of_edition(name.text), terms)

    def _of_page(self) -> str:
        """Return the page's model in the edition that the title over the table says."""
        subject = self.known.subject
        if self.edition == "instruct" and not edition_within(subject) and "base" in self.editions:
            return f"{subject} {_EDITIONS['instruct']}"
        return subject

    def _edition_of_own(self, name: Name, terms: dict[str, str], texts: Sequence[str]) -> Scored:
        """Return the page's model, or its other edition where the label or a title says so."""
        subject = self.known.subject
        own, printed = edition_within(subject), edition_within(name.text)
        if self._is_other(own, printed):
            return _as_scored(name, self._of_edition(name.text), terms)
        exact = any(set(words(text)) == set(words(subject)) for text in texts)
        if exact and printed != own and set(words(name.text)) != set(words(subject)):
            return _as_scored(name, name.text, terms) if printed else OTHERS
        return _as_scored(name, subject if printed else self._of_page(), terms)

    def _is_other(self, own: str, printed: str) -> bool:
        """Whether an edition that a label, or the title over it, says is not the page's own."""
        if not own:
            return printed == "base"
        return (printed or self.edition or own) != own

    def _of_size(self, size: str, terms: dict[str, str]) -> Scored:
        """Return the member of a family of a size; another's where the page is of one size."""
        subject = self.known.subject
        own = members(subject)
        plain = size.replace(" ", "")
        if plain.lower() in (own or words(subject)):
            return Scored(self._of_page(), tuple(sorted(terms.items())))
        if own:
            return OTHERS
        return Scored(self._of_edition(f"{subject} {plain}"), tuple(sorted(terms.items())))

    def _of_release(self, release: str, terms: dict[str, str]) -> Scored:
        """Return the page's model at a release; another's where its own name says another."""
        subject = self.known.subject
        if release.lower().lstrip("v") in subject.lower():
            return Scored(self._of_page(), tuple(sorted(terms.items())))
        if any(_RELEASE.fullmatch(word) for word in re.split(r"[\s/-]", subject)):
            return OTHERS
        return Scored(self._of_page(), tuple(sorted({**terms, "release": release}.items())))


def _conditioned(text: str) -> tuple[str, dict[str, str]]:
    """Return a name without a condition of scores in brackets behind it, and that condition."""
    m = re.fullmatch(r"(.*\S)\s*\(([^()]+)\)", text)
    entry = means(m[2], "score label") if m else None
    if m is None or entry is None or entry.name not in ("tools", "cot"):
        return text, {}
    return m[1], {entry.name: m[2]}


def _as_scored(name: Name, text: str, terms: dict[str, str]) -> Scored:
    return Scored(text, tuple(sorted({**terms, **dict(name.terms)}.items())))


def _said(size: str, named: Sequence[str]) -> bool:
    folded = size.replace(" ", "").lower()
    return any(folded in members(text) for text in named)


def _take_part(part: Part, named: list[str], terms: dict[str, str]) -> None:
    """Take one part of a label into the name or the terms."""
    if part.role in ("", "model"):
        _name_piece(part.text, named, terms)
    elif part.role == "size":
        named += [] if _said(part.text, named) else [part.text]
    elif part.role == "shots":
        terms["shots"] = shots_of(part.text)[0] or part.text
    else:
        terms[part.role] = part.text


def _name_piece(text: str, named: list[str], terms: dict[str, str]) -> None:
    """Take one line of a label as a condition or as a part of the name."""
    shots, rest = shots_of(text)
    if shots and not rest:
        terms["shots"] = shots
    elif not _BRACKETS.search(text) and (modes := modes_of((text,))):
        terms |= modes
    elif named and is_metric(text):
        terms["metric"] = text.strip("() ")
    elif named and (edition := edition_of(text)):
        named.append(_EDITIONS[edition])
    else:
        named.append(text)
