"""One model's part of a comparison: its facts, its offers, what they charge, its scores."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property

from almanac.comparisons import formatting
from almanac.comparisons.pricing.tariff import Tariff
from almanac.comparisons.pricing.traffic_mixes import Route, routes
from almanac.comparisons.result import ShownFigure
from almanac.schemas import catalogue
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredFigure


class ModelProfile:
    """What a release says of one model at one moment."""

    def __init__(
        self, model: str, name: str, figures: Iterable[StoredFigure], day: str = ""
    ) -> None:
        self.model, self.name, self.day = model, name, day
        kinds: dict[str, list[StoredFigure]] = {"model": [], "offer": [], "evaluation": []}
        for f in figures:
            kinds[f.subject_kind].append(f)
        self.facts = {f.field: f for f in kinds["model"]}
        self.offers = kinds["offer"]
        evaluations = [f for f in kinds["evaluation"] if f.usable]
        self.scores = {f.terms: f for f in evaluations if f.field == "score"}
        self.evals = [f for f in evaluations if f.field in ("passes", "total")]
        self.routes: list[Route] = routes(self.offers)
        self.providers = sorted({f.provider for f in self.offers if _says_it_is_served(f)})

    @cached_property
    def tariffs(self) -> dict[str, Tariff]:
        """What each provider that prices it charges, by provider."""
        priced: dict[str, list[StoredFigure]] = {}
        for f in self.offers:
            if f.field == "price":
                priced.setdefault(f.provider, []).append(f)
        return {
            p: Tariff(f"{p}:{self.model}", prices, self.day) for p, prices in sorted(priced.items())
        }

    @cached_property
    def as_served(self) -> dict[str, dict[str, list[StoredFigure]]]:
        """What each provider's offer is said to be, prices apart: figures by field, by provider."""
        served: dict[str, dict[str, list[StoredFigure]]] = {}
        for f in self.offers:
            if f.field != "price":
                served.setdefault(f.provider, {}).setdefault(f.field, []).append(f)
        return served

    @property
    def year(self) -> str:
        """The year it was released, if it is known."""
        f = self.usable("release_date")
        return (f.value or "")[:4] if f else ""

    def usable(self, field: str) -> StoredFigure | None:
        """Return a fact from which something may be derived, or None."""
        f = self.facts.get(field)
        return f if f is not None and f.usable else None

    def has(self, field: str) -> bool | None:
        """Return whether it has a capability; None where that is not known."""
        f = self.usable(field)
        return None if f is None else f.value == "true"

    def exactly(self, field: str) -> StoredFigure | None:
        """Return a fact that can win or lose: a bound says neither."""
        f = self.usable(field)
        return None if f is None or f.rule.endswith("bound only") else f


def _says_it_is_served(f: StoredFigure) -> bool:
    """Whether a figure shows that its provider serves the model itself, not by way of another."""
    serves = f.field == "price" or (f.field == "offered" and f.value == "true")
    return f.usable and serves and "via=" not in f.terms


def side(snapshot: Warehouse, model: str) -> ModelProfile:
    """Return a model's side.

    Raises LookupError for one without figures at the moment asked about.
    """
    figures = snapshot.figures(model=model)
    if not figures:
        raise LookupError(
            f"{model} has no figures in release {snapshot.known}"
            + (f" on {snapshot.valid[:10]}" if snapshot.valid else "")
        )
    return ModelProfile(model, snapshot.names([model]).get(model, model), figures, day_of(snapshot))


def day_of(snapshot: Warehouse) -> str:
    """Return the day a release is asked about, as ISO text: by default that of its newest look."""
    return (snapshot.valid or snapshot.newest_look())[:10]


def cell(f: StoredFigure | None, field: str = "") -> ShownFigure:
    """Return a figure as a table shows it.

    With it is what finds its claims: subject, field, meter and terms.
    """
    if f is None:
        return {"shown": formatting.MISSING, "state": "not_found", "value": None, "field": field}
    support, dissent = f.sides()
    badge = (
        " (OSI-approved)" if f.field == "licence" and f.value in catalogue.osi_approved() else ""
    )
    return {
        "shown": formatting.value(f) + badge,
        "state": f.state,
        "value": f.value,
        "why": f.why,
        "confidence": f.confidence,
        "support": len(support),
        "dissent": len(dissent),
        "subject": f.subject,
        "field": f.field,
        "meter": f.meter,
        "terms": f.terms,
        "since": f.valid_from[:10],
    }


def brief(f: StoredFigure | None, field: str = "") -> ShownFigure:
    """Return a figure as a long table shows it.

    That is what it says and what finds its claims, not how many they are.
    """
    if f is None:
        return {"shown": formatting.MISSING, "state": "not_found", "value": None, "field": field}
    return {
        "shown": formatting.value(f),
        "state": f.state,
        "value": f.value,
        "subject": f.subject,
        "field": f.field,
        "meter": f.meter,
        "terms": f.terms,
    }


def provider_name(provider: str) -> str:
    entry = catalogue.provider(provider)
    return entry.name if entry else provider


def provider_role(provider: str) -> str:
    """Return what kind of seller a provider is, in words; nothing where the catalogue has none."""
    entry = catalogue.provider(provider)
    return entry.role.replace("_", " ") if entry else ""


def sellers(providers: Iterable[str]) -> list[str]:
    """Return those providers that may sell models: no tool, statistic or machine of one's own."""
    entries = {p: catalogue.provider(p) for p in providers}
    return [p for p, e in entries.items() if e is None or e.role not in catalogue.SELLS_NOTHING]


def maker_name(model: str) -> str:
    maker = model.partition("/")[0]
    entry = catalogue.makers().get(maker)
    return entry.name if entry else maker


def usd(f: StoredFigure) -> Decimal:
    """Return a price in dollars a unit."""
    return (Decimal(f.number or 0) / 10**9).normalize() + 0
