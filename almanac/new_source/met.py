"""What was met on a page: each head, key and labelled line, what it is taken for, what not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from almanac.new_source.meaning import of_claims, of_label
from almanac.schemas.claim import Claim
from almanac.schemas.quantity import is_missing
from almanac.spiders.base import Reading
from almanac.spiders.document.blocks import Grid, Line
from almanac.spiders.document.reader import document
from almanac.spiders.page import Page
from almanac.spiders.parsers.html import parsed
from almanac.spiders.reading.columns import Column, columns_of
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.grid import oriented
from almanac.spiders.reading.ledger import LedgerEntry, Outcome
from almanac.spiders.reading.page import markup_of, prepared

State = Literal["read", "refused", "ignored", "unknown"]
_CELL = re.compile(r"(?P<block>.+?) (?:row \d+|head)(?: column (?P<head>.*))?", re.S)
LINES = "Lines"
OBJECTS = "Objects"
SAMPLES = 3


@dataclass(slots=True)
class MetLabel:
    """A head, a key or the label of a line: what it is taken for, and some of its cells."""

    text: str
    meaning: str
    state: State
    samples: tuple[str, ...] = ()
    cells: int = 0
    """How many of its cells are refused, or stay unread."""
    reason: str = ""
    """Why the first of these is."""


@dataclass(slots=True)
class MetPlace:
    """A table, the lines of a page, its objects or an answer's keys, with the labels there."""

    title: str
    labels: list[MetLabel] = field(default_factory=list)


def place_of(locator: str) -> tuple[str, str]:
    """Return (block, label) of a locator.

    >>> place_of("table 2 row 3 column Input"), place_of("line 7 /0/pricing/in"), place_of("line 7")
    (('table 2', 'Input'), ('Objects', '*/pricing/in'), ('Lines', ''))
    """
    if m := _CELL.fullmatch(locator):
        return m["block"], m["head"] or ""
    if " /" in locator:
        path = locator.split(" /", 1)[1]
        return OBJECTS, "/".join("*" if part.isdigit() else part for part in path.split("/"))
    return LINES, ""


@dataclass(slots=True)
class _Outcomes:
    """What became of the cells under one label."""

    claims: list[Claim] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        printed = [c.printed for c in self.claims] + [e.text for e in self.entries]
        return list(dict.fromkeys(" ".join(text.split()) for text in printed))

    def ended(self, *outcomes: Outcome) -> list[LedgerEntry]:
        return [e for e in self.entries if e.outcome in outcomes]


def _outcomes(page: Page, reading: Reading) -> dict[str, dict[str, _Outcomes]]:
    """Return what became of a page's cells, by block and label."""
    outcomes: dict[str, dict[str, _Outcomes]] = defaultdict(lambda: defaultdict(_Outcomes))
    for claim in reading.claims:
        block, label = place_of(claim.locator)
        outcomes[block][label].claims.append(claim)
    for entry in page.ledger.entries:
        block, label = place_of(entry.locator)
        if entry.outcome is not Outcome.claimed:
            outcomes[block][label].entries.append(entry)
    return outcomes


def met_on(page: Page, reading: Reading, declared: Declared) -> list[MetPlace]:
    """Return what was met on a document that was read."""
    outcomes = _outcomes(page, reading)
    again = Page(page.source, page.url, page.body, page.fetched_at)
    content = document(markup_of(again), parsed)
    context, blocks = prepared(again, declared, content)
    grids = [b for b in blocks if isinstance(b, Grid)]
    places = _alike([_of_grid(context, grid, outcomes.pop(grid.locator, {})) for grid in grids])
    if objects := outcomes.pop(OBJECTS, None):
        places.append(MetPlace(OBJECTS, [_of_outcomes(path, o) for path, o in objects.items()]))
    rest = [o for labels in outcomes.values() for o in labels.values()]
    places.append(MetPlace(LINES, _of_lines(content.lines(), rest)))
    return [place for place in places if place.labels]


def _of_grid(context: Context, grid: Grid, outcomes: dict[str, _Outcomes]) -> MetPlace:
    """Return the labels of a grid: of its columns, or of the columns it has when it is turned."""
    title = " ".join(grid.place.headings[0].split()) if grid.place.headings else ""
    place = MetPlace(f"{grid.locator}: {title}" if title else grid.locator)
    scored = any(c.subject == "evaluation" for o in outcomes.values() for c in o.claims)
    laid_out = None if scored else oriented(context, grid)
    shown, columns = laid_out or (grid, columns_of(grid, context.declared))
    for column in columns:
        head = " ".join(column.head.split())
        cells = [row[column.index].text for row in shown.rows]
        met = _of_column(column, cells, outcomes.pop(head, _Outcomes()))
        place.labels.append(met)
    place.labels += [_of_outcomes(label or "(row)", o) for label, o in outcomes.items()]
    return place


def _of_column(column: Column, cells: Sequence[str], outcomes: _Outcomes) -> MetLabel:
    met = _of_outcomes(" ".join(column.head.split()) or "(no head)", outcomes)
    met.samples = tuple(dict.fromkeys(" ".join(c.split()) for c in cells if not is_missing(c)))
    met.samples = met.samples[:SAMPLES]
    if not outcomes.claims:
        met.meaning = of_label(column.label)
        is_unknown = column.label.role == "" and bool(met.samples)
        met.state = "unknown" if is_unknown else "refused" if met.cells else "read"
        met.state = "ignored" if column.label.role == "prose" else met.state
    return met


def _of_outcomes(label: str, outcomes: _Outcomes) -> MetLabel:
    """Return what was met under a label, as its outcomes tell it."""
    lost = outcomes.ended(Outcome.refused, Outcome.left)
    met = MetLabel(label, of_claims(outcomes.claims), "read", tuple(outcomes.texts[:SAMPLES]))
    met.cells, met.reason = len(lost), next((e.reason for e in lost if e.reason), "")
    if not outcomes.claims:
        left = outcomes.ended(Outcome.left)
        met.state = "unknown" if left else "refused" if lost else "ignored"
        met.meaning = "" if lost else _rule(outcomes)
    return met


def _rule(outcomes: _Outcomes) -> str:
    rules = dict.fromkeys(e.reason for e in outcomes.ended(Outcome.ignored) if e.reason)
    return f"not of interest: {'; '.join(rules)}" if rules else "states no figure"


def _of_lines(lines: Iterator[Line], outcomes: Sequence[_Outcomes]) -> list[MetLabel]:
    """Return the labels of lines; lines of one label together."""
    texts: dict[str, str] = {}
    for line in lines:
        texts.setdefault(line.locator, line.text)
    by_label: dict[str, _Outcomes] = defaultdict(_Outcomes)
    for outcome in outcomes:
        for claim in outcome.claims:
            by_label[_label_of(texts.get(claim.locator, ""), claim.field)].claims.append(claim)
        for entry in outcome.entries:
            if entry.outcome is not Outcome.unread:
                label = entry.label or _label_of(texts.get(entry.locator, ""), entry.text)
                by_label[label].entries.append(entry)
    return [_of_outcomes(label, o) for label, o in by_label.items()]


def _label_of(text: str, otherwise: str) -> str:
    """Return the words before a line's colon."""
    label = re.split(r"[:：]", text, maxsplit=1)[0]
    return " ".join(label.split()) if label != text and len(label) <= 60 else otherwise[:60]


def _alike(places: Sequence[MetPlace]) -> list[MetPlace]:
    """Return places, those with the same labels taken for the same as one."""
    groups: dict[tuple[tuple[str, str, str], ...], list[MetPlace]] = defaultdict(list)
    for place in places:
        groups[tuple((m.text, m.meaning, m.state) for m in place.labels)].append(place)
    merged = []
    for first, *others in groups.values():
        for label, *same in zip(first.labels, *(other.labels for other in others), strict=True):
            label.cells += sum(met.cells for met in same)
        more = f" (and {len(others)} more with the same heads)" if others else ""
        merged.append(MetPlace(first.title + more, first.labels))
    return merged
