"""What traffic costs: named mixes, offers ranked, mark-up and saving kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from almanac.warehouse.read.reader import StoredFigure


@dataclass(frozen=True, slots=True)
class Mix:
    """Traffic: millions of input and output tokens, and what they add up to."""

    name: str
    input_mtok: Decimal
    output_mtok: Decimal
    basis: str


MIXES = {
    m.name: m
    for m in (
        Mix(
            "ref_800_250", Decimal(800), Decimal(250), "800 M input and 250 M output tokens a month"
        ),
        Mix(
            "blend_70_30",
            Decimal("0.7"),
            Decimal("0.3"),
            "a million tokens, 70 % input and 30 % output",
        ),
        Mix(
            "blend_3_1",
            Decimal("0.75"),
            Decimal("0.25"),
            "a million tokens, three parts input and one part output",
        ),
    )
}
"""Three mixes can order two models differently, so every figure names the one it is for."""


@dataclass(frozen=True, slots=True)
class Route:
    """One provider's standard prices for a model, in nano-dollars a million tokens."""

    provider: str
    input: StoredFigure
    output: StoredFigure

    @property
    def self_reported(self) -> bool:
        return "self-reported" in (self.input.rule, self.output.rule)

    def cost(self, mix: Mix) -> Decimal:
        """Return US dollars for a mix of traffic, exactly."""
        return (
            Decimal(self.input.number or 0) * mix.input_mtok
            + Decimal(self.output.number or 0) * mix.output_mtok
        ) / 10**9


def routes(figures: list[StoredFigure]) -> list[Route]:
    """Return the paid routes whose standard input and output prices are known in US dollars.

    Left out, because they would win unfairly: free tiers, ranges, conflicted prices, prices under
    conditions, and what only the seller itself says (`unchecked` lists those).
    """
    return [r for r in _priced(figures) if not r.self_reported]


def unchecked(figures: list[StoredFigure]) -> list[Route]:
    """Return the routes whose price only the seller itself states on a page that sells."""
    return [r for r in _priced(figures) if r.self_reported]


def _priced(figures: list[StoredFigure]) -> list[Route]:
    found: dict[str, dict[str, StoredFigure]] = {}
    for f in figures:
        if (
            f.field == "price"
            and f.meter in ("input", "output")
            and not f.terms
            and f.state == "known"
            and f.unit == "usd_per_mtok"
        ):
            found.setdefault(f.provider, {})[f.meter] = f
    paid = (
        Route(p, m["input"], m["output"])
        for p, m in found.items()
        if len(m) == 2 and (m["input"].number or m["output"].number)
    )
    return sorted(paid, key=lambda r: (r.cost(MIXES["ref_800_250"]), r.provider))


def free(figures: list[StoredFigure]) -> list[str]:
    """Return the providers that serve it free: every component they price is zero."""
    amounts: dict[str, list[int]] = {}
    for f in figures:
        if f.field == "price" and f.usable and f.number is not None:
            amounts.setdefault(f.provider, []).append(f.number)
    return sorted(p for p, xs in amounts.items() if not any(xs))


def cheapest(some: list[Route], mix: Mix) -> Route | None:
    return min(some, key=lambda r: (r.cost(mix), r.provider), default=None)


def markup(dearer: Decimal, cheaper: Decimal) -> Decimal | None:
    """Return how much more the dearer asks, as a share of the cheaper.

    None where the cheaper is free.
    """
    return (dearer - cheaper) / cheaper if cheaper else None


def saving(dearer: Decimal, cheaper: Decimal) -> Decimal | None:
    """Return what the cheaper saves, as a share of the dearer: never more than all of it."""
    return (dearer - cheaper) / dearer if dearer else None
