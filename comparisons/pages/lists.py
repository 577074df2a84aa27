"""Pages that list: the front, models by maker, providers, conflicts, changes.

Also sources, and data quality.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from almanac.comparisons import formatting
from almanac.comparisons.missed_looks import how_many
from almanac.comparisons.model_profile import (
    brief,
    cell,
    maker_name,
    provider_name,
    provider_role,
    sellers,
)
from almanac.comparisons.pages import charts
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.pagination import PART, Query, part, part_paths
from almanac.comparisons.pages.render import render
from almanac.comparisons.pages.site import ListRow, Site
from almanac.warehouse.read.reader import FOREVER, Missed, Stale
from almanac.warehouse.read.release_diff import Told, diff

MISSED = 5
"""Pages without a body that are listed of a source."""


def paths(site: Site) -> Iterator[str]:
    """Yield the paths of every list."""
    yield from (
        "index.html",
        "models.html",
        "providers.html",
        "compare.html",
        "changes.html",
        "sources.html",
        "quality.html",
    )
    for maker, n in sorted(Counter(m.partition("/")[0] for m in site.rows).items()):
        yield from part_paths(n, f"makers/{at.safe(maker)}")
    for provider, some in site.served_by.items():
        yield from part_paths(len(some), f"providers/{at.safe(provider)}")
    yield from part_paths(len(site.conflicted), "conflicts")
    for release in site.snapshot.releases():
        if release.id <= site.release.id:
            yield from part_paths(len(_told(site, release.id)), f"changes/{release.id}")


def _line(site: Site, row: ListRow) -> dict[str, Any]:
    return {
        "model": row.model,
        "name": row.name,
        "maker": maker_name(row.model),
        "context": brief(row.context),
        "providers": row.providers,
        "input": brief(row.best.input if row.best else None),
        "output": brief(row.best.output if row.best else None),
        "at": provider_name(row.best.provider) if row.best else "",
        "provider": row.best.provider if row.best else "",
    }


def _scatter(rows: Sequence[ListRow], strong: int) -> dict[str, Any]:
    """Return the chart of price against context, and the rows beneath it."""
    drawn = [
        (r, r.blend, r.context.number)
        for r in rows
        if r.best and r.context and r.context.usable and r.context.number
    ]
    points = [
        charts.Point(float(context), price, r.name, i < strong)
        for i, (r, price, context) in enumerate(drawn)
    ]
    chart = charts.scatter(
        "Price of a million tokens, three parts input and one part output,"
        " against the context window",
        points,
        "context window, tokens",
        "$ a million tokens",
        log_x=True,
        log_y=True,
    )
    return {
        "chart": chart,
        "rows": [
            {
                "model": r.model,
                "name": r.name,
                "context": brief(r.context),
                "input": brief(r.best.input),
                "output": brief(r.best.output),
            }
            for r, _, _ in drawn
            if r.best
        ],
    }


def front(site: Site, path: str, said: Query) -> str:
    """The first view: compare, the models most providers serve, what changed."""
    most = site.ranked[:20]
    counts = site.release.counts
    return render(
        site,
        path,
        "front.html",
        "What every language model is, costs and can do",
        "Prices, limits and abilities of language models, each with who says it.",
        counts=counts,
        models=[_line(site, r) for r in most],
        pairs=[[(m, site.names.get(m, m)) for m in p] for p in site.pairs(12)],
        scatter=_scatter(site.ranked[:120], 5),
        conflicts=len(site.conflicted),
        options=options(site),
    )


def options(site: Site) -> list[tuple[str, str]]:
    """Return the models most asked for, to pick from; any other can be typed."""
    return [(r.model, r.name) for r in sorted(site.ranked[:300], key=lambda r: r.name.lower())]


def models(site: Site, path: str, said: Query) -> str:
    """Every maker, and the hundred models that most providers serve."""
    makers = Counter(m.partition("/")[0] for m in site.rows)
    rows = sorted(
        ((maker_name(f"{k}/"), k, at.safe(k), n) for k, n in makers.items()),
        key=lambda r: (-r[3], r[0].lower()),
    )
    most = site.ranked[:100]
    return render(
        site,
        path,
        "models.html",
        "Models",
        "Every language model on record.",
        makers=rows,
        models=[_line(site, r) for r in most],
        total=len(site.rows),
        scatter=_scatter(most, 4),
    )


def maker(site: Site, path: str, said: Query, name: str, number: str | None) -> str:
    """Every model of one maker."""
    wanted = at.unsafe(name)
    rows = sorted(
        (r for m, r in site.rows.items() if m.partition("/")[0] == wanted),
        key=lambda r: (-r.providers, r.name.lower()),
    )
    if not rows:
        raise Missing(f"no model of {wanted!r} is on record")
    some, page, pages = part(rows, number)
    title = f"Models of {maker_name(rows[0].model)}"
    return render(
        site,
        path,
        "maker.html",
        title,
        f"{title}: prices, context windows, providers.",
        models=[_line(site, r) for r in some],
        scatter=_scatter(some[:60], 4),
        total=len(rows),
        page=page,
        pages=pages,
        base=f"makers/{at.safe(wanted)}",
    )


def providers(site: Site, path: str, said: Query) -> str:
    """Every provider, with its role and how many models it serves."""
    rows = sorted(
        (
            (provider_name(p), p, provider_role(p), len(site.served_by[p]))
            for p in sellers(site.served_by)
        ),
        key=lambda r: (-r[3], r[0].lower()),
    )
    return render(
        site, path, "providers.html", "Providers", "Who serves language models.", rows=rows
    )


def provider(site: Site, path: str, said: Query, name: str, number: str | None) -> str:
    """What one provider serves, for how much."""
    wanted = at.unsafe(name)
    models = site.served_by.get(wanted)
    if not models:
        raise Missing(f"nothing of a provider {wanted!r} is on record")
    some, page, pages = part(models, number)
    rows = [_offer_line(site, wanted, m) for m in some]
    title = f"{provider_name(wanted)}: models and prices"
    return render(
        site,
        path,
        "provider.html",
        title,
        f"What {provider_name(wanted)} serves, for how much.",
        provider=wanted,
        role=provider_role(wanted),
        rows=rows,
        total=len(models),
        page=page,
        pages=pages,
        base=f"providers/{at.safe(wanted)}",
        free=sum(1 for r in rows if r["free"]),
    )


def _offer_line(site: Site, provider: str, model: str) -> dict[str, Any]:
    figures = {
        (f.field, f.meter, f.terms): f for f in site.snapshot.figures(subject=f"{provider}:{model}")
    }
    prices = {m: figures.get(("price", m, "")) for m in ("input", "output", "cache_read")}
    amounts = [
        f.number
        for f in figures.values()
        if f.field == "price" and f.usable and f.number is not None
    ]
    return {
        "model": model,
        "name": site.names.get(model, model),
        "context": brief(figures.get(("context_window", "", ""))),
        "free": bool(amounts) and not any(amounts),
        "more": sum(k[0] == "price" for k in figures) - sum(f is not None for f in prices.values()),
        **{m: brief(f, "price") for m, f in prices.items()},
    }


def conflicts(site: Site, path: str, said: Query, number: str | None) -> str:
    """What is not decided, dearest first."""
    rows = site.conflicted
    some, page, pages = part(rows, number)
    shown = [
        {
            "subject": s.figure.subject,
            "field": s.figure.field,
            "meter": s.figure.meter,
            "terms": s.figure.terms,
            "money": s.money,
            "values": _values(s.values, s.shown),
            "cell": cell(s.figure),
            "model": s.figure.model,
            "name": site.names.get(s.figure.model, s.figure.model),
            "provider": s.figure.provider,
        }
        for s in some
    ]
    return render(
        site,
        path,
        "conflicts.html",
        "Conflicts",
        "Figures on which sources disagree and no rule decides.",
        rows=shown,
        total=len(rows),
        page=page,
        pages=pages,
        base="conflicts",
    )


def _values(
    values: Mapping[str, tuple[str, ...]], shown: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the most named values, each with who says it, and how many more there are."""
    rows = [(shown[v], formatting.listed(list(who), 3)) for v, who in list(values.items())[:4]]
    return [*rows, (f"{len(values) - 4} more", "")] if len(values) > 4 else rows


def changes(site: Site, path: str, said: Query) -> str:
    """Every release, with what it said otherwise than the one before."""
    rows = [r for r in site.snapshot.releases() if r.id <= site.release.id]
    return render(
        site,
        path,
        "changes.html",
        "Changes",
        "What each release changed, corrected and learned.",
        rows=rows,
        kinds=("new", "change", "correction", "filled", "gone"),
    )


def _told(site: Site, number: int) -> list[Told]:
    """Return what a release says otherwise than the one before, but for what is new.

    It is told once for all its pages.
    """
    return site.shared.once(f"told {number}", lambda: _differences(site, number))


def _differences(site: Site, number: int) -> list[Told]:
    release = site.snapshot.release(number)
    if (
        release.parent is None
        or release.retired_at
        or site.snapshot.release(release.parent).retired_at
    ):
        return []
    return [t for t in diff(site.snapshot, release.parent, number).told if t.what.kind != "new"]


def change(site: Site, path: str, said: Query, release: str, number: str | None) -> str:
    """What one release says otherwise than the one before.

    Changes of the world, and corrections of ours.
    """
    wanted = int(release)
    if not 1 <= wanted <= site.release.id:
        raise Missing(
            f"release {wanted} is not one of this site,"
            f" which is in the words of release {site.release.id}"
        )
    told = _told(site, wanted)
    some, page, pages = part(told, number)
    rows = [
        {
            "kind": t.what.kind,
            "subject": t.about.subject,
            "field": t.about.field,
            "meter": t.about.meter,
            "terms": t.about.terms,
            "name": site.names.get(t.about.model, t.about.model),
            "provider": t.about.provider,
            "was": formatting.said(t.about, t.what.before),
            "now": formatting.said(t.about, t.what.after),
            "since": t.what.valid_from[:10],
            "until": None if t.what.valid_to == FOREVER else t.what.valid_to[:10],
        }
        for t in some
    ]
    return render(
        site,
        path,
        "change.html",
        f"What release {wanted} changed",
        f"What release {wanted} says otherwise than the one before.",
        rows=rows,
        told=site.snapshot.release(wanted),
        total=len(told),
        page=page,
        pages=pages,
        base=f"changes/{wanted}",
        links=site.said_of,
    )


def sources(site: Site, path: str, said: Query) -> str:
    """Who says what, how often each is right, when each was last well."""
    looks, stale, missed = (
        site.snapshot.looks(),
        site.snapshot.stale_now(),
        site.snapshot.missed_now(),
    )
    names = sorted({*site.release.sources, *looks, *stale, *missed})
    troubles = {n: _trouble(looks.get(n, {}), stale.get(n), missed.get(n, [])) for n in names}
    rows = [{**_source(site, n), **troubles[n]} for n in names]
    about = "Who is asked, how often each is right, which are stale."
    return render(site, path, "sources.html", "Sources", about, rows=rows, most=MISSED)


def _source(site: Site, name: str) -> dict[str, Any]:
    """Return who a source is, and what the release has of it."""
    about = {"title": name, "publisher": "", "kind": "", "right": {}, **site.sources.get(name, {})}
    held = {"claims": 0, "pages": 0, **site.release.sources.get(name, {})}
    return {"source": name, **about, **held, "last_good": (held.get("last_good") or "")[:10]}


def _trouble(
    looks: Mapping[str, Any],
    stale: Stale | None,
    missed: Sequence[Missed],
) -> dict[str, Any]:
    """Return what could not be seen of a source."""
    since = {"stale": stale.reason if stale else "", "since": stale.since[:10] if stale else ""}
    gone = {"missed": missed, "how_many": how_many(missed)}
    return {"failed": looks.get("failed", 0), **since, **gone}


def quality(site: Site, path: str, said: Query) -> str:
    """Every expectation and how it went; what is in quarantine, and why."""
    found = site.release.validation
    results = sorted(
        found.get("results", []), key=lambda r: (r["success"], -r["checked"], r["said"])
    )
    refused = site.snapshot.refusal_counts()
    return render(
        site,
        path,
        "quality.html",
        "Data quality",
        "Expectations and quarantine of this release.",
        results=results,
        validation=found,
        held=sum(r["success"] for r in results),
        refused=refused[:PART],
        more=max(0, len(refused) - PART),
        total=sum(r[3] for r in refused),
    )
