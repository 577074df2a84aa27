"""The lanes that tests run in: all of them, those ahead of time, the fast ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
KINDS = ("deployed", "browser", "dask", "postgres", "measured")
"""Markers of what a test runs on, which not every machine has, or of what it measures."""
LEFT_OUT_AHEAD = {
    "deployed": (
        "flows/test_deployed.py",
        "project/test_wheel.py::test_up_and_a_run_of_its_worker",
    ),
    "browser": ("comparisons/test_browser.py",),
    "dask": (
        "flows/test_dask_partitions.py::test_two_workers_make_the_release_one_core_makes",
        "project/test_wheel.py::test_workers_of_dask_run_our_code",
    ),
    "measured": (
        "spiders/test_hostile_patterns.py",
        "spiders/test_hostile_pieces.py",
        "spiders/test_hostile_pumped.py",
    ),
}
"""What `make test-ahead` leaves out, by its marker: whole files, or single tests.

What runs on PostgreSQL is known by its fixture.
"""
LEFT_OUT_QUICK = {
    "apart": (
        "flows/test_git_safety.py",
        "flows/test_kill.py",
        "comparisons/test_server_safety.py",
        "project/test_ahead.py",
        "spiders/test_crawl_secret.py",
        "spiders/test_fuzz.py",
        "spiders/test_hostile.py",
        "spiders/test_hostile_page.py",
    ),
    "large": (
        "project/test_shared.py",
        "comparisons/test_shapes.py::test_litellms_cost_functions_bill_as_we_do",
        "docs/test_originals.py::test_a_section_reads_as_it_should_on_real_pages_at_large",
    ),
}
"""What `make test-ahead QUICK=1` leaves out besides, by its marker."""
SLOW = frozenset(Path(__file__).with_name("slow.txt").read_text(encoding="utf-8").split())
"""Files that `make test-fast` does not even load.

They run programs, servers, crawls, Prefect or Dask, or try many inputs: over five seconds each.
"""


def place_of(path: Path) -> str:
    """Return a test's file as it is named here."""
    return os.path.relpath(path, TESTS).replace(os.sep, "/")


def kinds_of(item: pytest.Item) -> set[str]:
    """Return the markers that say what a test runs on."""
    file, function = place_of(item.path), getattr(item, "originalname", item.name)
    kinds = {
        kind
        for kind, places in (LEFT_OUT_AHEAD | LEFT_OUT_QUICK).items()
        if file in places or f"{file}::{function}" in places
    }
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    fixtures = getattr(item, "fixturenames", ())
    if "postgres" in fixtures or parameters.get("database") == "postgresql":
        kinds.add("postgres")
    return kinds
