"""Pages of one thing over and over take as long as they are."""

from __future__ import annotations

import pytest

from almanac.spiders import base
from tests.support.hostile import bounded

PUMPED = """
from almanac.spiders import base
from tests.support.pumped import slow
from tests.support.recorded import RECORDED

body = next(b for b in RECORDED if b.parent.parent.name == {name!r})
print(*slow(base.source({name!r}), body), sep="\\n")
"""


@pytest.mark.parametrize("source", base.names())
def test_no_source_takes_long_over_a_page_of_one_thing_over_and_over(source: str) -> None:
    """Alone, after a real page, and in the middle of one, four times as long as another."""
    assert not bounded(PUMPED.format(name=source), seconds=300).strip()
