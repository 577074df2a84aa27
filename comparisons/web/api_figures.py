"""The API's figures: models, offers, figures, why they are so, what was ever said."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from almanac.comparisons import formatting
from almanac.comparisons.model_profile import provider_name, provider_role, sellers
from almanac.comparisons.web.calls import (
    WRONG,
    After,
    Asked,
    Limit,
    List,
    Model,
    One,
    Seen,
    Subject,
)
from almanac.schemas.fields import FIELDS, NAMES
from almanac.warehouse.read.reader import FOREVER, StoredClaim, StoredFigure
from almanac.warehouse.read.release_diff import history

router = APIRouter()


def told(f: StoredFigure) -> dict[str, Any]:
    """Return a figure as the API gives it."""
    return {
        "subject": f.subject,
        "kind": f.subject_kind,
        "model": f.model,
        "provider": f.provider or None,
        "field": f.field,
        "meter": f.meter or None,
        "terms": f.conditions,
        "value": formatting.plain_value(f),
        "shown": formatting.value(f),
        "unit": f.unit or None,
        "state": f.state,
        "confidence": f.confidence,
        "rule": f.rule,
        "why": f.why,
        "valid_from": f.valid_from,
        "valid_to": None if f.valid_to == FOREVER else f.valid_to,
    }


def _claim(c: StoredClaim, note: str) -> dict[str, Any]:
    return {
        "claim": c.id,
        "source": c.source,
        "said": c.printed,
        "value": c.value,
        "unit": c.unit,
        "as": {"model": c.model_said, "provider": c.provider_said or None},
        "url": c.url,
        "where": c.locator,
        "basis": c.basis,
        "first_look": c.first_look,
        "last_look": c.last_look,
        "capture": c.capture,
        "note": note or None,
    }


def _field(name: str) -> str:
    if name and name not in NAMES:
        raise ValueError(f"no field {name!r}; the fields are: {', '.join(sorted(NAMES))}")
    return name


@router.get("/models", response_model=List, responses=WRONG, summary="The models on record")
def models(
    call: Seen,
    match: Annotated[str, Query(max_length=100, description="Only ids that contain this.")] = "",
    limit: Limit = 100,
    after: After = "",
) -> Response:
    rows = [
        (m, k, n, o)
        for m, k, n, o in call.shared.once("models", call.snapshot.models)
        if match.lower() in m.lower()
    ]
    return call.listed(
        [{"model": m, "maker": k, "name": n, "offers": o} for m, k, n, o in rows],
        [r[0] for r in rows],
        limit,
        after,
    )


@router.get(
    "/models/{maker}/{slug}",
    response_model=One,
    responses=WRONG,
    summary="What one model is and can do, and who serves it",
)
def model(call: Seen, maker: str, slug: str) -> Response:
    one = call.site.side(f"{maker}/{slug}")
    providers = sorted(set(one.tariffs) | set(one.as_served))
    return call.says(
        {
            "model": one.model,
            "name": one.name,
            "facts": {name: told(f) for name, f in sorted(one.facts.items())},
            "providers": providers,
            "sellers": [
                {"provider": p, "name": provider_name(p), "role": provider_role(p)}
                for p in sellers(providers)
            ],
        }
    )


@router.get(
    "/offers",
    response_model=List,
    responses=WRONG,
    summary="Every figure of a model's offers: prices under their terms, limits as served",
)
def offers(
    call: Seen,
    model: Model,
    provider: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = 100,
    after: After = "",
) -> Response:
    one = call.site.side(model)
    return _figures(call, [f for f in one.offers if provider in ("", f.provider)], limit, after)


@router.get(
    "/figures",
    response_model=List,
    responses=WRONG,
    summary="Figures by subject, model, field or state",
)
def figures(
    call: Seen,
    subject: Annotated[str, Query(max_length=300)] = "",
    model: Annotated[str, Query(max_length=200)] = "",
    field: Annotated[str, Query(max_length=60)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    limit: Limit = 100,
    after: After = "",
) -> Response:
    if not (subject or model or field or state):
        raise ValueError("say which: subject, model, field or state")
    return _figures(
        call,
        call.snapshot.figures(subject=subject, model=model, field=_field(field), state=state),
        limit,
        after,
    )


def _figures(call: Asked, some: list[StoredFigure], limit: int, after: str) -> Response:
    rows = sorted(some, key=_place)
    return call.listed(rows, [_place(f) for f in rows], limit, after, told)


def _place(f: StoredFigure) -> str:
    return f"{f.subject} {f.field} {f.meter} {f.terms}"


@router.get(
    "/explain",
    response_model=One,
    responses=WRONG,
    summary="One field of one subject: the figures, why, and who says what in their words",
)
def explain(call: Seen, subject: Subject, field: Annotated[str, Query(max_length=60)]) -> Response:
    found = call.snapshot.figures(subject=subject, field=_field(field))
    if not found:
        raise LookupError(
            f"nothing is known of {field} of {subject!r} as of {call.snapshot.valid or 'now'},"
            f" release {call.snapshot.known}"
        )
    claims = call.site.claims(found)
    rows = []
    for f in found:
        support, dissent = f.sides()
        rows.append(
            {
                **told(f),
                "support": [_claim(claims[i], n) for i, n in support if i in claims],
                "dissent": [_claim(claims[i], n) for i, n in dissent if i in claims],
            }
        )
    return call.says(
        {
            "subject": subject,
            "field": field,
            "meaning": FIELDS[(found[0].subject_kind, field)].meaning,
            "figures": rows,
        }
    )


@router.get(
    "/history",
    response_model=List,
    responses=WRONG,
    summary="Every figure ever said of a field, on both axes of time",
)
def past(
    call: Seen,
    subject: Subject,
    field: Annotated[str, Query(max_length=60)],
    limit: Limit = 100,
    after: After = "",
) -> Response:
    found = history(call.snapshot, subject, _field(field))
    if not found:
        raise LookupError(f"nothing was ever said of {field} of {subject!r}")
    rows = [
        {
            **told(e.figure),
            "came_as": e.came,
            "first_release": e.figure.first_release,
            "closed_release": e.figure.closed_release,
            "closed_by": e.went or None,
        }
        for e in found
    ]
    keys = [f"{i:08}" for i in range(len(rows))]
    return call.listed(rows, keys, limit, after)


@router.get(
    "/conflicts",
    response_model=List,
    responses=WRONG,
    summary="What sources disagree on and no rule decides, dearest first",
)
def conflicts(
    call: Seen,
    match: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = 100,
    after: After = "",
) -> Response:
    rows = [
        {
            "subject": s.figure.subject,
            "field": s.figure.field,
            "meter": s.figure.meter or None,
            "terms": s.figure.conditions,
            "usd_a_month": s.money,
            "providers": s.offers,
            "values": [{"shown": s.shown[v], "sources": list(who)} for v, who in s.values.items()],
            "why": s.figure.why,
        }
        for s in call.site.conflicted
        if match.lower() in s.figure.subject.lower()
    ]
    return call.listed(rows, [f"{i:08}" for i in range(len(rows))], limit, after)
