"""A comparison of two models or more, computed from one release.

Nothing is derived from what is not known.
"""

from __future__ import annotations

from collections.abc import Sequence

from almanac.comparisons import advice, formatting, offers, prose
from almanac.comparisons.cost_comparison import cost_comparison, least
from almanac.comparisons.decision_tags import tags
from almanac.comparisons.model_profile import (
    ModelProfile,
    cell,
    maker_name,
    provider_name,
    side,
    usd,
)
from almanac.comparisons.pricing.monthly import REFERENCE, Traffic, costs
from almanac.comparisons.pricing.traffic_mixes import MIXES, Route, free, unchecked
from almanac.comparisons.result import (
    Comparison,
    FieldRow,
    Findings,
    Overlap,
    Providers,
    RouteRow,
    ScorecardRow,
    plain,
)
from almanac.comparisons.scores import benchmarks, evals
from almanac.schemas.fields import CAPABILITIES, FIELDS
from almanac.warehouse import Warehouse

SPECS = (
    "release_date",
    "announced_date",
    "lifecycle",
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "parameters",
    "active_parameters",
    "architecture",
    "licence",
    "openness",
    "commercial_use",
    "open_weights",
    "knowledge_cutoff",
    "training_cutoff",
    "deprecation_date",
    "retirement_date",
    "input_modalities",
    "output_modalities",
    "reasoning_levels",
)
MOST = 6
"""Models that stand side by side on one page."""


def compare(warehouse: Warehouse, *models: str, traffic: Traffic = REFERENCE) -> Comparison:
    """Return the comparison of models for JSON, the terminal, Markdown and the page.

    Raises LookupError for a model without figures at the moment asked about, ValueError for fewer
    than two or more than `MOST`.
    """
    if len(set(models)) != len(models) or not 2 <= len(models) <= MOST:
        raise ValueError(f"a comparison is of 2 to {MOST} different models")
    release = warehouse.release()
    return beside(
        [side(warehouse, m) for m in models],
        release.id,
        (warehouse.valid or release.created_at)[:10],
        traffic,
    )


def beside(
    profiles: list[ModelProfile], release: int, as_of: str, traffic: Traffic = REFERENCE
) -> Comparison:
    """Return the comparison of models whose profiles are at hand."""
    findings = _findings(profiles, release, as_of, traffic)
    return Comparison(
        **plain(findings),
        scorecard=_scorecard(profiles, findings),
        tradeoffs=prose.tradeoffs(profiles, findings),
        verdict=prose.verdict(findings.cost),
        lede=prose.lede(profiles, findings),
        friction=prose.friction(profiles, findings),
        advice={p.model: advice.advice(p) for p in profiles},
        deep_dive=prose.deep_dive(profiles, findings),
        faq=prose.faq(profiles, findings),
    )


def _findings(profiles: list[ModelProfile], release: int, as_of: str, traffic: Traffic) -> Findings:
    return Findings(
        title=" vs ".join(p.name for p in profiles),
        as_of=as_of,
        release=release,
        models=[
            {"id": p.model, "name": p.name, "maker": maker_name(p.model), "year": p.year}
            for p in profiles
        ],
        specs=_rows(SPECS, profiles),
        capabilities=_rows(CAPABILITIES, profiles),
        prices={p.model: [_route(r) for r in p.routes] for p in profiles},
        offers={p.model: offers.table(p) for p in profiles},
        providers={p.model: _providers(p) for p in profiles},
        benchmarks=benchmarks(profiles),
        evals={p.model: evals(p) for p in profiles},
        cost=cost_comparison(profiles),
        traffic=costs(profiles, traffic),
        overlap=_overlap(profiles, as_of),
        tags={p.model: tags(p) for p in profiles},
    )


def _rows(names: Sequence[str], profiles: list[ModelProfile]) -> list[FieldRow]:
    """Return a row for each field of which something is known of one model at least."""
    return [
        {
            "field": name,
            "title": FIELDS[("model", name)].title,
            "meaning": FIELDS[("model", name)].meaning,
            "cells": [cell(p.facts.get(name), name) for p in profiles],
        }
        for name in names
        if any(name in p.facts for p in profiles)
    ]


def _route(r: Route) -> RouteRow:
    return {
        "provider": r.provider,
        "name": provider_name(r.provider),
        "input_usd_per_mtok": usd(r.input),
        "output_usd_per_mtok": usd(r.output),
        "input": formatting.value(r.input),
        "output": formatting.value(r.output),
        "ref_800_250_usd": r.cost(MIXES["ref_800_250"]),
        "blend_70_30_usd": r.cost(MIXES["blend_70_30"]),
        "blend_3_1_usd": r.cost(MIXES["blend_3_1"]),
    }


def _providers(profile: ModelProfile) -> Providers:
    return {
        "count": len(profile.providers),
        "ids": profile.providers,
        "names": [provider_name(p) for p in profile.providers],
        "free": [provider_name(p) for p in free(profile.offers)],
        "unchecked": [
            f"{provider_name(r.provider)}"
            f" ({formatting.value(r.input)} input, {formatting.value(r.output)} output)"
            for r in unchecked(profile.offers)
        ],
    }


def _overlap(profiles: list[ModelProfile], as_of: str) -> Overlap:
    """Say who serves all of them.

    The world is open: that nobody is found is said as of a date, over what was tracked.
    """
    shared = sorted(set.intersection(*(set(p.providers) for p in profiles)))
    names = [provider_name(p) for p in shared]
    counts = [len(p.providers) for p in profiles]
    among = f"{' + '.join(map(str, counts))} tracked offers as of {as_of}"
    every = "both" if len(profiles) == 2 else f"all {len(profiles)}"
    serve = "serve" if len(shared) > 1 else "serves"
    return {
        "providers": shared,
        "names": names,
        "tracked": sum(counts),
        "as_of": as_of,
        "said": (
            f"{formatting.listed(names)} {serve} {every}, among {among}."
            if shared
            else f"No overlap among {among}."
        ),
    }


def _scorecard(profiles: list[ModelProfile], findings: Findings) -> list[ScorecardRow]:
    """Return the rows a decision begins with.

    A cell is a figure's, or text that follows from what the page shows below.
    """
    tagged = [findings.tags[p.model] for p in profiles]
    serves = [formatting.listed([t["serves"] for t in some], 3) for some in tagged]
    names = [formatting.listed([t["tag"] for t in some], 20) for some in tagged]
    context = [cell(p.facts.get("context_window"), "context_window") for p in profiles]
    counts = [f"{len(p.providers)} tracked" for p in profiles]
    none = "no tag follows from what is known"
    return [
        {"title": "Best for", "texts": [text or none for text in serves], "at": "tags"},
        {
            "title": "Decision fit",
            "texts": [text or formatting.MISSING for text in names],
            "at": "tags",
        },
        {"title": "Context window", "cells": context},
        *_cheapest(profiles),
        {"title": "Providers", "texts": counts, "at": "providers"},
        {"title": "Shared benchmarks", "texts": _leads(profiles, findings), "at": "benchmarks"},
    ]


def _cheapest(profiles: list[ModelProfile]) -> list[ScorecardRow]:
    return [
        {
            "title": f"Cheapest {meter}",
            "cells": [cell(least(p.routes, meter), "price") for p in profiles],
        }
        for meter in ("input", "output")
    ]


def _leads(profiles: list[ModelProfile], findings: Findings) -> list[str]:
    """Return where each model leads among the shared benchmarks."""
    shared = findings.benchmarks["shared"]
    count = f"{len(shared)} shared" if shared else "none shared"
    won = [[r["benchmark"] for r in shared if r["leader"] == p.model] for p in profiles]
    return [f"leads on {formatting.listed(names)}" if names else count for names in won]
