"""Rules that ours is held to: of the facts of a model, and of who says them."""

from __future__ import annotations

import json
from datetime import date, timedelta

from almanac.comparisons import formatting
from docs.tools.originals.ours import cells
from docs.tools.originals.pair import Pair
from docs.tools.originals.registry import rule


@rule
def are(p: Pair, field: str, first: str | None, second: str | None) -> bool:
    """Both facts are known, borne out by claims, and these; None for one that has no value."""
    return p.values(field) == (first, second)


@rule
def flags(p: Pair, field: str, first: str, second: str) -> bool:
    """Both have or lack a capability, as `yes` and `no` say."""
    stored = {"yes": "true", "no": "false"}
    return are(p, field, stored[first], stored[second])


@rule
def first_is(p: Pair, field: str, value: str) -> bool:
    """A fact of the first is known, and this."""
    return p.value(0, field) == value


@rule
def first_is_not(p: Pair, field: str, value: str) -> bool:
    """A fact of the first is unknown, or another."""
    return p.value(0, field) != value


@rule
def second_is(p: Pair, field: str, value: str) -> bool:
    """A fact of the second is known, and this."""
    return p.value(1, field) == value


@rule
def second_is_open(p: Pair, field: str, *values: str) -> bool:
    """A fact of the second has no winner, and its reason names all of these values."""
    return p.open_between(1, field, *values)


@rule
def parameters_of_the_second(p: Pair) -> bool:
    """Twelve billion are the second's, and the first's maker does not say."""
    second = p.fact(1, "parameters")
    return (
        p.value(0, "parameters") is None
        and second is not None
        and p.traced(second)
        and (second.number or 0) == 12 * 10**9
    )


@rule
def architecture(p: Pair) -> bool:
    """No template's default (A-19), and nothing that one source of no great record says alone.

    Below .7 nothing is known.
    """
    facts = [p.fact(side, "architecture") for side in (0, 1)]
    heard = any("llm_reference" in p.sources(f, 1) for f in facts)
    return heard and all(
        f is None or not f.usable or (f.confidence >= 0.7 and p.sources(f) != {"llm_reference"})
        for f in facts
    )


@rule
def licences(p: Pair) -> bool:
    """Proprietary, and Apache-2.0 with the badge on the second alone."""
    return cells(p, "specs", "licence") == "proprietary · Apache-2.0 (OSI-approved)" and p.values(
        "licence"
    ) == (
        "proprietary",
        "Apache-2.0",
    )


@rule
def thinks(p: Pair) -> bool:
    """Yes, as its levels are listed, and the template's "standard" is none of them (A-07)."""
    levels = set(json.loads(p.value(0, "reasoning_levels") or "[]"))
    return (
        p.value(0, "reasoning") == "true"
        and levels == {"minimal", "low", "medium", "high"}
        and p.value(1, "reasoning") != "true"
    )


@rule
def calls(p: Pair) -> bool:
    """Both call functions, as a maintained list says of the second too.

    Routes differ, and theirs are figures of their own (B-08).
    """
    routes = {
        f.value for f in p.figures[1] if f.subject_kind == "offer" and f.field == "function_calling"
    }
    return (
        p.values("function_calling") == ("true", "true")
        and "llm_reference" in p.sources(p.fact(1, "function_calling"), 1)
        and routes == {"true", "false"}
    )


@rule
def uses_tools(p: Pair) -> bool:
    """What calls functions uses tools (B-08).

    The lone "No" of the original stands against its makers' and most routes' word on
    the same thing.
    """
    return p.value(0, "tool_use") == "true" and p.value(1, "tool_use") != "false"


@rule
def makers_in_order(p: Pair) -> bool:
    """The row that had moved left is in quarantine.

    The makers are those of the two models (C-01).
    """
    return p.refused("roboflow_playground", "Organization | Mistral", "moved left") and [
        m["maker"] for m in p.c.models
    ] == ["Google", "Mistral"]


@rule
def released(p: Pair) -> bool:
    """A month agrees with a day in it.

    A day on which a host listed it is not the release (C-05).
    """
    first, second = p.values("release_date")
    return (first or "").startswith("2026-06") and second in ("2025-03", "2025-03-17")


@rule
def windows(p: Pair) -> bool:
    """The second's is the model's own 128K; the first's is known from somebody else."""
    first = p.fact(0, "context_window")
    return (
        p.value(1, "context_window") == "128000"
        and p.traced(first)
        and p.sources(first) != {"roboflow_playground"}
    )


@rule
def sizes(p: Pair) -> bool:
    """Twelve and twenty-four billion, as both names say."""
    numbers = [
        (f.number or 0) if (f := p.fact(side, "parameters")) and p.traced(f) else 0
        for side in (0, 1)
    ]
    return all(
        abs(n - want) <= want // 20
        for n, want in zip(numbers, (12 * 10**9, 24 * 10**9), strict=True)
    )


@rule
def sees(p: Pair) -> bool:
    """The model sees, whatever a route serves (C-03)."""
    route = p.snapshot.figure(
        "cloudflare-workers-ai:mistral/mistral-small-2503", "input_modalities"
    )
    return (
        p.value(1, "vision") == "true" and route is not None and "image" not in (route.value or "")
    )


@rule
def one_version(p: Pair) -> bool:
    """A record of several versions is refused as a chimera (D-01, C-04).

    It bears out no fact of the version compared.
    """
    chimera = [
        r
        for r in p.snapshot.refusals(stage="link", source="llm_reference")
        if r["model"] == "Mistral Small"
    ]
    heard = {s for f in p.figures[0] for s in p.sources(f)}
    return (
        bool(chimera)
        and all("chimera" in r["reason"] for r in chimera)
        and "llm_reference" not in heard
        and p.models[0].rpartition("-")[2].isdigit()
    )


@rule
def windows_known_later(p: Pair) -> bool:
    """Both windows are known now; the second's was not before it was first found (D-03)."""
    days = [f.valid_from for f in p.snapshot.history(p.models[1], "context_window") if f.usable]
    before = (
        p.snapshot.as_of(date.fromisoformat(min(days)[:10]) - timedelta(days=1)) if days else None
    )
    return (
        before is not None
        and p.values("context_window") == ("128000", "128000")
        and before.figure(p.models[1], "context_window") is None
    )


@rule
def unknown_licence(p: Pair) -> bool:
    """What is "Unknown" is no licence and is not found (D-07).

    The weights are open, whatever a route says.
    """
    f = p.fact(1, "licence")
    return (
        f is not None
        and (f.value, f.state) == (None, "not_found")
        and p.value(0, "licence") == "Apache-2.0"
        and p.value(1, "open_weights") == "true"
    )


@rule
def licence_stated(p: Pair) -> bool:
    second = p.value(1, "licence")
    return (
        second not in (None, "Unknown")
        and p.value(0, "licence") == "Apache-2.0"
        and p.value(1, "open_weights") == "true"
    )


@rule
def one_mark(p: Pair) -> bool:
    """One mark for what is missing; a date is one that a claim gives (D-09)."""
    row = next((r for r in p.c.specs if r["field"] == "knowledge_cutoff"), None)
    cells = row["cells"] if row else []
    shown = [x["shown"] for x in cells]
    borne = all(
        x["value"] is None or p.value(side, "knowledge_cutoff") == x["value"]
        for side, x in enumerate(cells)
    )
    return (
        len(cells) == 2
        and borne
        and not {"-", ""} & set(shown)
        and any(x["value"] is not None for x in cells)
        and all(
            x["value"] is not None or x["shown"] in (formatting.MISSING, "not found") for x in cells
        )
    )
