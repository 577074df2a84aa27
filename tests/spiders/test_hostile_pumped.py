"""Pages of one thing over and over take as long as they are."""

from __future__ import annotations

import sys
from collections import Counter
from types import ModuleType

import pytest

from almanac.spiders import base
from tests.support.hostile import bounded
from tests.support.pumped import ATOMS


def module_of(source: base.Source) -> ModuleType:
    return sys.modules[type(source).__module__]


PUMPED = """
from almanac.spiders import base
from tests.support.pumped import slow
from tests.support.recorded import RECORDED

body = next(b for b in RECORDED if b.parent.parent.name == {name!r})
print(*slow(base.source({name!r}), body, {atoms!r}), sep="\\n")
"""
SHARED = [name for name in base.names() if not hasattr(module_of(base.source(name)), "re")]
"""The sources without patterns of their own: readers they share read them.

Each is given a part of what is repeated.
"""
PARTS = 4


def repeated(source: str) -> tuple[str, ...]:
    """Return what the pages of a source's test repeat: all of it where it has own patterns."""
    return ATOMS[SHARED.index(source) % PARTS :: PARTS] if source in SHARED else ATOMS


def test_every_repetition_is_read_by_several_sources_of_the_one_reader() -> None:
    times = Counter(atom for source in SHARED for atom in repeated(source))
    assert set(times) == set(ATOMS) and min(times.values()) >= len(SHARED) // PARTS >= 5


@pytest.mark.parametrize("source", base.names())
def test_no_source_takes_long_over_a_page_of_one_thing_over_and_over(source: str) -> None:
    """Alone, after a real page, and in the middle of one, four times as long as another."""
    work = PUMPED.format(name=source, atoms=repeated(source))
    assert not bounded(work, seconds=300).strip()
