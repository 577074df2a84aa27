"""Rules that ours is held to: of what is said in words, tags and questions."""

from __future__ import annotations

import re
from decimal import Decimal

from almanac.comparisons import formatting
from almanac.comparisons.comparison import compare
from almanac.schemas.fields import CAPABILITIES, FIELDS
from docs.tools.originals.pair import Pair
from docs.tools.originals.registry import rule


@rule
def lede(p: Pair) -> bool:
    """Exact windows, and the lead in points (R5).

    No year is there but that of a release date that is known.
    """
    lede, dates = p.c.lede, p.values("release_date")
    shown = [m["year"] for m in p.c.models]
    return (
        "1,048,576" in lede
        and "128,000" in lede
        and "leads by 29.8 points" in lede
        and shown == [(d or "")[:4] for d in dates]
        and dates[0] is not None
    )


TAG_OF = {
    "Coding": "code_execution",
    "Tool calling": "function_calling",
    "Structured output": "structured_outputs",
}
"""Tags that follow from one capability that is known."""
IMPORTED = {"RAG", "Classification", "JSON / Tool use"}
"""Tags of the originals that follow from nothing."""


@rule
def tagged(p: Pair) -> bool:
    """The same rule for both (A-09, B-09).

    Who is known to take 128,000 tokens and more is fit for long prompts, who cannot run code is not
    for coding; none is an import.
    """
    return all(_tagged(p, side) for side in (0, 1)) and bool(p.c.tags[p.models[0]])


def _tagged(p: Pair, side: int) -> bool:
    tags = {t["tag"] for t in p.c.tags[p.models[side]]}
    return (
        ("Long context" in tags) == _takes_long_prompts(p, side)
        and not tags & IMPORTED
        and all((tag in tags) == (p.value(side, f) == "true") for tag, f in TAG_OF.items())
    )


def _takes_long_prompts(p: Pair, side: int) -> bool:
    window = p.fact(side, "context_window")
    return (
        window is not None
        and p.traced(window)
        and not window.rule.endswith("bound only")
        and (window.number or 0) >= 128_000
    )


@rule
def phrases(p: Pair) -> bool:
    """What each is best for is said of its own tags alone, and what is left out is counted."""
    row = next(r for r in p.c.scorecard if r["title"] == "Best for")
    for text, model in zip(row["texts"], p.models, strict=True):
        serves = [t["serves"] for t in p.c.tags[model]]
        if (
            text != (formatting.listed(serves, 3) or "no tag follows from what is known")
            or not serves
        ):
            return False
    return tagged(p)


@rule
def every_difference(p: Pair) -> bool:
    """Every capability is named that one is known to have and the other to lack, not three (R9).

    None is named that is unknown.
    """
    return (
        all(_named_alone(p, side) == _has_alone(p, side) for side in (0, 1))
        and sum(point.startswith(ALONE) for point in p.c.tradeoffs[p.models[0]]) == 1
    )


ALONE = "alone has "


def _named_alone(p: Pair, side: int) -> set[str]:
    """Return the capabilities that one is said to have alone."""
    points = p.c.tradeoffs[p.models[side]]
    text = next((t.removeprefix(ALONE) for t in points if t.startswith(ALONE)), "")
    return set(filter(None, re.split(r", | and ", text)))


def _has_alone(p: Pair, side: int) -> set[str]:
    """Return the capabilities that one is known to have and the other to lack."""
    return {
        FIELDS[("model", f)].title
        for f in CAPABILITIES
        if p.value(side, f) == "true" and p.value(1 - side, f) == "false"
    }


@rule
def lead(p: Pair) -> bool:
    """One row, GPQA, its variant unknown, the lead a difference of points (R5, B-11)."""
    rows = [r for r in p.c.benchmarks["shared"] if r["benchmark"] == "GPQA"]
    return (
        len(rows) == 1
        and rows[0]["scores"] == [Decimal("86.9"), Decimal("57.1")]
        and rows[0]["lead"] == Decimal("29.8")
        and not rows[0]["variant_known"]
    )


@rule
def shared_rows(p: Pair) -> bool:
    """No row, or rows that both have under the same terms."""
    scores = [
        {f.terms for f in figures if f.field == "score" and f.usable} for figures in p.figures
    ]
    return (
        len(p.c.benchmarks["shared"]) == len(scores[0] & scores[1])
        and p.snapshot.figure(p.models[1], "reasoning") is not None
    )


@rule
def shared_count_is(p: Pair, count: int) -> bool:
    return len(p.c.benchmarks["shared"]) == count


@rule
def answers(p: Pair, least: int) -> bool:
    """As many questions at least, each answered, none by the name of a state.

    The larger window is told where both are known.
    """
    asked = p.c.faq
    bare = [
        a
        for a in asked
        if not a["answer"]
        or re.search(r"\b(?:unknown|conflicted|not found|not-yet)\b", a["answer"], re.I)
    ]
    sizes = [p.value(side, "context_window") for side in (0, 1)]
    windows = any("context" in a["question"].lower() for a in asked)
    return len(asked) >= least and not bare and (windows or None in sizes)


@rule
def of_its_day(p: Pair) -> bool:
    """The day is that of the release's newest look, and an earlier one can be asked for."""
    earlier = compare(p.snapshot.as_of("2026-06-30"), *p.models).as_of
    return (
        p.c.as_of == p.snapshot.newest_look()[:10]
        and earlier == "2026-06-30"
        and p.c.release == p.snapshot.known
        and len(p.figures[0]) > 20
    )


@rule
def evals_read(p: Pair) -> bool:
    """From a page with its cells: 42 of 67, pooled (R7), under the first alone.

    The flattened text is in quarantine (C-02).
    """
    first, second = (p.c.evals[m] for m in p.models)
    pooled = first and (
        first["pooled"]["passes"],
        first["pooled"]["total"],
        first["pooled"]["shown"],
    ) == (42, 67, "62.69 %")
    return bool(pooled) and second is None and _evals_refused(p)


def _evals_refused(p: Pair) -> bool:
    return p.refused("roboflow_playground", "(11/15)", "cannot be told")


@rule
def no_evals(p: Pair) -> bool:
    """Only the flattened text is there: whose evaluations they are cannot be told (C-02)."""
    return not any(p.c.evals.values()) and _evals_refused(p)


@rule
def speed_kept_apart(p: Pair) -> bool:
    """It is kept, refused as nobody's, and compared with nothing (A-13, C-02)."""
    return p.refused("roboflow_playground", "6.88", "cannot be told") and "6.88" not in p.text


@rule
def demos_left(p: Pair) -> bool:
    return (
        p.refused("roboflow_playground", "Captioning | Demo", "") and "demo" not in p.text.lower()
    )


@rule
def sections(p: Pair) -> bool:
    """Every section that the other two documents have, of figures that claims bear out."""
    larger = [p.fact(side, "context_window") for side in (0, 1)]
    claimed = any("larger context" in t for ts in p.c.tradeoffs.values() for t in ts)
    return (
        len(p.c.friction) == 2
        and bool(p.c.faq)
        and any(p.c.tradeoffs.values())
        and claimed == (None not in larger and len({f.number for f in larger if f}) == 2)
    )


@rule
def no_winner_unknown(p: Pair) -> bool:
    """A window is larger only where both are known and differ (D-04)."""
    windows = [p.fact(side, "context_window") for side in (0, 1)]
    sizes = [
        f.number or 0 for f in windows if f and p.traced(f) and not f.rule.endswith("bound only")
    ]
    claims = [m for m in p.models if any("context" in t for t in p.c.tradeoffs[m])]
    if len(sizes) < 2 or sizes[0] == sizes[1]:
        return not claims and any(sizes)
    return claims == [p.models[sizes.index(max(sizes))]]
