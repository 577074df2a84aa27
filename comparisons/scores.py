"""Benchmarks side by side, and evaluations by passes and totals.

A score is comparable only under the same terms.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import TypedDict

from almanac.comparisons.model_profile import ModelProfile, cell
from almanac.comparisons.result import (
    BenchmarkRow,
    Benchmarks,
    EvaluationRow,
    Evaluations,
    Rate,
    ShownFigure,
)
from almanac.schemas.terms import Terms
from almanac.warehouse.read.reader import StoredFigure

GOOD, FAIR = Fraction(3, 4), Fraction(2, 5)


def benchmarks(profiles: list[ModelProfile]) -> Benchmarks:
    """Return the rows that every model has, with the lead in points.

    Also how many scores each has beside them.
    """
    keys = sorted(set.intersection(*(set(p.scores) for p in profiles)))
    shared = [_row(terms, profiles) for terms in keys]
    return {"shared": shared, "alone": {p.model: len(p.scores) - len(shared) for p in profiles}}


def _row(terms: str, profiles: list[ModelProfile]) -> BenchmarkRow:
    figures = [p.scores[terms] for p in profiles]
    scores = [Decimal(f.value or 0) for f in figures]
    best, *others = sorted(scores, reverse=True)
    lead = best - others[0] if others else Decimal(0)
    conditions = figures[0].conditions
    return {
        "benchmark": conditions.get("benchmark", terms),
        "terms": conditions,
        "scores": scores,
        "lead": lead,
        "cells": [cell(f) for f in figures],
        "leader": profiles[scores.index(best)].model if lead else None,
        "reporter": conditions.get("reporter", ""),
        "variant_known": "variant" in conditions or " " in conditions.get("benchmark", ""),
    }


class OwnScore(TypedDict):
    """One score of a model under its terms."""

    benchmark: str
    terms: dict[str, str]
    cell: ShownFigure


def own(profile: ModelProfile) -> list[OwnScore]:
    """Return every score of a model, by benchmark and terms."""
    return [
        {
            "benchmark": f.conditions.get("benchmark", f.terms),
            "terms": f.conditions,
            "cell": cell(f),
        }
        for f in sorted(profile.scores.values(), key=lambda f: f.terms)
    ]


def evals(profile: ModelProfile) -> Evaluations | None:
    """Return the vision evaluations: passes of totals by category, and the pooled score.

    None where there are none.

    The score is pooled (all passes of all prompts), never the mean of the categories; bands are
    taken from the unrounded ratio.
    """
    figures: dict[str, dict[str, StoredFigure]] = defaultdict(dict)
    for f in profile.evals:
        figures[f.terms][f.field] = f
    rows = [
        _evaluation(terms, pair["passes"], pair["total"])
        for terms, pair in sorted(figures.items())
        if {"passes", "total"} <= pair.keys()
    ]
    if not rows:
        return None
    passes, total = (sum(r["of"][i] for r in rows) for i in (0, 1))
    return {"rows": rows, "pooled": {"passes": passes, "total": total, **_rate(passes, total, 2)}}


def _evaluation(terms: str, passed: StoredFigure, of: StoredFigure) -> EvaluationRow:
    passes, total = int(passed.value or 0), int(of.value or 0)
    conditions = dict(Terms.parse(terms))
    name = conditions.get("benchmark", terms).rpartition(": ")[2].capitalize()
    return {
        "category": conditions.get("category") or name,
        "passes": cell(passed),
        "total": cell(of),
        **_rate(passes, total, 1),
        "of": (passes, total),
    }


def _rate(passes: int, total: int, digits: int) -> Rate:
    ratio = Fraction(passes, total)
    percent = (Decimal(passes) * 100 / total).quantize(Decimal(1).scaleb(-digits))
    shown = (
        f"{percent:f}".rstrip("0").rstrip(".") if percent % 1 else f"{percent.to_integral_value()}"
    )
    return {
        "shown": f"{shown} %",
        "band": "good" if ratio >= GOOD else "fair" if ratio >= FAIR else "poor",
    }
