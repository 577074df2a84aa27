"""What the shapes are made from.

Offers with what is known of them, what the tool calls them, and where we differ from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from almanac.comparisons import formatting
from almanac.schemas.terms import Terms
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredFigure


@dataclass(frozen=True, slots=True)
class Offered:
    """One model at one provider.

    Its figures, its model's facts, and the names (provider, model) the tool has for it.
    """

    provider: str
    model: str
    name: str
    figures: tuple[StoredFigure, ...]
    facts: Mapping[str, StoredFigure]
    spelled: tuple[tuple[str, str], ...]

    @property
    def slug(self) -> str:
        """The model's name without its maker, folded."""
        return self.model.partition("/")[2].lower()

    def price(self, meter: str, **terms: str | int) -> Decimal | None:
        """Return a price in dollars a unit, None where it is not known, or is not in dollars."""
        wanted = str(Terms.of(**terms))
        f = next(
            (
                f
                for f in self.figures
                if f.field == "price" and f.meter == meter and f.terms == wanted
            ),
            None,
        )
        return (
            Decimal(f.number) / 10**9
            if f and f.usable and f.number is not None and f.unit.startswith("usd_per_")
            else None
        )

    def thresholds(self) -> list[int]:
        """Return the input sizes above which any of its prices is another."""
        return sorted(
            {
                int(f.conditions["above_input"])
                for f in self.figures
                if f.field == "price" and f.conditions.get("above_input", "").isdecimal()
            }
        )

    def windows(self) -> list[str]:
        """Return the times of the day within which any of its prices is another.

        A shape that cannot say so must not say the rest.
        """
        return sorted(
            {
                f.conditions["window"]
                for f in self.figures
                if f.field == "price" and f.usable and "window" in f.conditions
            }
        )

    def fact(self, field: str) -> StoredFigure | None:
        """Return what is known of it as served, or else of the model."""
        served = next((f for f in self.figures if f.field == field and not f.terms), None)
        return next((f for f in (served, self.facts.get(field)) if f and f.usable), None)

    def flag(self, field: str) -> bool | None:
        f = self.fact(field)
        return None if f is None else f.value == "true"

    @property
    def billable(self) -> bool:
        """Whether a tool may load it: standard input and output are known.

        Input alone is enough where nothing is written (embeddings).
        """
        written = self.fact("output_modalities")
        reads_only = bool(
            written
            and written.value
            and any(w in written.value for w in ('"embedding"', '"score"'))
        )
        return self.price("input") is not None and (self.price("output") is not None or reads_only)


def offered(snapshot: Warehouse, source: str) -> list[Offered]:
    """Return every offer with a figure, in order; `source` is the tool whose names are wanted."""
    spelled = snapshot.spelled(source)
    facts: dict[str, dict[str, StoredFigure]] = {}
    offers: dict[tuple[str, str], list[StoredFigure]] = {}
    for f in snapshot.figures(kind="model"):
        facts.setdefault(f.model, {})[f.field] = f
    for f in snapshot.figures(kind="offer"):
        offers.setdefault((f.provider, f.model), []).append(f)
    names = snapshot.model_names()
    return [
        Offered(
            p, m, names.get(m, m), tuple(some), facts.get(m, {}), tuple(spelled.get(f"{p}:{m}", ()))
        )
        for (p, m), some in sorted(offers.items())
    ]


def differences(
    snapshot: Warehouse, source: str, figures: Iterable[StoredFigure]
) -> list[dict[str, Any]]:
    """Return every figure on which a source's own claim is not what we say.

    With theirs, ours, why, and its page.

    Where we say nothing because sources conflict, `ours` is null and the state says so.
    """
    some = [f for f in figures if f.dissent != "[]"]
    claims = snapshot.claims(i for f in some for i, _ in f.sides()[1])
    found = []
    for f in some:
        for i, note in f.sides()[1]:
            c = claims.get(i)
            if c and c.source == source and c.value != f.value:
                found.append(
                    {
                        "subject": f.subject,
                        "field": f.field,
                        "meter": f.meter or None,
                        "terms": f.conditions,
                        "theirs": c.printed,
                        "called": c.model_said,
                        "ours": formatting.value(f) if f.usable else None,
                        "state": f.state,
                        "why": f.why,
                        "note": note,
                        "rule": f.rule,
                        "page": c.url,
                    }
                )
    return found
