"""The sections of the founding documents, and how ours stands to each."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from almanac.schemas import safe_yaml
from docs.tools.originals import facts, ours, prices, prose
from docs.tools.originals.pair import Pair
from docs.tools.originals.registry import READERS, RULES

HERE = Path(__file__).parent / "sections.yaml"
KINDS = ("same", "corrected", "more")
USED = (facts, ours, prices, prose)
"""What gives the registry its functions: loaded, so that sections can name them."""
T = TypeVar("T")


class Unexplained(ValueError):
    """Ours differs from an original in a way that nothing explains."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A function that a section names, with what the section gives it."""

    function: Callable[..., T]
    arguments: tuple[Any, ...] = ()

    def __call__(self, pair: Pair) -> T:
        return self.function(pair, *self.arguments)


@dataclass(frozen=True, slots=True)
class Reading:
    """A way in which ours may stand to the original: `same`, `corrected` or `more`.

    With it is why, and what must be true of ours for that: all of `rules`.
    """

    kind: str
    why: str
    rules: tuple[Call[bool], ...]

    def holds(self, pair: Pair) -> bool:
        return all(rule(pair) for rule in self.rules)

    @property
    def text(self) -> str:
        return f"{self.kind}: {self.why}" if self.why else self.kind


@dataclass(frozen=True, slots=True)
class OriginalSection:
    """A section: what the original prints, and how ours reads it.

    Ours may stand to it in several ways; the first that holds counts.
    """

    section: str
    original: str
    ours: Call[str]
    readings: tuple[Reading, ...]
    open: str = ""
    """A fault of ours that is known: none of the readings holds on real pages at large, and why."""
    open_here: bool = False
    """Whether none holds on the recorded pages either."""


@dataclass(frozen=True, slots=True)
class FoundingDocument:
    """A founding document: a comparison of two models, section by section."""

    tag: str
    title: str
    models: tuple[str, str]
    rows: tuple[OriginalSection, ...]


def load(path: Path = HERE) -> tuple[FoundingDocument, ...]:
    """Return the documents that a file describes.

    Raises ValueError for a section that names a function there is not, gives one what it does not
    take, has no reading or an unknown kind of one; TypeError for an unknown key.
    """
    return tuple(
        FoundingDocument(
            d["tag"], d["title"], tuple(d["models"]), tuple(_row(**s) for s in d["sections"])
        )
        for d in safe_yaml.load(path.read_text(encoding="utf-8"))
    )


def _row(*, ours: Any, readings: list[dict[str, Any]], **texts: Any) -> OriginalSection:
    if not readings:
        raise ValueError(f"{texts['section']}: no reading, so that no verdict could fail")
    return OriginalSection(
        ours=_call(ours, READERS), readings=tuple(_reading(**r) for r in readings), **texts
    )


def _reading(*, kind: str, holds: Any, why: str = "") -> Reading:
    """Return a reading; `holds` is one rule, or a list of rules that must all be true."""
    if kind not in KINDS or not holds:
        raise ValueError(f"{kind}: no kind of reading, or nothing that it rests on")
    rules = holds if isinstance(holds, list) else [holds]
    return Reading(kind, why, tuple(_call(name, RULES) for name in rules))


def _call(named: str | dict[str, Any], functions: Mapping[str, Callable[..., T]]) -> Call[T]:
    """Return the call of a function by its name, or by `{name: arguments}`."""
    if isinstance(named, str):
        name, arguments = named, []
    else:
        ((name, given),) = named.items()
        arguments = given if isinstance(given, list) else [given]
    if name not in functions:
        raise ValueError(f"no function {name!r}; there are: {', '.join(sorted(functions))}")
    try:
        inspect.signature(functions[name]).bind(None, *arguments)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    return Call(functions[name], tuple(arguments))


def verdict(row: OriginalSection, pair: Pair) -> str:
    """Return how ours stands to the original, and why.

    Raises Unexplained where none of the row's readings holds.
    """
    for reading in row.readings:
        if reading.holds(pair):
            return reading.text
    raise Unexplained(
        f"{row.section}: ours prints {row.ours(pair)!r}, the original {row.original!r},"
        " and it is neither " + " nor ".join(r.text for r in row.readings)
    )


DOCUMENTS = load()
