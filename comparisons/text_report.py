"""A comparison as Markdown and as text for a terminal: two ways to write the same sections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from almanac.comparisons.result import Comparison


class Section(NamedTuple):
    """A part of the report: a table, where it has column heads, and sentences below."""

    title: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    sentences: Sequence[str] = ()


def sections(c: Comparison) -> list[Section]:
    """Return the sections of a comparison in order, as rows and sentences."""
    parts = (
        _in_short,
        _tables_of_cells,
        _cost,
        _month,
        _providers,
        _benchmarks,
        _advice,
        _evaluations,
        _closing,
    )
    return [section for part in parts for section in part(c)]


def _models(c: Comparison) -> list[tuple[str, str]]:
    """Return (id, name) of each model."""
    return [(m["id"], m["name"]) for m in c.models]


def _heads(c: Comparison) -> list[str]:
    return ["", *(name for _, name in _models(c))]


def _in_short(c: Comparison) -> Iterator[Section]:
    yield Section("In short", sentences=[c.lede, c.verdict, c.overlap["said"]])


def _tables_of_cells(c: Comparison) -> Iterator[Section]:
    decisive = [
        [row["title"], *(row.get("texts") or [cell["shown"] for cell in row["cells"]])]
        for row in c.scorecard
    ]
    yield Section("Decision scorecard", _heads(c), decisive)
    for title, rows in (("Specs", c.specs), ("Capabilities", c.capabilities)):
        shown = [[row["title"], *(cell["shown"] for cell in row["cells"])] for row in rows]
        yield Section(title, _heads(c), shown)


def _cost(c: Comparison) -> Iterator[Section]:
    title = "Cost on the cheapest route"
    if not c.cost:
        why = "No cost can be said: one of them has no known price."
        yield Section(title, sentences=[why])
        return
    rows = [
        [
            mix["basis"],
            *(f"{s} ({r})" for s, r in zip(mix["shown"], mix["routes"], strict=True)),
            mix["gap_shown"],
        ]
        for mix in c.cost["mixes"].values()
    ]
    saving = c.cost["mixes"]["ref_800_250"]["saving_pct"]
    lines = [f"On monthly cost the lower saves {saving:f} %."] if saving else []
    heads = ["Traffic", *_heads(c)[1:], "Gap"]
    yield Section(title, heads, rows, [*lines, c.cost["excluded"]])


def _month(c: Comparison) -> Iterator[Section]:
    month = c.traffic
    nowhere = ["—", "no provider with every price known"]
    rows = [
        [m["name"], *([m["best"]["shown"], m["best"]["name"]] if m["best"] else nowhere)]
        for m in month["models"]
    ]
    gap = [f"The gap is {month['gap_shown']}."] if month["gap"] else []
    sentences = [f"For {month['said']}.", *gap]
    yield Section("Monthly cost at your traffic", ["", "Cost", "At"], rows, sentences)


def _providers(c: Comparison) -> Iterator[Section]:
    for model, name in _models(c):
        offers = c.providers[model]
        sentences = [f"{offers['count']} tracked providers."]
        if offers["free"]:
            sentences.append(f"Free at: {', '.join(offers['free'])}.")
        if offers["unchecked"]:
            names = ", ".join(offers["unchecked"])
            sentences.append(f"Stated by the seller alone, unchecked: {names}.")
        prices = [[row["name"], row["input"], row["output"]] for row in c.prices[model]]
        yield Section(f"Who serves {name}", ["Provider", "Input", "Output"], prices, sentences)


def _benchmarks(c: Comparison) -> Iterator[Section]:
    shared, alone = c.benchmarks["shared"], c.benchmarks["alone"]
    rows = [
        [row["benchmark"], *(f"{s:f}" for s in row["scores"]), f"{row['lead'].normalize():f}"]
        for row in shared
    ]
    more = f"{sum(alone.values())} more scores are not known of all."
    sentences = [more if rows else "No shared benchmark row is known."]
    if not all(row["variant_known"] for row in shared):
        sentences.append("A score without its variant and settings is not strictly comparable.")
    yield Section("Benchmarks", [*_heads(c), "Lead"] if rows else [], rows, sentences)


def _advice(c: Comparison) -> Iterator[Section]:
    none = ["- (no known difference speaks for it)"]
    for model, name in _models(c):
        points = [f"- {point}" for point in c.tradeoffs[model]]
        yield Section(f"Choose {name} when it matters that it …", sentences=points or none)
    for model, name in _models(c):
        if reasons := c.advice[model]["avoid"]:
            yield Section(f"Avoid {name} if …", sentences=[f"- {r['said']}" for r in reasons])
    for switch in c.friction:
        points = [f"- {point}" for point in switch["said"]]
        yield Section(f"Switching: {switch['title']}", sentences=points)


def _evaluations(c: Comparison) -> Iterator[Section]:
    for model, name in _models(c):
        if evaluations := c.evals[model]:
            rows = [
                [r["category"], r["shown"], f"{r['passes']['shown']}/{r['total']['shown']}"]
                for r in evaluations["rows"]
            ]
            pooled = evaluations["pooled"]
            below = f"Pooled: {pooled['shown']} ({pooled['passes']}/{pooled['total']})."
            heads = ["Category", "Passed", "Prompts"]
            yield Section(f"Vision evaluations of {name}", heads, rows, [below])


def _closing(c: Comparison) -> Iterator[Section]:
    if c.deep_dive:
        yield Section("Deep dive", sentences=c.deep_dive)
    if c.faq:
        lines = [line for q in c.faq for line in (q["question"], q["answer"], "")]
        yield Section("Questions", sentences=lines)


def foot(c: Comparison) -> str:
    return f"As of {c.as_of}, release {c.release}. Every figure: `almanac explain MODEL FIELD`."


def markdown(c: Comparison) -> str:
    """Return the comparison as Markdown.

    Cells are escaped, so that harvested text cannot break a table.
    """
    lines = [f"# {_cell(c.title)}", ""]
    for title, heads, rows, sentences in sections(c):
        lines += [f"## {_cell(title)}", ""]
        if heads:
            lines += ["| " + " | ".join(map(_cell, heads)) + " |", "|" + "---|" * len(heads)]
            lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows] + [""]
        lines += [*(_text(sentence) for sentence in sentences), ""]
    return "\n".join([*lines, foot(c), ""])


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|").replace("\n", " ")
