"""Any permutation of captures, and any split of them into runs, gives the same.

The same are the spells and the figures.
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.ingest.page_captures import ingest
from almanac.flows.reconciliation import draft
from almanac.spiders.archive.warc import Archive
from almanac.warehouse.write.store import Store

DAYS = 6
NAMES = (
    "gpt-4o-mini",
    "gpt-4o",
    "gpt-4.1",
    "gpt-4.1-mini",
    "o3",
    "o4-mini",
    "gpt-4-turbo",
    "gpt-4",
    "gpt-3.5-turbo",
    "o1",
    "o1-mini",
    "gpt-5",
)
PAGE = "https://example.org/prices.json"


def page(prices: dict[str, int]) -> bytes:
    """LiteLLM's price map with these prices.

    Where there are none it is no map at all, which is a page that fails.
    """
    return (
        json.dumps(
            {
                n: {"litellm_provider": "openai", "input_cost_per_token": p / 1e6}
                for n, p in prices.items()
            }
        ).encode()
        if prices
        else b"<html>busy</html>"
    )


def warehouse_of(
    runs: list[list[tuple[int, dict[str, int]]]], home: Path
) -> tuple[list[Any], list[Any], list[Any]]:
    """Return what there is after some runs, each of some days' captures.

    That is (spells by what is claimed, figures, looks).
    """
    store = Store(f"sqlite:///{home / 'warehouse.db'}")
    for run in runs:
        with Archive(home / "captures") as archive:
            captures = [
                archive.add("litellm", PAGE, page(prices), datetime(2026, 1, 1 + day, tzinfo=UTC))
                for day, prices in run
            ]
            ingest("litellm", captures, archive, store, Linker([]))
    figures = [
        {k: v for k, v in f.items() if k not in ("support", "dissent")}
        for f in draft.build(store).figures
    ]
    with store.engine.connect() as c:
        spells = c.execute(
            text(
                "SELECT c.model_said, c.printed, c.capture, s.first_look, s.last_look FROM claim c"
                " JOIN spell s ON s.claim_id = c.id ORDER BY 1, 2, 4"
            )
        ).all()
        looks = c.execute(
            text("SELECT fetched_at, again, good, failed, digest FROM look ORDER BY 1")
        ).all()
    store.close()
    return [tuple(s) for s in spells], figures, [tuple(k) for k in looks]


# Often the same prices, sometimes none (the page fails), sometimes few (the page has collapsed and
# is not believed).
LOOK = st.one_of(
    st.just(dict.fromkeys(NAMES, 3)),
    st.just({}),
    st.just({"o3": 3, "o1": 3}),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), min_size=9, max_size=len(NAMES)),
)


FULL, FEW = dict.fromkeys(NAMES, 3), {"o3": 3, "o1": 3}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(LOOK, min_size=DAYS, max_size=DAYS),
    st.permutations(range(DAYS)),
    st.integers(1, DAYS - 1),
)
# What had collapsed is known only when an earlier look comes.
@example([FULL, FULL, FEW, {}, FULL, FEW], [4, 5, 1, 2, 0, 3], 2)
@example([FEW, FULL, {}, FULL, FEW, FEW], [5, 4, 3, 2, 1, 0], 3)
def test_any_order_and_any_split_into_runs_gives_the_same_warehouse(
    looks: list[dict[str, int]], order: list[int], cut: int
) -> None:
    days = list(enumerate(looks))
    mixed = [days[i] for i in order]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        expected = warehouse_of([days], Path(one))
        assert warehouse_of([mixed[:cut], mixed[cut:]], Path(other)) == expected


def test_a_look_that_finds_nothing_new_costs_no_row(tmp_path: Path) -> None:
    same = dict.fromkeys(NAMES, 3)
    spells, _, looks = warehouse_of([[(day, same)] for day in range(5)], tmp_path)
    assert len(looks) == 1 and looks[0][1].count(" ") == 3
    assert len(spells) == len(NAMES)
