"""The founding documents rebuilt from the warehouse, section by section beside the originals: `python -m docs.originals` writes docs/originals.md.

The originals' figures are facts; their sentences are not repeated. What ours prints is computed from a release of the recorded pages, so a
test holds the page to the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comparisons import form
from comparisons.comparison import compare
from warehouse import Warehouse

PAGE = Path(__file__).with_name("originals.md")
Ours = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A section: what the original prints, how ours reads it, and, where that is not the same, which it is and why."""

    section: str
    original: str
    ours: Ours
    same: str = ""
    """How ours reads where it says the same."""
    otherwise: str = ""
    """`corrected: …` or `more: …`."""


def _cells(kind: str, field: str) -> Ours:
    def read(c: dict[str, Any]) -> str:
        row = next((r for r in c[kind] if r["field"] == field), None)
        return " · ".join(x["shown"] for x in row["cells"]) if row else "— · —"

    return read


def _score(title: str) -> Ours:
    def read(c: dict[str, Any]) -> str:
        row = next(r for r in c["scorecard"] if r["title"] == title)
        return " · ".join(row.get("texts") or [x["shown"] for x in row["cells"]])

    return read


def _each(read: Callable[[dict[str, Any], str], str]) -> Ours:
    return lambda c: " · ".join(read(c, m["id"]) for m in c["models"])


def _month(c: dict[str, Any]) -> str:
    return " · ".join(f"{m['best']['shown']} at {m['best']['name']}" if m["best"] else "—" for m in c["traffic"]["models"])


_SPECS = "specs"
_ABLE = "capabilities"
_PROVIDERS = _each(lambda c, m: form.listed(c["providers"][m]["names"], 6) or "none tracked")
_TAGS = _each(lambda c, m: form.listed([t["tag"] for t in c["tags"][m]], 12))
_FRICTION = _each(lambda c, m: next((s["said"][0] for s in c["friction"] if s["from"] == m), ""))
_FAQ: Ours = lambda c: f"{len(c['faq'])} questions"
_MORE = "more: "
_NO = "corrected: "

S0 = ("S0", "Gemini 3.1 Flash-Lite vs Mistral NeMo Instruct (2407)", ("google/gemini-3.1-flash-lite", "mistral/mistral-nemo"), (
    Row("Lede", "years 2026, 2024; context 1.05m, 128k; lead 29.8 points", lambda c: c["lede"], otherwise=_MORE + "contexts exact; every number links to its claims"),
    Row("Verdict", "~1150% cheaper at $0.02/1M", lambda c: c["verdict"], otherwise=_NO + "a mark-up was called a saving (R2); both are said, each with its basis, from today's cheapest routes"),
    Row("Best for", "three phrases · one phrase", _score("Best for"), otherwise=_NO + "derived from our own figures by one rule for both (A-09, B-09)"),
    Row("Decision fit", "Coding, RAG, Agents · Coding, Long context, Classification", _TAGS, otherwise=_NO + "the 1.05m model lacked the tag the 128k one had (B-09); tags follow stated rules, none is cut"),
    Row("Context window", "1.05m · 128k", _score("Context window"), "1,048,576 · 128,000"),
    Row("Cheapest output", "$1.50 · $0.04", _score("Cheapest output"), "$1.50/1M tokens · $0.04/1M tokens", _NO + "cheapest paid route known today, its provider named (B-03)"),
    Row("Provider routes", "3 tracked · 7 tracked", _score("Providers"), otherwise=_NO + "counted from the list that is shown (B-01), with other sources' routes"),
    Row("Shared benchmarks", "1 shared", lambda c: f"{len(c['benchmarks']['shared'])} shared", "1 shared"),
    Row("Decision trade-offs", "4 · 3 points", _each(lambda c, m: f"{len(c['tradeoffs'][m])} points"), otherwise=_NO + "all differing capabilities are named, not three (R9)"),
    Row("Monthly cost", "$575 at Google AI Studio · $26.00 at DeepInfra", _month, "$575 at Google AI Studio · $26.00 at DeepInfra",
        _MORE + "at the same 800 M + 250 M tokens on today's cheapest route; the reader's own traffic, cached and batch shares, tier"),
    Row("Monthly gap", "$549", lambda c: c["traffic"]["gap_shown"], "$549", _NO + "follows from the routes above"),
    Row("Switch friction", "no overlapping route, both ways", _FRICTION, otherwise=_NO + "absence is said over the offers tracked as of a date, never as a fact (B-02)"),
    Row("Released", "2026-05-07 · 2024-07-18", _cells(_SPECS, "release_date"), "2026-05-07 · 2024-07-18", _NO + "sources name five days for the second and no maker's page settles it (B-06)"),
    Row("Parameters", "12B, under the first", _cells(_SPECS, "parameters"), otherwise=_NO + "the lost cell put it under the wrong model (§1.4); it is the second's"),
    Row("Architecture", "Decoder Only · Decoder Only", _cells(_SPECS, "architecture"), otherwise=_NO + "a template's default is no fact (A-19)"),
    Row("License", "Proprietary · Apache 2.0 OSI-approved", _cells(_SPECS, "licence"), "proprietary · Apache-2.0 (OSI-approved)"),
    Row("Openness", "Proprietary · Open source", _cells(_SPECS, "openness"), "proprietary · open source"),
    Row("Commercial use", "conditional · permitted", _cells(_SPECS, "commercial_use"), "conditional · permitted"),
    Row("Knowledge cutoff", "2025-01 · 2024-04", _cells(_SPECS, "knowledge_cutoff"), "2025-01 · 2024-04", _NO + "no first-party figure, and sources disagree (B-07)"),
    Row("Providers", "logos, lost in the text", _PROVIDERS, otherwise=_MORE + "named, with every tier, cache and region on each offer's page"),
    *(Row(title, original, _cells(_ABLE, field), same, why) for title, field, original, same, why in (
        ("Vision", "vision", "Yes · No", "yes · no", ""), ("Multimodal", "multimodal", "Yes · No", "yes · no", ""),
        ("Reasoning", "reasoning", "No · No", "no · no", _NO + "the maker lists levels of thinking (A-07)"),
        ("Function calling", "function_calling", "Yes · No", "yes · no", _NO + "its maker and most routes say yes (B-08)"),
        ("Tool use", "tool_use", "Yes · No", "yes · no", ""), ("Structured outputs", "structured_outputs", "Yes · No", "yes · no", ""),
        ("Code execution", "code_execution", "Yes · No", "yes · no", ""), ("IDE integration", "ide_integration", "No · No", "no · no", ""),
        ("Computer use", "computer_use", "No · No", "no · no", ""), ("Parallel agents", "parallel_agents", "No · No", "no · no", ""))),
    Row("Benchmarks", "86.9 · 57.1", lambda c: " · ".join(f"{s:f}" for s in c["benchmarks"]["shared"][0]["scores"]) if c["benchmarks"]["shared"] else "none", "86.9 · 57.1",),
    Row("Deep dive", "4 paragraphs", lambda c: f"{len(c['deep_dive'])} paragraphs", otherwise=_NO + "only what follows from known figures"),
    Row("FAQ", "6 questions", _FAQ, otherwise=_MORE + "one for each thing known of both, none on what is not"),
    Row("Last reviewed", "2026-06-19", lambda c: f"as of {c['as_of']}, release {c['release']}", otherwise=_MORE + "any earlier day and release can be asked for"),
))  # fmt: skip

S1 = ("S1", "Gemma 4 12B vs Mistral Small 3.1 24B", ("google/gemma-4-12b-it", "mistral/mistral-small-2503"), (
    Row("Organization", "Mistral, under the first", lambda c: " · ".join(m["maker"] for m in c["models"]), otherwise=_NO + "the row had moved left (C-01)"),
    Row("Release date", "Jun 2026 · Mar 2025", _cells(_SPECS, "release_date"), "2026-06 · 2025-03-17", _MORE + "as precise as any source (C-05)"),
    Row("Context window", "— · 128K", _cells(_SPECS, "context_window"), "— · 128,000"),
    Row("Parameters", "12B · 24B", _cells(_SPECS, "parameters"), "~12B · ~24B"),
    Row("License", "Apache 2.0 · Apache 2.0", _cells(_SPECS, "licence"), "Apache-2.0 (OSI-approved) · Apache-2.0 (OSI-approved)"),
    Row("Modality", "multimodal · multimodal", _cells(_ABLE, "multimodal"), "yes · yes"),
    Row("Input, output $/1M", "$0.351, $0.555 under the first", _each(lambda c, m: form.listed([f"{r['input']} and {r['output']} at {r['name']}" for r in c["prices"][m]], 2) or "no price known"),
        otherwise=_NO + "they are Cloudflare's for the second model (C-01, C-01b)"),
    Row("Vision evals", "62.69 % of 67 prompts under the first", _each(lambda c, m: c["evals"][m]["pooled"]["shown"] if c["evals"][m] else "none that can be told"),
        otherwise=_MORE + "pooled from whole numbers (R7); the flattened text, whose column cannot be told, is in quarantine (C-02), the recorded page with its cells is read"),
    Row("Average response time", "6.88 s", lambda c: "not shown", otherwise=_NO + "a speed without provider, method and day is kept as a claim and compared with nothing (A-13)"),
    Row("Tasks with a demo", "three", lambda c: "not shown", otherwise=_NO + "a demonstration of that site, no property of a model"),
    Row("Verdict, cost, switching, questions", "none", lambda c: f"{sum(map(len, c['tradeoffs'].values()))} trade-offs, {len(c['friction'])} switches, {len(c['faq'])} questions", otherwise=_MORE + "the same sections for every pair"),
))  # fmt: skip

S3 = ("S3", "Mistral Small vs Nemotron-Nano-12B-v2-VL", ("mistral/mistral-small-2503", "nvidia/nemotron-nano-12b-v2-vl"), (
    Row("Which Mistral Small", "released 2024-02-26, 32K, $0.1/$0.3, Apache 2.0", lambda c: c["models"][0]["id"],
        otherwise=_NO + "facts of several dated versions under one moving name (D-01); we compare the version its price belonged to"),
    Row("Context window", "32K · —", _cells(_SPECS, "context_window"), otherwise=_NO + "the dated version's own; the second was found later (D-03), and is unknown as of 2026-05-19"),
    Row("Larger context", "claimed against an unknown", _each(lambda c, m: form.listed([p for p in c["tradeoffs"][m] if "context" in p]) or "nothing"), otherwise=_NO + "a winner needs both sides known (D-04)"),
    Row("Cheapest output", "$0.3 · $0.6", _score("Cheapest output"), otherwise=_NO + "today's cheapest paid routes; a route that left is kept with its days (D-08)"),
    Row("Provider routes", "5 · 2 tracked", _score("Providers"), otherwise=_NO + "counted from the list shown"),
    Row("Monthly cost", "$155 at Mistral AI Studio · $310 at OpenRouter", _month, otherwise=_NO + "each at today's cheapest paid route"),
    Row("License", "Apache 2.0 · Unknown", _cells(_SPECS, "licence"), "Apache-2.0 (OSI-approved) · not found"),
    Row("Knowledge cutoff", "- · -", _cells(_SPECS, "knowledge_cutoff"), otherwise=_MORE + "one mark for missing, and what others say (D-09)"),
    Row("Reasoning", "No · No", _cells(_ABLE, "reasoning"), otherwise=_NO + "the second's catalogue entry says yes (D-06)"),
    Row("Decision fit", "JSON / Tool use for both, Tool use No for both", _TAGS, otherwise=_NO + "structured output and tool calling are two tags (D-05)"),
    Row("Benchmarks", "0 rows", lambda c: f"{len(c['benchmarks']['shared'])} shared", "0 shared"),
    Row("Overlap", "none", lambda c: c["overlap"]["said"], otherwise=_NO + "said over what is tracked, as of a date (B-02)"),
    Row("FAQ", "6 questions, one on an unknown licence", _FAQ, otherwise=_NO + "a question on something unknown is left out (D-07)"),
))  # fmt: skip


def verdict(row: Row, ours: str) -> str:
    """Return `same`, or which it is and why. Raises ValueError for a difference that no one explains."""
    if ours == row.same:
        return "same"
    if not row.otherwise:
        raise ValueError(f"{row.section}: ours prints {ours!r}, the original {row.original!r}, and nothing says why")
    return row.otherwise


def page(seen: Warehouse) -> str:
    """Return the page over a release."""
    lines = ["# The founding documents, rebuilt", "", "Written by `python -m docs.originals` from a release of the recorded pages and held to it by a test. The letters name the cases of",
             "the conflict each correction rests on; `almanac compare A B --html FILE` shows a page whole.", ""]  # fmt: skip
    for tag, title, models, rows in (S0, S1, S3):
        c = compare(seen, *models)
        told = [(r, r.ours(c)) for r in rows]
        said = [verdict(r, ours) for r, ours in told]
        counts = {k: sum(v.startswith(k) for v in said) for k in ("same", "corrected", "more")}
        lines += [f"## {tag}: {title}", "", f"{len(rows)} sections: {counts['same']} the same, {counts['corrected']} corrected, {counts['more']} say more.", "",
                  "| section | the original | ours | |", "|---|---|---|---|"]  # fmt: skip
        lines += [f"| {r.section} | {_safe(r.original)} | {_safe(ours)} | {_safe(v)} |" for (r, ours), v in zip(told, said, strict=True)] + [""]
    return "\n".join(lines)


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    import tempfile
    from datetime import UTC, datetime

    import warehouse
    from flows.line import Plain, line
    from flows.plan import Order

    with tempfile.TemporaryDirectory() as made:
        database = f"sqlite:///{made}/warehouse.db"
        line(Order(datetime(2026, 11, 21, tzinfo=UTC), (), Path("tests/captures"), False, Path(made), database), Plain())
        PAGE.write_text(page(warehouse.open(database)), encoding="utf-8")
