"""Under which model each table stands: a heading that names one, and the ids in code below it."""

from __future__ import annotations

from collections.abc import Sequence

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Grid, Line
from almanac.spiders.reading.model_section import ModelSection
from almanac.spiders.reading.subject import is_name


def sections_of(blocks: Sequence[Block]) -> dict[str, ModelSection]:
    """Return, by its locator, the section of each grid that stands in one."""
    sections: dict[str, ModelSection] = {}
    above: list[ModelSection] = []
    for block in paced(blocks):
        if isinstance(block, Grid):
            if section := _of_grid(block, above):
                sections[block.locator] = section
        elif isinstance(block, Line) and block.kind == "heading":
            above = [section for section in above if section.level < block.level]
            above.append(ModelSection(block.text.strip(), block.level))
        elif isinstance(block, Line) and above:
            above[-1].takes(block)
    return sections


def _of_grid(grid: Grid, above: Sequence[ModelSection]) -> ModelSection | None:
    """Return the section that a grid belongs to: of those above it the nearest of a model."""
    for section in above:
        section.open = False
    own = next((s for s in reversed(above) if s.ids or is_name(s.title)), None)
    if own is not None:
        own.grids.append(grid.locator)
    return own
