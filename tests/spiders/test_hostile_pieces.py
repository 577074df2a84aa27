"""Pages of pieces of their own over and over take as long as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from almanac.schemas.claim import Claim
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.support import pieces, pumped
from tests.support.hostile import bounded


def test_no_source_takes_time_with_the_square_of_a_page_made_of_its_own_pieces() -> None:
    """A table, a card, a row over and over.

    A reader that looks through the page for each of them is found here.
    """
    work = "from tests.support.pieces import all_grown; print(*all_grown(2), sep='\\n', flush=True)"
    assert not bounded(work, seconds=600).strip()


class Forgetful(base.Source):
    """Looks at all lines for every eighth line.

    So does a reader that looks for a table's title from its beginning.
    """

    name = "perplexity_pricing"

    def read(self, page: Page) -> Iterator[Claim]:
        lines = page.text.splitlines()
        for line in lines[::8]:
            sum(1 for other in lines if other == line)
        yield from page.say("context_window", "128K", model="sonar", locator="line 1")


def test_a_reader_that_looks_through_the_page_for_every_line_is_found(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text("| a | b |\n" * 40, encoding="utf-8")
    body.with_name("capture.json").write_text(
        json.dumps({"url": "https://example.org"}), encoding="utf-8"
    )
    assert list(pieces.grown(Forgetful(), body, 1))
    assert any(pumped.slow(Forgetful(), body, ("\n",)))
    assert not list(pieces.grown(base.source("perplexity_pricing"), body, 1))
