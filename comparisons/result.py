"""What a comparison is made of: its parts by name, as they are read and as they become JSON.

Amounts are exact decimals of US dollars; what is `shown` is text for a reader. A part of one model
stands under its id, a row over all models has a cell for each, in the order of `models`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NotRequired, TypedDict


class ShownFigure(TypedDict):
    """A figure as a table shows it, with what finds its claims.

    A figure that is not known has the first three and the field that was asked for.
    """

    shown: str
    state: str
    value: str | None
    field: str
    why: NotRequired[str]
    confidence: NotRequired[float]
    support: NotRequired[int]
    dissent: NotRequired[int]
    subject: NotRequired[str]
    meter: NotRequired[str]
    terms: NotRequired[str]
    since: NotRequired[str]


class ModelHead(TypedDict):
    """Which model a column is of."""

    id: str
    name: str
    maker: str
    year: str
    """Empty where the day of its release is not known."""


class FieldRow(TypedDict):
    """One field of the models."""

    field: str
    title: str
    meaning: str
    cells: list[ShownFigure]


class RouteRow(TypedDict):
    """The standard prices of one provider, and what the named mixes cost there."""

    provider: str
    name: str
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    input: str
    output: str
    ref_800_250_usd: Decimal
    blend_70_30_usd: Decimal
    blend_3_1_usd: Decimal


class OfferRow(TypedDict):
    """One offer of a model as a table shows it."""

    provider: str
    name: str
    input: ShownFigure
    output: ShownFigure
    cache_read: ShownFigure
    served: dict[str, list[ShownFigure]]
    """What is said of it as served, by field."""
    more_prices: int
    self_reported: bool
    free: bool
    withdrawn: ShownFigure | None
    runs: bool
    """Whether it is known where or how it runs."""


class Providers(TypedDict):
    """Who serves a model."""

    count: int
    ids: list[str]
    names: list[str]
    free: list[str]
    unchecked: list[str]
    """Routes whose prices their seller alone states."""


class BenchmarkRow(TypedDict):
    """Scores of all models under the same terms."""

    benchmark: str
    terms: dict[str, str]
    scores: list[Decimal]
    lead: Decimal
    """Points between the best and the next."""
    cells: list[ShownFigure]
    leader: str | None
    """The model that leads; None where the best is shared."""
    reporter: str
    variant_known: bool


class Benchmarks(TypedDict):
    """The scores that all have, and how many each has beside them."""

    shared: list[BenchmarkRow]
    alone: dict[str, int]


class Rate(TypedDict):
    """Passes of a total, in percent, and its band, which is taken from the unrounded ratio."""

    shown: str
    band: str


class EvaluationRow(Rate):
    """Passes of one category."""

    category: str
    passes: ShownFigure
    total: ShownFigure
    of: tuple[int, int]


class PooledRate(Rate):
    """All passes of all prompts."""

    passes: int
    total: int


class Evaluations(TypedDict):
    """Evaluations of one model by passes and totals."""

    rows: list[EvaluationRow]
    pooled: PooledRate


class MixCost(TypedDict):
    """What a named mix of traffic costs on each model's cheapest route."""

    basis: str
    usd: list[Decimal]
    shown: list[str]
    routes: list[str]
    cells: list[list[ShownFigure]]
    gap_usd: Decimal
    gap_shown: str
    lower: str | None
    """The cheapest model; None where two share that."""
    saving_pct: Decimal | None
    """Of the dearest."""
    markup_pct: Decimal | None
    """Over the cheapest."""


class MeterCost(TypedDict):
    """The lowest price of a meter of each model, for a million tokens."""

    basis: str
    usd_per_mtok: list[Decimal]
    difference_usd: Decimal
    lower: str | None
    cells: list[ShownFigure]
    providers: list[str]
    saving_pct: Decimal | None
    markup_pct: Decimal | None


class Cost(TypedDict):
    """What the models cost on their cheapest routes."""

    mixes: dict[str, MixCost]
    input: MeterCost
    output: MeterCost
    names: dict[str, str]
    excluded: str


class Overlap(TypedDict):
    """Who serves all of them, among so many tracked offers, as of a day."""

    providers: list[str]
    names: list[str]
    tracked: int
    as_of: str
    said: str


class TagRow(TypedDict):
    """A decision tag, and the facts it follows from."""

    tag: str
    rule: str
    serves: str
    because: list[ShownFigure]


class Reason(TypedDict):
    """A reason to use or to avoid a model, by a stated rule."""

    said: str
    because: list[ShownFigure]
    rule: str


class Advice(TypedDict):
    """What speaks for a model, and what against it."""

    use: list[Reason]
    avoid: list[Reason]


class ScorecardRow(TypedDict):
    """A row that a decision begins with: cells, or texts and where on the page they follow from."""

    title: str
    cells: NotRequired[list[ShownFigure]]
    texts: NotRequired[list[str]]
    at: NotRequired[str]


Switch = TypedDict("Switch", {"from": str, "to": str, "title": str, "said": list[str]})
"""What a switch from one model to another meets."""


class Question(TypedDict):
    """A question that can be answered from what is known."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the figures say of the models, side by side in one release at one moment."""

    title: str
    as_of: str
    release: int
    models: list[ModelHead]
    specs: list[FieldRow]
    capabilities: list[FieldRow]
    prices: dict[str, list[RouteRow]]
    offers: dict[str, list[OfferRow]]
    providers: dict[str, Providers]
    benchmarks: Benchmarks
    evals: dict[str, Evaluations | None]
    cost: Cost | None
    """None where one model has no known price: nothing is derived from it."""
    traffic: dict[str, Any]
    """The month at the reader's traffic (`almanac.comparisons.pricing.monthly.costs`)."""
    overlap: Overlap
    tags: dict[str, list[TagRow]]


@dataclass(frozen=True, slots=True)
class Comparison(Findings):
    """A comparison: what is found, and what follows from it in words."""

    scorecard: list[ScorecardRow]
    tradeoffs: dict[str, list[str]]
    verdict: str
    lede: str
    friction: list[Switch]
    advice: dict[str, Advice]
    deep_dive: list[str]
    faq: list[Question]


def plain(comparison: Findings) -> dict[str, Any]:
    """Return a comparison as data for JSON, in the order of its parts."""
    return {f.name: getattr(comparison, f.name) for f in fields(comparison)}
