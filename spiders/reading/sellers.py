"""Whose the prices of each model are, where lines below its name say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Grid, Line
from almanac.spiders.reading.declared import Declared

_PAIR = re.compile(r"([^:]{2,60}): (.{1,80})")


def sellers_of(blocks: Sequence[Block], declared: Declared) -> dict[str, str]:
    """Return the provider that a labelled line below the name of a model says, by the model.

    Nothing of a model below whose name two are said.
    """
    named = {text for b in blocks if isinstance(b, Grid) for text in _labels(b)}
    sellers: dict[str, set[str]] = {}
    model = ""
    for line in paced(blocks):
        if not isinstance(line, Line) or line.kind == "heading":
            model = ""
        elif line.text in named:
            model = line.text
        elif seller := _seller(line, declared):
            sellers.setdefault(model, set()).add(seller)
            model = ""
    return {name: given.pop() for name, given in sellers.items() if name and len(given) == 1}


def _seller(line: Line, declared: Declared) -> str:
    """Return the provider that a labelled line names; nothing for another line."""
    m = _PAIR.fullmatch(line.text)
    return m[2].strip() if m and declared.label(m[1]).is_role("provider") else ""


def _labels(grid: Grid) -> set[str]:
    """Return the texts that may name a grid's models: its heads, the first cells of its rows."""
    return {*grid.heads()[1:], *(row[0].text for row in grid.rows)} - {""}
