"""Pages of evidence, for a figure and for a capture.

A figure with who says what and how it came to be; a capture with every look at its page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from almanac.comparisons import formatting
from almanac.comparisons.model_profile import cell, provider_name
from almanac.comparisons.pages import charts
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.pagination import Query
from almanac.comparisons.pages.render import render
from almanac.comparisons.pages.site import Site
from almanac.schemas.fields import FIELDS
from almanac.warehouse.read.reader import FOREVER, Release, StoredClaim, StoredFigure, kind_of
from almanac.warehouse.read.release_diff import HistoryEntry, history


def of_model(site: Site, path: str, said: Query, maker: str, slug: str, field: str) -> str:
    return figure(site, path, at.model_of(maker, slug), field)


def of_offer(
    site: Site,
    path: str,
    said: Query,
    provider: str,
    maker: str,
    slug: str,
    field: str,
    meter: str | None,
) -> str:
    return figure(
        site, path, f"{at.unsafe(provider)}:{at.model_of(maker, slug)}", field, meter or ""
    )


def figure(site: Site, path: str, subject: str, field: str, meter: str = "") -> str:
    """One field of one subject, under each of its terms.

    With the value, why, who says what, and its history on both axes of time.
    """
    entries = [e for e in history(site.snapshot, subject, field) if e.figure.meter == meter]
    standing = [f for f in site.snapshot.figures(subject=subject, field=field) if f.meter == meter]
    return shown(
        site,
        path,
        subject,
        field,
        meter,
        entries,
        standing,
        site.claims(standing),
        site.snapshot.releases(),
    )


def shown(
    site: Site,
    path: str,
    subject: str,
    field: str,
    meter: str,
    entries: list[HistoryEntry],
    standing: list[StoredFigure],
    claims: dict[int, StoredClaim],
    releases: list[Release],
) -> str:
    """Return the page from what is at hand. Raises Missing where nothing was ever said of it."""
    entries = [e for e in entries if e.figure.first_release <= site.release.id]
    if not entries and not standing:
        raise Missing(
            f"nothing is known of {field} of {subject} as of {site.as_of},"
            f" release {site.release.id}"
        )
    provider, model = at.offer_of(subject)
    entry = FIELDS[((standing or [e.figure for e in entries])[0].subject_kind, field)]
    ever: dict[str, list[HistoryEntry]] = defaultdict(list)
    for e in entries:
        ever[e.figure.terms].append(e)
    figures = [
        _told(site, f, claims, ever.get(f.terms, []), releases)
        for f in sorted(standing, key=lambda f: (f.terms.count("="), f.terms))
    ]
    past = [
        _past(site, terms, some, releases)
        for terms, some in sorted(ever.items())
        if terms not in {f.terms for f in standing}
    ]
    name = site.names.get(model, model)
    what = ", ".join(filter(None, [entry.title, meter.replace("_", " ")]))
    title = f"{what}: {name}" + (f" at {provider_name(provider)}" if provider else "")
    return render(
        site,
        path,
        "figure.html",
        title,
        f"{title}, with who says it.",
        subject=subject,
        model=model,
        name=name,
        provider=provider,
        field=entry,
        meter=meter,
        what=what,
        figures=figures,
        past=past,
    )


def _told(
    site: Site,
    f: StoredFigure,
    claims: dict[int, StoredClaim],
    entries: list[HistoryEntry],
    releases: list[Release],
) -> dict[str, Any]:
    support, dissent = f.sides()
    return {
        "cell": cell(f),
        "terms": f.terms,
        "anchor": at.anchor(f.terms),
        "rule": f.rule,
        "since": f.valid_from[:10],
        "confidence": f.confidence,
        "sides": [("says so", _said(support, claims)), ("says otherwise", _said(dissent, claims))],
        **_times(site, f, entries, releases),
    }


def _said(pairs: Iterable[tuple[int, str]], claims: dict[int, StoredClaim]) -> list[dict[str, Any]]:
    return [
        {
            "claim": c,
            "note": note,
            "as": f"{c.provider_said}: {c.model_said}" if c.provider_said else c.model_said,
        }
        for i, note in pairs
        if (c := claims.get(i))
    ]


def _past(
    site: Site, terms: str, entries: list[HistoryEntry], releases: list[Release]
) -> dict[str, Any]:
    return {
        "terms": terms,
        "anchor": at.anchor(terms),
        **_times(site, entries[-1].figure, entries, releases),
    }


def _times(
    site: Site, f: StoredFigure, entries: list[HistoryEntry], releases: list[Release]
) -> dict[str, Any]:
    """Return both axes as charts and rows.

    What held when by this release, and what each release said of the moment shown.
    """
    mine = [
        e.figure
        for e in entries
        if e.figure.first_release <= site.release.id
        and (e.figure.closed_release is None or e.figure.closed_release > site.release.id)
    ]
    made = {r.id: r.created_at for r in releases}
    now, valid_at = f"{site.as_of}T00:00:00Z", site.snapshot.valid
    at_moment = [
        e.figure
        for e in entries
        if (
            e.figure.valid_to == FOREVER
            if valid_at is None
            else e.figure.valid_from <= valid_at < e.figure.valid_to
        )
    ]
    said = sorted(
        (
            (
                made.get(g.first_release, now),
                made.get(g.closed_release) if g.closed_release else None,
                g,
            )
            for g in at_moment
        ),
        key=lambda x: (x[0], x[1] or "9"),
    )
    title = f"{f.field.replace('_', ' ')} {f.meter}".strip()
    valid = (
        _chart(
            f"{title} over time, by release {site.release.id}",
            [(g.valid_from, None if g.valid_to == FOREVER else g.valid_to, g) for g in mine],
            now,
        )
        if len(mine) > 1
        else ""
    )
    changed = len({_value(g) for _, _, g in said}) > 1
    known = (
        _chart(
            f"{title} of {site.as_of}, as each release said it",
            said,
            max(now, max(made.values(), default=now)),
        )
        if changed
        else ""
    )
    rows = [
        {
            "shown": formatting.value(e.figure),
            "state": e.figure.state,
            "since": e.figure.valid_from[:10],
            "until": None if e.figure.valid_to == FOREVER else e.figure.valid_to[:10],
            "came": e.came,
            "went": e.went,
            "first": e.figure.first_release,
            "last": e.figure.closed_release - 1 if e.figure.closed_release else None,
        }
        for e in entries
    ]
    return {
        "valid": valid,
        "known": known,
        "history": rows[-60:],
        "earlier": max(0, len(rows) - 60),
    }


def _value(f: StoredFigure) -> tuple[str | None, str, str]:
    return f.value, f.unit, f.state


def _chart(title: str, rows: list[tuple[str, str | None, StoredFigure]], until: str) -> Any:
    if not rows:
        return ""
    if (
        kind_of(rows[0][2].subject_kind, rows[0][2].field) in ("price", "count", "measure", "score")
        and len({f.unit for _, _, f in rows}) == 1
    ):
        scale = 1e9 if rows[0][2].field == "price" else 1.0
        some = [
            charts.Step(
                since, end, float(f.value) / scale, formatting.value(f).replace("/1M tokens", "")
            )
            for since, end, f in rows
            if f.usable and f.value is not None
        ]
        return charts.steps(title, [("", some)], until)
    lanes: dict[str, list[tuple[str, str | None]]] = {}
    for since, end, f in rows:
        lanes.setdefault(formatting.value(f), []).append((since, end))
    return charts.lanes(title, list(lanes.items())[:12], until)


def capture(site: Site, path: str, said: Query, digest: str) -> str:
    """One archived body: where it came from, and where the archive keeps it.

    With every look that found it.
    """
    looks = site.snapshot.looks_at(digest)
    if not looks:
        raise Missing(f"no capture {digest} is on record")
    return render(
        site,
        path,
        "capture.html",
        "Archived capture",
        "Where a body came from and when it was seen.",
        digest=digest,
        looks=looks,
        claims=site.claimed.get(digest, 0),
        body=f"captures/{digest}.txt" if site.bodies else "",
    )
