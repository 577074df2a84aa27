"""Which model a line is about: its page's, or the one whose heading, id or name stands above it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from almanac.spiders.document.blocks import Line
from almanac.spiders.parsers.row_checks import no_name
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.media import resolution_in
from almanac.spiders.vocabulary.names import names
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.tags import tagged
from almanac.spiders.vocabulary.words import fold

_ID = re.compile(r"[A-Za-z0-9@][\w.:@/-]*")
_GENERIC = frozenset(
    (
        "overview",
        "model summary",
        "model information",
        "model card",
        "introduction",
        "pricing",
        "models",
        "models and pricing",
        "model pricing",
        "details",
        "usage",
        "benchmarks",
        "evaluation",
        "limits",
        "versions",
        "snapshots",
        "endpoints",
        "rate limits",
        "modalities",
        "features",
        "capabilities",
        "key details",
        "key features",
        "about",
        "description",
        "license",
        "training",
        "intended use",
    )
)
_PHRASE = re.compile(r"[a-z'’-]+(?: [a-z'’-]+)+")
"""Words in small letters without a number, which are no name."""
_CARD = re.compile(r"^model card (?:for|of)\s+", re.I)


@dataclass
class Subject:
    """The model of a page's lines, as it is told line by line."""

    context: Context
    page: str = ""
    here: str = ""
    level: int = 0
    """The level of the heading that named the model; 0 where it was an id."""
    last: int = 0
    """The level of the last heading."""
    fixed: bool = False
    """Whether the page is of one model, named by itself."""
    by_line: bool = False
    """Whether a short line named the model: it holds until a heading as high as the last one."""
    other: bool = False
    """Whether a heading on the page of one model names another."""
    first: set[str] = field(default_factory=set)
    """The first words of the names that the page had when they were last asked for."""
    counted: int = 0

    @classmethod
    def of(cls, context: Context) -> Subject:
        """Return the subject at the top of a page: its own model, or the only id it labels."""
        own = "" if context.members else context.subject
        fixed = bool(own or context.members)
        return cls(context, page=own if fixed else context.only_id, fixed=fixed)

    def current(self, line: Line) -> str:
        """Return the model that a line is about; nothing where none is told."""
        return tagged(line.owner) or ("" if self.other else self.here or self.page)

    def heading(self, line: Line) -> None:
        """Take a heading that names a model as the subject of what follows."""
        title = _CARD.sub("", line.text.strip())
        if build := tagged(line.text):
            self._set(build, line.level)
            return
        if self.fixed:
            self._other(title, line.level)
            return
        if is_name(title):
            self._set(title, line.level)
        elif line.level <= (self.level or (self.last if self.by_line else 0)):
            self.here, self.level, self.by_line = "", 0, False
        self.last = line.level

    def _other(self, title: str, level: int) -> None:
        """Suspend the page's own model under the heading of another, until the next as high."""
        own = _letters(self.page)
        if is_name(title) and own and not _kin(own, _letters(title)):
            self.other, self.level = True, level
        elif level <= self.level:
            self.other, self.here, self.level = False, "", 0

    def leave(self) -> None:
        """Forget the model: what follows is a service beside the models."""
        if not self.fixed:
            self.here, self.level = "", 0

    def _set(self, name: str, level: int) -> None:
        self.here, self.level, self.by_line = name, level, False
        self.context.names[name] = None

    def is_id(self, line: Line) -> bool:
        """Whether a line holds an id and nothing else."""
        return line.kind == "code" and bool(_ID.fullmatch(line.text.strip()))

    def code(self, line: Line) -> bool:
        """Take an id alone on its line as the subject until the next heading of its level."""
        text = line.text.strip()
        if not _ID.fullmatch(text) or no_name(text) or label(text).role or region_of(text):
            return False
        self.context.names[text] = None
        if not self.fixed:
            self.here = text
        return True

    def pair(self, value: str, role: str) -> bool:
        """Take the value of `Model ID` or `Model` as the subject."""
        text = value.split("\n")[0].strip()
        if role == "id" and _ID.fullmatch(text) and not no_name(text):
            self.context.names[text] = None
            if not self.fixed:
                self.here = text
            return True
        return False

    def name_line(self, line: Line) -> None:
        """Take a short line of the shape of a name as the subject, where headings tell none."""
        text = line.text.strip()
        if (
            self.context.declared.name_lines
            and not self.fixed
            and not self.level
            and len(text) <= 60
            and (is_name(text) or self._of_kind(text))
        ):
            self._set(text, 0)
            self.by_line = True

    def _of_kind(self, text: str) -> bool:
        """Whether a line is an id that begins like another name of the page, as `gpt-live` does."""
        begins = re.match(r"([a-z]{3,})-[a-z]", text)
        return bool(begins and _ID.fullmatch(text) and begins[1] in self._begun())

    def _begun(self) -> set[str]:
        """Return the words that names of the page begin with: of each name it is told once."""
        for name in islice(self.context.names, self.counted, None):
            if m := re.match(r"[a-z]+", name.lower()):
                self.first.add(m[0])
        self.counted = len(self.context.names)
        return self.first


def _letters(name: str) -> set[str]:
    return set(re.findall(r"[a-z]{2,}|\d+(?:\.\d+)?", name.lower()))


def _kin(own: set[str], other: set[str]) -> bool:
    """Whether one name may be a part of the other: a title in short, or a longer one."""
    return own <= other or other <= own or bool(other - own <= _TITLE_WORDS)


_TITLE_WORDS = frozenset(
    ("model", "card", "overview", "highlights", "introduction", "series", "family", "introducing")
)


def name_models(context: Context, lines: Iterable[Line]) -> None:
    """Take the ids in code and the headings that name models as names of the page.

    On a page of one model its title is no other name for it: the page's own counts.
    """
    own = _letters(context.subject)
    for line in lines:
        text = line.text.strip()
        if own and _kin(own, _letters(text)):
            continue
        is_id = line.kind == "code" and _ID.fullmatch(text) and re.search(r"\d", text)
        if (is_id and not no_name(text)) or (line.kind == "heading" and is_name(text)):
            context.names[text] = None


def only_id(context: Context, lines: Sequence[Line]) -> str:
    """Return the id that a page prints under `Model ID`, where it prints but one."""
    ids: set[str] = set()
    for line, below in pairwise(lines):
        named, _, value = line.text.partition(":")
        if context.declared.label(named.strip()).is_role("id"):
            text = (value or below.text).strip(" *`")
            ids |= {text} if _ID.fullmatch(text) and not no_name(text) else set()
    return ids.pop() if len(ids) == 1 else ""


def may_name(text: str, declared: Declared) -> bool:
    """Whether a title may be a model's name: no label, no region, no sentence, one name."""
    title = text.strip()
    if fold(title) in _GENERIC or declared.label(title).role or region_of(title):
        return False
    if no_name(title) or len(title) > 80 or len(title.split()) > 9 or _PHRASE.fullmatch(title):
        return False
    if re.search(r"[.!?:]\s|[.!?:]$|[$€]", title):
        return False
    try:
        return len(names(title)) == 1
    except ValueError:
        return False


def is_name(text: str) -> bool:
    """Whether a heading names a model: it has a number, as names have."""
    return len(text) <= 80 and _is_name(text)


@functools.lru_cache(maxsize=16384)
def _is_name(text: str) -> bool:
    if fold(text) in _GENERIC or label(text).role or no_name(text):
        return False
    if not re.search(r"\d", text) or re.search(r"[.!?:]\s|[.!?:]$|[$€]", text):
        return False
    if resolution_in(text):
        return False
    try:
        return len(names(text)) == 1 and len(text.split()) <= 7
    except ValueError:
        return False
