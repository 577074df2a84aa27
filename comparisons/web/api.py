"""The HTTP API, version 1: read-only JSON.

Every answer says the release and the moment it is of; every wrong call says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from almanac.comparisons import formatting, missed_looks
from almanac.comparisons.comparison import MOST, compare
from almanac.comparisons.pages.site import Shared, Site
from almanac.comparisons.pricing.monthly import Traffic
from almanac.comparisons.pricing.quotes import Prices, usage
from almanac.comparisons.pricing.tariff import Bill
from almanac.comparisons.web.release_cache import Desk, tag
from almanac.schemas.dates import utc
from almanac.schemas.fields import FIELDS, METERS, NAMES
from almanac.schemas.moment import stamp
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import FOREVER, Missed, Stale, StoredClaim, StoredFigure
from almanac.warehouse.read.release_diff import diff, history

ABOUT = """What every language model is, costs and can do, with who says it. Read-only, no key.

`as_of` asks about a day in the world, `known` asks in the words of a release (its number, or a day:
the last made by then). Answers carry an ETag and hold until the next release, or the next outage.
Lists are cut at `limit`; `next` is the `after` of the next part. Amounts are exact decimals as
text."""
router = APIRouter(prefix="/api/v1")


class NotModified(Exception):
    """What was asked for is what the caller has."""

    def __init__(self, mark: str) -> None:
        self.mark = mark


class Refusal(BaseModel):
    error: str


class Answer(BaseModel):
    """What every answer has: the release whose word it is, the moment it is of, the data."""

    release: int
    as_of: str
    data: Any


class List(Answer):
    data: list[dict[str, Any]]
    next: str | None = Field(description="Ask again with this as `after`; null at the end.")


class One(Answer):
    data: dict[str, Any]


AsOf = Annotated[
    str,
    Query(
        description="The day or moment in the world asked about, such as 2026-05-19. Default: now.",
        max_length=40,
    ),
]
Known = Annotated[
    str,
    Query(
        description="In the words of this release: its number, or a day. Default: the latest.",
        max_length=40,
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many rows.")]
After = Annotated[str, Query(description="Begin after this, as `next` gave it.", max_length=600)]
Model = Annotated[
    str, Query(description="A model id, such as mistral/mistral-nemo.", max_length=200)
]
Subject = Annotated[
    str, Query(description="A model id, or provider:model for an offer.", max_length=300)
]
Count = Annotated[int, Query(ge=0, le=10**15)]
WRONG: dict[int | str, dict[str, Any]] = {
    code: {"model": Refusal, "description": said}
    for code, said in (
        (400, "The words of the call cannot be understood."),
        (404, "There is no such thing, or nothing is known of it."),
        (422, "A parameter is missing, unknown or out of range."),
        (503, "There is no release yet."),
    )
}


class Asked:
    """The release and moment of a call."""

    def __init__(self, snapshot: Warehouse, shared: Shared, mark: str) -> None:
        self.snapshot, self.shared, self.mark = snapshot, shared, mark

    @property
    def site(self) -> Site:
        return Site(self.snapshot, shared=self.shared)

    def says(self, data: Any, **more: Any) -> JSONResponse:
        """Return the answer with its envelope and headers."""
        return _Exact(
            {
                "release": self.snapshot.known,
                "as_of": self.snapshot.valid or "now",
                "data": data,
                **more,
            },
            headers={"ETag": self.mark, "Cache-Control": "no-cache"},
        )

    def listed(
        self,
        rows: Sequence[Any],
        keys: Sequence[str],
        limit: int,
        after: str,
        show: Callable[[Any], dict[str, Any]] = dict,
    ) -> JSONResponse:
        """Return a part of a list.

        `keys` are its rows' places in an order that does not change; `show` makes a row of each
        that is in the part.
        """
        start = next((i for i, k in enumerate(keys) if k > after), len(keys)) if after else 0
        some = [show(row) for row in rows[start : start + limit]]
        return self.says(some, next=keys[start + limit - 1] if start + limit < len(rows) else None)


class _Exact(JSONResponse):
    """JSON in which decimals are text: no reader's float changes an amount."""

    def render(self, content: Any) -> bytes:
        return json.dumps(
            content, default=_text, ensure_ascii=False, separators=(",", ":")
        ).encode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"no JSON for {type(value).__name__}")


def asked(request: Request, as_of: AsOf = "", known: Known = "") -> Iterator[Asked]:
    """Give a call its release and moment.

    Raises ValueError for a parameter the call does not take, NotModified for what the caller has.
    """
    declared = {p.alias for p in request.scope["route"].dependant.query_params} | {"as_of", "known"}
    if strange := sorted(set(request.query_params) - declared):
        raise ValueError(
            f"no parameter {strange[0][:40]!r}; there are: {', '.join(sorted(declared))}"
        )
    desk: Desk = request.app.state.desk
    with desk.snapshot(as_of, known) as snapshot:
        mark = tag(snapshot, request.url.path, str(request.url.query))
        if request.headers.get("If-None-Match") == mark:
            raise NotModified(mark)
        request.state.shared = desk.shared(snapshot)
        yield Asked(snapshot, request.state.shared, mark)


Seen = Annotated[Asked, Depends(asked)]


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
    return call.says(
        {
            "model": one.model,
            "name": one.name,
            "facts": {name: told(f) for name, f in sorted(one.facts.items())},
            "providers": sorted(set(one.tariffs) | set(one.as_served)),
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


@router.get("/releases", response_model=List, responses=WRONG, summary="The releases, newest first")
def releases(call: Seen, limit: Limit = 100, after: After = "") -> Response:
    rows = [r for r in call.snapshot.releases() if r.id <= call.snapshot.known]
    keys = [f"{10**9 - r.id:010}" for r in rows]
    return call.listed(
        [{k: v for k, v in asdict(r).items() if k not in ("validation", "sources")} for r in rows],
        keys,
        limit,
        after,
    )


@router.get(
    "/diff",
    response_model=List,
    responses=WRONG,
    summary="What one release says otherwise than an earlier one: changes told from corrections",
)
def differences(
    call: Seen,
    earlier: Annotated[str, Query(max_length=40, description="A release or a day.")],
    later: Annotated[str, Query(max_length=40)] = "",
    match: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = 100,
    after: After = "",
) -> Response:
    first, last = (
        call.snapshot.as_of(known=earlier).known,
        call.snapshot.as_of(known=later).known if later else call.snapshot.known,
    )
    rows = [
        {
            "kind": t.what.kind,
            "subject": t.about.subject,
            "field": t.about.field,
            "meter": t.about.meter or None,
            "terms": t.about.conditions,
            "was": formatting.said(t.about, t.what.before),
            "is": formatting.said(t.about, t.what.after),
            "valid_from": t.what.valid_from,
            "valid_to": None if t.what.valid_to == FOREVER else t.what.valid_to,
        }
        for t in diff(call.snapshot, first, last, match).told
    ]
    return call.listed(rows, [f"{i:08}" for i in range(len(rows))], limit, after)


@router.get(
    "/price",
    response_model=One,
    responses=WRONG,
    summary="What a usage costs, exactly, per component; every offer ranked",
)
def price(
    call: Seen,
    model: Model,
    provider: Annotated[
        str,
        Query(max_length=100, description="The bill of this provider. Default: of the cheapest."),
    ] = "",
    input: Count = 0,
    output: Count = 0,
    cached: Count = 0,
    cache_write: Count = 0,
    reasoning: Count = 0,
    of: Annotated[
        list[str] | None, Query(description="Another meter, such as search=2.", max_length=20)
    ] = None,
    tier: Annotated[str, Query(max_length=40)] = "standard",
    region: Annotated[str, Query(max_length=60)] = "",
    cache_ttl: Annotated[str, Query(max_length=20)] = "",
    currency: Annotated[str, Query(max_length=10)] = "",
    at: Annotated[
        str,
        Query(
            max_length=40,
            description="When the request is made, UTC, where prices go by the time of day.",
        ),
    ] = "",
) -> Response:
    moment: datetime | None = utc(stamp(at)) if at else None
    wanted = usage(
        input,
        output,
        cached,
        cache_write,
        reasoning,
        _meters(of or []),
        tier,
        region,
        cache_ttl,
        currency.upper(),
        None,
        moment,
    )
    if not any(wanted.meters().values()):
        raise ValueError("say what was used: input, output, or of=METER=N")
    book = Prices(call.snapshot, call.shared.once("prices", dict))
    bills, refused = book.rank(model, wanted)
    chosen = (
        book.tariff(f"{provider}:{model}").bill(wanted) if provider else bills[0] if bills else None
    )
    if chosen is None:
        raise LookupError(
            f"no offer of {model} has a known price for this: {next(iter(refused.values()))}"
        )
    return call.says(
        {
            "model": model,
            "usage": wanted.meters(),
            "terms": dict(wanted.terms),
            "bill": billed(chosen),
            "offers": [billed(b) for b in bills],
            "refused": refused,
        }
    )


def _meters(said: list[str]) -> dict[str, int | Decimal]:
    found: dict[str, int | Decimal] = {}
    for one in said:
        meter, _, count = one.partition("=")
        if meter not in METERS or not count.isdecimal() or len(count) > 15:
            raise ValueError(
                f"of must be METER=N with a meter of {', '.join(METERS)}, not {one[:60]!r}"
            )
        found[meter] = int(count)
    return found


def billed(bill: Bill) -> dict[str, Any]:
    """Return a bill for JSON, amounts exact."""
    return {
        "provider": bill.provider,
        "currency": bill.currency,
        "total": bill.total,
        "approximate": bill.approximate,
        "only_seller_says": bill.unchecked,
        "components": [
            {
                "meter": line.meter,
                "billed_as": line.billed_as or line.meter,
                "terms": line.figure.conditions,
                "count": line.count,
                "price": Decimal(line.nano) / 10**9,
                "unit": line.figure.unit,
                "cost": line.cost,
                "since": line.figure.valid_from,
            }
            for line in bill.lines
        ],
    }


@router.get(
    "/compare",
    response_model=One,
    responses=WRONG,
    summary="Models side by side, with the month your traffic costs",
)
def comparison(
    call: Seen,
    model: Annotated[
        list[str], Query(min_length=2, max_length=MOST, description="Two models or more.")
    ],
    input: Annotated[
        str, Query(max_length=30, description="Millions of input tokens a month.")
    ] = "",
    output: Annotated[str, Query(max_length=30)] = "",
    cached: Annotated[
        str, Query(max_length=30, description="Percent of the input read from a cache.")
    ] = "",
    batch: Annotated[str, Query(max_length=30, description="Percent sent as batch.")] = "",
    tier: Annotated[str, Query(max_length=30)] = "",
    prompt: Annotated[str, Query(max_length=30, description="Tokens of one prompt.")] = "",
) -> Response:
    traffic = Traffic.of(
        {
            "input": input,
            "output": output,
            "cached": cached,
            "batch": batch,
            "tier": tier,
            "prompt": prompt,
        }
    )
    return call.says(compare(call.snapshot, *model, traffic=traffic))


@router.get(
    "/sources",
    response_model=List,
    responses=WRONG,
    summary="Who is asked, when each was last well, what gave no body at its last run",
)
def sources(call: Seen, request: Request, limit: Limit = 100, after: After = "") -> Response:
    release, stale, missed = (
        call.snapshot.release(),
        call.snapshot.stale_now(),
        call.snapshot.missed_now(),
    )
    who, never = request.app.state.sources, {"pages": 0, "claims": 0, "last_good": None}
    names = sorted({*release.sources, *stale, *missed})

    def show(name: str) -> dict[str, Any]:
        about = {k: who.get(name, {}).get(k) for k in ("title", "publisher", "kind")}
        held = release.sources.get(name, never)
        return {"source": name, **about, **held, **_outage(stale.get(name), missed.get(name, ()))}

    return call.listed(names, names, limit, after, show)


def _outage(stale: Stale | None, missed: Sequence[Missed]) -> dict[str, Any]:
    """Return what could not be seen of a source."""
    since = {"stale": stale and stale.reason, "stale_since": stale and stale.since}
    return {**since, "missed": missed_looks.told(missed)}
