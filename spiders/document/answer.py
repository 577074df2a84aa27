"""Where the answer of an API lists its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def listed_models(
    answer: Any, under: Sequence[str], named: Sequence[str]
) -> list[tuple[Any, Mapping[str, Any]]]:
    """Return the models of an answer, each with the keys that lead to it; none where it has none.

    The list is the answer, or stands under one of some paths of keys with `/` between them; each
    of its objects has a key that names a model.
    """
    for path in under if isinstance(answer, dict) else ("",):
        keys = path.split("/") if path else []
        held = _held(answer, keys)
        if held is not None:
            told_apart = all(isinstance(m, dict) and any(k in m for k in named) for m in held)
            return [((*keys, n), model) for n, model in enumerate(held)] if told_apart else []
    return []


def _held(answer: Any, keys: Sequence[str]) -> list[Any] | None:
    inner = answer
    for key in keys:
        inner = inner.get(key) if isinstance(inner, dict) else None
    return inner if isinstance(inner, list) else None
