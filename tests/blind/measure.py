"""Precision and recall over rewritten pages, by kind of rewrite."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from almanac.schemas.claim import Claim
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.blind.rewrites import REWRITES, Heads, Rewrite
from tests.blind.tables import Form, Html, Markdown, Table
from tests.support.recorded import RECORDED

Key = tuple[object, ...]


def heads() -> Heads:
    """Return for each head, folded, the heads that other pages have for the same."""
    groups = json.loads((Path(__file__).parent / "heads.json").read_text(encoding="utf-8"))
    return {head: tuple(h for h in group if h != head) for group in groups for head in group}


@dataclass
class Score:
    """What rewritten pages gave: claims that the page as recorded gives too, others, those gone."""

    pages: int = 0
    right: int = 0
    wrong: int = 0
    refused: int = 0
    lost: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.expected)

    @property
    def expected(self) -> int:
        return self.right + self.refused + self.lost


def documents() -> list[Path]:
    """Return the recorded pages that are HTML or Markdown."""
    return [b for b in RECORDED if b.read_bytes().lstrip()[:1] not in (b"{", b"[", b"")]


def form_of(text: str) -> Form:
    return Html() if "<table" in text and text.lstrip().startswith("<") else Markdown()


def rewritten(body: Path, rewrite: Rewrite, seed: int, words: Heads) -> str | None:
    """Return a recorded page with its tables rewritten; None where none of them can be."""
    rng = random.Random(f"{seed} {body.parent} {rewrite.__name__}")
    text = body.read_text(encoding="utf-8")
    changed: list[Table] = []

    def change(table: Table, form: Form) -> str | None:
        written = rewrite(table, form, rng, words)
        if written:
            changed.append(table)
        return written

    result = form_of(text).rewrite(text, change)
    return result if changed else None


def compare(body: Path, text: str, score: Score) -> None:
    """Count what a rewritten page gives against what the recorded one does."""
    whole, other = _read(body, body.read_text(encoding="utf-8")), _read(body, text)
    expected, got = _keys(whole.claims), _keys(other.claims)
    printed = {r.printed for r in other.refusals}
    score.pages += 1
    for key, claim in expected.items():
        if key in got:
            score.right += 1
        elif other.failed or any(claim.printed in p for p in printed if p):
            score.refused += 1
        else:
            score.lost += 1
            score.examples.append(f"lost  {body.parent.parent.name}: {_shown(claim)}")
    for key, claim in got.items():
        if key not in expected:
            score.wrong += 1
            score.examples.append(f"WRONG {body.parent.parent.name}: {_shown(claim)}")


def measured(seeds: Iterable[int], only: str = "") -> Iterator[tuple[str, Score]]:
    """Yield the score of each kind of rewrite over all documents and seeds."""
    words, bodies = heads(), documents()
    for rewrite in REWRITES:
        score = Score()
        for seed in seeds:
            for body in bodies:
                if only and only != body.parent.parent.name:
                    continue
                if text := rewritten(body, rewrite, seed, words):
                    compare(body, text, score)
        yield rewrite.__name__, score


def _read(body: Path, text: str) -> base.Reading:
    about = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
    source = base.source(body.parent.parent.name)
    page = Page(source.name, about["url"], text.encode(), utc(about["fetched_at"]))
    return base.read_page(source, page)


def _keys(claims: Iterable[Claim]) -> dict[Key, Claim]:
    return {
        (
            c.subject,
            c.provider,
            c.model,
            c.field,
            c.meter,
            c.terms,
            c.value,
            c.unit,
            c.state,
            c.effective_from,
        ): c
        for c in claims
    }


def _shown(c: Claim) -> str:
    return (
        f"{c.model} {c.field} {c.meter or ''} {c.terms} {c.value} | {c.printed[:40]!r} {c.locator}"
    )


def by_source(score: Score) -> Counter[str]:
    return Counter(" ".join(e.split()[:2]) for e in score.examples)
