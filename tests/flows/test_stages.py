"""What a stage declares is what a runner does."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest

from almanac.flows.pipeline import stages
from almanac.flows.pipeline.pipeline import Plain
from almanac.flows.pipeline.stages import Stage

FLOWS = Path(stages.__file__).parents[1]
DECLARED = [s for s in vars(stages).values() if isinstance(s, Stage)]


def test_items_are_at_work_side_by_side_as_many_as_declared() -> None:
    together = threading.Barrier(3, timeout=60)

    def meet(item: int) -> int:
        together.wait()
        return item

    assert Plain().each(Stage("meet", meet, parallel=3), [1, 2, 3]) == [1, 2, 3]


def test_items_run_in_order_where_nothing_else_is_declared() -> None:
    begun: list[int] = []

    def take(item: int, limit: int) -> int:
        begun.append(item)
        if item > limit:
            raise ValueError(f"{item} is too much")
        return item

    done = Plain().each(Stage("take", take), [3, 1, 2], 2)
    assert begun == [3, 1, 2] and done[1:] == [1, 2] and str(done[0]) == "3 is too much"


def test_what_is_live_is_tried_again_and_only_the_publisher_is_alone() -> None:
    assert len(DECLARED) >= 9
    assert [s for s in DECLARED if s.retries] == [stages.CRAWL]
    assert [s for s in DECLARED if s.exclusive] == [stages.PUBLISH]
    assert stages.CRAWL.run is stages.HARVEST.run and stages.CRAWL.name == stages.HARVEST.name


@pytest.mark.parametrize("path", sorted(FLOWS.rglob("*.py")), ids=lambda p: p.stem)
def test_no_runner_asks_which_stage_it_is_given(path: Path) -> None:
    """A runner goes by what is declared: it compares no stage, and no function of one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            sides = [ast.unparse(s) for s in (node.left, *node.comparators)]
            assert not [s for s in sides if s in ("step", "stage")], f"line {node.lineno}"
