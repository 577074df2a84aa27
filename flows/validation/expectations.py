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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

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


Row = dict[str, Any]
"""A figure as it is written: its columns by name."""
RuleResult = TypedDict(  # noqa: UP013 - `said` is its outer name, and no name of ours
    "RuleResult",
    {"rule": str, "said": str, "why": str, "success": bool, "checked": int, "broken": int},
)
"""What became of one rule, as a release keeps it; `said` is the rule as a sentence."""


class Validation(TypedDict, total=False):
    """The results of a draft's validation, as a release keeps them; empty before there are any."""

    rules: int
    rows: int
    quarantined: int
    results: list[RuleResult]


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """What became of one rule: how many rows it was held to, and which broke it."""

    rule: Rule
    success: bool
    checked: int = 0
    rows: tuple[int, ...] = ()

    def as_dict(self) -> RuleResult:
        """Return it as a release keeps it."""
        return {
            "rule": self.rule.name,
            "said": self.rule.sentence,
            "why": self.rule.why,
            "success": self.success,
            "checked": self.checked,
            "broken": len(self.rows),
        }


class Rejected(Exception):
    """The draft broke an expectation about the whole table: it is not published."""


def validate(
    figures: Sequence[Row], least: int = 1
) -> tuple[list[Row], list[RefusedItem], Validation]:
    """Return (figures that hold, refusals of those that do not, results for the release).

    Raises Rejected, naming the broken expectations, when the table as a whole does not hold.
    """
    outcomes = run(figures, _rules(least, len(figures)))
    broken = _broken(outcomes)
    _hold(figures, broken, [o for o in outcomes if not o.success and not o.rule.about_rows])
    validation = Validation(
        rules=len(outcomes),
        rows=len(figures),
        quarantined=len(broken),
        results=[o.as_dict() for o in outcomes],
    )
    refusals = [_refusal(figures[i], rules) for i, rules in sorted(broken.items())]
    return [f for i, f in enumerate(figures) if i not in broken], refusals, validation


def _rules(least: int, count: int) -> list[Rule]:
    """Return the rules that so many figures are held to."""
    enough = count >= TELLING
    return [r for r in figures_suite(least) if r.check != "not_null_share" or enough]


def _broken(outcomes: Sequence[ExpectationResult]) -> dict[int, list[Rule]]:
    """Return the rules that each row broke, by its position."""
    broken: dict[int, list[Rule]] = defaultdict(list)
    for outcome in outcomes:
        for row in outcome.rows:
            broken[row].append(outcome.rule)
    return broken


def _hold(
    figures: Sequence[Row],
    broken: Mapping[int, Sequence[Rule]],
    failed: Sequence[ExpectationResult],
) -> None:
    """Raise Rejected where the table as a whole does not hold."""
    if failed:
        raise Rejected(f"the draft does not hold: {'; '.join(o.rule.name for o in failed)}")
    if len(broken) > max(10, WORST * len(figures)):
        raise Rejected(
            f"{len(broken)} of {len(figures)} figures break an expectation, more than {WORST:.0%}:"
            " the readers or units are broken"
        )


def _refusal(figure: Row, rules: list[Rule]) -> RefusedItem:
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


def run(figures: Sequence[Row], rules: Sequence[Rule]) -> list[ExpectationResult]:
    """Return for every rule whether it held, and which rows broke it."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frame = _frame(figures)
    asset = context.data_sources.add_pandas("figures").add_dataframe_asset("figures")
    whole = asset.add_batch_definition_whole_dataframe("figures")
    # dict() would ask it for keys.
    parts = {scope: part for scope, part in frame.groupby([frame["subject_kind"], frame["field"]])}  # noqa: C416
    outcomes = []
    for rule in rules:
        part = frame if rule.where is None else parts.get(rule.where)
        if part is None or (rule.about_rows and part.empty):
            outcomes.append(ExpectationResult(rule, True))
            continue
        batch = whole.get_batch(batch_parameters={"dataframe": part})
        result = batch.validate(
            _expectation(gx.expectations, rule),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]},
        )
        outcomes.append(
            ExpectationResult(rule, bool(result.success), len(part), _rows(rule, result.result))
        )
    return outcomes


def _frame(figures: Sequence[Row]) -> Any:
    """Return the figures as a table, each with its position and the year of a date."""
    import pandas as pd

    frame = pd.DataFrame([[f[c] for c in COLUMNS] for f in figures], columns=list(COLUMNS))
    frame["id"] = range(len(frame))
    frame["value_integer"] = frame["value_integer"].astype("float64")
    dated = frame["value"].where(frame["value"].astype("string").str.match(r"^\d{4}(-|$)"))
    year = pd.to_numeric(dated.astype("string").str[:4], errors="coerce")
    frame["year"] = year.astype("float64")
    return frame


def _rows(rule: Rule, detail: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the positions of the rows that broke a rule about rows."""
    if not rule.about_rows:
        return ()
    rows = sorted({int(i["id"]) for i in detail.get("unexpected_index_list") or ()})
    count = int(detail.get("unexpected_count") or 0)
    if rule.check != "unique" and count != len(rows):
        raise Rejected(f"{rule.name}: {count} rows broke it but {len(rows)} were named")
    return tuple(rows)


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
