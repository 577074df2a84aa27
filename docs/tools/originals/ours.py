"""How ours is read: the text that it has where an original has a section."""

from __future__ import annotations

from almanac.comparisons import formatting
from docs.tools.originals.pair import Pair
from docs.tools.originals.registry import reader


@reader
def cells(p: Pair, table: str, field: str) -> str:
    """Return both cells of a row of `specs` or `capabilities`; dashes where there is no row."""
    row = next((r for r in getattr(p.c, table) if r["field"] == field), None)
    return " · ".join(x["shown"] for x in row["cells"]) if row else "— · —"


@reader
def score(p: Pair, title: str) -> str:
    """Return both cells of a row of the scorecard."""
    row = next(r for r in p.c.scorecard if r["title"] == title)
    return " · ".join(row.get("texts") or [x["shown"] for x in row["cells"]])


@reader
def text(p: Pair, name: str) -> str:
    """Return a part of the comparison that is one text."""
    words: str = getattr(p.c, name)
    return words


@reader
def whether_shown(p: Pair, words: str) -> str:
    """Return whether the comparison says something, anywhere."""
    return "shown" if words in p.text.lower() else "not shown"


@reader
def cheapest_months(p: Pair) -> str:
    return " · ".join(
        f"{m['best']['shown']} at {m['best']['name']}" if m["best"] else "—"
        for m in p.c.traffic["models"]
    )


@reader
def monthly_gap(p: Pair) -> str:
    gap: str = p.c.traffic["gap_shown"]
    return gap


@reader
def cheapest_outputs(p: Pair) -> str:
    if not p.c.cost:
        return "— · —"
    output = p.c.cost["output"]
    return " · ".join(
        f"{cell['shown']} at {name}"
        for cell, name in zip(output["cells"], output["providers"], strict=True)
    )


@reader
def two_prices(p: Pair) -> str:
    """Return the input and output price of the first two providers of each."""
    routes = (
        [f"{r['input']} and {r['output']} at {r['name']}" for r in p.c.prices[m]] for m in p.models
    )
    return " · ".join(formatting.listed(texts, 2) or "no price known" for texts in routes)


@reader
def providers(p: Pair) -> str:
    names = (p.c.providers[m]["names"] for m in p.models)
    return " · ".join(formatting.listed(listed, 6) or "none tracked" for listed in names)


@reader
def overlap(p: Pair) -> str:
    sentence: str = p.c.overlap["said"]
    return sentence


@reader
def friction(p: Pair) -> str:
    """Return the first sentence on a switch from each to the other."""
    return " · ".join(
        next((s["said"][0] for s in p.c.friction if s["from"] == m), "") for m in p.models
    )


@reader
def tags(p: Pair) -> str:
    return " · ".join(formatting.listed([t["tag"] for t in p.c.tags[m]], 12) for m in p.models)


@reader
def tradeoff_counts(p: Pair) -> str:
    return " · ".join(f"{len(p.c.tradeoffs[m])} points" for m in p.models)


@reader
def context_tradeoffs(p: Pair) -> str:
    """Return the trade-offs that are about context."""
    points = ([t for t in p.c.tradeoffs[m] if "context" in t] for m in p.models)
    return " · ".join(formatting.listed(texts) or "nothing" for texts in points)


@reader
def shared_benchmarks(p: Pair) -> str:
    return f"{len(p.c.benchmarks['shared'])} shared"


@reader
def scores(p: Pair) -> str:
    """Return both scores of the first benchmark that both have."""
    shared = p.c.benchmarks["shared"]
    return " · ".join(f"{s:f}" for s in shared[0]["scores"]) if shared else "none"


@reader
def evals(p: Pair) -> str:
    pooled = (p.c.evals[m] for m in p.models)
    return " · ".join(e["pooled"]["shown"] if e else "none that can be told" for e in pooled)


@reader
def paragraphs(p: Pair) -> str:
    return f"{len(p.c.deep_dive)} paragraphs"


@reader
def questions(p: Pair) -> str:
    return f"{len(p.c.faq)} questions"


@reader
def section_counts(p: Pair) -> str:
    return (
        f"{sum(map(len, p.c.tradeoffs.values()))} trade-offs,"
        f" {len(p.c.friction)} switches, {len(p.c.faq)} questions"
    )


@reader
def makers(p: Pair) -> str:
    return " · ".join(m["maker"] for m in p.c.models)


@reader
def first_model(p: Pair) -> str:
    return p.models[0]


@reader
def day_and_release(p: Pair) -> str:
    return f"as of {p.c.as_of}, release {p.c.release}"
