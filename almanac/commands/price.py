"""`almanac price`: a bill, per component, and its offers ranked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Optional

import typer

from almanac import out, subject
from almanac.app import app
from almanac.commands.query import AsOf, Known, Model, day_of, opened
from almanac.out import Json


@app.command()
def price(
    name: Model,
    provider: Annotated[
        str,
        typer.Option(
            "--provider", metavar="P", help="The bill of this provider. Default: of the cheapest."
        ),
    ] = "",
    input: Annotated[
        int,
        typer.Option("--input", metavar="N", help="Tokens of the prompt, cached ones included."),
    ] = 0,
    output: Annotated[
        int, typer.Option("--output", metavar="N", help="Tokens written, reasoning included.")
    ] = 0,
    cached: Annotated[
        int, typer.Option("--cached", metavar="N", help="Of the input, tokens read from a cache.")
    ] = 0,
    cache_write: Annotated[
        int,
        typer.Option("--cache-write", metavar="N", help="Of the input, tokens written to a cache."),
    ] = 0,
    reasoning: Annotated[
        int, typer.Option("--reasoning", metavar="N", help="Of the output, tokens thought.")
    ] = 0,
    of: Annotated[
        Optional[list[str]],
        typer.Option(
            "--of",
            metavar="METER=N",
            help="Another meter, such as search=2 or image=1; may be given several times.",
        ),
    ] = None,
    tier: Annotated[
        str, typer.Option("--tier", metavar="T", help="standard, batch, flex, priority, …")
    ] = "standard",
    region: Annotated[
        str, typer.Option("--region", metavar="R", help="Where prices go by region.")
    ] = "",
    cache_ttl: Annotated[
        str,
        typer.Option(
            "--cache-ttl",
            metavar="T",
            help="How long written tokens are kept, such as 1h, where prices go by that.",
        ),
    ] = "",
    currency: Annotated[
        str, typer.Option("--currency", metavar="C", help="Where it is priced in several.")
    ] = "",
    term: Annotated[
        Optional[list[str]],
        typer.Option(
            "--term",
            metavar="KEY=VALUE",
            help="Any other condition, as `almanac offers` prints it.",
        ),
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="When the request is made, UTC, where prices go by the time of day.",
        ),
    ] = "",
    as_of: AsOf = None,
    known: Known = None,
    as_json: Json = False,
) -> None:
    """Say what a usage costs: exactly, per component, and at every provider, cheapest first.

    What is not known is refused and named: an unknown price is never zero. What only a seller says
    of itself comes last, marked.

    Example: almanac price google/gemini-3.1-flash-lite
    --input 1000000 --cached 400000 --output 250000 --tier batch
    """
    from almanac.comparisons.pricing.quotes import Prices, usage
    from almanac.comparisons.pricing.tariff import Unpriced
    from almanac.flows.entity_resolution.providers import provider_id
    from almanac.schemas.dates import utc
    from almanac.schemas.fields import METERS
    from almanac.schemas.moment import stamp

    snapshot = opened(as_of, known)
    model = subject.model(snapshot, name, day_of(as_of))
    meters = {meter: _count(said) for meter, said in _pairs("--of", of)}
    if strange := sorted(meters.keys() - set(METERS)):
        raise ValueError(f"no meter {strange[0]!r}; the meters are: {', '.join(METERS)}")
    moment: datetime | None = utc(stamp(at)) if at else None
    wanted = usage(
        input,
        output,
        cached,
        cache_write,
        reasoning,
        meters,
        tier,
        region,
        cache_ttl,
        currency.upper(),
        dict(_pairs("--term", term)),
        moment,
    )
    if not any(wanted.meters().values()):
        raise ValueError("say what was used: --input N, --output N, or --of METER=N")
    book = Prices(snapshot)
    try:
        bills, refused = book.rank(model, wanted)
        chosen = (
            book.tariff(f"{provider_id(provider)}:{model}").bill(wanted)
            if provider
            else bills[0]
            if bills
            else None
        )
    except Unpriced as error:
        raise out.Refused(str(error)) from None
    if as_json:
        out.as_json(
            {
                "model": model,
                "as_of": snapshot.valid or "now",
                "release": snapshot.known,
                "usage": wanted.meters(),
                "terms": dict(wanted.terms),
                "bill": chosen and _told(chosen),
                "offers": [_told(b) for b in bills],
                "refused": refused,
            }
        )
    elif chosen:
        out.table(
            ["component", "count", "price", "cost"],
            [
                [
                    _component(line),
                    f"{line.count:,}",
                    _price(line),
                    _amount(line.cost, chosen.currency),
                ]
                for line in chosen.lines
            ],
            title=f"{model} at {chosen.provider}: {_total(chosen)}",
        )
        out.table(
            ["provider", "total", ""],
            [[b.provider, _amount(b.total, b.currency), _note(b)] for b in bills],
            title="\nEvery offer, cheapest first",
        )
    if not as_json and refused:
        print("\nNo bill:", *(f"  {why}" for why in refused.values()), sep="\n")
    if chosen is None:
        raise out.Refused(f"no offer of {model} has a known price for this")


def _pairs(option: str, said: list[str] | None) -> list[tuple[str, str]]:
    pairs = [
        (key.strip(), value.strip())
        for key, eq, value in (s.partition("=") for s in said or ())
        if eq and key.strip() and value.strip()
    ]
    if len(pairs) != len(said or ()):
        raise ValueError(
            f"{option} takes NAME=VALUE,"
            f" such as {'search=2' if option == '--of' else 'quantisation=fp8'}"
        )
    return pairs


def _count(said: str) -> int | Decimal:
    try:
        number = Decimal(said)
    except InvalidOperation:
        raise ValueError(f"not a count: {said!r}") from None
    return int(number) if number == number.to_integral_value() else number


def _component(line: Any) -> str:
    terms = f" [{line.figure.terms}]" if line.figure.terms else ""
    return f"{line.meter}{terms}" + (f" (billed as {line.billed_as})" if line.billed_as else "")


def _price(line: Any) -> str:
    from almanac.comparisons import formatting

    return formatting.value(line.figure)


def _amount(amount: Decimal, currency: str) -> str:
    return f"{'$' if currency == 'USD' else currency + ' '}{amount:,f}"


def _total(bill: Any) -> str:
    note = _note(bill)
    return _amount(bill.total, bill.currency) + (f" ({note})" if note else "")


def _note(bill: Any) -> str:
    return ", ".join(
        filter(
            None,
            [
                "approximate" if bill.approximate else "",
                "only its seller says so" if bill.unchecked else "",
            ],
        )
    )


def _told(bill: Any) -> dict[str, Any]:
    """Return a bill for JSON. Amounts are exact: text where a number would not hold them."""
    return {
        "provider": bill.provider,
        "currency": bill.currency,
        "total": f"{bill.total:f}",
        "approximate": bill.approximate,
        "only_seller_says": bill.unchecked,
        "components": [
            {
                "meter": line.meter,
                "billed_as": line.billed_as or line.meter,
                "terms": line.figure.conditions,
                "count": line.count,
                "price": f"{Decimal(line.nano) / 10**9:f}",
                "unit": line.figure.unit,
                "cost": f"{line.cost:f}",
                "since": line.figure.valid_from[:10],
            }
            for line in bill.lines
        ],
    }
