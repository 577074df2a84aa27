"""`almanac price`: a bill, per component, and its offers ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Optional, TypedDict

import typer

from almanac import out, subject
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, InRelease, ModelName, day_of, opened

if TYPE_CHECKING:
    from almanac.comparisons.pricing.quotes import Prices
    from almanac.comparisons.pricing.tariff import Bill, BillLine, Usage
    from almanac.warehouse import Warehouse


@app.command()
def price(
    name: ModelName,
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
    in_release: InRelease = None,
    as_json: Json = False,
) -> None:
    """Say what a usage costs: exactly, per component, and at every provider, cheapest first.

    What is not known is refused and named: an unknown price is never zero. What only a seller says
    of itself comes last, marked.

    Example: almanac price google/gemini-3.1-flash-lite
    --input 1000000 --cached 400000 --output 250000 --tier batch
    """
    from almanac.comparisons.pricing.quotes import Prices, usage
    from almanac.schemas.dates import utc
    from almanac.schemas.moment import stamp

    snapshot = opened(as_of, in_release)
    model = subject.model(snapshot, name, day_of(as_of))
    meters = _meters(of)
    moment = utc(stamp(at)) if at else None
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
    quotes = _quotes(Prices(snapshot), model, provider, wanted)
    if as_json:
        _print_json(snapshot, quotes)
    else:
        _print_text(quotes)
    if quotes.chosen is None:
        raise out.Refused(f"no offer of {model} has a known price for this")


@dataclass(frozen=True, slots=True)
class Quotes:
    """What a usage of a model costs: the bill asked for, and those of every offer."""

    model: str
    usage: Usage
    chosen: Bill | None
    """The bill of the provider asked for, else of the cheapest; None where none has a price."""
    bills: Sequence[Bill]
    """The cheapest first."""
    refused: Mapping[str, str]
    """Offers without a bill, each with the reason."""


def _quotes(book: Prices, model: str, provider: str, wanted: Usage) -> Quotes:
    """Return the bills of a usage. Raises Refused where the provider asked for has no price."""
    from almanac.comparisons.pricing.tariff import Unpriced
    from almanac.flows.entity_resolution.providers import provider_id

    try:
        bills, refused = book.rank(model, wanted)
        chosen = bills[0] if bills else None
        if provider:
            chosen = book.tariff(f"{provider_id(provider)}:{model}").bill(wanted)
    except Unpriced as error:
        raise out.Refused(str(error)) from None
    return Quotes(model, wanted, chosen, bills, refused)


EXAMPLES = {"--of": "search=2", "--term": "quantisation=fp8"}
"""What an option that takes NAME=VALUE is given, such as this."""


def _pairs(option: str, texts: Sequence[str] | None) -> list[tuple[str, str]]:
    """Return what an option that takes NAME=VALUE was given. Raises ValueError for another form."""
    pairs = []
    for text in texts or ():
        key, equals, value = map(str.strip, text.partition("="))
        if not (key and equals and value):
            raise ValueError(f"{option} takes NAME=VALUE, such as {EXAMPLES[option]}")
        pairs.append((key, value))
    return pairs


def _meters(texts: Sequence[str] | None) -> dict[str, int | Decimal]:
    """Return the counts of further meters. Raises ValueError for a meter there is not."""
    from almanac.schemas.fields import METERS

    meters = {meter: _count(text) for meter, text in _pairs("--of", texts)}
    if strange := sorted(meters.keys() - set(METERS)):
        raise ValueError(f"no meter {strange[0]!r}; the meters are: {', '.join(METERS)}")
    return meters


def _count(text: str) -> int | Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a count: {text!r}") from None
    return int(number) if number == number.to_integral_value() else number


def _print_json(snapshot: Warehouse, quotes: Quotes) -> None:
    out.as_json(
        {
            "model": quotes.model,
            "as_of": snapshot.valid or "now",
            "release": snapshot.known,
            "usage": quotes.usage.meters(),
            "terms": dict(quotes.usage.terms),
            "bill": quotes.chosen and _bill_json(quotes.chosen),
            "offers": [_bill_json(b) for b in quotes.bills],
            "refused": quotes.refused,
        }
    )


def _print_text(quotes: Quotes) -> None:
    bill = quotes.chosen
    if bill:
        out.table(
            ["component", "count", "price", "cost"],
            [
                [
                    _component(line),
                    f"{line.count:,}",
                    _price(line),
                    _amount(line.cost, bill.currency),
                ]
                for line in bill.lines
            ],
            title=f"{quotes.model} at {bill.provider}: {_total(bill)}",
        )
        out.table(
            ["provider", "total", ""],
            [[b.provider, _amount(b.total, b.currency), _note(b)] for b in quotes.bills],
            title="\nEvery offer, cheapest first",
        )
    if quotes.refused:
        print("\nNo bill:", *(f"  {why}" for why in quotes.refused.values()), sep="\n")


def _component(line: BillLine) -> str:
    terms = f" [{line.figure.terms}]" if line.figure.terms else ""
    return f"{line.meter}{terms}" + (f" (billed as {line.billed_as})" if line.billed_as else "")


def _price(line: BillLine) -> str:
    from almanac.comparisons import formatting

    return formatting.value(line.figure)


def _amount(amount: Decimal, currency: str) -> str:
    return f"{'$' if currency == 'USD' else currency + ' '}{amount:,f}"


def _total(bill: Bill) -> str:
    note = _note(bill)
    return _amount(bill.total, bill.currency) + (f" ({note})" if note else "")


def _note(bill: Bill) -> str:
    notes = (
        "approximate" if bill.approximate else "",
        "only its seller says so" if bill.unchecked else "",
    )
    return ", ".join(filter(None, notes))


class ComponentJson(TypedDict):
    """A line of a bill. Amounts are exact: text where a number would not hold them."""

    meter: str
    billed_as: str
    terms: dict[str, str]
    count: int | Decimal
    price: str
    unit: str
    cost: str
    since: str


class BillJson(TypedDict):
    """What a usage costs at one provider."""

    provider: str
    currency: str
    total: str
    approximate: bool
    only_seller_says: bool
    components: list[ComponentJson]


def _bill_json(bill: Bill) -> BillJson:
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
