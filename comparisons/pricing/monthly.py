"""A month's traffic, and what it costs on each offer of a model.

A reader states it, and a URL carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from almanac.comparisons import formatting
from almanac.comparisons.model_profile import ModelProfile, cell, provider_name
from almanac.comparisons.pricing.tariff import Bill, Tariff, Unpriced, Usage

MILLION = 10**6
TIERS = ("standard", "flex", "priority")
MOST = Decimal(10**9)
"""Millions of tokens a month that anyone may ask about."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Millions of input and output tokens a month, and how they are sent.

    `cached` is the percentage of the input read from a cache, `batch` that of the whole sent as
    batch, `tier` the tier of the rest, `prompt` the tokens of one prompt, where prices go by that.
    """

    input: Decimal = Decimal(800)
    output: Decimal = Decimal(250)
    cached: Decimal = Decimal(0)
    batch: Decimal = Decimal(0)
    tier: str = "standard"
    prompt: int = 800

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Traffic:
        """Return the traffic that a query string states.

        What it leaves out is the reference traffic.

        Raises ValueError, saying what is wrong.
        """
        numbers: dict[str, Any] = {}
        for name, most in (
            ("input", MOST),
            ("output", MOST),
            ("cached", Decimal(100)),
            ("batch", Decimal(100)),
            ("prompt", Decimal(100 * MILLION)),
        ):
            if text := said.get(name, "").strip():
                try:
                    number = Decimal(text)
                except InvalidOperation:
                    number = Decimal(-1)
                if not (
                    number.is_finite() and 0 <= number <= most and number.as_tuple().exponent >= -6  # type: ignore[operator]
                ):
                    raise ValueError(
                        f"{name} must be a number from 0 to {most:,}"
                        f" with at most six decimals, not {text[:40]!r}"
                    )
                numbers[name] = int(number) if name == "prompt" else number
        tier = said.get("tier", "") or "standard"
        if tier not in TIERS:
            raise ValueError(f"tier must be one of {', '.join(TIERS)}, not {tier[:40]!r}")
        return cls(**numbers, tier=tier)

    @property
    def said(self) -> str:
        """The traffic in words."""
        words = [
            f"{formatting.plain(self.input)} M input"
            f" and {formatting.plain(self.output)} M output tokens a month"
        ]
        words += (
            [f"{formatting.plain(self.cached)} % of the input from a cache"] if self.cached else []
        )
        words += [f"{formatting.plain(self.batch)} % as batch"] if self.batch else []
        words += [f"{self.tier} tier"] if self.tier != "standard" else []
        return ", ".join(words)

    def parts(self) -> list[Usage]:
        """Return the month as usages: what is sent as batch, and the rest."""
        found = []
        for share, terms in (
            (100 - self.batch, {} if self.tier == "standard" else {"tier": self.tier}),
            (self.batch, {"tier": "batch"}),
        ):
            if share:
                total, out = (_tokens(self.input * share / 100), _tokens(self.output * share / 100))
                found.append(
                    Usage(
                        total,
                        out,
                        (
                            {"cache_read": _tokens(self.input * share * self.cached / 10**4)}
                            if self.cached
                            else {}
                        ),
                        terms,
                        requests=max(1, total // max(1, self.prompt)),
                        request_input=self.prompt,
                    )
                )
        return found


REFERENCE = Traffic()


def _tokens(millions: Decimal) -> int:
    return int(millions * MILLION)


@dataclass(frozen=True, slots=True)
class Month:
    """What a month costs at one provider."""

    provider: str
    bills: tuple[Bill, ...]
    total: Decimal

    @property
    def currency(self) -> str:
        return self.bills[0].currency

    @property
    def wins(self) -> bool:
        """Whether it may be called the cheapest.

        It must be paid, in US dollars, every component known and more than its seller's own word.
        """
        return self.total > 0 and not any(
            b.approximate or b.unchecked or b.currency != "USD" for b in self.bills
        )


def months(one: ModelProfile, traffic: Traffic) -> tuple[list[Month], dict[str, str]]:
    """Return what the traffic costs at each provider, cheapest first.

    Also why each of the others has no bill.
    """
    found, refused = [], {}
    for provider, tariff in one.tariffs.items():
        try:
            found.append(month(provider, tariff, traffic))
        except Unpriced as error:
            refused[provider] = str(error)
    return (
        sorted(
            found, key=lambda m: (not m.wins, m.currency != "USD", m.currency, m.total, m.provider)
        ),
        refused,
    )


def month(provider: str, tariff: Tariff, traffic: Traffic) -> Month:
    """Return one provider's month. Raises Unpriced for what is not known."""
    bills = tuple(tariff.bill(usage) for usage in traffic.parts())
    return Month(provider, bills, sum((b.total for b in bills), Decimal(0)))


def costs(sides: list[ModelProfile], traffic: Traffic) -> dict[str, Any]:
    """Return the month at each model's cheapest provider, and at all others, as data."""
    rows, totals = [], []
    for one in sides:
        some, refused = months(one, traffic)
        best = next((m for m in some if m.wins), None)
        totals += [best.total] if best else []
        rows.append(
            {
                "model": one.model,
                "name": one.name,
                "best": best and {**_told(best), "lines": _lines(best)},
                "offers": [_told(m) for m in some],
                "refused": refused,
            }
        )
    every = len(totals) == len(sides)
    gap = max(totals) - min(totals) if every else None
    lower = (
        sides[totals.index(min(totals))].model if every and totals.count(min(totals)) == 1 else None
    )
    return {
        "traffic": {
            "input": traffic.input,
            "output": traffic.output,
            "cached": traffic.cached,
            "batch": traffic.batch,
            "tier": traffic.tier,
            "prompt": traffic.prompt,
        },
        "said": traffic.said,
        "models": rows,
        "lower": lower,
        "gap": gap,
        "gap_shown": None if gap is None else formatting.money(gap),
    }


def _told(m: Month) -> dict[str, Any]:
    return {
        "provider": m.provider,
        "name": provider_name(m.provider),
        "total": m.total,
        "currency": m.currency,
        "shown": formatting.money(m.total, m.currency),
        "wins": m.wins,
        "approximate": any(b.approximate for b in m.bills),
        "unchecked": any(b.unchecked for b in m.bills),
        "free": m.total == 0,
    }


def _lines(m: Month) -> list[dict[str, Any]]:
    return [
        {
            **cell(line.figure),
            "meter": line.meter,
            "billed_as": line.billed_as,
            "count": line.count,
            "cost": line.cost,
            "cost_shown": formatting.money(line.cost, b.currency),
        }
        for b in m.bills
        for line in b.lines
    ]
