"""Rules that ours is held to: of prices, what they come to, and who asks them."""

from __future__ import annotations

import re
from decimal import Decimal

from almanac.comparisons import formatting
from almanac.warehouse.read.reader import StoredFigure
from docs.tools.originals.ours import providers
from docs.tools.originals.pair import Pair
from docs.tools.originals.registry import rule


@rule
def saving(p: Pair) -> bool:
    """The two prices are the lowest known of each (R2).

    The saving is of the dearer, the mark-up of the cheaper, and nothing is more than all cheaper.
    """
    m = re.search(
        r"costs \$([\d.]+)/1M tokens of input against \$([\d.]+)/1M tokens: a saving of "
        r"([\d.]+) %; the other's mark-up over it is ([\d.,]+) %\.",
        p.c.verdict,
    )
    if not m:
        return False
    low, high, saving, markup = (Decimal(x.replace(",", "")) for x in m.groups())
    least = {p.least(0, "input"), p.least(1, "input")}
    tenth = Decimal("0.05")
    return (
        least == {int(low * 10**9), int(high * 10**9)}
        and abs((high - low) / high * 100 - saving) <= tenth
        and saving < 100
        and abs((high - low) / low * 100 - markup) <= tenth
        and "cheaper" not in p.c.verdict
    )


@rule
def cheapest_is_paid(p: Pair) -> bool:
    """Each side's cheapest output is the lowest known one of a paid route (B-03, D-08).

    It is at a provider that is named and asks just that.
    """
    out = p.c.cost and p.c.cost["output"]
    if not out:
        return False
    for side, (cell, price) in enumerate(zip(out["cells"], out["usd_per_mtok"], strict=True)):
        provider = cell["subject"].partition(":")[0]
        if int(price * 10**9) != p.least(side, "output") or p.amount(
            side, provider, "output"
        ) != int(price * 10**9):
            return False
    return True


@rule
def least_outputs_are(p: Pair, first: str, second: str) -> bool:
    """The lowest output prices known are these, in dollars a million tokens."""
    return [p.least(0, "output"), p.least(1, "output")] == [_nano(first), _nano(second)]


@rule
def least_outputs_are_below(p: Pair, first: str, second: str) -> bool:
    """The lowest output price known of the first is this; that of the second is less than this."""
    return p.least(0, "output") == _nano(first) and (p.least(1, "output") or 0) < _nano(second)


def _nano(dollars: str) -> int:
    return int(Decimal(dollars) * 10**9)


@rule
def counted(p: Pair, *at_least: list[str]) -> bool:
    """The count is that of the list shown (B-01), of each model.

    The list has the routes that are known to serve it (A-20), each with a figure of its own, and no
    statistic stands among them.
    """
    row = next(r for r in p.c.scorecard if r["title"] == "Providers")
    return all(
        _counted(p, side, row["texts"][side], set(routes)) for side, routes in enumerate(at_least)
    )


def _counted(p: Pair, side: int, text: str, at_least: set[str]) -> bool:
    ids = p.providers(side)
    offered = {f.provider for f in p.figures[side] if f.subject_kind == "offer" and f.usable}
    return (
        text == f"{len(ids)} tracked"
        and len(set(ids)) == len(ids)
        and at_least <= set(ids) <= offered
        and not any("median" in i for i in ids)
    )


@rule
def cheapest_month(p: Pair, first_party: str = "") -> bool:
    """Each month is R1's arithmetic on two prices that are known.

    None is cheaper, and of equals the maker's own platform goes first.
    """
    for side, row in enumerate(p.c.traffic["models"]):
        months, best = p.months(side), row["best"]
        if (
            not best
            or best["total"] != months.get(best["provider"])
            or best["total"] != min(months.values())
        ):
            return False
    if not first_party:
        return True
    best = p.c.traffic["models"][0]["best"]
    return p.months(0).get(first_party) != best["total"] or best["provider"] == first_party


@rule
def first_costs(p: Pair, provider: str, dollars: int) -> bool:
    """What a month of the first costs at a provider."""
    return p.months(0).get(provider) == dollars


@rule
def gap(p: Pair) -> bool:
    """The gap is that of the two months shown."""
    totals = [m["best"]["total"] for m in p.c.traffic["models"] if m["best"]]
    return (
        len(totals) == 2
        and p.c.traffic["gap"] == max(totals) - min(totals)
        and p.c.traffic["gap_shown"] == formatting.money(max(totals) - min(totals))
    )


@rule
def gap_is(p: Pair, dollars: int) -> bool:
    return bool(p.c.traffic["gap"] == dollars)


@rule
def overlap_holds(p: Pair) -> bool:
    """Who serves both is who offers both.

    That nobody is found is said of what is tracked, on a day (B-02).

    A statistic serves nobody.
    """
    both = sorted(set(p.providers(0)) & set(p.providers(1)))
    sentence = p.c.overlap["said"]
    each = all(
        any(f.provider == b and f.usable and _self_made(f) for f in p.figures[side])
        for b in both
        for side in (0, 1)
    )
    return (
        p.c.overlap["providers"] == both != []
        and each
        and f"as of {p.c.as_of}" in sentence
        and not sentence.startswith("No overlap")
        and not any("median" in b for b in both)
    )


def _self_made(f: StoredFigure) -> bool:
    """Whether a figure is of an offer's own price or presence, not seen through another seller."""
    return f.subject_kind == "offer" and f.field in ("price", "offered") and "via=" not in f.terms


@rule
def both_serve(p: Pair, *providers: str) -> bool:
    """These are among those that serve both, so that the endpoint can stay."""
    return (
        overlap_holds(p)
        and set(providers) <= set(p.c.overlap["providers"])
        and all("the endpoint can stay" in s["said"][0] for s in p.c.friction)
    )


@rule
def names(p: Pair) -> bool:
    """Each list is cut only with the count of the rest, and names no statistic."""
    for side, text in enumerate(providers(p).split(" · ")):
        cut = re.search(r" and (\d+) more$", text)
        shown = re.split(r", | and ", text.removesuffix(cut[0]) if cut else text)
        if len(shown) + (int(cut[1]) if cut else 0) != len(p.providers(side)) or any(
            "median" in i for i in p.providers(side)
        ):
            return False
    return counted(p, ["google-ai-studio", "openrouter", "vercel"], ["deepinfra", "openrouter"])


@rule
def blend(p: Pair) -> bool:
    """The blend is 70/30 (R3) of prices that are known, and its gap is their difference."""
    shown = re.search(r"the gap is (\S+)\. Tracked", " ".join(p.c.deep_dive))
    rates = []
    for side in (0, 1):
        both = [(p.amount(side, x, "input"), p.amount(side, x, "output")) for x in p.months(side)]
        rates.append(
            min((Decimal(7 * (a or 0) + 3 * (b or 0)) / 10**10 for a, b in both), default=None)
        )
    return (
        shown is not None
        and None not in rates
        and shown[1] == formatting.money(abs(rates[0] - rates[1]))
        and len(p.c.deep_dive) <= 4
    )  # type: ignore[operator]


@rule
def cloudflares(p: Pair) -> bool:
    """The pair is Cloudflare's for the second model, nobody's for the first (C-01, C-01b).

    It is not the maker's.
    """
    pair = (351_000_000, 555_000_000)
    asked = [
        (p.amount(1, provider, "input"), p.amount(1, provider, "output"))
        for provider in ("cloudflare-workers-ai", "mistral")
    ]
    firsts = {f.number for f in p.figures[0] if f.field == "price" and f.usable}
    return (
        asked[0] == pair
        and asked[1] != pair
        and not firsts & set(pair)
        and p.refused("roboflow_playground", "$0.351", "moved left")
    )


@rule
def left_but_kept(p: Pair) -> bool:
    """The cheapest are paid and known (D-08).

    The free route and the paid price said of it are both kept.
    """
    subject = f"openrouter:{p.models[1]}"
    free, paid = (
        p.snapshot.figure(subject, "price", "output", "tier=free"),
        p.snapshot.figure(subject, "price", "output"),
    )
    return (
        cheapest_is_paid(p)
        and free is not None
        and free.number == 0
        and paid is not None
        and paid.number == 600_000_000
    )
