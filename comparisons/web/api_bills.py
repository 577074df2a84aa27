"""The API's bills: what a usage costs, and models side by side."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from almanac.comparisons.comparison import MOST, compare
from almanac.comparisons.pricing.monthly import Traffic
from almanac.comparisons.pricing.quotes import Prices, usage
from almanac.comparisons.pricing.tariff import Bill
from almanac.comparisons.result import plain
from almanac.comparisons.web.calls import (
    WRONG,
    Count,
    Model,
    One,
    Seen,
)
from almanac.schemas.dates import utc
from almanac.schemas.fields import METERS
from almanac.schemas.moment import stamp

router = APIRouter()


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
    return call.says(plain(compare(call.snapshot, *model, traffic=traffic)))
