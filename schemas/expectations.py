"""Expectation suites as data, derived from the field registry.

Every release's figures must hold to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from almanac.schemas.claim import State
from almanac.schemas.fields import FIELDS, METERS


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation on the table of figures.

    `where` narrows it to the rows of one field. A rule about rows sends the rows that break it to
    quarantine; a rule about the table (`row_count`, `not_null_share`) stops the release.
    """

    check: Literal["row_count", "not_null", "not_null_share", "between", "in_set", "unique"]
    column: str = ""
    columns: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    """(subject kind, field)."""
    why: str = ""

    @property
    def name(self) -> str:
        scope = f" of {self.where[0]} {self.where[1]}" if self.where else ""
        return f"{self.check} {self.column or ', '.join(self.columns)}{scope}".strip()

    @property
    def sentence(self) -> str:
        """The rule in words, for people."""
        subject = (
            f"{self.where[0]} {self.where[1]}".replace("_", " ") if self.where else "every figure"
        )
        match self.check:
            case "row_count":
                return f"there are at least {self.low:,.0f} figures"
            case "not_null":
                return f"{subject} has a {self.column}"
            case "not_null_share":
                return f"at least {self.low:.0%} of figures have a {self.column}"
            case "between":
                return f"{subject}: {self._range()}"
            case "in_set":
                return f"{subject}: {self.column} is one of {self._set()}"
        return f"no two figures share {', '.join(self.columns)}".replace("_", " ")

    def _range(self) -> str:
        number = "d" if self.column == "year" else ",.0f"
        low, high = (f"{int(end or 0):{number}}" for end in (self.low, self.high))
        return f"{self.column.replace('_', ' ')} from {low} to {high}"

    def _set(self) -> str:
        shown = ", ".join(v or "(none)" for v in self.values[:6])
        more = len(self.values) - 6
        return f"{shown} and {more} more" if more > 0 else shown

    @property
    def about_rows(self) -> bool:
        return self.check in ("not_null", "between", "in_set", "unique")


def figures_suite(least: int) -> list[Rule]:
    """Return the suite for a release's figures; `least` is the smallest table that is no collapse.

    The row count comes first: expectations on columns pass on an empty table.
    """
    rules = [
        Rule(
            "row_count",
            low=least,
            high=50_000_000,
            why="A collapse of the sources must not become a release.",
        ),
        Rule("not_null", "subject", why="A figure about nothing."),
        Rule(
            "not_null_share",
            "value",
            low=0.5,
            why="Most figures must be decided, or the resolver is broken.",
        ),
        Rule(
            "unique",
            columns=("subject_kind", "subject", "field", "meter", "terms", "valid_from"),
            why="One figure for one question.",
        ),
        Rule("in_set", "state", values=tuple(State), why="The six states."),
        Rule("between", "confidence", low=0, high=1, why="A probability."),
        Rule("in_set", "meter", values=("", *METERS), why="Meters of the registry."),
    ]
    for (kind, name), field in FIELDS.items():
        if field.kind in ("count", "price") and field.low is not None:
            rules.append(
                Rule(
                    "between",
                    "value_integer",
                    low=float(field.low),
                    high=float(field.high or 0),
                    where=(kind, name),
                    why=field.reason,
                )
            )
        elif field.kind == "date":
            rules.append(
                Rule(
                    "between",
                    "year",
                    low=int(str(field.low)[:4]),
                    high=int(str(field.high)[:4]),
                    where=(kind, name),
                    why=field.reason,
                )
            )
        elif field.kind == "text" and field.values:
            rules.append(
                Rule(
                    "in_set",
                    "value",
                    values=field.values,
                    where=(kind, name),
                    why="The words of the registry.",
                )
            )
        elif field.kind == "flag":
            rules.append(
                Rule(
                    "in_set",
                    "value",
                    values=("true", "false"),
                    where=(kind, name),
                    why="A yes or a no.",
                )
            )
    return rules
