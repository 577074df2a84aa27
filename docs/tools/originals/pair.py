"""A comparison, and the release it was computed from."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cached_property

from almanac.comparisons.comparison import compare
from almanac.comparisons.result import plain
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredFigure


class Pair:
    """A comparison, and the release it was computed from, to hold one to the other."""

    def __init__(self, snapshot: Warehouse, models: tuple[str, str]) -> None:
        self.snapshot, self.models = snapshot, models
        self.c = compare(snapshot, *models)
        self.figures = [snapshot.figures(model=m) for m in models]

    @cached_property
    def text(self) -> str:
        """Everything the comparison says, as JSON."""
        return json.dumps(plain(self.c), default=str, ensure_ascii=False)

    def fact(self, side: int, field: str) -> StoredFigure | None:
        """Return what the release says of a model itself."""
        return next(
            (f for f in self.figures[side] if f.subject_kind == "model" and f.field == field), None
        )

    def value(self, side: int, field: str) -> str | None:
        """Return a fact's value if it is known and claims bear it out; else None."""
        f = self.fact(side, field)
        return f.value if f and self.traced(f) else None

    def values(self, field: str) -> tuple[str | None, str | None]:
        return self.value(0, field), self.value(1, field)

    def traced(self, f: StoredFigure | None) -> bool:
        """Whether a figure may be used, and a claim in its support says just that."""
        return (
            f is not None
            and f.usable
            and any(
                c.value == f.value
                for c in self.snapshot.claims(i for i, _ in f.sides()[0]).values()
            )
        )

    def sources(self, f: StoredFigure | None, side: int = 0) -> set[str]:
        """Return who supports a figure, or with 1 who dissents."""
        return (
            {c.source for c in self.snapshot.claims(i for i, _ in f.sides()[side]).values()}
            if f
            else set()
        )

    def open_between(self, side: int, field: str, *values: str) -> bool:
        """Whether a fact has no winner, and its reason names all of these values."""
        f = self.fact(side, field)
        return (
            f is not None
            and f.state == "conflicted"
            and f.value is None
            and all(v in f.why for v in values)
        )

    def amount(self, side: int, provider: str, meter: str) -> int | None:
        """Return a plain price in nano-dollars a million tokens.

        It is known, borne out, and more than its seller's own word.
        """
        f = self.snapshot.figure(f"{provider}:{self.models[side]}", "price", meter)
        fit = (
            f is not None
            and f.state == "known"
            and f.unit == "usd_per_mtok"
            and f.rule != "self-reported"
            and self.traced(f)
        )
        return f.number if f and fit else None

    def months(self, side: int) -> dict[str, Decimal]:
        """Return what 800 M input and 250 M output tokens cost (R1), in dollars, by provider.

        Only providers count whose two plain prices are known and not both nothing.
        """
        totals = {}
        for provider in {f.provider for f in self.figures[side] if f.field == "price"}:
            taken, written = (
                self.amount(side, provider, "input"),
                self.amount(side, provider, "output"),
            )
            if taken is not None and written is not None and (taken or written):
                totals[provider] = (800 * Decimal(taken) + 250 * Decimal(written)) / 10**9
        return totals

    def least(self, side: int, meter: str) -> int | None:
        """Return the lowest plain price of a meter, in nano-dollars a million tokens.

        It is of the providers that `months` knows.
        """
        return min((self.amount(side, p, meter) or 0 for p in self.months(side)), default=None)

    def providers(self, side: int) -> list[str]:
        return list(self.c.providers[self.models[side]]["ids"])

    def refused(self, source: str, printed: str, reason: str) -> bool:
        """Whether a text that a source prints is in quarantine for a reason."""
        return any(
            printed in r["printed"] and reason in r["reason"]
            for r in self.snapshot.refusals(source=source)
        )
