"""Commands that list what a release holds. They read it and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from almanac import out, subject
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, ModelName, day_of, opened
from almanac.warehouse import Warehouse

if TYPE_CHECKING:
    from almanac.schemas.card import SourceCard
    from almanac.warehouse.read.rows import Stale


@app.command()
def models(
    match: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only ids that contain this.")
    ] = "",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List the models of the release. Example: almanac models mistral"""
    rows = [r for r in opened(as_of).models() if match.lower() in r[0].lower()]
    if as_json:
        out.as_json([{"model": m, "maker": k, "name": n, "offers": o} for m, k, n, o in rows])
    else:
        out.table(["model", "name", "offers"], [[m, n, o] for m, _, n, o in rows])


@app.command()
def offers(
    name: ModelName,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List who serves a model, for how much. Example: almanac offers mistral/mistral-nemo"""
    from almanac.comparisons import formatting
    from almanac.comparisons.model_profile import provider_name, provider_role

    snapshot = opened(as_of)
    about = subject.model(snapshot, name, day_of(as_of))
    figures = snapshot.figures(model=about, kind="offer")
    if not figures:
        raise out.Refused(f"no offer of {about} is known")
    prices = [f for f in figures if f.field == "price"]
    if as_json:
        out.as_json(
            [
                {
                    "provider": f.provider,
                    "name": provider_name(f.provider),
                    "role": provider_role(f.provider),
                    "meter": f.meter,
                    "terms": f.conditions,
                    "value": formatting.plain_value(f),
                    "unit": f.unit,
                    "state": f.state,
                }
                for f in prices
            ]
        )
        return
    rows = [[f.provider, f.meter, f.terms, formatting.value(f)] for f in prices]
    silent = sorted({f.provider for f in figures} - {f.provider for f in prices})
    out.table(
        ["provider", "meter", "terms", "price"],
        [*rows, *[[p, "", "", "price not found"] for p in silent]],
    )


@app.command()
def conflicts(
    match: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only subjects that contain this.")
    ] = "",
    limit: Annotated[int, typer.Option(help="At most this many; 0 for all.")] = 50,
    as_json: Json = False,
) -> None:
    """List figures that are not decided, those first that touch most money, then most users.

    Money is what the values differ by for 800 M input and 250 M output tokens a month; users are
    told by how many providers serve the model. `almanac review` settles one.

    Example: almanac conflicts mistral
    """
    from almanac.comparisons import conflict_impact

    rows = conflict_impact.stakes(opened(), match)
    shown = out.capped(rows, limit)
    if as_json:
        out.as_json(
            [
                {
                    "subject": s.figure.subject,
                    "field": s.figure.field,
                    "meter": s.figure.meter or None,
                    "terms": s.figure.conditions,
                    "usd_a_month": s.money,
                    "offers": s.offers,
                    "values": {v: list(sources) for v, sources in s.values.items()},
                    "why": s.figure.why,
                    "rule": s.figure.rule,
                }
                for s in shown
            ]
        )
        return
    out.table(
        ["subject", "field", "terms", "$ a month", "providers", "who says what"],
        [
            [
                s.figure.subject,
                f"{s.figure.field} {s.figure.meter}".strip(),
                s.figure.terms,
                f"{s.money:,.2f}" if s.money is not None else "—",
                s.offers,
                "; ".join(f"{s.shown[v]}: {', '.join(sources)}" for v, sources in s.values.items()),
            ]
            for s in shown
        ],
    )
    if len(shown) < len(rows):
        print(f"and {len(rows) - len(shown)} more: --limit 0 lists all")


@app.command()
def quarantine(
    stage: Annotated[
        str, typer.Option(help="Only this stage: read, normalise, link, validate.")
    ] = "",
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    limit: Annotated[int, typer.Option(help="At most this many; 0 for all.")] = 50,
    summary: Annotated[bool, typer.Option("--summary", help="Count by reason.")] = False,
    as_json: Json = False,
) -> None:
    """List what was refused, and why. Example: almanac quarantine --stage read --source litellm"""
    from almanac.spiders import base

    snapshot = opened()
    if summary:
        _print_refusal_counts(snapshot, stage, source, as_json)
        return
    rows = snapshot.refusals(stage=stage, source=source, limit=limit)
    if source and not rows:
        base.source(source)  # a name that is no source's is said to be none
    if as_json:
        out.as_json(rows)
    else:
        out.table(
            ["stage", "source", "reason", "printed", "model", "where"],
            [
                [r["stage"], r["source"], r["reason"], r["printed"][:60], r["model"], r["locator"]]
                for r in rows
            ],
        )


def _print_refusal_counts(snapshot: Warehouse, stage: str, source: str, as_json: bool) -> None:
    heads = ["stage", "source", "reason", "count"]
    counts = [c for c in snapshot.refusal_counts() if stage in ("", c[0]) and source in ("", c[1])]
    if as_json:
        out.as_json([dict(zip(heads, count, strict=True)) for count in counts])
    else:
        out.table(heads, counts)


@app.command()
def sources(as_json: Json = False) -> None:
    """List every source: who publishes it, how often it is looked at, when it was last well.

    Then whose pages gave no body at the last run, and why; --json names the pages.

    Example: almanac sources
    """
    from almanac.comparisons import missed_looks
    from almanac.spiders import base
    from almanac.warehouse.read.reader import NotThere

    try:
        snapshot = opened()
        looks, stale, missed = snapshot.looks(), snapshot.stale_now(), snapshot.missed_now()
    except NotThere:
        looks, stale, missed = {}, {}, {}
    rows = [
        _source_row(name, base.card(name), looks.get(name, {}), stale.get(name))
        for name in base.names()
    ]
    if as_json:
        out.as_json([{**r, "missed": missed_looks.told(missed.get(r["source"], ()))} for r in rows])
        return
    out.table(list(rows[0]), [list(r.values()) for r in rows])
    for name, pages in missed.items():
        day = pages[0].last_at[:10]
        print(
            out.clean(
                f"{name}: {missed_looks.how_many(pages)} on {day}: {missed_looks.reasons(pages)}"
            )
        )


class SourceRow(TypedDict):
    """A source, how often it was looked at, and since when it is stale. Days are ISO."""

    source: str
    publisher: str
    kind: str
    cadence: str
    looks: int
    claims: int
    failed: int
    last_good: str
    stale: str
    stale_since: str


def _source_row(
    name: str, card: SourceCard, look: Mapping[str, Any], stale: Stale | None
) -> SourceRow:
    return {
        "source": name,
        "publisher": card.publisher,
        "kind": card.kind,
        "cadence": card.cadence,
        "looks": look.get("looks", 0),
        "claims": look.get("claims", 0),
        "failed": look.get("failed", 0),
        "last_good": (look.get("last_good") or "")[:10],
        "stale": stale.reason if stale else "",
        "stale_since": stale.since[:10] if stale else "",
    }
