"""One release at one moment as a site: what its pages share, read once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from almanac.comparisons.conflict_impact import Stake, stakes
from almanac.comparisons.model_profile import ModelProfile, day_of
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pricing.traffic_mixes import MIXES, Route, cheapest, routes
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredClaim, StoredFigure

KEPT = 256
"""Sides of models that are kept at hand."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment the switch of a static build offers.

    Its words, its folder (none for the one shown), and the pages there are of it.
    """

    said: str
    folder: str | None
    paths: frozenset[str]

    def at(self, path: str) -> str:
        """Return the same page then, or the front where there is none."""
        return f"{self.folder}{path if path in self.paths else 'index.html'}"


@dataclass(frozen=True, slots=True)
class ListRow:
    """A model in lists.

    Its cheapest paid route, its context window, and how many providers price it.
    """

    model: str
    name: str
    context: StoredFigure | None
    best: Route | None
    providers: int
    blend: float
    """Dollars a million tokens there, three parts input and one part output.

    None where it has no route.
    """


class Shared:
    """What the pages over one release at one moment have in common.

    It is read once, never changed, and good for any thread.
    """

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        self._sides: dict[str, ModelProfile] = {}
        self._lock = threading.RLock()

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` made the first time it was asked for under this name."""
        if name not in self._made:
            with self._lock:
                if name not in self._made:
                    self._made[name] = make()
        found: T = self._made[name]
        return found

    def forget_sides(self) -> None:
        """Let go of the sides at hand, so that the next are read anew."""
        with self._lock:
            self._sides.clear()

    def side(self, model: str, make: Callable[[], ModelProfile]) -> ModelProfile:
        """Return a model's side, made if it is not at hand."""
        found = self._sides.get(model)
        if found is None:
            found = make()
            with self._lock:
                if len(self._sides) >= KEPT:
                    self._sides.pop(next(iter(self._sides)))
                self._sides[model] = found
        return found


@dataclass
class Site:
    """The pages over one release as seen at one moment.

    `sources` says who the sources are (title, publisher, kind, right, …).
    """

    snapshot: Warehouse
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    """The moments of a static build; none where a server answers for any."""
    served: bool = False
    query: str = ""
    only: frozenset[str] | None = None
    """The comparisons a static build holds; None where any can be asked for."""
    bodies: bool = False
    """Whether archived bodies can be fetched beside their pages."""
    shared: Shared = field(default_factory=Shared)

    def __post_init__(self) -> None:
        self.release = self.shared.once("release", self.snapshot.release)
        self.as_of = (self.snapshot.valid or self.release.created_at)[:10]

    @property
    def names(self) -> dict[str, str]:
        """The name of every model."""
        return self.shared.once("names", self.snapshot.model_names)

    def side(self, model: str) -> ModelProfile:
        """Return a model's side. Raises Missing for one without figures."""

        def make() -> ModelProfile:
            figures = self.snapshot.figures(model=model)
            if not figures:
                raise Missing(
                    f"nothing is known of {model!r} as of {self.as_of}, release {self.release.id}"
                )
            return ModelProfile(
                model,
                self.names.get(model, model),
                figures,
                self.shared.once("day", lambda: day_of(self.snapshot)),
            )

        return self.shared.side(model, make)

    @property
    def rows(self) -> dict[str, ListRow]:
        """Every model with a standing figure, in lists."""
        return self.shared.once("rows", self._rows)

    def _rows(self) -> dict[str, ListRow]:
        mix = MIXES["blend_3_1"]
        prices: dict[str, list[StoredFigure]] = {}
        for f in self.snapshot.figures(field="price"):
            prices.setdefault(f.model, []).append(f)
        contexts = {f.model: f for f in self.snapshot.figures(field="context_window", kind="model")}
        found = {}
        for model, _, name, _ in self.snapshot.models():
            some = prices.get(model, [])
            providers = {f.provider for f in some if f.usable and "via=" not in f.terms}
            best = cheapest(routes(some), mix)
            found[model] = ListRow(
                model,
                name,
                contexts.get(model),
                best,
                len(providers),
                float(best.cost(mix)) if best else 0.0,
            )
        return found

    @property
    def ranked(self) -> list[ListRow]:
        """The models that have a paid route, those first that most providers price."""
        return self.shared.once(
            "ranked",
            lambda: sorted(
                (r for r in self.rows.values() if r.best), key=lambda r: (-r.providers, r.model)
            ),
        )

    @property
    def conflicted(self) -> list[Stake]:
        """What is not decided, dearest first."""
        return self.shared.once("conflicts", lambda: stakes(self.snapshot))

    @property
    def claimed(self) -> dict[str, int]:
        """How many claims were first read from each archived body."""
        return self.shared.once("claimed", self.snapshot.claims_by_capture)

    @property
    def served_by(self) -> dict[str, list[str]]:
        """The models of each provider that has any figure."""

        def make() -> dict[str, list[str]]:
            found: dict[str, set[str]] = {}
            for provider, model in self.snapshot.offered():
                found.setdefault(provider, set()).add(model)
            return {p: sorted(m) for p, m in sorted(found.items())}

        return self.shared.once("served_by", make)

    @property
    def said_of(self) -> set[tuple[str, str, str]]:
        """(Subject, field, meter) of everything a figure stands of: what has a page of its own."""
        return self.shared.once("said_of", lambda: set(self.snapshot.said_of()))

    def pairs(self, most: int) -> list[tuple[str, str]]:
        """Return the comparisons most likely to be asked for.

        No log of readers is kept, so demand is told by how many providers serve both.
        """

        def make() -> list[tuple[str, str]]:
            ranked = self.ranked[: max(2, int((2 * most) ** 0.5) * 2)]
            found = [
                (a.providers * b.providers, a.model, b.model)
                for i, a in enumerate(ranked)
                for b in ranked[i + 1 :]
            ]
            return [(a, b) for _, a, b in sorted(found, key=lambda x: (-x[0], x[1], x[2]))[:most]]

        return self.shared.once(f"pairs {most}", make)

    def claims(self, figures: list[StoredFigure]) -> dict[int, StoredClaim]:
        """Return the claims behind some figures."""
        return self.snapshot.claims(i for f in figures for part in f.sides() for i, _ in part)

    def linked(self, path: str) -> at.Links:
        return at.Links(path, self.query)

    def has_comparison(self, models: tuple[str, ...]) -> bool:
        return self.only is None or at.compare_path(models) in self.only
