"""From what a page states of a field to the value that a claim carries. Refuses; never guesses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import State, Value
from almanac.schemas.dates import PrintedDate, read_date
from almanac.schemas.field import Field
from almanac.schemas.fields import FIELDS
from almanac.schemas.money import Price, read_price
from almanac.schemas.quantity import (
    Bound,
    Quantity,
    exact,
    read_count,
    read_flag,
    read_score,
    short,
)

NOT_DISCLOSED = re.compile(r"\b(?:not (?:publicly )?(?:disclosed|stated)|undisclosed)\b", re.I)
_NO_TEXT = re.compile(r"[<>{}|\x00-\x08]")
"""Characters of markup and code, which stand in no text of a field."""


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A value as a claim carries it, in the unit of its field."""

    value: Value
    readings: tuple[tuple[Value, Value, bool], ...] = ()
    """(low, high, whether high belongs to it) of each interval that a rounded one stands for."""
    bound: Bound = ""
    state: State = State.known
    unit: str = ""


def stated_value(
    subject: str, name: str, content: Any, context: str, read: Callable[[str], Any] | None
) -> StatedValue:
    """Return the value of a field from printed text, or from what was read of it before.

    Text is read by `read`, else by the kind of the field; `context` is printed around it. Raises
    ValueError or ArithmeticError for what is no value of the field, KeyError for no field.
    """
    if isinstance(content, str) and (absent := _absent(content)):
        return StatedValue(None, state=absent)
    field = FIELDS[(subject, name)]
    if isinstance(content, str):
        content = read(content) if read else _read(field.kind, content, context)
    return _converted(field, content)


def _absent(text: str) -> State | None:
    """Return the state of a field of which a page says that nothing is known."""
    if NOT_DISCLOSED.search(short(text)):
        return State.not_disclosed
    return State.not_found if text.strip().lower() == "unknown" else None


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


def _converted(field: Field, content: Any) -> StatedValue:
    match content:
        case Price():
            return _quantity(content.amount, True, content.unit)
        case Quantity():
            return _quantity(content, field.kind in ("count", "price"), field.unit)
        case PrintedDate():
            return _date(content, field.unit)
        case bool():
            if field.kind == "flag":
                return StatedValue(content, unit=field.unit)
        case tuple() if field.kind == "set":
            return StatedValue(tuple(sorted(set(content))), unit=field.unit)
        case str() if field.kind == "text":
            return _text(field, content)
        case int() | Decimal() if field.kind not in ("flag", "text"):
            return _converted(field, exact(content))
    raise ValueError(f"{content!r} is no value of a {field.kind} field")


def _text(field: Field, content: str) -> StatedValue:
    """Return a value in words. Raises ValueError for markup, and for what its field never says."""
    if _NO_TEXT.search(short(content)) or (field.form and not re.fullmatch(field.form, content)):
        raise ValueError(f"no {field.title.lower()}: {content[:80]!r}")
    return StatedValue(content, unit=field.unit)


def _date(printed: PrintedDate, unit: str) -> StatedValue:
    low, high = printed.low.isoformat(), printed.high.isoformat()
    return StatedValue(
        printed.value,
        () if low == printed.value else ((low, high, True),),
        state=State.approximate if printed.approximate else State.known,
        unit=unit,
    )


def _quantity(quantity: Quantity, whole: bool, unit: str) -> StatedValue:
    """Return a number, as an integer where the unit is counted in whole ones."""
    return StatedValue(
        _plain(quantity.value, whole),
        _intervals(quantity, whole),
        quantity.bound,
        State.approximate if quantity.approximate else State.known,
        unit,
    )


def _intervals(quantity: Quantity, whole: bool) -> tuple[tuple[Value, Value, bool], ...]:
    if quantity.is_exact:
        if not whole or quantity.value == quantity.value.to_integral_value():
            return ()
        # Below the nano-unit: the stored integer is one end of an interval.
        low = int(quantity.value // 1)
        return ((low, low + 1, True),)
    if all(r.low == r.high for r in quantity.readings):
        return ()
    return tuple((_plain(r.low, whole), _plain(r.high, whole), r.closed) for r in quantity.readings)


def _plain(number: Decimal, whole: bool) -> Value:
    return int(number.to_integral_value()) if whole else number.normalize() + 0


def shown_as(content: Any) -> str:
    """Return a value as it is printed. Raises TypeError for one that only its page can print."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, tuple):
        return ", ".join(content)
    if isinstance(content, PrintedDate):
        return content.value
    if isinstance(content, (Quantity, Price)):
        raise TypeError("pass `printed` with a value that was read before")
    return "" if content is None else str(content)
