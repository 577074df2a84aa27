"""The API's record: releases, what differs between them, the state of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from almanac.comparisons import formatting, missed_looks
from almanac.comparisons.web.calls import (
    WRONG,
    After,
    Limit,
    List,
    Seen,
)
from almanac.warehouse.read.reader import FOREVER, Missed, Stale
from almanac.warehouse.read.release_diff import diff

router = APIRouter()


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
