"""Write docs/originals.md over a release of the recorded pages, made for it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from almanac import warehouse
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.pipeline import Plain, line
from docs.tools.originals.page import PAGE, page


def write() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/warehouse.db"
        line(
            Order(
                datetime(2026, 11, 21, tzinfo=UTC),
                (),
                PAGE.parents[1] / "tests/captures",
                False,
                Path(folder),
                database,
            ),
            Plain(),
        )
        PAGE.write_text(page(warehouse.open(database)), encoding="utf-8")


if __name__ == "__main__":
    write()
