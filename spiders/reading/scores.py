"""Tables of scores to claims: which axis names models is told from both, or nothing is read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from almanac.schemas.quantity import is_missing
from almanac.schemas.terms import Terms
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.score_layout import AxisLabel, Layout, Part, is_score, layout_of
from almanac.spiders.reading.score_models import Axis, Known, Scored, modes_of
from almanac.spiders.vocabulary.benchmarks import (
    Benchmark,
    benchmark_of,
    edition_of,
    is_aside,
    is_metric,
    is_part,
    names_benchmark,
    shots_of,
    titles_scores,
    unmarked,
)
from almanac.spiders.vocabulary.words import means

UNTOLD = "which axis of a table of scores names the models cannot be told"
_OF_BENCHMARK = ("benchmark", "", "group", "metric")
"""Roles of labels that may name a benchmark, the surest first."""
_ON_BENCHMARKS = frozenset(("benchmark", "metric", "shots", "language", "group", "split"))
_ON_MODELS = frozenset(("model", "provider", "size", "release", "variant"))
_LEAST = 0.4
"""How much more speaks for one way of reading than for the other, in shares of labels."""


def read_scores(context: Context, grid: Grid) -> bool:
    """Read a grid of scores. False for a grid of another kind.

    Models may stand on either axis. Both axes are held against the benchmarks and the models that
    are known; where not one way of reading clearly wins, the whole grid is refused.
    """
    if not context.declared.scores:
        return False
    layout = layout_of(grid)
    if layout is None or layout.share() < 0.6:
        return False
    known = Known.of(context.subject, context.members or context.names)
    way = _way(layout, known, grid)
    if way is None:
        return False
    if not way:
        for row in layout.cells:
            _refuse(context, grid, [c for c in row if is_score(c.text)], UNTOLD)
        return True
    _ScoreReading(context, grid, layout if way == "down" else layout.turned(), known).read()
    return True


def _way(layout: Layout, known: Known, grid: Grid) -> str | None:
    """Return where benchmarks stand: down or across; nothing if untold, None for no scores."""
    down = _benchmarks(layout.rows) + _models(layout.columns, known)
    across = _benchmarks(layout.columns) + _models(layout.rows, known)
    named = max(_named(layout.rows), _named(layout.columns))
    titled = any(titles_scores(t) or names_benchmark(t) for t in grid.place.headings[:2])
    if not named and not (titled and max(down, across) > 0):
        return None
    if not named and not any(not is_aside(_texts(label)) for label in layout.rows):
        return None
    if abs(down - across) < _LEAST:
        modelled = max(_models(layout.rows, known), _models(layout.columns, known))
        return "" if modelled >= _LEAST else None
    return "down" if down > across else "across"


def _texts(label: AxisLabel) -> str:
    return " ".join(label.texts(*_OF_BENCHMARK))


def _named(labels: Sequence[AxisLabel]) -> float:
    """Return which part of labels name a benchmark that is known."""
    own = [any(names_benchmark(t) for t in label.texts(*_OF_BENCHMARK)) for label in labels]
    return sum(own) / len(own) if own else 0.0


def _benchmarks(labels: Sequence[AxisLabel]) -> float:
    """Return how much says that labels are benchmarks: their names, heads that are no corner."""
    roles = {part.role for label in labels for part in label.parts[1:]}
    return _named(labels) + 0.5 * bool(roles & _ON_BENCHMARKS)


def _models(labels: Sequence[AxisLabel], known: Known) -> float:
    """Return how much says that labels are models."""
    roles = {part.role for label in labels for part in label.parts[1:]}
    own = [
        any(known.is_model(t) or known.stands_for_own(t) for t in label.texts("", "model"))
        for label in labels
    ]
    share = sum(own) / len(own) if own else 0.0
    return share + 0.5 * bool(roles & _ON_MODELS)


def _refuse(context: Context, grid: Grid, cells: Sequence[Cell], reason: str) -> None:
    for cell in cells:
        context.refuse(reason, cell.text, grid.where(cell), "", "score")


@dataclass
class _Line:
    """A benchmark's line: its name and terms, or why it is not read."""

    name: str = ""
    terms: dict[str, str] = field(default_factory=dict)
    aside: bool = False
    refused: str = ""


class _ScoreReading:
    """One table with benchmarks down and models across."""

    def __init__(self, context: Context, grid: Grid, layout: Layout, known: Known) -> None:
        self.context, self.grid, self.layout = context, grid, layout
        self.reporter = {"reporter": "card"} if context.declared.is_card else {}
        titles = (*grid.place.tabs, *grid.place.headings)
        self.titles = titles
        self.around = modes_of(titles[:2])
        edition = next((e for t in titles if (e := edition_of(t))), "")
        everyone = context.declared.scores == "all"
        axis = Axis(known, layout.columns, edition, context.editions, everyone)
        self.models = axis.models()
        self.at = _primary(layout.rows)
        self.known_share = _named(layout.rows)
        self.beside: dict[tuple[int, str], set[str]] = defaultdict(set)
        for label in layout.rows:
            for n, part in enumerate(label.parts):
                self.beside[n, label.parts[self.at].text].add(part.text)

    def read(self) -> None:
        for label, cells in paced(list(zip(self.layout.rows, self.layout.cells, strict=True))):
            line = self._line(label)
            for model, column, cell in zip(self.models, self.layout.columns, cells, strict=True):
                self._cell(line, label, model, column, cell)

    def _line(self, label: AxisLabel) -> _Line:
        """Return the benchmark of a line of labels, and how it was measured."""
        if self.at >= len(label.parts) or not (printed := label.parts[self.at].text):
            return _Line(refused="a row that names no benchmark")
        terms = modes_of((label.group,))
        for n, part in enumerate(label.parts):
            if n == self.at or is_missing(part.text):
                continue
            fault = _out_of_place(part, printed) or _take(part.role, part.text, terms)
            fault = fault or self._divides(n, part, printed)
            if fault:
                return _Line(refused=fault)
        if is_aside(printed) and not names_benchmark(printed):
            return _Line(printed, aside=True)
        return self._of(label, printed, terms)

    def _divides(self, n: int, part: Part, printed: str) -> str:
        """Return why a text without a head is no mere group: it parts lines of one benchmark."""
        if part.role or is_metric(part.text) or len(self.beside[n, printed]) < 2:
            return ""
        return f"a text that may be a condition: {part.text[:60]!r}"

    def _of(self, label: AxisLabel, printed: str, terms: dict[str, str]) -> _Line:
        stated = benchmark_of(printed)
        if fault := _misplaced(printed, {**stated.terms, **terms}, stated):
            return _Line(refused=fault)
        terms |= stated.terms
        if names_benchmark(printed):
            return _Line(stated.name, terms)
        above = benchmark_of(self._over(label, part=is_part(printed)))
        over, terms = above.name, {**above.terms, **terms}
        if is_metric(printed):
            _take("metric", printed, terms)
            return _Line(over, terms) if over else _Line(refused="a metric of no benchmark")
        if over:
            return _Line(f"{over}: {stated.name}", terms)
        if is_part(printed) and not (_is_mean(printed) and self.known_share):
            return _Line(refused="a part of a benchmark that is not named beside it")
        return _Line(stated.name, terms)

    def _over(self, label: AxisLabel, part: bool) -> str:
        """Return the benchmark that stands over a label which names none itself."""
        others = [p.text for n, p in enumerate(label.parts) if n != self.at]
        near = next((t for t in (label.group, *others) if t and names_benchmark(t)), "")
        if near or not (part or self.known_share < 0.5):
            return near
        return next((t for t in self.titles[:2] if names_benchmark(t)), "")

    def _cell(
        self, line: _Line, label: AxisLabel, model: Scored, column: AxisLabel, cell: Cell
    ) -> None:
        at = self.grid.where(cell, " ".join(part.text for part in column.parts))
        if is_missing(cell.text) or not re.search(r"\d", cell.text):
            return
        if model.another:
            rule = "a score of another's model"
            self.context.pass_by(cell.text, at, Outcome.ignored, rule)
        elif line.aside:
            rule = "what it takes to run a model"
            self.context.pass_by(cell.text, at, Outcome.ignored, rule, line.name)
        elif reason := line.refused or model.refused:
            self.context.refuse(reason, cell.text, at, model.name, "score", _texts(label))
        elif not is_score(cell.text):
            self.context.refuse("no score", cell.text, at, model.name, "score", _texts(label))
        else:
            self._say(line, model, column, cell, at)

    def _say(self, line: _Line, model: Scored, column: AxisLabel, cell: Cell, at: str) -> None:
        terms = {**self.around, **modes_of((column.group,)), **line.terms}
        for name, value in model.terms:
            if terms.setdefault(name, value) != value:
                reason = f"two values of {name} for one score"
                self.context.refuse(reason, cell.text, at, model.name, "score")
                return
        self.context.say(
            "score",
            re.sub(r"[*†‡\s]+$", "", cell.text),
            printed=cell.text,
            locator=at,
            model=model.name,
            subject="evaluation",
            terms=Terms.of(**{**terms, "benchmark": line.name, **self.reporter}),
        )


def _primary(labels: Sequence[AxisLabel]) -> int:
    """Return which part of the labels names the benchmark: by what is known, then by its head."""
    depth = max((len(label.parts) for label in labels), default=0)

    def worth(n: int) -> tuple[float, int]:
        parts = [label.parts[n] for label in labels if n < len(label.parts)]
        role = next((part.role for part in parts), "?")
        if role not in _OF_BENCHMARK:
            return (-1.0, 0)
        share = sum(names_benchmark(part.text) for part in parts) / len(labels)
        filled = sum(bool(part.text) and not is_metric(part.text) for part in parts)
        return (
            round(share + (role == "benchmark") * 0.3, 2),
            filled * 10 - _OF_BENCHMARK.index(role),
        )

    return max(range(depth), key=worth, default=0)


def _out_of_place(part: Part, printed: str) -> str:
    """Return why a label cannot stand under its head: a metric as a group, a benchmark as one."""
    moved = part.role in ("group", "benchmark") and is_metric(part.text)
    named = part.role == "group" and names_benchmark(part.text) and not names_benchmark(printed)
    return "a label under another's head; cells may have changed places" if moved or named else ""


def _take(role: str, text: str, terms: dict[str, str]) -> str:
    """Take what a label says beside its benchmark into terms; return why it cannot be."""
    if role == "metric" or (role == "" and is_metric(text)):
        return _take_metric(text, terms)
    if role in ("", "group", "prose", "model", "provider"):
        return ""
    if role == "?":
        return f"a text that may be a condition: {text[:60]!r}"
    if role == "shots":
        return _take_shots(text, terms)
    terms["task" if role == "benchmark" else role] = text
    return ""


def _take_metric(text: str, terms: dict[str, str]) -> str:
    """Take a metric, with the shots that it states, into terms."""
    if is_score(text):
        return "no metric; cells may have changed places"
    shots, rest = shots_of(text)
    metric = unmarked(rest).strip("() ")
    terms |= {name: value for name, value in (("shots", shots), ("metric", metric)) if value}
    return ""


def _take_shots(text: str, terms: dict[str, str]) -> str:
    """Take a count of shots into terms."""
    shots, rest = shots_of(text)
    count = shots or text
    if not re.fullmatch(r"\d{1,3}(?:-\d{1,3})?(?:\W+[A-Za-z][^@]{0,20})?|few", count):
        return "no count of shots; cells may have changed places"
    terms["shots"] = f"{count} {rest}".strip() if shots else count
    return ""


def _misplaced(printed: str, terms: dict[str, str], stated: Benchmark) -> str:
    """Return why what a line of labels says cannot be, as where cells have changed places."""
    if any(terms[name] != value for name, value in stated.terms.items()):
        return "a label and a column that say it was measured in two ways"
    if is_score(printed):
        return "no name of a benchmark; cells may have changed places"
    metric = terms.get("metric", "")
    if metric and names_benchmark(metric) and not names_benchmark(printed):
        return "no metric; cells may have changed places"
    return ""


def _is_mean(text: str) -> bool:
    entry = means(text, "benchmark part")
    return bool(entry) and text.strip(". ").lower() in (
        "avg",
        "average",
        "mean",
        "overall",
        "total",
    )
