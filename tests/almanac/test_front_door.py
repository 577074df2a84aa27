"""What programs import from `almanac`: named, documented, and loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import almanac
from almanac import comparisons, warehouse


def test_every_name_is_there_and_no_other() -> None:
    for name in almanac.__all__:
        room = comparisons if name in comparisons.__all__ else warehouse
        assert getattr(almanac, name) is getattr(room, name)
        assert getattr(almanac, name).__doc__, f"{name} does not say what it is"
    assert {*comparisons.__all__, *warehouse.__all__} == set(almanac.__all__)
    assert set(almanac.__all__) <= set(dir(almanac))
    with pytest.raises(AttributeError, match="module 'almanac' has no attribute 'pryce'"):
        almanac.pryce  # noqa: B018  the look-up is the test


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = (
        "import sys, almanac\n"
        "ours = lambda: sum(name.startswith('almanac.') for name in sys.modules)\n"
        "before = ours(); almanac.open; middle = ours(); almanac.price\n"
        "print(before, middle > 0, 'almanac.comparisons' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "True", "True"]
