"""The garbage collector waits while a page is read, and never longer."""

from __future__ import annotations

import gc

import pytest

from almanac.flows.ingest.collector import collector_paused


def test_it_goes_on_after_the_block_even_where_that_fails() -> None:
    with pytest.raises(ValueError), collector_paused():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()


def test_the_outermost_pause_ends_it() -> None:
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
