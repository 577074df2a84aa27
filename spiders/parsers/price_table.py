"""The shared form of price tables.

Rows go by model, columns by what their heads say, conditions by cells and sections.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import Price, price_of, read_price
from almanac.schemas.quantity import is_missing, short
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.bounds import asking, paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.column_heads import (
    HeadColumn,
    column,
    plain_head,
    price_column,
    token_tier,
)
from almanac.spiders.parsers.html_tables import PageTable
from almanac.spiders.parsers.row_checks import misplaced, unique

NOT_OFFERED = re.compile(
    r"(?:/|\\-|不支持|暂不支持|暂无|无|not supported(?: yet)?|unsupported|not available|-+)?", re.I
)
FREE = re.compile(r"(?:限时)?免费|不计费|(?:limited[- ]time )?free(?: of charge)?", re.I)
ON_REQUEST = re.compile(r"contact\s*(?:us|sales)|custom|联系|咨询|on request", re.I)
CUT = re.compile(
    r"(?:原价)?\s*(?P<was>\D{0,3}[\d.]+\s*(?:元(?:\s*/\s*\w+)?)?)\s*限时\s*(?P<tenths>\d(?:\.\d)?)\s*折"
)
STAGE = re.compile(
    r"\s*[(（](?:[^()（）]*?(?:deprecated|retired|preview|beta|下线|legacy)[^()（）]*)[)）]|\s+新品$|\s+NEW$",
    re.I,
)


WORDS = ("id", "name", "region", "mode", "condition", "")
"""Columns of words, among which a cell that strays can be told by the company it keeps."""


@dataclass(frozen=True)
class Form:
    """How a source prints its price tables.

    `section` gives the terms that a table's place on the page adds (region, tier), or None for one
    out of scope. `context` is what the page prints once for all its tables: currency, denominator.
    Whatever a source gives to be called at every table or row is asked for the time first.
    """

    provider: str
    yen: str = ""
    context: str = ""
    section: Callable[[PageTable], Terms | None] = lambda table: section_terms(table)
    name: Callable[[str], str] = lambda cell: first_line(cell)
    row_terms: Callable[[str], Terms] = lambda cell: STANDARD
    """What the model cell says of the whole row besides the name."""
    facts: str = "offer"
    """Whether limits in the table are of the offer or of the model."""
    aliases: dict[str, HeadColumn] = field(default_factory=dict)
    """Heads only this source uses, lower case."""

    def __post_init__(self) -> None:
        for called in ("section", "name", "row_terms"):
            object.__setattr__(self, called, asking(getattr(self, called)))


def first_line(cell: str) -> str:
    """Return the name in a model cell: its first line, without a stage or marketing mark."""
    lines = cell.strip().splitlines()
    return STAGE.sub("", lines[0]).strip(" *†") if lines else ""


def section_terms(table: PageTable) -> Terms:
    """Return the tier that the heading of a table, or the line right before it, names."""
    for text in (table.heading, *table.before[:1]):
        low = text.lower()
        if len(low) > 50 or re.search(r"[：，。:;；]", low):
            continue  # a sentence, no title
        if re.search(r"\bbatch\b|批量|离线|offline", low):
            return terms(tier="batch")
        if m := re.search(r"\b(priority|flex)\b|低延迟|fast mode", low):
            return terms(tier=m[1] or ("fast" if "fast" in m[0] else "low latency"))
    return STANDARD


def read_tables(page: Page, tables: Iterable[PageTable], form: Form) -> Iterator[Claim]:
    """Yield the claims of every price table among `tables`.

    Raises LayoutChanged when there is none.
    """
    claims: list[Claim] = []
    found = False
    for table in paced(tables):
        columns = [form.aliases.get(plain_head(h)) or column(h) for h in table.head]
        roles = {c.role for c in columns}
        if not roles & {"price", "field"} or not (roles & {"id", "name"}):
            if "price" in roles and len(table.rows) > 0:
                page.refuse(
                    "prices in a table that names no model",
                    printed=" | ".join(table.head)[:300],
                    locator=table.locator,
                    field="price",
                )
            continue
        extra = form.section(table)
        if extra is None:
            continue
        found = True
        claims += _table(page, table, columns, extra, form)
    if not found:
        raise LayoutChanged("no table has a column of models and one of prices or limits")
    yield from unique(page, claims)


def _table(
    page: Page, table: PageTable, columns: list[HeadColumn], extra: Terms, form: Form
) -> Iterator[Claim]:
    for row in table.ragged:
        if any(cell.strip() for cell in row):
            page.refuse(
                "cells do not match the head",
                printed=" | ".join(row)[:300],
                locator=table.locator,
                model=form.name(row[0]),
            )
    for head, col in zip(table.head, columns, strict=True):
        if not col.role and head.strip():
            page.refuse(
                "a column this reader does not know", printed=head[:200], locator=table.locator
            )
    strangers = misplaced(
        [
            [
                form.name(row[j]) if c.role in ("id", "name") else row[j]
                for j, c in enumerate(columns)
                if c.role in WORDS
            ]
            for row in table.rows
        ],
        [c.role for c in columns if c.role in WORDS],
    )
    for i, row in enumerate(table.rows):
        if i in strangers:
            page.refuse(
                f"{strangers[i]}; cells may have changed places",
                printed=" | ".join(row)[:300],
                locator=table.row(i),
                model=form.name(row[0]),
            )
        elif any(cell.strip() for cell in row[1:]):
            claims = page.attempt(
                _row,
                page,
                table,
                columns,
                row,
                i,
                extra,
                form,
                locator=table.row(i),
                model=row[0][:120],
            )
            yield from claims


def _row(
    page: Page,
    table: PageTable,
    columns: list[HeadColumn],
    row: tuple[str, ...],
    i: int,
    extra: Terms,
    form: Form,
) -> Iterator[Claim]:
    name, said = _named(columns, row, form)
    where = dict(extra) | dict(form.row_terms(said))
    unit = item = ""
    for col, cell in zip(columns, row, strict=True):
        where |= {k: v for k, v in col.terms if col.role == "name"}
        if col.role == "unit":
            unit = cell
        elif col.role == "tokens":
            where |= {k: str(v) for k, v in token_tier(cell, col.scale).items()}
        elif col.role == "item":
            item = price_column(plain_head(cell)).meter
        elif col.role == "region" and not is_missing(cell):
            where["region"] = "/".join(cell.split())
        elif col.role == "mode":
            where |= _mode(cell)
        elif col.role == "condition" and not is_missing(cell) and cell not in ("不区分", "/"):
            where[col.name] = " ".join(cell.split())
        elif col.name == "context_window" and _is_tier(cell, col.scale):
            where |= {k: str(v) for k, v in token_tier(cell, col.scale).items()}
    for head, col, cell in zip(table.head, columns, row, strict=True):
        at = f"{table.row(i)} column {' '.join(head.split())}"
        if col.role == "price" and col.meter == "token" and item:
            col = replace(col, meter=item)
        if col.role == "price":
            # A cell that is no price is set aside alone; a row that is shifted is ragged.
            yield from page.attempt(
                price_cell,
                page,
                cell,
                head,
                col,
                name,
                where,
                at,
                form,
                unit,
                table,
                locator=at,
                model=name,
            )
        elif col.role == "field" and not (
            col.name == "context_window" and _is_tier(cell, col.scale)
        ):
            yield from _fact(page, cell, col, name, at, form)


def _named(columns: list[HeadColumn], row: tuple[str, ...], form: Form) -> tuple[str, str]:
    """Return (model, its cell): the id where the row has one, else the name.

    Raises ValueError for a cell that is no name.
    """
    cells = [
        (col.role, cell)
        for col, cell in zip(columns, row, strict=True)
        if col.role in ("id", "name")
    ]
    ids = [c for role, c in cells if role == "id" and not is_missing(c) and form.name(c)]
    said = (ids or [c for _, c in cells])[0]
    name = form.name(said)
    if (
        not re.search(r"[^\W\d_]", name)
        or re.search(r"[$€¥]\s*\d|^\d[\d.,]*\s*元?$", name)
        or len(name) > 120
    ):
        raise ValueError(f"no name of a model: {said[:80]!r}")
    return name, said


def _is_tier(cell: str, scale: int) -> bool:
    try:
        token_tier(cell, scale)
    except ValueError:
        return False
    return not is_missing(cell)


def _mode(cell: str) -> dict[str, str]:
    """A mode divides a price only where a row is for one of two.

    A model with one mode has one price.
    """
    text = cell.strip().lower()
    return (
        {"mode": {"非思考模式": "non-thinking", "思考模式": "thinking"}.get(text, text)}
        if text in ("非思考模式", "思考模式", "thinking", "non-thinking")
        else {}
    )


def _fact(
    page: Page, cell: str, col: HeadColumn, name: str, at: str, form: Form
) -> Iterator[Claim]:
    offer = form.facts == "offer" and col.name not in MODEL_ONLY
    text = cell.strip()
    if text in ("\\-", "/", "不区分") or is_missing(text):
        return
    if col.name == "throughput":
        yield from page.say(
            "throughput",
            Decimal(text),
            model=name,
            provider=form.provider,
            locator=at,
            printed=cell,
            basis="self_reported",
        )
        return
    if col.scale == 1000 and re.fullmatch(r"\d[\d,.]*", text):
        text += "K"
    yield from page.say(
        col.name,
        text,
        model=name,
        provider=form.provider if offer else None,
        locator=at,
        printed=cell,
    )


MODEL_ONLY = frozenset(
    [
        "parameters",
        "active_parameters",
        "release_date",
        "knowledge_cutoff",
        "training_cutoff",
        "deprecation_date",
        "retirement_date",
        "architecture",
    ]
)


def price_cell(
    page: Page,
    cell: str,
    head: str,
    col: HeadColumn,
    name: str,
    where: dict[str, str],
    at: str,
    form: Form,
    unit: str = "",
    table: PageTable | None = None,
) -> Iterator[Claim]:
    """Yield the price, or the several labelled prices, in one cell."""
    text = " ".join(short(cell).split())
    if NOT_OFFERED.fullmatch(text) or is_missing(text):
        return
    if ON_REQUEST.fullmatch(re.sub(r"\s", "", text).lower()) or ON_REQUEST.fullmatch(text):
        page.refuse(
            "priced on request",
            printed=text,
            locator=at,
            model=name,
            provider=form.provider,
            field="price",
        )
        return
    contexts = [f"{head} {unit}", form.context, *(table.before if table else ())]
    what = dict(where) | dict(col.terms)
    if FREE.fullmatch(text):
        free = _zero(contexts, col.meter, form)
        promotion = {"promotion": "limited time"} if re.match(r"限时|limited", text, re.I) else {}
        yield from _say(page, free, col.meter, name, what | promotion, text, at, form)
        return
    if m := CUT.search(text):
        full = _read(m["was"], contexts, form)
        yield from _say(page, full, col.meter, name, what, text, at, form)
        now = Price(full.amount.scaled(Decimal(m["tenths"]) / 10), full.currency, full.per)
        yield from _say(
            page,
            now,
            col.meter,
            name,
            what | {"promotion": "limited time"},
            text,
            at,
            form,
            derived=True,
        )
        return
    parts = labelled(text)
    if len(parts) > 1:
        for amount, label in parts:
            said = price_column(plain_head(label))
            if said.meter == "token":
                raise ValueError(f"several prices, and not all say for what: {text!r}")
            yield from _say(
                page,
                _read(f"{amount} {label}", contexts, form),
                said.meter,
                name,
                what | dict(said.terms),
                text,
                at,
                form,
            )
        return
    price = _read(text, contexts, form)
    if (
        parts
        and col.meter == "token"
        and (meter := price_column(plain_head(parts[0][1])).meter) != "token"
    ):
        col = replace(col, meter=meter)
    yield from _say(page, price, col.meter, name, what, text, at, form)


def labelled(text: str) -> list[tuple[str, str]]:
    """Return the amounts of a cell, each with the words after it.

    >>> labelled("$0.15 input$0.60 output")
    [('$0.15', 'input'), ('$0.60', 'output')]
    """
    if not re.search(r"input|output|cache|输入|输出", text, re.I):
        return []
    return [
        (m["amount"].strip(), m["label"].strip(" ,;/；，"))
        for m in re.finditer(
            r"(?P<amount>[$€£¥￥]\s*\d[\d.,]*\d|[$€£¥￥]\s*\d)(?P<label>[^$€£¥￥]*)", text
        )
    ]


def _read(text: str, contexts: list[str], form: Form) -> Price:
    """Read a price, taking currency and denominator from the nearest text that prints them."""
    problem = ValueError(f"no price: {text!r}")
    context = ""
    for part in contexts:
        context = f"{context} {part}".strip()
        try:
            return read_price(text, context, yen=form.yen)  # type: ignore[arg-type]
        except ValueError as error:
            problem = error
            if not re.match(r"no (?:currency|denominator)", str(error)):
                raise
    raise problem


def _zero(contexts: list[str], meter: str, form: Form) -> Price:
    """Return a price that is free of charge: the unit is the column's.

    The currency makes no difference but must be one.
    """
    try:
        price = _read("0元" if form.yen == "CNY" else "$0", contexts, form)
        return (
            Price(price.amount, price.currency, "mtok_hour") if meter == "cache_storage" else price
        )
    except ValueError:
        return price_of(
            0,
            "CNY" if form.yen == "CNY" else "USD",
            "mtok_hour" if meter == "cache_storage" else "mtok",
        )


BY_UNIT = {
    "image": "image",
    "video": "video",
    "second": "second",
    "minute": "minute",
    "hour": "hour",
    "month": "month",
    "request": "request",
    "search": "search",
    "page": "page",
    "session": "session",
    "mchar": "character",
}


def _say(
    page: Page,
    price: Price,
    meter: str,
    name: str,
    where: dict[str, str],
    printed: str,
    at: str,
    form: Form,
    derived: bool = False,
) -> list[Claim]:
    if price.per == "mtok_hour":
        meter = "cache_storage"
    elif price.per in BY_UNIT:
        if meter in ("input", "output") and price.per != "image":
            where = where | {"side": meter}
        meter = (
            "input_image"
            if price.per == "image" and meter.startswith("input")
            else BY_UNIT[price.per]
        )
    elif meter == "cache_storage":
        raise ValueError(f"cache storage without a time: {printed!r}")
    return page.say(
        "price",
        price,
        model=name,
        provider=form.provider,
        meter=meter,
        terms=terms(**where),
        printed=printed,
        locator=at,
        basis="derived" if derived else "stated",
    )
