"""The functions that `sections.yaml` names: readers of ours, and rules that ours is held to."""

from __future__ import annotations

from collections.abc import Callable

Reader = Callable[..., str]
"""Takes a pair and what the section gives it; returns what ours prints there."""
Rule = Callable[..., bool]
"""Takes a pair and what the section gives it; returns whether it is true of ours."""
READERS: dict[str, Reader] = {}
RULES: dict[str, Rule] = {}


def reader(function: Reader) -> Reader:
    """Let sections name a function that reads ours."""
    READERS[function.__name__] = function
    return function


def rule(function: Rule) -> Rule:
    """Let sections name a function that ours is held to."""
    RULES[function.__name__] = function
    return function
