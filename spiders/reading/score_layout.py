"""How a table of scores is laid out: lines of labels on both its axes, and the figures between.

Nothing here says yet which axis names models: a table and the same table turned give the same
labels, the axes exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from almanac.schemas.quantity import is_missing
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.vocabulary.benchmarks import is_metric
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.words import means

SCORE = re.compile(r"[~≈]?\s*-?\d+(?:[.,]\d+)?\s*%?\s*[*†‡]*")
_FIGURE = re.compile(r"[~≈]?\s*-?\d")
_ROLES = frozenset(
    ("model", "provider", "benchmark", "metric", "shots", "setting", "language", "group", "value")
)
_SPANNING = frozenset(("group", "model", "provider"))
"""Roles of labels that stand once for several lines."""
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
        """Return which part of the cells that say something begin with a figure."""
        shown = [c.text for row in self.cells for c in row if not is_missing(c.text)]
        return sum(bool(_FIGURE.match(text)) for text in shown) / len(shown) if shown else 0.0


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
        self.lines, self.width, self.deep = lines, len(lines[0]), deep
        self._sort_rows()
        self._sort_columns()

    def _sort_rows(self) -> None:
        below = range(self.deep, len(self.lines))
        self.heads = [*range(self.deep), *(i for i in below if self._is_head_row(i))]
        rest = [i for i in below if i not in self.heads]
        self.groups = {i: title for i in rest if (title := self._group_row(i))}
        self.body = [i for i in rest if i not in self.groups]

    def _sort_columns(self) -> None:
        beside = range(1, self.width)
        self.titles = {j: title for j in beside if (title := self._group_column(j))}
        columns = [j for j in beside if j not in self.titles]
        self.stubs = [0, *(j for j in columns if self._is_stub(j))]
        self.data = [j for j in columns if j not in self.stubs]

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
        roles = {j: self._role_of_stub(j) for j in self.stubs}

        def continues(j: int, own: Mapping[int, str]) -> bool:
            """Whether a blank continues the label above: a group's, or of what others divide."""
            divided = (j == 0 or roles[j] == "benchmark") and any(own[k] for k in own if k > j)
            return divided or roles[j] in _SPANNING

        lines = {i: {j: self._text(i, j) for j in self.stubs} for i in self.body}
        return _labelled(lines, self.groups, roles, continues)

    def _columns(self) -> tuple[AxisLabel, ...]:
        roles = {i: self._role_of_head(i) for i in self.heads}

        def continues(i: int, own: Mapping[int, str]) -> bool:
            """Whether a blank in a line of heads is under the last text to its left."""
            divided = roles[i] == "benchmark" and any(own[k] for k in own if k > i)
            return divided or i < self.deep - 1 or roles[i] in _SPANNING

        lines = {j: {i: self._text(i, j) for i in self.heads} for j in self.data}
        return _labelled(lines, self.titles, roles, continues)

    def _role_of_stub(self, j: int) -> str:
        """Return what a column of labels is by its head; a corner is no head of the first."""
        if j == 0:
            return ""
        if role := role_of(self._head(j)):
            return role
        sizes = _are_sizes([self._text(i, j) for i in self.body])
        return "size" if sizes else _by_head(self._head(j))

    def _role_of_head(self, i: int) -> str:
        """Return what a line of heads is by its label; those of the table's head have none."""
        if i < self.deep:
            return ""
        if role := role_of(self._text(i, 0)):
            return role
        return "size" if _are_sizes([self._text(i, j) for j in self.data]) else "metric"


def _labelled(
    lines: Mapping[int, Mapping[int, str]],
    titles: Mapping[int, str],
    roles: Mapping[int, str],
    continues: Callable[[int, Mapping[int, str]], bool],
) -> tuple[AxisLabel, ...]:
    """Return the label of each line, blanks filled from the line before where they continue it."""
    result: list[AxisLabel] = []
    above: dict[int, str] = {}
    group = ""
    for n in sorted({*lines, *titles}):
        if n in titles:
            group, above = titles[n], {}
            continue
        own = lines[n]
        filled = [
            Part(text or (above.get(k, "") if continues(k, own) else ""), roles[k])
            for k, text in own.items()
        ]
        above |= {k: text for k, text in own.items() if text}
        result.append(AxisLabel(_once(filled), group))
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
    if not head:
        return ""
    return "prose" if label(head).role == "prose" else "?"


def _is_silent(shown: Sequence[str]) -> bool:
    """Whether cells say one and the same of all rows, such as that a model has no scores."""
    return len(set(shown)) == 1 and len(shown) > 1 and len(shown[0].split()) > 1
