"""A fetched page: the only thing that can make a claim."""

from __future__ import annotations

import codecs
import functools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from almanac.schemas.claim import Basis, Claim, RefusedItem, State, Value, digest
from almanac.schemas.dates import PrintedDate, read_date
from almanac.schemas.fields import FIELDS, Field
from almanac.schemas.money import Per, Price, price_of, read_price
from almanac.schemas.quantity import (
    Quantity,
    exact,
    is_missing,
    read_count,
    read_flag,
    read_score,
    short,
)
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.bounds import (
    LARGEST_PAGE,
    LONGEST_URL,
    MOST_CLAIMS,
    MOST_REFUSALS,
    MOST_VALUES,
    SECONDS,
    TooMuch,
    Unreadable,
    on_time,
)

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

__all__ = ["BROKEN", "LayoutChanged", "Number", "Page", "TooMuch", "Unreadable", "one_line"]


class LayoutChanged(Exception):
    """The page is not built as its reader knows it: nothing on it is believed."""


BROKEN = (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError)
"""What reading raises on a page or row that is not built as it should be."""

ENCODINGS = frozenset(
    [
        "utf-8",
        "ascii",
        "iso8859-1",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "mac-cyrillic",
        "cp866",
        "cp874",
        "cp949",
        "cp932",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "big5hkscs",
        "euc_jp",
        "euc_kr",
        "shift_jis",
        "iso2022_jp",
        *(f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp125{n}" for n in range(9)),
    ]
)
"""The encodings of the web (WHATWG), as Python names them.

Not UTF-7, in which text hides, nor what turns bytes into bytes.
"""
NOT_DISCLOSED = re.compile(r"\b(?:not (?:publicly )?(?:disclosed|stated)|undisclosed)\b", re.I)


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
        if not self.body.strip():
            raise Unreadable("the body is empty")
        if self.body.startswith(codecs.BOM_UTF16_LE) or self.body.startswith(codecs.BOM_UTF16_BE):
            encoding = "utf-16"
        else:
            declared = re.search(rb"charset=[\"']?([\w-]{1,40})", self.body[:2048], re.I)
            encoding = _encoding(declared[1].decode("ascii")) if declared else "utf-8"
        for name in dict.fromkeys((encoding, "utf-8")):
            try:
                return self.body.decode("utf-8-sig" if name == "utf-8" else name)
            except UnicodeDecodeError:
                continue
        raise Unreadable(f"the body is not text in {encoding} or UTF-8")

    @functools.cached_property
    def json(self) -> Any:
        """The body as JSON; numbers with a fraction come as exact decimals.

        Raises Unreadable for HTML, a cut-off body, or nesting past what Python parses.
        """
        if self.text.lstrip()[:1] == "<":
            raise Unreadable("HTML where JSON was expected")
        if (values := sum(self.text.count(mark) for mark in ",[{")) > MOST_VALUES:
            raise TooMuch(f"JSON of up to {values:,} values, more than {MOST_VALUES:,}")
        try:
            return json.loads(
                self.text, parse_float=_fraction, parse_int=_whole, parse_constant=_constant
            )
        except RecursionError:
            raise Unreadable("JSON nested too deeply") from None
        except ValueError as error:
            raise Unreadable(f"not JSON: {error}") from None

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        from almanac.spiders.parsers.html import parsed

        if "<" not in self.text:
            raise Unreadable("no HTML in the body")
        return parsed(self.text)

    def only(self, selector: str) -> Tag:
        """Return the one element `selector` names. Raises LayoutChanged for none or several."""
        found = self.soup.select(selector)
        if len(found) != 1:
            raise LayoutChanged(f"expected one {selector!r}, found {len(found)}")
        return found[0]

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
        said: Any,
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
        """Return the claim that the field `name` is `said`, or nothing with a refusal kept.

        `said` is printed text (read by the kind of its field), or a value read already: an int,
        Decimal, bool, tuple, Price, Quantity or PrintedDate. A mark for "no figure" gives no claim
        and no refusal.
        """
        on_time()
        shown = printed if printed is not None else _shown(said)
        kind = subject or ("offer" if provider is not None else "model")
        if said is None or (isinstance(said, str) and is_missing(said)):
            return []
        try:
            value, readings, bound, state, unit = _parsed(kind, name, said, context, read)
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
                    value=value,
                    readings=readings,
                    bound=bound,  # type: ignore[arg-type]
                    state=state,
                    unit=unit,
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
            price = price_of(
                (
                    number
                    if isinstance(number, (int, Decimal)) and not isinstance(number, bool)
                    else str(number)
                ),
                currency,
                per,
                units,
            )
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


LONGEST_NUMBER = 60
"""Characters of a number in JSON."""


class Number(Decimal):
    """A JSON number with a fraction: exact, and printed the way its source prints it."""

    text: str

    def __new__(cls, text: str) -> Number:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


def _fraction(text: str) -> Number | str:
    """Return a number of this world.

    `1e9991048576` comes as text, before anyone spends an hour writing it out.
    """
    if len(text) > LONGEST_NUMBER:
        return text
    number = Number(text)
    return number if not number or -40 < number.adjusted() < 40 else text


def _whole(text: str) -> int | str:
    """Return a whole number of this world.

    A longer one comes as text, which no reader takes for a number.
    """
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _constant(name: str) -> str:
    """NaN and Infinity come as their names: text, which no reader takes for a number."""
    return name


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


def _encoding(declared: str) -> str:
    """Return the encoding that a page declares, or UTF-8 where that is none of the web's."""
    try:
        name = codecs.lookup(declared).name
    except (LookupError, UnicodeError):
        return "utf-8"
    return name if name in ENCODINGS else "utf-8"


def _shown(said: Any) -> str:
    if isinstance(said, bool):
        return "true" if said else "false"
    if isinstance(said, tuple):
        return ", ".join(said)
    if isinstance(said, PrintedDate):
        return said.value
    if isinstance(said, (Quantity, Price)):
        raise TypeError("pass `printed` with a value that was read before")
    return "" if said is None else str(said)


Parsed = tuple[Value, tuple[tuple[Value, Value, bool], ...], str, State, str]
"""Value, readings, bound, state and unit."""


def _parsed(
    subject: str, name: str, said: Any, context: str, read: Callable[[str], Any] | None
) -> Parsed:
    if isinstance(said, str):
        if NOT_DISCLOSED.search(short(said)):
            return None, (), "", State.not_disclosed, ""
        if said.strip().lower() == "unknown":
            return None, (), "", State.not_found, ""
    entry = FIELDS[(subject, name)]
    if isinstance(said, str):
        said = read(said) if read else _read(entry.kind, said, context)
    if isinstance(said, Price):
        return (*_number(said.amount, whole=True), said.unit)
    if quantity := _quantity(entry, said):
        return (*_number(quantity, whole=entry.kind in ("count", "price")), entry.unit)
    if isinstance(said, PrintedDate):
        state = State.approximate if said.approximate else State.known
        low, high = said.low.isoformat(), said.high.isoformat()
        return said.value, () if low == said.value else ((low, high, True),), "", state, entry.unit
    return _plain(entry, said), (), "", State.known, entry.unit


def _quantity(entry: Field, said: Any) -> Quantity | None:
    if isinstance(said, Quantity):
        return said
    number = isinstance(said, (int, Decimal)) and not isinstance(said, bool)
    return exact(said) if number and entry.kind not in ("flag", "text") else None


def _plain(entry: Field, said: Any) -> Value:
    """Return a flag, a set or a text that is one of its field. Raises ValueError."""
    if entry.kind == "flag" and isinstance(said, bool):
        return said
    if entry.kind == "set" and isinstance(said, tuple):
        return tuple(sorted(set(said)))
    if entry.kind != "text" or not isinstance(said, str):
        raise ValueError(f"{said!r} is no value of a {entry.kind} field")
    formed = not entry.form or re.fullmatch(entry.form, said)
    if not formed or re.search(r"[<>{}|\x00-\x08]", short(said)):
        raise ValueError(f"no {entry.title.lower()}: {said[:80]!r}")
    return said


def _read(kind: str, text: str, context: str) -> Any:
    match kind:
        case "count":
            return read_count(text)
        case "price":
            return read_price(text, context)
        case "date":
            return read_date(text)
        case "flag":
            return read_flag(text)
        case "score":
            return read_score(text)
        case "set":
            return tuple(
                part.strip().lower() for part in re.split(r"[,;/]|\band\b", text) if part.strip()
            )
        case "text":
            return " ".join(text.split())
    raise ValueError(f"no reading of a {kind} field from text")


def _number(
    quantity: Quantity, whole: bool
) -> tuple[Value, tuple[tuple[Value, Value, bool], ...], str, State]:
    def plain(x: Decimal) -> Value:
        return int(x.to_integral_value()) if whole else x.normalize() + 0

    state = State.approximate if quantity.approximate else State.known
    readings: tuple[tuple[Value, Value, bool], ...] = ()
    if not quantity.is_exact and any(r.low != r.high for r in quantity.readings):
        readings = tuple((plain(r.low), plain(r.high), r.closed) for r in quantity.readings)
    if whole and quantity.is_exact and quantity.value != quantity.value.to_integral_value():
        # Below the nano-unit: the stored integer is one end of an interval.
        low = int(quantity.value // 1)
        readings = ((low, low + 1, True),)
    return plain(quantity.value), readings, quantity.bound, state
