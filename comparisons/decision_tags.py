"""Decision tags: what a model is fit for, derived from its own facts by the rules stated here.

Imported tags and advice are opinions and are not used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from almanac.comparisons.model_profile import ModelProfile, cell
from almanac.comparisons.pricing.traffic_mixes import MIXES, cheapest
from almanac.comparisons.result import TagRow
from almanac.warehouse.read.reader import StoredFigure

LONG = 128_000
"""Tokens of context from which prompts count as long.

Most models of 2024 have that much, and a whole book fills it.
"""
CHEAP = Decimal("0.50")
"""Dollars a million tokens below which tokens hardly decide a budget.

Three parts are input and one part is output.
"""


Ruling = tuple[bool | None, list[StoredFigure]]
"""Whether a rule holds, None where that is not known, and the facts that tell."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name, the rule in words, what it is good for as a noun phrase, and the rule."""

    name: str
    rule: str
    serves: str
    holds: Callable[[ModelProfile], Ruling]


def _flag(*fields: str) -> Callable[[ModelProfile], Ruling]:
    def holds(profile: ModelProfile) -> Ruling:
        facts = [f for name in fields if (f := profile.usable(name))]
        if any(f.value != "true" for f in facts):
            return False, facts
        return (True if len(facts) == len(fields) else None), facts

    return holds


def _modality(kind: str, name: str) -> Callable[[ModelProfile], Ruling]:
    def holds(profile: ModelProfile) -> Ruling:
        f = profile.usable(f"{kind}_modalities")
        return (name in json.loads(f.value), [f]) if f and f.value else (None, [])

    return holds


def _either(*rules: Callable[[ModelProfile], Ruling]) -> Callable[[ModelProfile], Ruling]:
    def holds(profile: ModelProfile) -> Ruling:
        rulings = [rule(profile) for rule in rules]
        never = all(held is False for held, _ in rulings)
        return next((r for r in rulings if r[0]), (False if never else None, []))

    return holds


def _long(profile: ModelProfile) -> Ruling:
    f = profile.exactly("context_window")
    return ((f.number or 0) >= LONG, [f]) if f else (None, [])


def _cheap(profile: ModelProfile) -> Ruling:
    mix = MIXES["blend_3_1"]
    best = cheapest(profile.routes, mix)
    return (best.cost(mix) <= CHEAP, [best.input, best.output]) if best else (None, [])


TAGS = (
    Tag(
        "Coding",
        "code execution is supported",
        "code that is written and run",
        _flag("code_execution"),
    ),
    Tag(
        "Agents",
        "reasoning and function calling are supported",
        "agents that plan and call functions",
        _flag("reasoning", "function_calling"),
    ),
    Tag(
        "Tool calling",
        "function calling is supported",
        "calling functions",
        _flag("function_calling"),
    ),
    Tag(
        "Structured output",
        "output can be held to a schema",
        "output in a fixed schema",
        _flag("structured_outputs"),
    ),
    Tag("Long context", f"the context window is {LONG:,} tokens or more", "long prompts", _long),
    Tag(
        "Vision",
        "images are understood",
        "images as input",
        _either(_flag("vision"), _modality("input", "image")),
    ),
    Tag("Audio", "audio is taken as input", "audio as input", _modality("input", "audio")),
    Tag("Image output", "images are produced", "making images", _modality("output", "image")),
    Tag(
        "Self-hosting",
        "the weights can be downloaded",
        "running it on your own machines",
        _flag("open_weights"),
    ),
    Tag(
        "Low cost",
        f"three parts input and one part output cost ${CHEAP} a million tokens or less"
        " on the cheapest route",
        "high volume on a small budget",
        _cheap,
    ),
)
"""In the order in which they are shown. The same thresholds hold for every model."""


def tags(profile: ModelProfile) -> list[TagRow]:
    """Return the tags of a model, each with its rule and the facts it follows from."""
    rulings = ((t, *t.holds(profile)) for t in TAGS)
    return [
        {"tag": t.name, "rule": t.rule, "serves": t.serves, "because": [cell(f) for f in facts]}
        for t, held, facts in rulings
        if held
    ]


def alone(profile: ModelProfile, others: list[ModelProfile]) -> list[str]:
    """Return the tags that one model has and all others are known not to have."""
    return [
        t.name
        for t in TAGS
        if t.holds(profile)[0] and all(t.holds(other)[0] is False for other in others)
    ]
