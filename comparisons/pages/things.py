"""Pages of things: a model, an offer."""

from __future__ import annotations

from itertools import islice
from typing import Any

from almanac.comparisons import formatting, offers
from almanac.comparisons.advice import advice
from almanac.comparisons.comparison import SPECS
from almanac.comparisons.decision_tags import tags
from almanac.comparisons.model_profile import ModelProfile, cell, maker_name, provider_name
from almanac.comparisons.pages import charts
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.pagination import Query
from almanac.comparisons.pages.render import render
from almanac.comparisons.pages.site import Site
from almanac.comparisons.pricing.traffic_mixes import MIXES, cheapest
from almanac.comparisons.result import ShownFigure
from almanac.comparisons.scores import evals, own
from almanac.schemas.fields import CAPABILITIES, FIELDS
from almanac.warehouse.read.lifecycle import events
from almanac.warehouse.read.reader import FOREVER, StoredFigure

SERVED = tuple(name for (subject, name) in FIELDS if subject == "offer" and name != "price")


def model(site: Site, path: str, said: Query, maker: str, slug: str) -> str:
    """One model: what it is, what it can do, and who serves it for how much.

    Also its scores, and what became of it.
    """
    wanted = at.model_of(maker, slug)
    one = site.side(wanted)
    timeline = site.snapshot.timeline(wanted)
    happened = [
        e
        for e in events(site.snapshot, wanted, timeline)
        if e.subject == wanted or not e.event.startswith("listed")
    ]
    return render(
        site,
        path,
        "model.html",
        one.name,
        f"{one.name} of {maker_name(wanted)}:"
        " price, context window, abilities and providers, each with who says it.",
        one=one,
        maker=maker_name(wanted),
        maker_path=f"makers/{maker}.html",
        specs=_facts(one, SPECS),
        capabilities=_facts(one, CAPABILITIES),
        rest=_facts(one, tuple(f for f in one.facts if f not in SPECS and f not in CAPABILITIES)),
        offers=offers.table(one),
        tags=tags(one),
        advice=advice(one),
        scores=own(one),
        evals=evals(one),
        best=_best(one),
        served=served_chart(one, 24),
        history=_history(site, one, timeline),
        events=happened[-40:],
        earlier=max(0, len(happened) - 40),
        beside=others(site, wanted),
        json_ld=_json_ld(site, one),
    )


def _facts(one: ModelProfile, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "field": f,
            "title": FIELDS[("model", f)].title,
            "meaning": FIELDS[("model", f)].meaning,
            "cell": cell(one.facts[f]),
        }
        for f in fields
        if f in one.facts
    ]


def _best(one: ModelProfile) -> dict[str, Any] | None:
    """Return the cheapest paid route that more than its seller confirms."""
    best = cheapest(one.routes, MIXES["blend_3_1"])
    return (
        {"input": cell(best.input), "output": cell(best.output), "at": provider_name(best.provider)}
        if best
        else None
    )


def served_chart(one: ModelProfile, most: int) -> Any:
    """Return the chart of who serves it for how much."""
    mix = MIXES["blend_3_1"]
    rows = [
        charts.Bar(
            provider_name(r.provider),
            (
                float(r.input.number or 0) * float(mix.input_mtok) / 1e9,
                float(r.output.number or 0) * float(mix.output_mtok) / 1e9,
            ),
            f"${float(r.cost(mix)):.3g}",
        )
        for r in one.routes[:most]
    ]
    return charts.bars(
        f"What a million tokens of {one.name} cost at each provider,"
        " three parts input and one part output",
        rows,
        ("input part", "output part"),
    )


def _history(site: Site, one: ModelProfile, timeline: list[StoredFigure]) -> dict[str, Any]:
    """Return the chart of its prices over time, and the rows beneath it.

    The prices are those of its first-party or its cheapest providers.
    """
    best = list(
        dict.fromkeys(
            [
                *[r.provider for r in one.routes[:2]],
                *[
                    p
                    for p in one.tariffs
                    if maker_name(one.model).lower() in provider_name(p).lower()
                ],
            ]
        )
    )[:3]
    found: dict[tuple[str, str], list[StoredFigure]] = {}
    for f in timeline:
        if (
            f.field == "price"
            and not f.terms
            and f.meter in ("input", "output")
            and f.provider in best
            and f.usable
            and f.unit == "usd_per_mtok"
        ):
            found.setdefault((f.provider, f.meter), []).append(f)
    series = [
        (
            f"{provider_name(p)} {m}",
            [
                charts.Step(
                    f.valid_from,
                    None if f.valid_to == FOREVER else f.valid_to,
                    (f.number or 0) / 1e9,
                    formatting.value(f).replace("/1M tokens", ""),
                )
                for f in some
            ],
        )
        for (p, m), some in found.items()
    ]
    rows = [
        {
            "provider": provider_name(p),
            "meter": m,
            "cell": _then(site, f),
            "since": f.valid_from[:10],
            "until": None if f.valid_to == FOREVER else f.valid_to[:10],
        }
        for (p, m), some in found.items()
        for f in some
    ]
    return {
        "chart": charts.steps(
            f"Prices of {one.name} over time, dollars a million tokens",
            series,
            f"{site.as_of}T00:00:00",
        ),
        "rows": rows,
    }


def _then(site: Site, f: StoredFigure) -> ShownFigure | dict[str, str]:
    """Return a figure of the past; what stands no more has no page of its own to lead to."""
    return (
        cell(f)
        if (f.subject, f.field, f.meter) in site.said_of
        else {"shown": formatting.value(f), "state": f.state}
    )


def others(site: Site, wanted: str, most: int = 6) -> list[list[tuple[str, str]]]:
    """Return the comparisons to go on with: with models of like price that as many serve."""
    here = site.rows.get(wanted)
    if site.only is not None:
        pairs = [p for p in site.pairs(len(site.only)) if wanted in p]
    elif here and here.best:
        near = (
            r
            for r in site.ranked
            if r.model != wanted and here.blend / 4 <= r.blend <= here.blend * 4
        )
        pairs = [(wanted, r.model) for r in islice(near, most)]
    else:
        pairs = []
    return [
        [(m, site.names.get(m, m)) for m in p]
        for p in pairs[:most]
        if site.has_comparison(tuple(p))
    ]


def _json_ld(site: Site, one: ModelProfile) -> dict[str, Any]:
    offered = [
        {
            "@type": "Offer",
            "seller": {"@type": "Organization", "name": provider_name(r.provider)},
            "priceSpecification": [
                {
                    "@type": "UnitPriceSpecification",
                    "name": f"{meter} tokens",
                    "price": f"{(f.number or 0) / 1e9:g}",
                    "priceCurrency": "USD",
                    "unitText": "1,000,000 tokens",
                }
                for meter, f in (("input", r.input), ("output", r.output))
            ],
        }
        for r in one.routes[:20]
    ]
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": one.name,
        "identifier": one.model,
        "category": "Language model",
        "brand": {"@type": "Organization", "name": maker_name(one.model)},
        "dateModified": site.as_of,
        **({"offers": offered} if offered else {}),
    }


def offer(site: Site, path: str, said: Query, provider: str, maker: str, slug: str) -> str:
    """One model as one provider serves it: every price under its terms, the limits as served."""
    seller, wanted = at.unsafe(provider), at.model_of(maker, slug)
    one = site.side(wanted)
    prices = sorted(
        (f for f in one.offers if f.provider == seller and f.field == "price"), key=_by_terms
    )
    served = one.as_served.get(seller, {})
    if not prices and not served:
        raise Missing(f"{seller!r} is not known to serve {wanted}")
    meters = list(
        dict.fromkeys(f.meter for f in sorted(prices, key=lambda f: _METERS.get(f.meter, 99)))
    )
    table: dict[str, dict[str, StoredFigure]] = {}
    for f in prices:
        table.setdefault(f.terms, {})[f.meter] = f
    rows = [
        {
            "terms": terms,
            "cells": [cell(some.get(m), "price") if m in some else None for m in meters],
        }
        for terms, some in table.items()
    ]
    title = f"{one.name} at {provider_name(seller)}"
    return render(
        site,
        path,
        "offer.html",
        title,
        f"{title}: every price under its terms, and the limits as served.",
        one=one,
        provider=seller,
        meters=meters,
        rows=rows[:120],
        more=max(0, len(rows) - 120),
        served=[
            {
                "title": FIELDS[("offer", f)].title,
                "field": f,
                "cells": [cell(x) for x in sorted(served[f], key=_by_terms)],
            }
            for f in SERVED
            if f in served
        ],
    )


_METERS = {
    m: i
    for i, m in enumerate(
        (
            "input",
            "output",
            "cache_read",
            "cache_write",
            "reasoning",
            "token",
            "input_audio",
            "output_audio",
            "image",
            "search",
        )
    )
}


def _by_terms(f: StoredFigure) -> tuple[int, str]:
    return f.terms.count("=") + 2 * ("via=" in f.terms), f.terms
