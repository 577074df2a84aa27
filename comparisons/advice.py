"""Use it if, avoid it if: sentences that follow from a model's facts by stated rules.

Each comes with the facts it follows from.
"""

from __future__ import annotations

from collections.abc import Iterator

from almanac.comparisons import formatting
from almanac.comparisons.decision_tags import LONG, tags
from almanac.comparisons.model_profile import ModelProfile, cell, provider_name
from almanac.comparisons.result import Advice, Reason
from almanac.warehouse.read.reader import StoredFigure


def advice(profile: ModelProfile) -> Advice:
    """Return what speaks for it (its tags) and against it (what is known not to hold).

    Nothing follows from what is not known.
    """
    return {
        "use": [
            {"said": f"you need {t['serves']}", "because": t["because"], "rule": t["rule"]}
            for t in tags(profile)
        ],
        "avoid": [reason for rule in _AGAINST for reason in rule(profile)],
    }


_ABSENT = (
    ("vision", "you send images"),
    ("function_calling", "you call functions"),
    ("structured_outputs", "its output must fit a schema"),
    ("reasoning", "it must reason before it answers"),
    ("open_weights", "you must host it yourself"),
    ("fine_tuning", "you want to train it further"),
)
_ENDS = (
    ("retirement_date", "you need it beyond"),
    ("deprecation_date", "you start something that shall outlive"),
)


def _reason(text: str, rule: str, *figures: StoredFigure) -> Reason:
    return {"said": text, "because": [cell(f) for f in figures], "rule": rule}


def _lacks(profile: ModelProfile) -> Iterator[Reason]:
    for field, need in _ABSENT:
        if (f := profile.usable(field)) and f.value == "false":
            yield _reason(need, f"{field.replace('_', ' ')} is known not to hold", f)


def _short(profile: ModelProfile) -> Iterator[Reason]:
    context = profile.exactly("context_window")
    if context and (context.number or 0) < LONG:
        yield _reason(
            f"your prompts and answers exceed {formatting.value(context)} tokens",
            f"the context window is below {LONG:,} tokens",
            context,
        )


def _ends(profile: ModelProfile) -> Iterator[Reason]:
    for field, need in _ENDS:
        if f := profile.usable(field):
            rule = f"a {field.replace('_', ' ')} is known"
            yield _reason(f"{need} {formatting.value(f)}", rule, f)


def _restricted(profile: ModelProfile) -> Iterator[Reason]:
    commercial = profile.usable("commercial_use")
    if commercial and commercial.value in ("conditional", "forbidden"):
        yield _reason(
            f"your use is commercial and you have not read its licence: it is {commercial.value}",
            "commercial use is not simply permitted",
            commercial,
        )


def _served_by_one(profile: ModelProfile) -> Iterator[Reason]:
    if len(profile.providers) == 1:
        (provider,) = profile.providers
        yield _reason(
            "you need a second provider to fall back on:"
            f" only {provider_name(provider)} is tracked",
            "one tracked provider",
            *[f for f in profile.offers if f.provider == provider][:1],
        )


_AGAINST = (_lacks, _short, _ends, _restricted, _served_by_one)
"""In the order in which they are shown."""
