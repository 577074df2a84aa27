"""Benchmarks side by side, and evaluations by passes and totals.

A score is comparable only under the same terms.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from almanac.comparisons.model_profile import ModelProfile, cell
from almanac.schemas.terms import Terms

GOOD, FAIR = Fraction(3, 4), Fraction(2, 5)


def benchmarks(sides: list[ModelProfile]) -> dict[str, Any]:
    """Return the rows that every side has, with the lead in points.

    Also how many scores each has beside them.
    """
    keys = sorted(set.intersection(*(set(s.scores) for s in sides)))
    shared = []
    for terms in keys:
        figures = [s.scores[terms] for s in sides]
        scores = [Decimal(f.value or 0) for f in figures]
        ranked = sorted(scores, reverse=True)
        lead = ranked[0] - ranked[1] if len(ranked) > 1 else Decimal(0)
        conditions = figures[0].conditions
        shared.append(
            {
                "benchmark": conditions.get("benchmark", terms),
                "terms": conditions,
                "scores": scores,
                "lead": lead,
                "cells": [cell(f) for f in figures],
                "leader": sides[scores.index(ranked[0])].model if lead else None,
                "reporter": conditions.get("reporter", ""),
                "variant_known": "variant" in conditions or " " in conditions.get("benchmark", ""),
            }
        )
    return {"shared": shared, "alone": {s.model: len(s.scores) - len(shared) for s in sides}}


def own(one: ModelProfile) -> list[dict[str, Any]]:
    """Return every score of a model, by benchmark and terms."""
    return [
        {
            "benchmark": f.conditions.get("benchmark", f.terms),
            "terms": f.conditions,
            "cell": cell(f),
        }
        for f in sorted(one.scores.values(), key=lambda f: f.terms)
    ]


def evals(one: ModelProfile) -> dict[str, Any] | None:
    """Return the vision evaluations: passes of totals by category, and the pooled score.

    None where there are none.

    The score is pooled (all passes of all prompts), never the mean of the categories; bands are
    taken from the unrounded ratio.
    """
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for f in one.evals:
        found[f.terms][f.field] = f
    rows = []
    for terms, pair in sorted(found.items()):
        if {"passes", "total"} <= pair.keys():
            passes, total = int(pair["passes"].value), int(pair["total"].value)
            conditions = dict(Terms.parse(terms))
            category = (
                conditions.get("category")
                or conditions.get("benchmark", terms).rpartition(": ")[2].capitalize()
            )
            rows.append(
                {
                    "category": category,
                    "passes": cell(pair["passes"]),
                    "total": cell(pair["total"]),
                    **_rate(passes, total, 1),
                    "of": (passes, total),
                }
            )
    if not rows:
        return None
    passes, total = (sum(r["of"][i] for r in rows) for i in (0, 1))
    return {"rows": rows, "pooled": {"passes": passes, "total": total, **_rate(passes, total, 2)}}


def _rate(passes: int, total: int, digits: int) -> dict[str, Any]:
    ratio = Fraction(passes, total)
    percent = (Decimal(passes) * 100 / total).quantize(Decimal(1).scaleb(-digits))
    shown = (
        f"{percent:f}".rstrip("0").rstrip(".") if percent % 1 else f"{percent.to_integral_value()}"
    )
    return {
        "shown": f"{shown} %",
        "band": "good" if ratio >= GOOD else "fair" if ratio >= FAIR else "poor",
    }
