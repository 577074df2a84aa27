"""The front matter of a card to claims: its licence, and the results that it lists as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from almanac.schemas.terms import Terms
from almanac.spiders.reading.context import Context


def read_front_matter(context: Context, front: Mapping[str, Any]) -> None:
    """Read the front matter of a card: its licence is that of every member of a family."""
    tag = front.get("license_name") or front.get("license")
    if isinstance(tag, str):
        for model in context.models:
            context.say("licence", tag, model=model, printed=tag, locator="front matter license")
        context.licensed = True
    if context.subject:
        _indexed(context, front)


def _indexed(context: Context, front: Mapping[str, Any]) -> None:
    """Read the results that the front matter lists as records."""
    for n, (task, dataset, metric) in enumerate(_results(front)):
        at = f"model-index {n}"
        if "value" not in metric:
            context.refuse("a result without a value", str(metric)[:200], at, context.subject)
            continue
        context.say(
            "score",
            str(metric["value"]),
            printed=str(metric["value"]),
            model=context.subject,
            subject="evaluation",
            locator=at,
            terms=Terms.of(
                benchmark=dataset.get("name"),
                split=dataset.get("split"),
                config=dataset.get("config"),
                task=task.get("type"),
                metric=metric.get("type"),
                reporter="card",
            ),
        )


def _results(
    front: Mapping[str, Any],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    for entry in _records(front.get("model-index")):
        for result in _records(entry.get("results")):
            for metric in _records(result.get("metrics")):
                yield _record(result.get("task")), _record(result.get("dataset")), metric


def _records(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _record(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
