"""`price()`: what a usage costs, now or on any day, from a release.

Tariffs are read once and then asked in microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from almanac import warehouse
from almanac.comparisons.pricing.tariff import Bill, Tariff, Unpriced, Usage
from almanac.schemas.moment import stamp
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import FOREVER, StoredFigure


class Prices:
    """The prices one release states, of every moment it speaks of. Not for several threads at once.

    `kept` holds what was read of models; several of the same release may share it.
    """

    def __init__(
        self, snapshot: Warehouse | None = None, kept: dict[str, Any] | None = None
    ) -> None:
        self.snapshot = snapshot or warehouse.open()
        self._models: dict[str, dict[str, _Course]] = {} if kept is None else kept
        self._moments: dict[object, str] = {}

    def tariff(self, subject: str, as_of: str | date | datetime | None = None) -> Tariff:
        """Return what an offer, `provider:model`, charges at a moment (UTC; default now).

        Raises Unpriced for one without a known price.
        """
        provider, _, model = subject.partition(":")
        courses = self._courses(model)
        try:
            return courses[subject].at(self._moment(as_of), self._now)
        except KeyError:
            if not courses:
                raise Unpriced(
                    f"no price of {model!r} is known in release {self.snapshot.known}"
                ) from None
            who = ", ".join(sorted(s.partition(":")[0] for s in courses))
            raise Unpriced(
                f"no price of {model} at {provider!r} is known; there are: {who}"
            ) from None

    def providers(self, model: str) -> list[str]:
        """Return the providers that any price of a model is known of, of whatever moment."""
        return sorted(subject.partition(":")[0] for subject in self._courses(model))

    def price(
        self,
        model: str,
        *,
        provider: str = "",
        input: int = 0,
        output: int = 0,
        cached: int = 0,
        cache_write: int = 0,
        reasoning: int = 0,
        of: Mapping[str, int | Decimal] | None = None,
        tier: str = "",
        region: str = "",
        cache_ttl: str = "",
        currency: str = "",
        terms: Mapping[str, str] | None = None,
        at: datetime | None = None,
        as_of: str | date | datetime | None = None,
    ) -> Bill:
        """Return what a usage costs: `comparisons.price` says how."""
        subject = f"{provider}:{model}" if provider else model
        if ":" not in subject:
            raise ValueError(
                f"say at which provider: {', '.join(self.providers(model)) or 'none is known'};"
                " `rank` compares them"
            )
        return self.tariff(subject, as_of).bill(
            usage(
                input,
                output,
                cached,
                cache_write,
                reasoning,
                of,
                tier,
                region,
                cache_ttl,
                currency,
                terms,
                at,
            )
        )

    def rank(
        self, model: str, wanted: Usage, as_of: str | date | datetime | None = None
    ) -> tuple[list[Bill], dict[str, str]]:
        """Return the bills of every offer of a model, cheapest first within a currency.

        Also why each of the others has none.

        What only its seller states comes after what others confirm. Raises Unpriced where no price
        of the model is known.
        """
        bills, refused = [], {}
        if not self._courses(model):
            raise Unpriced(f"no price of {model!r} is known in release {self.snapshot.known}")
        for provider in self.providers(model):
            try:
                bills.append(self.tariff(f"{provider}:{model}", as_of).bill(wanted))
            except Unpriced as error:
                refused[provider] = str(error)
        return (
            sorted(
                bills,
                key=lambda b: (b.unchecked, b.currency != "USD", b.currency, b.total, b.subject),
            ),
            refused,
        )

    @cached_property
    def _now(self) -> str:
        """The moment of the newest look: what "now" means to the release."""
        return self.snapshot.newest_look()

    def _courses(self, model: str) -> dict[str, _Course]:
        found = self._models.get(model)
        if found is None:
            rows: dict[str, list[StoredFigure]] = {}
            for f in self.snapshot.timeline(model, "price"):
                rows.setdefault(f.subject, []).append(f)
            found = self._models[model] = {
                subject: _Course(subject, figures) for subject, figures in rows.items()
            }
        return found

    def _moment(self, as_of: str | date | datetime | None) -> str | None:
        if as_of is None:
            return self.snapshot.valid
        known = self._moments.get(as_of)
        if known is None:
            if len(self._moments) > 10_000:
                self._moments.clear()
            known = self._moments[as_of] = stamp(as_of)
        return known


class _Course:
    """An offer's prices over time: a tariff for each stretch in which none changes."""

    __slots__ = ("_ends", "_figures", "_starts", "_tariffs", "subject")

    def __init__(self, subject: str, figures: list[StoredFigure]) -> None:
        self.subject, self._figures = subject, figures
        self._starts = sorted(
            {f.valid_from for f in figures} | {f.valid_to for f in figures if f.valid_to != FOREVER}
        )
        self._ends = any("until=" in f.terms for f in figures)
        self._tariffs: dict[tuple[int, str], Tariff] = {}

    def at(self, moment: str | None, newest_look: str) -> Tariff:
        """Return the tariff of a moment, by default of now.

        Then a price with a last day is held to the newest look.
        """
        place = len(self._starts) if moment is None else bisect_right(self._starts, moment)
        day = (moment or newest_look)[:10] if self._ends else ""
        found = self._tariffs.get((place, day))
        if found is None:
            if place == 0:
                raise Unpriced(f"no price of {self.subject} is known before {self._starts[0][:10]}")
            start = self._starts[place - 1]
            standing = [
                f
                for f in self._figures
                if (f.valid_to == FOREVER if moment is None else f.valid_from <= start < f.valid_to)
            ]
            found = self._tariffs[(place, day)] = Tariff(self.subject, standing, day)
        return found


def usage(
    input: int = 0,
    output: int = 0,
    cached: int = 0,
    cache_write: int = 0,
    reasoning: int = 0,
    of: Mapping[str, int | Decimal] | None = None,
    tier: str = "",
    region: str = "",
    cache_ttl: str = "",
    currency: str = "",
    terms: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Usage:
    """Return a usage from the words most use for it. The standard tier is no term."""
    meters: dict[str, int | Decimal] = dict(of or {})
    for meter, count in (
        ("cache_read", cached),
        ("cache_write", cache_write),
        ("reasoning", reasoning),
    ):
        if count:
            meters[meter] = count
    chosen = dict(terms or {})
    for key, said in (
        ("tier", "" if tier == "standard" else tier),
        ("region", region),
        ("cache_ttl", cache_ttl),
        ("currency", currency),
    ):
        if said:
            chosen[key] = said
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return Usage(input, output, meters, chosen, at)


_opened: dict[str, Prices] = {}


def price(
    model: str, *, provider: str = "", as_of: str | date | datetime | None = None, **used: object
) -> Bill:
    """Return what a usage costs at a provider, exactly, from the latest release of this home.

    `model` is a model id with `provider`, or `provider:model`. `input` counts all tokens of the
    prompt, `cached` and `cache_write` those of them read from and written to a cache; `output` all
    tokens written, `reasoning` those of them thought. `of` counts other meters, such as `{"search":
    2}`. `tier` (`batch`, `flex`, `priority`), `region`, `cache_ttl` (`1h`), `currency` and `terms`
    choose the terms; `at` is the time of the request where prices go by the time of day. `as_of`
    asks for the price of another day.

    Raises Unpriced (a LookupError) for what is not known: an unknown model, a component without a
    price, a conflicted one. It never costs nothing. Raises ValueError for a usage that cannot be.
    The release is the one that stood at the first call; `Prices()` opens another.
    """
    from almanac.warehouse.paths import database_url

    place = database_url()
    book = _opened.get(place)
    if book is None:
        book = _opened[place] = Prices()
    return book.price(model, provider=provider, as_of=as_of, **used)  # type: ignore[arg-type]
