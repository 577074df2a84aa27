"""A fetched page: the only thing that can make a claim."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from almanac.schemas.claim import Basis, Claim, RefusedItem, digest
from almanac.schemas.dates import DayOrder, day_order, read_date
from almanac.schemas.fields import FIELDS
from almanac.schemas.money import Per, price_of
from almanac.schemas.quantity import is_missing
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.bounds import (
    LARGEST_PAGE,
    LONGEST_URL,
    MOST_CLAIMS,
    MOST_REFUSALS,
    SECONDS,
    TooMuch,
    Unreadable,
    on_time,
)
from almanac.spiders.decoding import json_of, text_of, toml_of, yaml_of
from almanac.spiders.reading.ledger import Ledger
from almanac.spiders.stated import shown_as, stated_value

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

__all__ = ["BROKEN", "LayoutChanged", "Page", "TooMuch", "Unreadable", "one_line"]


class LayoutChanged(Exception):
    """The page is not built as its reader knows it: nothing on it is believed."""


BROKEN = (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError)
"""What reading raises on a page or row that is not built as it should be."""


@dataclass
class Page:
    """One body with where and when it came from.

    Readers ask it for structure and give claims back through it.
    """

    source: str
    url: str
    body: bytes
    fetched_at: datetime
    refusals: list[RefusedItem] = field(default_factory=list)
    blob: str = ""
    """The id git gives the body, where it comes from a repository: then this is its digest."""
    seconds: float = SECONDS
    """How long its reading may take."""
    claims: int = 0
    """How many claims were made of it."""
    unlisted: int = 0
    """How many refusals are only counted."""
    ledger: Ledger = field(default_factory=Ledger)
    """What became of every cell and line of it."""

    @functools.cached_property
    def digest(self) -> str:
        return self.blob or digest(self.body)

    def bound(self) -> None:
        """Raise TooMuch for a body or an address longer than any that is read.

        That is before anything is made of it.
        """
        if len(self.body) > LARGEST_PAGE:
            raise TooMuch(
                f"a body of {len(self.body):,} bytes, more than the {LARGEST_PAGE:,} that are read"
            )
        if len(self.url) > LONGEST_URL:
            raise TooMuch(f"an address of {len(self.url):,} characters, more than {LONGEST_URL:,}")

    @functools.cached_property
    def text(self) -> str:
        """The body as text.

        Raises Unreadable for an empty body, one that is no text, or one larger than is read.
        """
        self.bound()
        return text_of(self.body)

    @functools.cached_property
    def json(self) -> Any:
        """The body as JSON; numbers with a fraction come as exact decimals.

        Raises Unreadable for HTML, a cut-off body, or nesting past what Python parses.
        """
        return json_of(self.text)

    @functools.cached_property
    def yaml(self) -> Any:
        """The body as YAML; numbers come as printed. Raises Unreadable for what is none."""
        return yaml_of(self.text)

    @functools.cached_property
    def toml(self) -> dict[str, Any]:
        """The body as TOML; fractions come as printed. Raises Unreadable for what is none."""
        return toml_of(self.text)

    @functools.cached_property
    def day_order(self) -> DayOrder:
        """Which comes first in the page's dates of numbers; nothing where they do not tell."""
        return day_order(self.text)

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        from almanac.spiders.parsers.html import parsed

        if "<" not in self.text:
            raise Unreadable("no HTML in the body")
        return parsed(self.text)

    def only(self, selector: str) -> Tag:
        """Return the one element `selector` names. Raises LayoutChanged for none or several."""
        matches = self.soup.select(selector)
        if len(matches) != 1:
            raise LayoutChanged(f"expected one {selector!r}, found {len(matches)}")
        return matches[0]

    def refuse(
        self,
        reason: str,
        *,
        printed: str = "",
        locator: str = "",
        model: str = "",
        provider: str = "",
        field: str = "",
    ) -> None:
        """Put something aside with the reason it was not taken.

        Of very many only their number is kept.
        """
        on_time()
        if len(self.refusals) >= MOST_REFUSALS:
            self.unlisted += 1
            return
        self.refusals.append(
            RefusedItem(
                source=self.source,
                capture=self.digest,
                stage="read",
                reason=reason,
                printed=printed,
                locator=locator,
                model=model,
                provider=provider,
                field=field,
            )
        )

    def say(
        self,
        name: str,
        content: Any,
        *,
        model: str,
        locator: str,
        provider: str | None = None,
        subject: str | None = None,
        meter: str | None = None,
        terms: Terms = STANDARD,
        context: str = "",
        printed: str | None = None,
        basis: Basis = "stated",
        effective_from: date | None = None,
        read: Callable[[str], Any] | None = None,
    ) -> list[Claim]:
        """Return the claim that the field `name` is `content`, or nothing with a refusal kept.

        `content` is printed text (read by the kind of its field), or a value read already: an int,
        Decimal, bool, tuple, Price, Quantity or PrintedDate. A mark for "no figure" gives no claim
        and no refusal.
        """
        on_time()
        shown = printed if printed is not None else shown_as(content)
        kind = subject or ("offer" if provider is not None else "model")
        if content is None or (isinstance(content, str) and is_missing(content)):
            return []
        try:
            if read is None and FIELDS[(kind, name)].kind == "date":
                read = functools.partial(read_date, order=lambda: self.day_order)
            stated = stated_value(kind, name, content, context, read)
            self._count_claim()
            return [
                Claim(
                    source=self.source,
                    capture=self.digest,
                    subject=kind,  # type: ignore[arg-type]
                    provider=provider,
                    model=model,
                    field=name,
                    meter=meter,
                    terms=terms,
                    value=stated.value,
                    readings=stated.readings,
                    bound=stated.bound,
                    state=stated.state,
                    unit=stated.unit,
                    printed=shown,
                    locator=locator,
                    basis=basis,
                    effective_from=effective_from,
                )
            ]
        except (ValueError, ArithmeticError) as error:
            self.refuse(
                one_line(error),
                printed=shown,
                locator=locator,
                model=model,
                provider=provider or "",
                field=name,
            )
            return []

    def _count_claim(self) -> None:
        self.claims += 1
        if self.claims > MOST_CLAIMS:
            raise TooMuch(f"more than {MOST_CLAIMS:,} claims")

    def price(
        self,
        number: Any,
        currency: str,
        per: Per,
        units: Decimal | int = 1,
        *,
        model: str,
        provider: str,
        meter: str,
        locator: str,
        terms: Terms = STANDARD,
        printed: str = "",
        **more: Any,
    ) -> list[Claim]:
        """Return the claim of a price whose currency and unit its API documents.

        `number` is for `units` of `per`.

        None gives no claim; a negative number, words or an absurd one are refused.
        """
        if number is None or number == "":
            return []
        try:
            exact = isinstance(number, (int, Decimal)) and not isinstance(number, bool)
            price = price_of(number if exact else str(number), currency, per, units)
        except (ValueError, ArithmeticError) as error:
            self.refuse(
                one_line(error),
                printed=str(number),
                locator=locator,
                model=model,
                provider=provider,
                field="price",
            )
            return []
        return self.say(
            "price",
            price,
            model=model,
            provider=provider,
            meter=meter,
            terms=terms,
            printed=printed or str(number),
            locator=locator,
            **more,
        )

    def attempt(
        self, rows: Callable[..., Iterable[Claim]], *args: Any, locator: str, model: str = ""
    ) -> list[Claim]:
        """Return the claims of one row, or none of them with the reason.

        A row stands or falls whole.
        """
        on_time()
        try:
            return list(rows(*args))
        except BROKEN as error:
            self.refuse(f"row not read: {one_line(error)}", locator=locator, model=model)
            return []


def one_line(error: Exception) -> str:
    """Return what is wrong in one line.

    Of a claim that no claim can be, it is the first rule that it breaks.
    """
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return str(first["msg"]).removeprefix("Value error, ")
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
