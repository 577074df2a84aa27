"""Tabs without markup: a run of n short lines before n grids of the same head names them."""

from __future__ import annotations

from dataclasses import replace

from almanac.spiders.document.blocks import UNTOLD, Block, Grid, Line, Place

_LONGEST = 40
"""Characters of the label of a tab."""


def with_tab_lines(blocks: list[Block]) -> list[Block]:
    """Return blocks in which each of n grids that follow n short lines stands under one of them.

    The grids have one head and no tabs yet; lines between them belong to none. With another count
    of two or more short lines, none can be label.
    """
    result = list(blocks)
    at = 0
    while at < len(result):
        end, grids = _run(result, at)
        if len(grids) > 1:
            labels = _labels(result, grids[0])
            for i, place in enumerate(grids):
                grid = result[place]
                if isinstance(grid, Grid) and labels:
                    label = labels[i] if len(labels) == len(grids) else UNTOLD
                    result[place] = replace(grid, place=_under(grid.place, label))
        at = max(end, at + 1)
    return result


def _under(place: Place, label: str) -> Place:
    return replace(place, tabs=(label, *place.tabs))


def _run(blocks: list[Block], start: int) -> tuple[int, list[int]]:
    """Return the grids of one head that follow each other directly, and where they end."""
    grids: list[int] = []
    at = start
    while at < len(blocks):
        block = blocks[at]
        if not isinstance(block, Grid) or block.place.tabs:
            break
        first = blocks[grids[0]] if grids else None
        if isinstance(first, Grid) and first.heads() != block.heads():
            break
        grids.append(at)
        at += 1
    return at, grids


def _labels(blocks: list[Block], first: int) -> list[str]:
    """Return the short lines right before a grid, in order, if they are two or more."""
    labels: list[str] = []
    for block in reversed(blocks[:first]):
        short = isinstance(block, Line) and block.kind in ("text", "item", "code")
        if (
            not short
            or not isinstance(block, Line)
            or len(block.text) > _LONGEST
            or _ends(block.text)
        ):
            break
        labels.insert(0, block.text)
    return labels if len(labels) > 1 else []


def _ends(text: str) -> bool:
    return text.rstrip().endswith((".", ":", "。", "：", "?"))
