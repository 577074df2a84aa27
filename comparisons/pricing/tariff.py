"""What one request, or a month of them, costs on one offer.

It is exact, per component, and refuses what is not known.

A tariff is what an offer charges at one moment: price components under their terms. A usage says
what was used and on which terms it was bought. Nothing is assumed: a component that is not known
refuses the bill, and is never zero.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from almanac.schemas.terms import Terms
from almanac.schemas.weekly_hours import WeeklyHours
from almanac.warehouse.read.reader import StoredFigure

FEMTO = 10**15
"""Parts of a unit of currency in which a bill is counted.

Nano-units a million tokens, times whole tokens, are whole.
"""

PART_OF = {
    "cache_read": "input",
    "cache_write": "input",
    "input_audio": "input",
    "input_image": "input",
    "input_video": "input",
    "cache_read_audio": "input_audio",
    "cache_write_audio": "input_audio",
    "cache_read_image": "input_image",
    "reasoning": "output",
    "output_audio": "output",
    "output_image": "output",
    "output_video": "output",
}
"""Of which meter's tokens a meter's are a part.

A prompt counts its cached tokens, an answer its reasoning.
"""

MEASURED = ("above_input", "above_output", "window", "until")
"""Terms that follow from the request itself; all others are chosen by the buyer."""


OF_CACHES = frozenset({"cache_ttl"})
CACHES = ("cache_write", "cache_storage")
"""Terms that only what is kept in a cache is bought on, and the meters of that.

An hour's cache leaves the price of the answer as it is.
"""


class Unpriced(LookupError):
    """What is asked for has no price that is known: the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used.

    `input` are all tokens of the prompt, cached ones included; `output` all tokens written,
    reasoning included.

    `of` counts further meters (`cache_read`, `input_audio`, `image`, `search`, …): parts of the
    input or output are billed at their own price and no longer at the whole's. `terms` are those
    the buyer chose (`tier`, `region`, `cache_ttl`, …); the standard tier is none. `moment` matters
    where prices go by the time of day.
    """

    input: int = 0
    output: int = 0
    of: Mapping[str, int | Decimal] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    moment: datetime | None = None
    requests: int = 1
    request_input: int | None = None
    """Tokens of one prompt, where `input` is of many: what thresholds are measured against."""

    @property
    def longest(self) -> int:
        return self.input if self.request_input is None else self.request_input

    def meters(self) -> dict[str, int | Decimal]:
        """Return what each meter counts, parts taken from their wholes.

        Raises ValueError where parts exceed the whole, or a count is negative.
        """
        if not self.of:
            if self.input < 0 or self.output < 0:
                raise ValueError("a count is negative")
            return {"input": self.input, "output": self.output}
        counts: dict[str, int | Decimal] = {"input": self.input, "output": self.output, **self.of}
        if any(n < 0 for n in counts.values()):
            raise ValueError("a count is negative")
        for part, whole in PART_OF.items():
            if taken := self.of.get(part, 0):
                left = counts.get(whole, 0)
                if taken > left:
                    raise ValueError(
                        f"{taken:,} {part} of {left:,} {whole} tokens left: {whole} counts them too"
                    )
                counts[whole] = left - taken
        return counts


@dataclass(frozen=True, slots=True)
class BillLine:
    """One component of a bill.

    It is `count` units of `meter` at `nano` nano-units of the currency for one `per` (a million
    tokens, one image, …).
    """

    meter: str
    count: int | Decimal
    figure: StoredFigure
    billed_as: str = ""
    """The meter whose price was taken, where it is another.

    Reasoning is written tokens unless it is priced apart.
    """

    @property
    def nano(self) -> int:
        return self.figure.number or 0

    @property
    def femto(self) -> int | Decimal:
        """The cost in 1e-15 of the currency: whole for whole counts."""
        return self.count * self.nano * scale(self.figure.unit)

    @property
    def cost(self) -> Decimal:
        return Decimal(self.femto) / FEMTO


@dataclass(frozen=True, slots=True)
class Bill:
    """What a usage costs on one offer. `total` is exact; `approximate` where a component is."""

    subject: str
    currency: str
    lines: tuple[BillLine, ...]
    terms: Mapping[str, str]

    @property
    def total(self) -> Decimal:
        return Decimal(sum(line.femto for line in self.lines)) / FEMTO

    @property
    def provider(self) -> str:
        return self.subject.partition(":")[0]

    @property
    def model(self) -> str:
        return self.subject.partition(":")[2]

    @property
    def approximate(self) -> bool:
        return any(line.figure.state == "approximate" for line in self.lines)

    @property
    def unchecked(self) -> bool:
        """Whether a price is what only its seller states of itself."""
        return any(line.figure.rule == "self-reported" for line in self.lines)


def scale(unit: str) -> int:
    """Return how many millionths of a nano-unit one counted unit's price is.

    Tokens and characters are priced by the million.
    """
    return 1 if unit.endswith(("_per_mtok", "_per_mchar", "_per_mtok_hour")) else 10**6


class Tariff:
    """The standing price components of one offer, ready to be asked many times.

    `day`, as ISO text, is the one they are asked for: it decides whether a price that ends still
    holds for a usage without a moment.
    """

    __slots__ = ("_plans", "day", "figures", "subject")

    def __init__(self, subject: str, figures: Iterable[StoredFigure], day: str = "") -> None:
        self.subject, self.day = subject, day
        self.figures = tuple(figures)
        plans: dict[frozenset[tuple[str, str]], _Plan] = {}
        for f in self.figures:
            chosen, condition = _read(f.terms)
            plans.setdefault(chosen, {}).setdefault(f.meter, []).append((condition, f))
        self._plans = plans

    def bill(self, usage: Usage) -> Bill:
        """Return the bill.

        Raises Unpriced for what is not known, ValueError for a usage that cannot be.
        """
        plan = self._plan(usage.terms)
        kept = (
            self._plan({k: v for k, v in usage.terms.items() if k not in OF_CACHES})
            if OF_CACHES & usage.terms.keys()
            else plan
        )
        lines = []
        for meter, count in usage.meters().items():
            if count:
                figure, billed_as = self._component(
                    plan if meter.startswith(CACHES) else kept, meter, usage
                )
                lines.append(BillLine(meter, count, figure, billed_as))
        if (
            "request" in kept
            and "request" not in usage.of
            and (fee := self._component(kept, "request", usage)[0]).number
        ):
            lines.append(BillLine("request", usage.requests, fee))
        currencies = {line.figure.unit.partition("_per_")[0] for line in lines}
        if len(currencies) > 1:
            raise Unpriced(
                f"{self.subject} prices these components"
                f" in {' and '.join(sorted(c.upper() for c in currencies))}: there is no one total"
            )
        return Bill(
            self.subject,
            currencies.pop().upper() if currencies else "USD",
            tuple(lines),
            usage.terms,
        )

    def choices(self) -> list[dict[str, str]]:
        """Return the terms it can be bought on, the standard ones as none, in order."""
        return [dict(sorted(p)) for p in sorted(self._plans, key=lambda p: (len(p), sorted(p)))]

    def _plan(self, terms: Mapping[str, str]) -> _Plan:
        """Return the components on chosen terms.

        They are of the native currency, if it is the only one and none was chosen.

        Refuses, with what there is.
        """
        wanted = frozenset(terms.items())
        if (found := self._plans.get(wanted)) is not None:
            return found
        native = [
            p for p in self._plans if {k for k, _ in p - wanted} == {"currency"} and wanted <= p
        ]
        if len(native) == 1 and not any(k == "currency" for k, _ in wanted):
            return self._plans[native[0]]
        if not self._plans:
            raise Unpriced(f"no price of {self.subject} is known")
        near = [c for c in self.choices() if wanted <= c.items()] or self.choices()
        some = "; ".join(
            ", ".join(f"{k}={v}" for k, v in c.items()) or "standard terms" for c in near[:4]
        )
        more = f" and {len(near) - 4} more" if len(near) > 4 else ""
        asked = ", ".join(f"{k}={v}" for k, v in sorted(wanted)) or "standard terms"
        raise Unpriced(
            f"no price of {self.subject} is known on {asked}; there are prices on: {some}{more}"
        )

    def _component(self, plan: _Plan, meter: str, usage: Usage) -> tuple[StoredFigure, str]:
        billed_as = ""
        rows = plan.get(meter)
        if rows is None and meter == "reasoning":
            rows, billed_as = plan.get("output"), "output"
        if rows is None and meter in ("input", "output", "reasoning"):
            rows, billed_as = plan.get("token"), "token"
        if rows is None:
            count_as = (
                f"; to bill it as {PART_OF[meter]}, count it there" if meter in PART_OF else ""
            )
            raise Unpriced(f"no {meter} price of {self.subject} is known{_on(usage)}{count_as}")
        if len(rows) == 1 and rows[0][0] is _ALWAYS:
            figure = rows[0][1]
        else:
            figure = self._conditional(rows, meter, usage)
        if usage.terms and usage.input:
            self._same_threshold(figure, billed_as or meter, usage)
        if figure.number is None or not figure.usable:
            raise Unpriced(
                f"the {meter} price of {self.subject}"
                f" is {figure.state.replace('_', ' ')}{_on(usage)}:"
                f" `almanac explain {self.subject} price` says who says what"
            )
        return figure, billed_as

    def _conditional(
        self, rows: list[tuple[_Condition, StoredFigure]], meter: str, usage: Usage
    ) -> StoredFigure:
        fits = [(c.rank, f) for c, f in rows if c.holds(usage, self.day)]
        if not fits:
            raise Unpriced(
                f"no {meter} price of {self.subject} is known for this size or time"
                f" of request{_on(usage)}"
            )
        best = max(rank for rank, _ in fits)
        chosen = [f for rank, f in fits if rank == best]
        if len(chosen) > 1:
            raise Unpriced(
                f"two {meter} prices of {self.subject} hold at once:"
                f" {' and '.join(f.terms or 'standard' for f in chosen)}"
            )
        return chosen[0]

    def _same_threshold(self, figure: StoredFigure, meter: str, usage: Usage) -> None:
        """Refuse a price on chosen terms without the threshold of the standard price.

        What it is beyond that is not known.
        """
        standard = self._plans.get(frozenset(), {}).get(meter, ())
        beyond = max(
            (c.above_input for c, _ in standard if c.above_input and usage.longest > c.above_input),
            default=0,
        )
        if beyond and not figure.conditions.get("above_input"):
            raise Unpriced(
                f"the {meter} price of {self.subject} above {beyond:,} input tokens"
                f" is not known{_on(usage)}"
            )


@dataclass(frozen=True, slots=True)
class _Condition:
    """When a component holds: above so many tokens, within hours of the week, until a day."""

    above_input: int = 0
    above_output: int = 0
    window: WeeklyHours | None = None
    until: str = ""
    unread: bool = False
    """Whether its words are not understood: it then never holds."""

    @classmethod
    def of(cls, terms: Mapping[str, str]) -> _Condition:
        if not any(k in terms for k in MEASURED):
            return _ALWAYS
        window = _window(terms["window"]) if "window" in terms else None
        above, beyond = terms.get("above_input", "0"), terms.get("above_output", "0")
        if ("window" in terms and window is None) or not (above.isdecimal() and beyond.isdecimal()):
            return cls(unread=True)
        return cls(int(above), int(beyond), window, terms.get("until", ""))

    @property
    def rank(self) -> tuple[int, int, bool, bool]:
        """The greater rank goes first where several hold."""
        return self.above_input, self.above_output, self.window is not None, bool(self.until)

    def holds(self, usage: Usage, day: str = "") -> bool:
        """Whether it holds for a usage, or, where that has no moment, on a day.

        On no day at all, what ends does not hold.
        """
        if (
            self.unread
            or (self.above_input and usage.longest <= self.above_input)
            or (self.above_output and usage.output <= self.above_output)
        ):
            return False
        if self.window is not None and not (usage.moment and self.window.holds(usage.moment)):
            return False
        when = usage.moment.astimezone(UTC).date().isoformat() if usage.moment else day
        return not self.until or "" < when <= self.until


_ALWAYS = _Condition()
_Plan = dict[str, list[tuple[_Condition, StoredFigure]]]
"""The components on one choice of terms, by meter, each with when it holds."""


@functools.lru_cache(20_000)
def _read(said: str) -> tuple[frozenset[tuple[str, str]], _Condition]:
    """Return the terms a buyer chose, and when the component holds."""
    terms = dict(Terms.parse(said))
    return frozenset((k, v) for k, v in terms.items() if k not in MEASURED), _Condition.of(terms)


def _window(text: str) -> WeeklyHours | None:
    """Return the hours of the week within which a price holds; None where the words are others."""
    try:
        return WeeklyHours.parse(text)
    except ValueError:
        return None


def _on(usage: Usage) -> str:
    return (
        f" on {', '.join(f'{k}={v}' for k, v in sorted(usage.terms.items()))}"
        if usage.terms
        else ""
    )
