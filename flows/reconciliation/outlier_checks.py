"""Guards against the commonest wrong prices.

A slip of a thousand, a sibling's price, and one that its seller never asked.

They flag and hold; they never drop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from statistics import median

FACTOR = 100
"""A price this many times its peers' median, or under it by as much, is held for a person."""
SLIP = Decimal("0.02")
"""The share within which a third party's price looks like a slipped digit.

It is held against ten times the median and a tenth of it.
"""
PEERS = 3


class PriceGuards:
    """Built from every price that stands.

    Each is (model, provider, source, meter, terms, unit, amount in nano-units). `hearsay` are the
    (provider, model) of open weights that only third parties say a maker's own API sells.
    """

    def __init__(
        self,
        prices: Iterable[tuple[str, str, str, str, str, str, int]],
        first_party: dict[str, set[str]],
        hearsay: Collection[tuple[str, str]] = (),
    ) -> None:
        self._hearsay = frozenset(hearsay)
        self._by_model: dict[tuple[str, str, str, str], dict[str, int]] = defaultdict(dict)
        self._owners: dict[tuple[str, str, str, int], set[str]] = defaultdict(set)
        for model, provider, _source, meter, terms, unit, amount in prices:
            if amount <= 0 or meter not in ("input", "output"):
                continue
            self._by_model[(model, meter, terms, unit)][provider] = amount
            maker = model.split("/")[0]
            if provider in first_party.get(maker, ()) and not terms:
                self._owners[(maker, meter, unit, amount)].add(model)

    def magnitude(
        self,
        model: str,
        provider: str,
        meter: str,
        terms: str,
        unit: str,
        amount: int,
        authority: bool = False,
    ) -> str:
        """Return why a price is out of all proportion to what other providers ask, or nothing.

        The seller's own word is held at a hundredfold only, others' at a tenfold too.
        """
        peers = [
            a
            for p, a in self._by_model.get((model, meter, terms, unit), {}).items()
            if p != provider
        ]
        if amount <= 0 or len(peers) < PEERS:
            return ""
        middle = median(peers)
        ratio = amount / middle
        if ratio >= FACTOR or ratio <= 1 / FACTOR:
            return (
                f"held: {ratio:,.4g} times the median of {len(peers)} other providers;"
                " suspect a unit slip"
            )
        if not authority and any(
            abs(Decimal(amount) / Decimal(middle) / slip - 1) <= SLIP
            for slip in (Decimal(10), Decimal("0.1"))
        ):
            return (
                f"held: {ratio:,.4g} times the median of {len(peers)} other providers;"
                " suspect a slipped digit"
            )
        return ""

    def unsold(self, model: str, provider: str, terms: str) -> str:
        """Return why a third party's price is none of its seller's, or nothing.

        A price by way of a gateway is the gateway's own.
        """
        if "via=" in terms or (provider, model) not in self._hearsay:
            return ""
        return (
            f"held: {provider} is the maker's own, the weights are open, and only third parties"
            " say that it sells them"
        )

    def sibling(self, model: str, meter: str, unit: str, amount: int) -> str:
        """Return whose price this is, where it is exactly a sibling model's first-party price."""
        others = sorted(
            self._owners.get((model.split("/")[0], meter, unit, amount), set()) - {model}
        )
        return f"equals the price of {', '.join(others[:2])}: perhaps a sibling's" if others else ""

    def travelled(
        self,
        model: str,
        provider: str,
        meter: str,
        terms: str,
        unit: str,
        amount: int,
        routes: Iterable[str],
    ) -> str:
        """Return which of `routes` asks exactly this for the model, or nothing.

        They are the providers whose prices a record says it imports.
        """
        asked = self._by_model.get((model, meter, terms, unit), {})
        return next(
            (route for route in routes if route != provider and asked.get(route) == amount), ""
        )
