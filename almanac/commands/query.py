"""Commands that ask: explain and the lists. They read a release and change nothing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Optional

import typer

from almanac import out, subject, warehouse
from almanac.app import app
from almanac.out import Json
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredClaim, StoredFigure

Subject = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="A model, or provider:model for an offer.")
]
Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="An id, or a name that links with certainty.")
]
FieldName = Annotated[
    str,
    typer.Argument(
        metavar="FIELD", help="A field of the registry, such as context_window or price."
    ),
]
AsOf = Annotated[
    Optional[str],
    typer.Option(
        "--as-of", metavar="DATE", help="The moment asked about, such as 2026-05-19. Default: now."
    ),
]
Known = Annotated[
    Optional[str],
    typer.Option(
        "--known",
        metavar="RELEASE",
        help="In the words of this release, or of the last by a date. Default: the latest.",
    ),
]


def opened(as_of: str | None = None, known: str | None = None) -> Warehouse:
    snapshot = warehouse.open()
    return snapshot.as_of(as_of, known) if as_of or known else snapshot


def day_of(as_of: str | None) -> date | None:
    return date.fromisoformat(as_of[:10]) if as_of else None


def shown_value(f: StoredFigure) -> Any:
    """Return a figure's value for JSON."""
    from almanac.comparisons import formatting

    return formatting.plain_value(f)


def _side(pairs: list[tuple[int, str]], claims: dict[int, StoredClaim]) -> list[dict[str, Any]]:
    return [
        {
            "claim": i,
            "source": c.source,
            "said": c.printed,
            "value": c.value,
            "url": c.url,
            "looked": c.last_look[:10],
            "first_seen": c.first_look[:10],
            "where": c.locator,
            "as": f"{c.provider_said}: {c.model_said}" if c.provider_said else c.model_said,
            "basis": c.basis,
            "note": note,
            "capture": c.capture,
            "archive": c.archive,
        }
        for i, note in pairs
        if (c := claims.get(i))
    ]


@app.command()
def explain(
    name: Subject,
    field: FieldName,
    as_of: AsOf = None,
    known: Known = None,
    as_json: Json = False,
) -> None:
    """Say a figure, the rule that decided it, and who says what, quoted, with links.

    Example: almanac explain google/gemini-3.1-flash-lite context_window
    """
    from almanac.schemas.fields import METERS, NAMES

    if field not in NAMES:
        raise ValueError(f"no field {field!r}; the fields are: {', '.join(sorted(NAMES))}")
    snapshot = opened(as_of, known)
    about = subject.subject(snapshot, name, day_of(as_of))
    # What most ask first: standard terms before conditions, input before output before the rest.
    figures = sorted(
        snapshot.figures(subject=about, field=field),
        key=lambda f: (
            f.terms.count("=") + 2 * ("via=" in f.terms),
            f.terms,
            METERS.index(f.meter) if f.meter else -1,
        ),
    )
    if not figures:
        raise out.Refused(
            f"nothing is known of {field} of {about}" + (f" on {as_of}" if as_of else "")
        )
    claims = snapshot.claims(i for f in figures for side in f.sides() for i, _ in side)
    answer: dict[str, Any] = {
        "subject": about,
        "field": field,
        "release": snapshot.known,
        "as_of": snapshot.valid or "now",
        "figures": [
            {
                "meter": f.meter or None,
                "terms": f.conditions,
                "value": shown_value(f),
                "unit": f.unit,
                "state": f.state,
                "confidence": f.confidence,
                "rule": f.rule,
                "why": f.why,
                "valid_from": f.valid_from[:10],
                "support": _side(f.sides()[0], claims),
                "dissent": _side(f.sides()[1], claims),
            }
            for f in figures
        ],
    }
    if as_json:
        out.as_json(answer)
        return
    from almanac.comparisons import formatting

    for f, said in zip(figures, answer["figures"], strict=True):
        conditions = f" [{f.terms}]" if f.terms else ""
        print(
            f"{about} {field}{' ' + f.meter if f.meter else ''}{conditions}:"
            f" {formatting.value(f)} ({f.state}, confidence {f.confidence:.2f})"
        )
        print(f"  {out.clean(f.why)} Rule: {f.rule}. Since {f.valid_from[:10]}.")
        for sign, side in (("+", said["support"]), ("-", said["dissent"])):
            for c in side:
                note = f" [{c['note']}]" if c["note"] else ""
                print(
                    f"  {sign} {c['source']} “{out.clean(c['said'])}”{note}\n"
                    f"      {c['url']} looked {c['looked']}, {out.clean(c['where'])}"
                )


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
    name: Model,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List who serves a model, for how much. Example: almanac offers mistral/mistral-nemo"""
    from almanac.comparisons import formatting

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
                    "meter": f.meter,
                    "terms": f.conditions,
                    "value": shown_value(f),
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
    from almanac.comparisons.conflict_impact import stakes

    rows = stakes(opened(), match)
    some = rows[:limit] if limit else rows
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
                    "values": {v: list(who) for v, who in s.values.items()},
                    "why": s.figure.why,
                    "rule": s.figure.rule,
                }
                for s in some
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
                "; ".join(f"{s.shown[v]}: {', '.join(who)}" for v, who in s.values.items()),
            ]
            for s in some
        ],
    )
    if len(some) < len(rows):
        print(f"and {len(rows) - len(some)} more: --limit 0 lists all")


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
        counts = [
            c for c in snapshot.refusal_counts() if stage in ("", c[0]) and source in ("", c[1])
        ]
        if as_json:
            out.as_json(
                [{"stage": a, "source": b, "reason": c, "count": n} for a, b, c, n in counts]
            )
        else:
            out.table(["stage", "source", "reason", "count"], counts)
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
    rows = []
    for name in base.names():
        card, look = base.card(name), looks.get(name, {})
        rows.append(
            {
                "source": name,
                "publisher": card.publisher,
                "kind": card.kind,
                "cadence": card.cadence,
                "looks": look.get("looks", 0),
                "claims": look.get("claims", 0),
                "failed": look.get("failed", 0),
                "last_good": (look.get("last_good") or "")[:10],
                "stale": stale[name].reason if name in stale else "",
                "stale_since": stale[name].since[:10] if name in stale else "",
            }
        )
    if as_json:
        out.as_json([{**r, "missed": missed_looks.told(missed.get(r["source"], ()))} for r in rows])
        return
    out.table(list(rows[0]), [list(r.values()) for r in rows])
    for name, some in missed.items():
        last = some[0].last_at[:10]
        print(
            out.clean(
                f"{name}: {missed_looks.how_many(some)} on {last}: {missed_looks.reasons(some)}"
            )
        )
