"""Recorded pages in another layout: what is read of them is what the recorded layout says."""

from __future__ import annotations

import pytest

from almanac.spiders import base
from tests.blind.measure import Score, compare, documents, heads, rewritten
from tests.blind.rewrites import REWRITES, Rewrite

MOVED = [b for b in documents() if base.source(b.parent.parent.name).declared is not None]
"""Pages that the one reader of documents reads."""


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__)
def test_another_layout_says_the_same_or_is_refused(rewrite: Rewrite) -> None:
    score, words = Score(), heads()
    for body in MOVED:
        if text := rewritten(body, rewrite, 1, words):
            compare(body, text, score)
    assert score.pages, "a rewrite that changes no page measures nothing"
    assert score.precision >= 0.98, score.examples[:20]
    assert score.recall >= 0.85, score.examples[:20]


def test_a_reader_that_moves_a_value_would_be_found() -> None:
    body = next(b for b in MOVED if b.parent.parent.name == "perplexity_pricing")
    text = body.read_text(encoding="utf-8")
    score = Score()
    compare(body, text.replace("$3", "$4"), score)
    assert score.wrong and score.precision < 1
