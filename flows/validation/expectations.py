"""A draft's figures held to the expectations derived from the field registry.

Great Expectations holds them to it.

Rows that break a rule leave the draft for the quarantine, every one of them; a table that
breaks a rule stops the release. Great Expectations is imported here and nowhere else: it takes
seconds to load.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from almanac.schemas.claim import RefusedItem
from almanac.schemas.expectations import Rule, figures_suite

COLUMNS = (
    "subject_kind",
    "subject",
    "field",
    "meter",
    "terms",
    "unit",
    "value",
    "value_integer",
    "state",
    "confidence",
    "valid_from",
)
TELLING = 200
"""A share says something about the resolver from this many figures on.

A day's few changes may all be conflicts.
"""

WORST = 0.05
"""Share of rows that may go to quarantine before the release itself is in doubt."""


class Rejected(Exception):
    """The draft broke an expectation about the whole table: it is not published."""


def validate(
    figures: Sequence[dict[str, Any]], least: int = 1
) -> tuple[list[dict[str, Any]], list[RefusedItem], dict[str, Any]]:
    """Return (figures that hold, refusals of those that do not, results for the release).

    Raises Rejected, naming the broken expectations, when the table as a whole does not hold.
    """
    rules = [
        r for r in figures_suite(least) if r.check != "not_null_share" or len(figures) >= TELLING
    ]
    results = run(figures, rules)
    broken: dict[int, list[Rule]] = defaultdict(list)
    for rule, result in zip(rules, results, strict=True):
        for row in result["rows"]:
            broken[row].append(rule)
    failed = [
        r["rule"]
        for rule, r in zip(rules, results, strict=True)
        if not r["success"] and not rule.about_rows
    ]
    summary = {
        "rules": len(rules),
        "rows": len(figures),
        "quarantined": len(broken),
        "results": [{k: v for k, v in r.items() if k != "rows"} for r in results],
    }
    if failed:
        raise Rejected(f"the draft does not hold: {'; '.join(failed)}")
    if len(broken) > max(10, WORST * len(figures)):
        raise Rejected(
            f"{len(broken)} of {len(figures)} figures break an expectation, more than {WORST:.0%}:"
            " the readers or units are broken"
        )
    refusals = [_refusal(figures[i], rules_) for i, rules_ in sorted(broken.items())]
    return [f for i, f in enumerate(figures) if i not in broken], refusals, summary


def _refusal(figure: dict[str, Any], rules: list[Rule]) -> RefusedItem:
    return RefusedItem(
        source="",
        capture="",
        stage="validate",
        reason="; ".join(f"{r.name}: {r.why}" for r in rules),
        printed=str(figure["value"]),
        locator=(
            f"{figure['subject']} {figure['field']} {figure['meter']} {figure['terms']}"
        ).strip(),
        model=figure["model"],
        provider=figure["provider"],
        field=figure["field"],
    )


def run(figures: Sequence[dict[str, Any]], rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Return for every rule whether it held and how many rows broke it.

    Also which rows did: their positions.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    import pandas as pd

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frame = pd.DataFrame([[f[c] for c in COLUMNS] for f in figures], columns=list(COLUMNS))
    frame["id"] = range(len(frame))
    frame["value_integer"] = frame["value_integer"].astype("float64")
    frame["year"] = pd.to_numeric(
        frame["value"]
        .where(frame["value"].astype("string").str.match(r"^\d{4}(-|$)"))
        .astype("string")
        .str[:4],
        errors="coerce",
    ).astype("float64")
    asset = context.data_sources.add_pandas("figures").add_dataframe_asset("figures")
    whole = asset.add_batch_definition_whole_dataframe("figures")
    # dict() would ask it for keys.
    parts = {scope: part for scope, part in frame.groupby([frame["subject_kind"], frame["field"]])}  # noqa: C416
    results = []
    for rule in rules:
        part = frame if rule.where is None else parts.get(rule.where)
        if part is None or (rule.about_rows and part.empty):
            results.append(
                {
                    "rule": rule.name,
                    "said": rule.sentence,
                    "why": rule.why,
                    "success": True,
                    "checked": 0,
                    "broken": 0,
                    "rows": [],
                }
            )
            continue
        batch = whole.get_batch(batch_parameters={"dataframe": part})
        outcome = batch.validate(
            _expectation(gx.expectations, rule),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]},
        )
        detail = outcome.result
        rows = (
            sorted({int(i["id"]) for i in detail.get("unexpected_index_list") or ()})
            if rule.about_rows
            else []
        )
        count = int(detail.get("unexpected_count") or 0)
        if rule.about_rows and rule.check != "unique" and count != len(rows):
            raise Rejected(f"{rule.name}: {count} rows broke it but {len(rows)} were named")
        results.append(
            {
                "rule": rule.name,
                "said": rule.sentence,
                "why": rule.why,
                "success": bool(outcome.success),
                "checked": len(part),
                "broken": len(rows),
                "rows": rows,
            }
        )
    return results


def _expectation(gxe: Any, rule: Rule) -> Any:
    match rule.check:
        case "row_count":
            return gxe.ExpectTableRowCountToBeBetween(
                min_value=int(rule.low or 0), max_value=int(rule.high or 0)
            )
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.column)
        case "not_null_share":
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.column, mostly=rule.low)
        case "between":
            return gxe.ExpectColumnValuesToBeBetween(
                column=rule.column, min_value=rule.low, max_value=rule.high
            )
        case "in_set":
            return gxe.ExpectColumnValuesToBeInSet(column=rule.column, value_set=list(rule.values))
        case "unique":
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(rule.columns))
