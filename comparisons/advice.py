"""Use it if, avoid it if: sentences that follow from a model's facts by stated rules.

Each comes with the facts it follows from.
"""

from __future__ import annotations

from typing import Any

from almanac.comparisons import formatting
from almanac.comparisons.decision_tags import LONG, tags
from almanac.comparisons.model_profile import ModelProfile, cell, provider_name


def advice(one: ModelProfile) -> dict[str, list[dict[str, Any]]]:
    """Return what speaks for it (its tags) and against it (what is known not to hold).

    Nothing follows from what is not known.
    """
    return {
        "use": [
            {"said": f"you need {t['serves']}", "because": t["because"], "rule": t["rule"]}
            for t in tags(one)
        ],
        "avoid": _avoid(one),
    }


_ABSENT = (
    ("vision", "you send images"),
    ("function_calling", "you call functions"),
    ("structured_outputs", "its output must fit a schema"),
    ("reasoning", "it must reason before it answers"),
    ("open_weights", "you must host it yourself"),
    ("fine_tuning", "you want to train it further"),
)


def _avoid(one: ModelProfile) -> list[dict[str, Any]]:
    found = [
        {
            "said": said,
            "because": [cell(f)],
            "rule": f"{field.replace('_', ' ')} is known not to hold",
        }
        for field, said in _ABSENT
        if (f := one.usable(field)) and f.value == "false"
    ]
    context = one.exactly("context_window")
    if context and (context.number or 0) < LONG:
        found.append(
            {
                "said": f"your prompts and answers exceed {formatting.value(context)} tokens",
                "because": [cell(context)],
                "rule": f"the context window is below {LONG:,} tokens",
            }
        )
    for field, said in (
        ("retirement_date", "you need it beyond"),
        ("deprecation_date", "you start something that shall outlive"),
    ):
        if f := one.usable(field):
            found.append(
                {
                    "said": f"{said} {formatting.value(f)}",
                    "because": [cell(f)],
                    "rule": f"a {field.replace('_', ' ')} is known",
                }
            )
    commercial = one.usable("commercial_use")
    if commercial and commercial.value in ("conditional", "forbidden"):
        found.append(
            {
                "said": (
                    "your use is commercial and you have not read its licence:"
                    f" it is {commercial.value}"
                ),
                "because": [cell(commercial)],
                "rule": "commercial use is not simply permitted",
            }
        )
    if len(one.providers) == 1:
        prices = [f for f in one.offers if f.provider == one.providers[0]][:1]
        found.append(
            {
                "said": (
                    "you need a second provider to fall back on:"
                    f" only {provider_name(one.providers[0])} is tracked"
                ),
                "because": [cell(f) for f in prices],
                "rule": "one tracked provider",
            }
        )
    return found
