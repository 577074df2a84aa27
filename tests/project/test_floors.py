"""The floors: no import points up, none runs in a circle, and what is light stays light."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

import pytest

from tests.support.imports import ROOMS, ROOT, circles, graph, modules

MODULES = modules()
ARROWS = graph(MODULES)
FLOORS = {
    "almanac.schemas": set(),
    "almanac.spiders": {"almanac.schemas"},
    "almanac.warehouse": {"almanac.schemas"},
    "almanac.flows": {"almanac.schemas", "almanac.spiders", "almanac.warehouse"},
    "almanac.comparisons": {"almanac.schemas", "almanac.warehouse"},
}
"""What each room may import beside itself; what is in `almanac/` itself may import all of them."""
_LOWEST = ("truth_discovery", "harvest", "validation", "entity_resolution", "normalise")
_MIDDLE = ("reconciliation", "ingest")
STOREYS = {
    **{room: set() for room in _LOWEST},
    **{room: set(_LOWEST) for room in _MIDDLE},
    "pipeline": {*_LOWEST, *_MIDDLE},
    "orchestration": {*_LOWEST, *_MIDDLE, "pipeline"},
}
"""The same for the rooms within `flows/`."""
FRAMEWORKS = {
    "prefect",
    "prefect_dask",
    "scrapy",
    "twisted",
    "pandas",
    "great_expectations",
    "dask",
    "distributed",
}
HEAVY = FRAMEWORKS | {
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "fastapi",
    "jinja2",
    "numpy",
    "pyarrow",
}
ORCHESTRATION = "almanac.flows.orchestration."
LIGHT_THERE = ("deployments", "environment")
"""Modules of orchestration that start Prefect's programs and load nothing of it."""
BEHIND_THE_QUERY = (
    "almanac.comparisons.web",
    "almanac.comparisons.pages.",
    "almanac.comparisons.shapes",
    "almanac.new_source",
    "almanac.recorded",
    "almanac.__main__",
)
"""Beginnings of modules that no question loads: the server, the pages, exports, recorded pages."""


def room_of(module: str) -> str:
    """Return the room a module stands in; `almanac` for the command line."""
    head = ".".join(module.split(".")[:2])
    return head if head in FLOORS else "almanac"


def storey_of(module: str) -> str:
    """Return the room within `flows/` that a module stands in, if it does."""
    parts = module.split(".")
    return parts[2] if parts[1:2] == ["flows"] and len(parts) > 2 else ""


def loaded_by(names: Iterable[str]) -> set[str]:
    """Return all that is loaded once these modules are."""
    code = (
        f"import sys, importlib\nfor name in {list(names)!r}: importlib.import_module(name)\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def tops(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_every_room_is_held_to_the_order() -> None:
    rooms = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "docs"}
    assert rooms == set(ROOMS) and len(MODULES) > 200
    assert {storey_of(m) for m in MODULES} - {""} == STOREYS.keys()


def test_no_import_points_up() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in ARROWS.items()
        for other in sorted(others)
        if room_of(module) != "almanac"
        and room_of(other) not in FLOORS[room_of(module)] | {room_of(module)}
    ]
    assert not wrong


def test_no_import_within_flows_points_up() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in ARROWS.items()
        for other in sorted(others)
        if (here := storey_of(module)) and (there := storey_of(other))
        if there not in STOREYS[here] | {here}
    ]
    assert not wrong


def test_no_import_runs_in_a_circle() -> None:
    assert circles(ARROWS) == []


def test_a_circle_would_be_found() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}
    assert circles(arrows) == [["a", "b", "c"]]


def test_a_query_imports_nothing_heavy() -> None:
    asked = [
        m
        for m in MODULES
        if room_of(m) in ("almanac", "almanac.comparisons") and not m.startswith(BEHIND_THE_QUERY)
    ]
    needed = {"almanac.cli", "almanac.commands.query", "almanac.comparisons.pricing.quotes"}
    assert len(asked) > 30 and needed <= set(asked)
    loaded = loaded_by([*asked, "almanac.warehouse"])
    assert needed <= loaded
    assert sorted(tops(loaded) & HEAVY) == []


def test_only_orchestration_knows_what_orders_the_stages() -> None:
    plain = [m for m in MODULES if room_of(m) == "almanac.flows"]
    heavy = [m for m in plain if m.startswith(ORCHESTRATION) and not m.endswith(LIGHT_THERE)]
    loaded = loaded_by(m for m in plain if m not in heavy)
    assert len(plain) > 40 and heavy and "almanac.flows.pipeline.pipeline" in loaded
    assert sorted(tops(loaded) & FRAMEWORKS) == []
    for module in heavy:
        assert tops(loaded_by([module])) & FRAMEWORKS, f"{module} loads no framework any more"


@pytest.mark.parametrize("module", ["almanac", "almanac.warehouse", "almanac.comparisons"])
def test_what_programs_import_is_light(module: str) -> None:
    assert sorted(tops(loaded_by([module])) & HEAVY) == []
