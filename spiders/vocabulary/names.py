"""The name in a cell or heading, and what stands beside it: notices, dates, tiers, ids, sizes.

What is in brackets at the end of a name is taken off and placed; what cannot be placed refuses the
name, for it may say on what its figures depend.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from almanac.schemas.dates import read_date
from almanac.schemas.quantity import short
from almanac.spiders.vocabulary.lengths import cut
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import Kind, fold, scan

LONGEST_NAME = 120
"""Characters of a model's name: the longest real one has 76."""


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name, bare, with the conditions under which its figures hold."""

    text: str
    terms: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()
    """Stages and marks printed beside it, folded."""
    alias: str = ""
    """An id printed in brackets behind it."""
    effective_from: date | None = None
    retires: str = ""
    """The day on which it is said to go, ISO."""
    version: str = ""
    """The dated version for which it is said to stand."""


@dataclass
class _Draft:
    text: str
    terms: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    alias: str = ""
    effective_from: date | None = None
    retires: str = ""
    version: str = ""


_LEADING = re.compile(r"^(?:[^\w(\[（【.~@]|_(?=\W))+\s*")
_TRAILING = re.compile(r"[\s*†‡^,;:·•→|]+$")
_BRACKET = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]*)[)）\]】]\s*$")
_DASHED = re.compile(r"\s+[-–—:|·]\s+([^-–—|·]+)$")
_UNTIL = re.compile(
    r"\b(?:through|until|till|valid through|ends?|up to)\s+(.+)$|^(.+?)\s*(?:前|之前|为止|截止)$",
    re.I,
)
_FROM = re.compile(
    r"\b(?:starting|from|effective|as of|since|beginning)\s+(?:on\s+)?(.+)$|^(.+?)\s*(?:起|开始)$",
    re.I,
)
_RETIRES = re.compile(
    r"(?:retire[sd]?|shut ?down|sunset|deprecated|discontinued|end of life)"
    r"\s*(?:on|from|:)?\s*(.+)$"
    r"|^(.+?)\s*(?:下线|停用|停止服务)$",
    re.I,
)
_NOTICES: frozenset[Kind] = frozenset(("notice", "filler"))
_TERMS: frozenset[Kind] = frozenset(("term", "filler", "notice"))
_BARE_TERMS = frozenset(
    ("fast", "batch", "flex", "priority", "thinking", "reasoning", "latest", "free")
)
"""Words that within a name, unbracketed, are the name itself."""
_SIZE = re.compile(r"\d+(?:\.\d+)?\s*[bm]|\d+bx\d+e|a\d+(?:\.\d+)?b|\d+x\d+b", re.I)
_LENGTH = re.compile(r"\d+\s*[km](?: context| tokens)?", re.I)
_QUANTISED = re.compile(r"(?:mx|nv)?(?:fp|bf|int|q|w)\d+\w*|awq|gptq|bnb", re.I)
_EDITION = re.compile(
    r"(?:base|instruct(?:ion[- ]tuned)?|chat|it|pt|pretrained|distill(?:ed)?|vision|text|code"
    r"|dense|moe|v?\d[\d.]*|\d{2,8})",
    re.I,
)
_STANDS_FOR = re.compile(
    r"(?:currently |当前)?(?:points? to|alias (?:of|for)|(?:is )?equivalent to|resolves to"
    r"|(?:能力)?等同于|指向)[:：]?\s*([a-z][\w.:@/-]*\d{4}[\w.:@/-]*)",
    re.I,
)
"""Words under a name that say for which dated version it stands."""
_SLUG = re.compile(r"[a-z0-9][\w.:@/-]*", re.I)


def names(cell: str) -> list[Name]:
    """Return the models that a cell names, each with what is printed beside it.

    >>> [n.text for n in names("Claude Waltz 6 / 5.5")]
    ['Claude Waltz 6', 'Claude Waltz 5.5']
    >>> names("Claude Waltz 6 through March 31, 2031")[0].terms
    (('until', '2031-03-31'),)

    Raises ValueError for what is no name, and for words beside one that cannot be placed.
    """
    lines = [line.strip() for line in short(cell).splitlines() if line.strip()]
    if not lines:
        raise ValueError("no name of a model")
    marks = list(itertools.takewhile(_is_notice, lines[:-1]))
    lines = lines[len(marks) :]
    draft = _Draft(_LEADING.sub("", lines[0]), notices=[fold(mark) for mark in marks])
    _take_off(draft)
    for line in lines[1:]:
        _beside(draft, line)
    stated = [_checked(text) for text in _several(draft.text)]
    return [
        Name(
            text,
            tuple(sorted(draft.terms.items())),
            tuple(draft.notices),
            draft.alias if len(stated) == 1 else "",
            draft.effective_from,
            draft.retires,
            draft.version if len(stated) == 1 else "",
        )
        for text in stated
    ]


def _is_notice(line: str) -> bool:
    words = list(scan(fold(line), frozenset(("notice",))))
    return bool(words) and all(w.entries for w in words)


def _take_off(draft: _Draft) -> None:
    """Take off and place what stands behind a name, from its end on."""
    while True:
        draft.text = _TRAILING.sub("", draft.text).strip()
        if m := _BRACKET.search(draft.text):
            whole, draft.text = draft.text, draft.text[: m.start()]
            if m[1].strip() and _is_part(m[1].strip()):
                draft.text = whole
                return
            if m[1].strip():
                _place(draft, m[1].strip())
        elif (
            (m := _DASHED.search(draft.text)) and _placed(draft, m[1].strip(), bracketed=True)
        ) or (m := _dated(draft)):
            draft.text = draft.text[: m.start()]
        elif not _last_notice(draft):
            return


def _dated(draft: _Draft) -> re.Match[str] | None:
    for pattern in (_UNTIL, _FROM):
        if (m := pattern.search(draft.text)) and m.start() and _on_a_day(draft, m[0].strip()):
            return m
    return None


_LAST = re.compile(r"(?:^|\s+)(NEW|New!?|HOT)$|(?:(?<=[A-Za-z0-9.])|\s)([\u4e00-\u9fff]+)$")
_VIA = re.compile(r"\s+via\s+[\w/.-]+$")


def _last_notice(draft: _Draft) -> bool:
    """Whether the last word is a mark that no name ends with (`NEW`, 推荐, a path), taken off."""
    if m := _VIA.search(draft.text):
        draft.text = draft.text[: m.start()]
        return True
    m = _LAST.search(draft.text)
    if not m or not m.start() or not (m[1] or _as_terms(draft, m[2])):
        return False
    draft.text = draft.text[: m.start()]
    if m[1]:
        draft.notices.append(m[1].lower())
    return True


def _place(draft: _Draft, inner: str) -> None:
    if not _placed(draft, inner, bracketed=True):
        raise ValueError(f"words after a name that this reader cannot place: {inner[:80]!r}")


def _placed(draft: _Draft, inner: str, bracketed: bool) -> bool:
    """Whether words beside a name are placed: as a day, terms, a size, an edition, an id."""
    return (
        _on_a_day(draft, inner)
        or _as_terms(draft, inner)
        or _as_region(draft, inner)
        or (bracketed and _as_part(draft, inner))
    )


def _on_a_day(draft: _Draft, text: str) -> bool:
    for pattern, kind in ((_UNTIL, "until"), (_FROM, "from"), (_RETIRES, "retires")):
        m = pattern.search(text)
        day = _day(m[1] or m[2]) if m else None
        if m and day:
            _dated_by(draft, kind, day, before="前" in text)
            return True
    if day := _day(text):
        draft.notices.append(day)
        return True
    return False


def _dated_by(draft: _Draft, kind: str, day: str, before: bool) -> None:
    if kind == "retires":
        draft.retires = day
    elif len(day) < 10:
        raise ValueError(f"a validity that names no day: {day}")
    elif kind == "from":
        draft.effective_from = date.fromisoformat(day)
    else:
        last = date.fromisoformat(day) - timedelta(days=before)
        draft.terms["until"] = last.isoformat()


def _day(text: str) -> str:
    """Return the date that a whole text prints, as ISO as precise as printed; nothing for none."""
    try:
        day = read_date(text.strip(" .,;")) if re.search(r"\d{4}", text) else None
    except ValueError:
        return ""
    return day.value if day and day.is_whole else ""


def _as_terms(draft: _Draft, inner: str) -> bool:
    """Whether words are conditions, lengths and notices, and nothing else."""
    folded = fold(inner)
    try:
        lengths, rest = cut(folded)
    except ValueError:
        return False
    words = list(scan(re.sub(r"\b(?:w/|with|mode|pricing|price)(?!\w)", " ", rest), _TERMS))
    if any(not w.entries for w in words) or not (words or lengths):
        return False
    for word in words:
        if term := word.get("term"):
            if term.value:
                draft.terms[term.name] = term.value
        elif word.get("notice"):
            draft.notices.append(word.text)
    for length in lengths:
        draft.terms |= length.terms
    return True


def _as_region(draft: _Draft, inner: str) -> bool:
    if region := region_of(inner):
        draft.terms["region"] = region
        return True
    return False


def _is_part(word: str) -> bool:
    """Whether bracketed words belong to the name itself: a size, an edition, a length."""
    own = _SIZE.fullmatch(word) or _EDITION.fullmatch(word) or _LENGTH.fullmatch(word)
    return bool(own) and not re.fullmatch(r"\d+bx\d+e", word, re.I)


def _as_part(draft: _Draft, inner: str) -> bool:
    """Whether bracketed words are a format, a number of experts, or an id of the same model."""
    word = inner.strip()
    if _QUANTISED.fullmatch(word):
        draft.terms["quantisation"] = word.lower()
    elif re.fullmatch(r"\d+bx\d+e", word, re.I):
        draft.notices.append(word.lower())
    elif _SLUG.fullmatch(word) and _kin(word, draft.text):
        draft.alias = word
    else:
        return False
    return True


def _kin(slug: str, name: str) -> bool:
    """Whether an id is of the model named beside it: they share a word of letters."""
    return bool(
        set(re.findall(r"[a-z]{2,}", slug.lower())) & set(re.findall(r"[a-z]{2,}", name.lower()))
    )


def _beside(draft: _Draft, line: str) -> None:
    """Place a further line of the cell: conditions and dates; an id; prose changes nothing."""
    inner = line.strip("()（）[]【】 *•-")
    if m := _STANDS_FOR.fullmatch(inner):
        draft.version = m[1]
        return
    if len(inner) > 60 or _placed(draft, inner, bracketed=False):
        return
    if _SLUG.fullmatch(inner) and re.search(r"\d", inner) and _kin(inner, draft.text):
        draft.alias = inner


_JOINT = re.compile(r"\s+/\s+|\s*[、，]\s*|,\s+(?:and\s+)?|\s+(?:and|&|or)\s+")


def _several(text: str) -> list[str]:
    """Return the names that one text joins; what follows the first may be its last word alone."""
    parts = [part.strip() for part in _JOINT.split(text) if part.strip()]
    if len(parts) < 2:
        return [text]
    first = parts[0]
    stem = re.sub(r"\s*\S+$", "", first)
    if all(re.fullmatch(r"v?\d[\w.]*", part) for part in parts[1:]) and stem:
        return [first, *(f"{stem} {part}" for part in parts[1:])]
    if all(re.search(r"\d", part) and re.search(r"[A-Za-z]{2}", part) for part in parts):
        return parts
    return [text]


def _checked(text: str) -> str:
    name = " ".join(text.split())
    if (
        not re.search(r"[^\W\d_]", name)
        or re.search(r"[$€¥£]\s*\d|^\d[\d.,]*\s*元?$", name)
        or len(name) > LONGEST_NAME
    ):
        raise ValueError(f"no name of a model: {text[:80]!r}")
    return name
