"""The fields of an evaluation: what somebody measured of a model."""

from __future__ import annotations

from almanac.schemas.field import MEASURED, Field

EVALUATION_FIELDS: tuple[Field, ...] = (
    Field(
        "score",
        "evaluation",
        "score",
        "Score",
        "Benchmark score in the benchmark's unit;"
        " variant, harness, effort and reporter in the terms",
        unit="benchmark's own",
        authority=MEASURED,
    ),
    Field(
        "passes",
        "evaluation",
        "count",
        "Passes",
        "Prompts passed in a task category",
        unit="prompts",
        low=0,
        high=10_000_000,
        reason="No set is larger.",
        authority=MEASURED,
    ),
    Field(
        "total",
        "evaluation",
        "count",
        "Total",
        "Prompts put in a task category",
        unit="prompts",
        low=1,
        high=10_000_000,
        reason="No set is larger.",
        authority=MEASURED,
    ),
)
