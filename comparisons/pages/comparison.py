"""The comparison page, and the page that picks what to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from almanac.comparisons.comparison import MOST
from almanac.comparisons.comparison import beside as compared
from almanac.comparisons.model_profile import ModelProfile, provider_name
from almanac.comparisons.pages import charts
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.citations import Citations, cells
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.lists import options
from almanac.comparisons.pages.pagination import Query
from almanac.comparisons.pages.render import render
from almanac.comparisons.pages.site import ListRow, Site
from almanac.comparisons.pages.things import others, served_chart
from almanac.comparisons.pricing.monthly import TIERS, Traffic
from almanac.comparisons.result import Comparison

TRAFFIC = ("input", "output", "cached", "batch", "tier", "prompt")


def picker(site: Site, path: str, said: Query) -> str:
    """Pick models to compare; the comparisons a static build holds."""
    pairs = [
        [(m, site.names.get(m, m)) for m in p]
        for p in site.pairs(min(500, len(site.only)) if site.only is not None else 60)
    ]
    return render(
        site,
        path,
        "picker.html",
        "Compare",
        "Put language models side by side.",
        options=options(site),
        pairs=pairs,
        most=MOST,
    )


def beside(site: Site, path: str, said: Query, names: str) -> str:
    """Two models or more, side by side. Raises ValueError for traffic that cannot be."""
    models = []
    for name in names.split("/vs/"):
        parts = name.split("/")
        if len(parts) != 2:
            raise Missing(f"there is no page {path}")
        models.append(at.model_of(*parts))
    if not 2 <= len(set(models)) == len(models) <= MOST:
        raise Missing(f"a comparison is of 2 to {MOST} different models")
    return shown(site, path, [site.side(m) for m in models], Traffic.of(said), said)


def shown(
    site: Site,
    path: str,
    sides: list[ModelProfile],
    traffic: Traffic,
    said: Mapping[str, str],
    **more: Any,
) -> str:
    """Return the page of a comparison."""
    c = compared(sides, site.release.id, site.as_of, traffic)
    link = site.linked(path)
    names = [
        *(s.name for s in sides),
        *(n for s in sides for n in c.providers[s.model]["names"]),
        *(r["benchmark"] for r in c.benchmarks["shared"]),
        *(f.value for s in sides if (f := s.usable("licence")) and f.value),
    ]
    parts = [c.specs, c.capabilities, c.cost, c.scorecard, c.benchmarks, c.evals]
    return render(
        site,
        path,
        "comparison.html",
        c.title,
        c.lede,
        c=c,
        cite=Citations(link, cells(parts), names).said,
        sides=sides,
        traffic=traffic,
        tiers=TIERS,
        tariffs=[_tariffs(s, link) for s in sides],
        charts={
            "served": [served_chart(s, 12) for s in sides],
            "context": _context(site, sides),
            "score": _score(c),
        },
        beside=_others(site, sides),
        hidden=[(k, said[k]) for k in TRAFFIC if said.get(k)],
        json_ld=_json_ld(c, site.as_of),
        **more,
    )


def _tariffs(one: ModelProfile, link: at.Links) -> dict[str, Any]:
    """Return what the page's script needs to bill a month itself.

    That is dollar prices on the standard terms and by tier.

    A row is [tier, meter, above input tokens, nano-dollars, usable, approximate, only its
    seller says so].
    """
    offers = []
    for provider, tariff in one.tariffs.items():
        rows = []
        for f in tariff.figures:
            terms = f.conditions if f.terms else {}
            if (
                terms.keys() <= {"tier", "above_input"}
                and f.unit.startswith("usd_per_")
                and f.meter in ("input", "output", "cache_read", "token", "request")
            ):
                rows.append(
                    [
                        terms.get("tier", ""),
                        f.meter,
                        int(terms.get("above_input", 0)),
                        str(f.number or 0),
                        f.usable and f.number is not None,
                        f.state == "approximate",
                        f.rule == "self-reported",
                    ]
                )
        if rows:
            offers.append(
                {
                    "provider": provider,
                    "name": provider_name(provider),
                    "href": link.offer(provider, one.model),
                    "rows": rows,
                }
            )
    return {"model": one.model, "name": one.name, "offers": offers}


def _context(site: Site, sides: list[ModelProfile]) -> Any:
    """Return these models among the others: price against context window."""
    here = {s.model for s in sides}
    rows = site.shared.once("drawn", lambda: [r for r in site.ranked if _drawn(r)][:90])
    most = [
        *(r for s in sides if (r := site.rows.get(s.model)) and _drawn(r)),
        *(r for r in rows if r.model not in here),
    ]
    points = [
        charts.Point(float(r.context.number or 0), r.blend, r.name, r.model in here)
        for r in most
        if r.best and r.context
    ]
    return (
        charts.scatter(
            "Price of a million tokens against the context window,"
            " these models among those that most providers serve",
            points,
            "context window, tokens",
            "$ a million tokens",
            log_x=True,
            log_y=True,
        )
        if any(p.strong for p in points)
        else ""
    )


def _drawn(row: ListRow) -> bool:
    return bool(row.best and row.context and row.context.usable and row.context.number)


def _score(c: Comparison) -> Any:
    """Return price against score on the shared benchmark with the widest gap."""
    shared = [r for r in c.benchmarks["shared"] if r["leader"]]
    if not shared or not c.cost:
        return ""
    row = max(shared, key=lambda r: (r["lead"], r["benchmark"]))
    mix = c.cost["mixes"]["blend_3_1"]["usd"]
    points = [
        charts.Point(float(usd), float(score), m["name"], True)
        for usd, score, m in zip(mix, row["scores"], c.models, strict=True)
    ]
    return charts.scatter(
        f"Price against score on {row['benchmark']}",
        points,
        "$ a million tokens, three parts input and one part output",
        row["benchmark"],
    )


def _others(site: Site, sides: list[ModelProfile]) -> list[list[tuple[str, str]]]:
    here = {s.model for s in sides}
    found = [p for s in sides for p in others(site, s.model, 8) if {m for m, _ in p} != here]
    return list({tuple(sorted(p)): p for p in found}.values())[:8]


def _json_ld(c: Comparison, as_of: str) -> dict[str, Any]:
    questions = [
        {
            "@type": "Question",
            "name": q["question"],
            "acceptedAnswer": {"@type": "Answer", "text": q["answer"]},
        }
        for q in c.faq
    ]
    return {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "name": c.title,
        "dateModified": as_of,
        "mainEntity": questions,
        "about": [{"@type": "Product", "name": m["name"], "identifier": m["id"]} for m in c.models],
    }
