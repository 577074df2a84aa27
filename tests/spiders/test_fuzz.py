"""Recorded pages, damaged a thousand ways.

A reader refuses or reads, never raises, and believes no moved cell.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.damage import (
    Recorded,
    cell_dropped,
    cells_swapped,
    columns_swapped,
    damages,
    rows,
)
from tests.support.recorded import RECORDED

SMALL = [b for b in RECORDED if b.stat().st_size < 40_000]
WITH_TABLES = [b for b in RECORDED if len(rows(b.read_text(encoding="utf-8"))) > 1]


def name(body: Path) -> str:
    return "/".join(body.parts[-3:-1])


@pytest.mark.parametrize("body", SMALL, ids=name)
def test_no_damage_makes_a_reader_raise(body: Path) -> None:
    rng, page = random.Random(name(body)), Recorded(body)
    for _ in range(40):
        reading = page.read(rng.choice(damages(page.text))(page.text, rng))
        assert reading.claims or reading.refusals


@pytest.mark.parametrize("body", WITH_TABLES, ids=name)
def test_no_cell_that_moved_is_believed(body: Path) -> None:
    """Dropped cells are seen by the reader.

    Of swapped ones some are seen only by the line, which knows the last look.
    """
    rng, page = random.Random(name(body)), Recorded(body)
    for _ in range(25):
        assert not page.slipped(page.read(cell_dropped(page.text, rng)))
        for damage in (cells_swapped, columns_swapped):
            reading = page.read(damage(page.text, rng))
            assert not page.slipped(reading) or page.held(reading) or not page.moved(reading), (
                page.slipped(reading)
            )
