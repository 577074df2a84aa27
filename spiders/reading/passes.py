"""Evaluations that count passes of prompts, and text in which empty cells were lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from almanac.schemas.terms import Terms
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid, Line
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.names import Name

_PASSES = re.compile(r"\d+(?:\.\d+)?%\s*\((?P<passes>\d+)/(?P<total>\d+)\)")
_RELEASED = r"{}(?:,| is| was)? released on (?P<day>[A-Z][a-z]+ \d{{1,2}}, \d{{4}})"
SHIFTED = (
    "an empty cell was lost, so the rest may have moved left: whose figure this is cannot be told"
)


def read_passes(
    context: Context, models: Sequence[Name], task: str, text: str, locator: str
) -> bool:
    """Claim passes and prompts of a task, as in `73.3% (11/15)`. False for another text."""
    m = _PASSES.fullmatch(text.strip())
    if not m or not context.declared.evaluations:
        return False
    if not re.search(r"[a-z]", task.lower()):
        context.refuse(
            "no name of a task; cells may have changed places",
            text,
            locator,
            models[0].text,
            "passes",
        )
        return True
    suite, reporter = context.declared.evaluations
    terms = Terms.of(benchmark=f"{suite}: {task.lower()}", reporter=reporter)
    for model in models:
        for name in ("passes", "total"):
            context.say(
                name,
                int(m[name]),
                model=model.text,
                printed=text,
                locator=locator,
                subject="evaluation",
                terms=terms,
            )
    return True


def without_shifted(context: Context, grid: Grid) -> Grid:
    """Return a grid of text without the rows in which an empty cell may have moved the rest."""
    if not context.declared.loses_blanks or context.page.text.lstrip()[:1] == "<":
        return grid
    kept: list[tuple[Cell, ...]] = []
    for row in grid.rows:
        shown = [cell for cell in row[1:] if cell.text.strip()]
        if len(shown) == len(row) - 1:
            kept.append(row)
        elif shown:
            printed = " | ".join(cell.text for cell in row)
            context.refuse(SHIFTED, printed, grid.where(row[0]), head=row[0].text)
    return replace(grid, rows=tuple(kept))


def read_releases(context: Context, lines: Sequence[Line]) -> None:
    """Claim the days on which sentences that begin with a model of the page say it was released."""
    for line in paced(lines):
        if not context.declared.evaluations or len(line.text) > 2_000:
            continue
        for name in context.names:
            if m := re.match(_RELEASED.format(re.escape(name)), line.text):
                at = line.locator
                context.say("release_date", m["day"], printed=m[0], locator=at, model=name)
