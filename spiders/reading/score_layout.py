"""How a table of scores is laid out: lines of labels on both its axes, and the figures between.

Nothing here says yet which axis names models: a table and the same table turned give the same
labels, the axes exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from almanac.schemas.quantity import is_missing
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.vocabulary.benchmarks import is_metric
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.words import means

SCORE = re.compile(r"[~≈]?\s*-?\d+(?:[.,]\d+)?\s*%?\s*[*†‡]*")
_ROLES = frozenset(
    ("model", "provider", "benchmark", "metric", "shots", "setting", "language", "group", "value")
)
_COUNTED = frozenset(("shots", "size", "release"))
"""Roles whose cells may be figures."""


@dataclass(frozen=True, slots=True)
class Part:
    """A text that labels a line of a table; `role` is what its own head says that it is."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class AxisLabel:
    """All that labels one row or column, the outermost first."""

    parts: tuple[Part, ...]
    group: str = ""
    """The title under which it stands in the table."""

    def texts(self, *roles: str) -> list[str]:
        return [part.text for part in self.parts if part.role in roles and part.text]


@dataclass(frozen=True, slots=True)
class Layout:
    """Labels of rows and columns, and the cell of each pair."""

    rows: tuple[AxisLabel, ...]
    columns: tuple[AxisLabel, ...]
    cells: tuple[tuple[Cell, ...], ...]
    corner: str = ""
    """The role of the first head, which may be of either axis."""

    def turned(self) -> Layout:
        """Return the same table with its axes exchanged."""
        return Layout(self.columns, self.rows, tuple(zip(*self.cells, strict=True)), self.corner)

    def share(self) -> float:
        """Return which part of the cells that say something are figures of scores."""
        shown = [c.text for row in self.cells for c in row if not is_missing(c.text)]
        return sum(is_score(text) for text in shown) / len(shown) if shown else 0.0


def is_score(text: str) -> bool:
    return bool(SCORE.fullmatch(text.strip()))


def role_of(text: str) -> str:
    """Return what a head says that its cells are in a table of scores; nothing for no such head.

    >>> role_of("# Shots"), role_of("Release"), role_of("Loom 8B")
    ('shots', 'release', '')
    """
    if entry := means(text, "score label"):
        return entry.name
    stated = label(text)
    name = "model" if stated.name == "id" else stated.name
    return name if stated.role == "role" and name in _ROLES else ""


def layout_of(grid: Grid) -> Layout | None:
    """Return how a grid is laid out as a table of scores; None for one that is too small."""
    lines = [*grid.head, *grid.rows]
    deep = max(1, len(grid.head))
    if len(lines) <= deep or grid.width < 2:
        return None
    return _Plan(lines, deep).layout()


class _Plan:
    """Which lines of a table are labels, which titles of groups, which figures."""

    def __init__(self, lines: Sequence[Sequence[Cell]], deep: int) -> None:
        self.lines, self.width = lines, len(lines[0])
        self.heads = [*range(deep)]
        self.groups: dict[int, str] = {}
        for i in range(deep, len(lines)):
            if self._is_head_row(i):
                self.heads.append(i)
            elif title := self._group_row(i):
                self.groups[i] = title
        self.body = [
            i for i in range(deep, len(lines)) if i not in self.groups and i not in self.heads
        ]
        self.titles = {j: text for j in range(1, self.width) if (text := self._group_column(j))}
        self.stubs = [
            j for j in range(self.width) if j == 0 or (j not in self.titles and self._is_stub(j))
        ]
        self.data = [j for j in range(self.width) if j not in self.stubs and j not in self.titles]
        self.deep = deep

    def layout(self) -> Layout | None:
        if not self.body or not self.data:
            return None
        cells = tuple(tuple(self.lines[i][j] for j in self.data) for i in self.body)
        return Layout(self._rows(), self._columns(), cells, role_of(self._text(0, 0)))

    def _text(self, i: int, j: int) -> str:
        text = self.lines[i][j].text.strip()
        return re.sub(r"\s*\n\s*", " ", re.sub(r"\n(?=-)", "", text))

    def _head(self, j: int) -> str:
        return " ".join(dict.fromkeys(self._text(i, j) for i in self.heads if self._text(i, j)))

    def _is_head_row(self, i: int) -> bool:
        """Whether a row says what the columns are: shots, metrics, a second line of names."""
        shown = [t for j in range(1, self.width) if not is_missing(t := self._text(i, j))]
        if not shown:
            return False
        first = self._text(i, 0)
        if first.startswith("(") or not first:
            return all(is_metric(text) for text in shown) or _are_sizes(shown)
        return _fits(role_of(first), shown)

    def _group_row(self, i: int) -> str:
        """Return the title that a row is for those below it: one text alone, or over all."""
        shown = [self._text(i, j) for j in range(self.width) if self._text(i, j)]
        alone = len(set(shown)) == 1 and not is_score(shown[0])
        whole = (len(shown) == 1 and bool(self._text(i, 0))) or len(shown) == self.width
        return shown[0] if alone and whole else ""

    def _group_column(self, j: int) -> str:
        """Return the title that a column without cells is for those after it."""
        empty = not any(self._text(i, j) for i in self.body)
        same = {self._text(i, j) for i in self.body} == {self._head(j)} and len(self.body) > 1
        return self._head(j) if self._head(j) and (empty or same) else ""

    def _is_stub(self, j: int) -> bool:
        """Whether a column labels rows: by its head, or by words where others have figures."""
        shown = [t for i in self.body if not is_missing(t := self._text(i, j))]
        if _fits(role_of(self._head(j)), shown) or _are_sizes(shown):
            return True
        words = [text for text in shown if not re.match(r"[~≈<>±+-]?\s*\d", text)]
        return bool(shown) and len(words) == len(shown) and not _is_silent(shown)

    def _rows(self) -> tuple[AxisLabel, ...]:
        roles = {j: role_of(self._head(j)) if j else "" for j in self.stubs}
        for j in (j for j in self.stubs if j and not roles[j]):
            sizes = _are_sizes([self._text(i, j) for i in self.body])
            roles[j] = "size" if sizes else _by_head(self._head(j))
        above: dict[int, str] = {}
        result, group = [], ""
        for i in range(self.deep, len(self.lines)):
            if i in self.groups:
                group, above = self.groups[i], {}
            elif i in self.body:
                own = {j: self._text(i, j) for j in self.stubs}
                continued = {
                    j for j, text in own.items() if not text and self._continues(j, roles[j], own)
                }
                above |= {j: text for j, text in own.items() if text}
                texts = {j: above.get(j, "") if j in continued else own[j] for j in self.stubs}
                parts = tuple(Part(texts[j], roles[j]) for j in self.stubs)
                result.append(AxisLabel(parts, group))
        return tuple(result)

    def _continues(self, j: int, role: str, own: dict[int, str]) -> bool:
        """Whether a blank label continues the one above: a group's, or the first's."""
        return role in ("group", "model", "provider") or (
            j == 0 and any(text for k, text in own.items() if k)
        )

    def _columns(self) -> tuple[AxisLabel, ...]:
        roles = {i: role_of(self._text(i, 0)) if i >= self.deep else "" for i in self.heads}
        for i in (i for i in self.heads if i >= self.deep and not roles[i]):
            sizes = _are_sizes([self._text(i, j) for j in self.data])
            roles[i] = "size" if sizes else "metric"
        result = []
        group = ""
        left: dict[int, str] = {}
        for j in range(1, self.width):
            if j in self.titles:
                group = self.titles[j]
            if j not in self.data:
                continue
            texts = {i: self._text(i, j) for i in self.heads}
            for i, text in texts.items():
                # A blank in an upper line of heads is under the last text to its left.
                if text:
                    left[i] = text
                elif i in left and (i < self.deep - 1 or roles[i] in ("group", "model")):
                    texts[i] = left[i]
            parts = _once([Part(texts[i], roles[i]) for i in self.heads])
            result.append(AxisLabel(parts, group))
        return tuple(result)


def _once(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return parts in which a text that spans several lines of heads stands once, as the last."""
    later = [part.text for part in parts]
    return tuple(
        replace(part, text="") if part.text in later[n + 1 :] and not part.role else part
        for n, part in enumerate(parts)
    )


def _fits(role: str, shown: Sequence[str]) -> bool:
    """Whether cells can be what a head says that they are."""
    if not role or role == "value":
        return False
    figures = sum(is_score(text) for text in shown)
    return role in _COUNTED or figures * 2 < len(shown) or not shown


def _are_sizes(shown: Sequence[str]) -> bool:
    """Whether all cells are sizes of models."""
    return bool(shown) and all(re.fullmatch(r"\d+(?:\.\d+)?\s?[BbMm]", text) for text in shown)


def _by_head(head: str) -> str:
    """Return the role of a column of words that no head of a table of scores names."""
    return "prose" if label(head).role == "prose" else "?"


def _is_silent(shown: Sequence[str]) -> bool:
    """Whether cells say one and the same of all rows, such as that a model has no scores."""
    return len(set(shown)) == 1 and len(shown) > 1 and len(shown[0].split()) > 1
