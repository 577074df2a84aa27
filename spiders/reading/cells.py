"""One cell of a row to its claims, its refusal, or its place in the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from almanac.schemas.money import Price
from almanac.schemas.quantity import is_missing, read_count
from almanac.schemas.terms import Terms
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.reading.amounts import Amount, amounts, is_free, states_amount
from almanac.spiders.reading.both_directions import halves
from almanac.spiders.reading.columns import Column, flag_of, is_flag, is_length
from almanac.spiders.reading.context import MODEL_ONLY, Context
from almanac.spiders.reading.facts import facts_of
from almanac.spiders.reading.hours import hours_of
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.staged import generally_available
from almanac.spiders.reading.surroundings import Surroundings
from almanac.spiders.reading.tallies import read_tally
from almanac.spiders.vocabulary.capabilities import capabilities_of
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.media import media_of
from almanac.spiders.vocabulary.meters import MEDIA_PARTS, meter_of
from almanac.spiders.vocabulary.names import Name
from almanac.spiders.vocabulary.words import KIND, fold, means

_COUNTS = frozenset(
    ("context_window", "max_output_tokens", "max_input_tokens", "parameters", "active_parameters")
)


@dataclass
class Row:
    """A row being read: its models, the terms and units of all its figures."""

    models: list[Name]
    terms: dict[str, str]
    around: Surroundings
    lines: tuple[str, ...] = ()
    """Texts of the group it stands in."""
    unit: str = ""
    item: Label | None = None
    doubt: str = ""
    """Why its prices cannot be believed: a column that may be a condition."""
    columns: dict[str, str] = field(default_factory=dict)
    """The terms that its columns of conditions state."""


def read_cell(
    context: Context, grid: Grid, row: Row, column: Column, cell: Cell, at: str = ""
) -> None:
    """Read one cell by what its column holds."""
    text, at = cell.text, at or grid.where(cell, column.head)
    role, name = column.label.role, column.label.name
    if role == "terms" and _is_offer_of_tier(column, text):
        context.pass_by(text, at, Outcome.ignored, "whether a tier is offered")
    elif role in ("price", "terms"):
        _price(context, grid, row, column, text, at)
    elif role == "field":
        _fact(context, row, column.label, text, at, column.head)
    elif role == "condition" and name == "quantisation":
        _fact(context, row, Label("field", "quantisation"), text, at, column.head)
    elif role == "flag":
        _flag(context, row, name, text, at)
    elif column.label.is_role("both_directions"):
        _both_directions(context, grid, row, column, text, at)
    elif role == "role":
        _of_role(context, row, column, text, at)
    elif re.search(r"\d", text):
        _passed(context, row, column, text, at)


def _is_offer_of_tier(column: Column, text: str) -> bool:
    return is_flag(text) or (not column.label.terms and not re.search(r"\d", text))


def _passed(context: Context, row: Row, column: Column, text: str, at: str) -> None:
    """Enter a figure under an unknown head, or ignored by a rule; some count what was passed."""
    models = [name.text for name in row.models]
    if column.unknown and read_tally(context, models, column.head, text, at):
        return
    if column.unknown and not context.declared.is_card and states_amount(text):
        reason = f"a price under a head that this reader does not know: {column.head[:60]!r}"
        context.refuse(reason, text, at, name="price", head=column.head)
    elif column.unknown:
        context.pass_by(text, at, Outcome.left, "", column.head or "(no head)")
    elif column.label.role == "prose":
        rule = column.label.name.removeprefix("ignored: ")
        context.pass_by(text, at, Outcome.ignored, rule, column.head)


def _peers(grid: Grid, column: Column) -> list[str]:
    """Return the currency signs of the column's other cells, for one that is free."""
    signs = (re.search(r"[$€£¥￥元]", row[column.index].text) for row in grid.rows[:40])
    return [next((m[0] for m in signs if m), "")]


def _no_price(context: Context, row: Row) -> str:
    """Return the rule by which a row states no price, whatever stands under its heads."""
    if context.declared.is_card:
        return "a card sells nothing"
    prose = row.item is not None and row.item.role == "prose"
    return "a row that states no price" if prose else ""


def _price(context: Context, grid: Grid, row: Row, column: Column, text: str, at: str) -> None:
    if is_missing(text):
        return
    if rule := _no_price(context, row):
        context.pass_by(text, at, Outcome.ignored, rule, column.head)
        return
    if not all(context.seller(name.text) for name in row.models):
        reason = "the page does not say whose price this is"
        context.refuse(reason, text, at, row.models[0].text, "price", column.head)
        return
    if row.doubt:
        context.refuse(row.doubt, text, at, row.models[0].text, "price", column.head)
        return
    levels = [
        f"{column.head} {row.unit}",
        context.declared.meaning(column.head),
        row.unit,
        *row.lines,
        *(grid.heads() if is_free(text) else ()),
        *row.around.texts,
    ]
    levels += [context.declared.unit, *_peers(grid, column)]
    try:
        plain = context.declared.in_points(text)
        stated = amounts(plain, [level for level in levels if level], context.declared.yen)
        _check_sides(column.label, stated)
    except ValueError as error:
        context.refuse(str(error), text, at, row.models[0].text, "price", column.head)
        return
    if not stated:
        context.pass_by(text, at, Outcome.blank)
    for amount in stated:
        _say_price(context, grid, row, column, amount, text, at)


def _check_sides(label: Label, stated: Sequence[Amount]) -> None:
    """Raise ValueError for amounts of both directions under a head of one."""
    side = label.parts & {"in", "out"}
    if len(side) == 1 and any(amount.label.parts & ({"in", "out"} - side) for amount in stated):
        raise ValueError("amounts of both directions under a head of one")


def _both_directions(
    context: Context, grid: Grid, row: Row, column: Column, text: str, at: str
) -> None:
    """Read a cell whose head says that what goes in stands before what comes out."""
    two = halves(text)
    if two is None and not is_missing(text):
        context.refuse("both directions in one cell", text, at, row.models[0].text, "price")
    for part, side in zip(two or (), ("in", "out"), strict=False):
        label = Label("price", parts=frozenset((side,)), terms=column.label.terms)
        _price(context, grid, row, replace(column, label=label), part, at)


def _say_price(
    context: Context, grid: Grid, row: Row, column: Column, amount: Amount, text: str, at: str
) -> None:
    parts = column.label.parts | (row.item.parts if row.item is not None else frozenset())
    if amount.label.parts & MEDIA_PARTS:
        parts -= MEDIA_PARTS  # those beside the amount are its own, the label's are of all of them
    parts |= amount.label.parts
    for name in row.models:
        terms = {**row.terms, **dict(name.terms), **dict(column.label.terms)}
        terms |= dict(amount.label.terms) | dict(amount.terms)
        if "length" in terms and (fault := _unmeasured(context, grid, terms)):
            context.refuse(fault, text, at, name.text, "price", column.head)
            continue
        if "period" in terms and (hours := hours_of(terms["period"], _around(grid))):
            del terms["period"]
            terms["window"] = hours
        price = _stored(amount.price) if "storage" in parts else amount.price
        try:
            meter, more = meter_of(parts, price.per)
        except ValueError as error:
            context.refuse(str(error), text, at, name.text, "price", column.head)
            continue
        if meter == "training":
            terms.pop("use", None)  # what trains a model is no use of a trained one
        context.price(
            price,
            meter,
            name.text,
            Terms.of(**(terms | more)),
            printed=text,
            locator=at,
            basis="derived" if amount.derived else "stated",
            effective_from=name.effective_from,
        )


def _around(grid: Grid) -> tuple[str, ...]:
    return (*grid.after, *grid.notes, *grid.heads())


_MEASURED = re.compile(r"[<>≤≥]|\d\s*[kK]")


def _unmeasured(context: Context, grid: Grid, terms: dict[str, str]) -> str:
    """Take long or short off terms where a length in the grid measures it; else say why not."""
    word = terms.pop("length")
    measured = any(name.startswith("above_") for name in terms)
    if word == "short" or measured or any(_MEASURED.search(head) for head in grid.heads()):
        return ""
    return "a price for long requests whose length is not printed beside it"


def _stored(price: Price) -> Price:
    """Return a price of storage that is free with the unit that storage has."""
    return Price(price.amount, price.currency, "mtok_hour") if not price.nano else price


def _fact(context: Context, row: Row, label: Label, text: str, at: str, head: str) -> None:
    if is_missing(text) or text.strip() in ("/", "\\-", "不区分", "0"):
        return
    name = label.name
    if name == "context_window" and is_length(text):
        return
    try:
        stated = facts_of(name, text, head)
    except ValueError as error:
        context.refuse(str(error), text, at, "", name, head)
        return
    if not stated and name in _COUNTS:
        first, more = generally_available(text)
        if more:
            context.refuse("a second value under a notice", more, at, "", name, head)
        stated = {name: _count(first, label.scale)}
    for field_name, content in (stated or {name: text}).items():
        _say(context, row, field_name, content, text, at, dict(label.terms))


def _count(text: str, scale: int) -> str:
    """Return a count's text without a bracket that says it again; thousands where the head does."""
    plain = " ".join(text.split())
    if scale == 1000 and re.fullmatch(r"\d[\d,.]*", plain):
        return plain + "K"
    m = re.fullmatch(
        r"(?:max(?:imum)?\s*:?\s*|最大\s*)?(.*?)\s*(?:\(([^()]*)\)|（([^（）]*)）)?", plain, re.I
    )
    if m and (again := m[2] or m[3]) and (_OTHER.fullmatch(again) or _says_again(m[1], again)):
        return m[1]
    return m[1] if m and not (m[2] or m[3]) else plain


_OTHER = re.compile(r"[\d.]+\s?[BM] non-embedding", re.I)
"""A bracket that counts another kind of parameters."""


def _says_again(text: str, bracket: str) -> bool:
    """Whether a bracket holds the same count in other words, or less of it rounded."""
    try:
        first, second = read_count(text), read_count(bracket)
    except ValueError:
        return False
    return first.agrees(second) or abs(first.value - second.value) * 20 < first.value


def _say(
    context: Context,
    row: Row,
    name: str,
    content: object,
    text: str,
    at: str,
    terms: dict[str, str],
) -> None:
    regions = {k: v for k, v in row.terms.items() if k == "region"}
    if name == "release_date" and context.declared.facts == "both":
        _first_offered(context, row, content, text, at)
    limited = bool(regions) and name not in MODEL_ONLY
    sides = (context.declared.provider,) if limited else context.sides(name)
    for model in row.models:
        for provider in sides:
            context.say(
                name,
                content,
                printed=text,
                locator=at,
                model=model.text,
                provider=provider,
                terms=Terms.of(**(terms | (regions if provider else {}))),
            )


def _first_offered(context: Context, row: Row, content: object, text: str, at: str) -> None:
    """A provider's own page of a model says when it was released there."""
    for model in row.models:
        context.say(
            "first_offered",
            content,
            printed=text,
            locator=at,
            model=model.text,
            provider=context.declared.provider,
        )


def _flag(context: Context, row: Row, name: str, text: str, at: str) -> None:
    if is_missing(text):
        return
    flag = flag_of(text)
    if name.endswith(KIND) and not flag:
        context.pass_by(text, at, Outcome.ignored, "no to a kind of a capability is no no to it")
        return
    content = text if flag is None else flag
    _say(context, row, name.removesuffix(KIND), content, text, at, {})


def _of_role(context: Context, row: Row, column: Column, text: str, at: str) -> None:
    name = column.label.name
    if is_missing(text):
        return
    if read := _BY_ROLE.get(name):
        read(context, row, text, at)
    elif name == "replacement" and re.search(r"\d", text):
        context.pass_by(text, at, Outcome.ignored, "the model that replaces this one", column.head)


def _modality(context: Context, row: Row, text: str, at: str) -> None:
    if media := media_of(text):
        _say(context, row, "input_modalities", media, text, at, {})
    elif (entry := means(text, "capability")) is not None:
        _say(context, row, entry.name, True, text, at, {})


def _features(context: Context, row: Row, text: str, at: str) -> None:
    """Claim the capabilities among listed features; those of no field pass."""
    for part in re.split(r"[\n,;、]|(?<=\s)-\s", text):
        for name in capabilities_of(part):
            _say(context, row, name.removesuffix(KIND), True, part.strip(" -•*"), at, {})


_CHECK = re.compile(r":heavy_check_mark:|[✓✔✅]|\byes\b|^open$", re.I)


def _weights(context: Context, row: Row, text: str, at: str) -> None:
    """Claim open weights, and the licence beside the mark; an empty cell may be a gap."""
    if not _CHECK.search(text):
        return
    _say(context, row, "open_weights", True, text, at, {})
    if licence := " ".join(_CHECK.sub(" ", text).split()):
        _say(context, row, "licence", licence, licence, at, {})


def _served(context: Context, row: Row, text: str, at: str) -> None:
    for model in row.models if _CHECK.search(text) else ():
        context.say(
            "offered",
            True,
            printed=text,
            locator=at,
            model=model.text,
            provider=context.declared.provider,
        )


_STAGE_DAY = re.compile(
    r"(?P<stage>[A-Za-z]{1,20})\s{0,3}(?:on|from|:)?\s{0,3}(?P<day>\S.*\d{4}.*|\d{4}-\d\d(?:-\d\d)?)$"
)
_STAGES = {
    "deprecated": ("deprecated", "deprecation_date"),
    "retired": ("retired", "retirement_date"),
    "retiring": ("deprecated", "retirement_date"),
    "preview": ("preview", ""),
    "beta": ("preview", ""),
    "public preview": ("preview", ""),
    "private preview": ("preview", ""),
    "research preview": ("preview", ""),
    "experimental": ("preview", ""),
    "ga": ("ga", ""),
    "live": ("ga", ""),
    "active": ("ga", ""),
    "generally available": ("ga", ""),
}


def _status(context: Context, row: Row, text: str, at: str) -> None:
    """Claim the stage that a status names, and its day."""
    m = _STAGE_DAY.match(text.strip())
    stage, date_field = _STAGES.get(fold(m["stage"] if m else text), ("", ""))
    if not stage:
        return
    _say(context, row, "lifecycle", stage, text, at, {})
    if m and date_field:
        _say(context, row, date_field, m["day"], text, at, {})


def _speed(context: Context, row: Row, text: str, at: str) -> None:
    m = re.fullmatch(
        r"~?\s*([\d.,]+)\s*(?:t(?:okens?)?\s*(?:/|per|p)\s*s(?:ec(?:ond)?)?|tps)?", text, re.I
    )
    try:
        speed = Decimal(m[1].replace(",", "")) if m else None
    except InvalidOperation:
        speed = None
    if speed is None:
        return
    for model in row.models:
        context.say(
            "throughput",
            speed,
            printed=text,
            locator=at,
            model=model.text,
            provider=context.declared.provider,
            basis="self_reported",
        )


_BY_ROLE: dict[str, Callable[[Context, Row, str, str], None]] = {
    "features": _features,
    "weights": _weights,
    "served": _served,
    "modality": _modality,
    "status": _status,
    "speed": _speed,
}
"""What reads the cells of each role that states something of a model."""
