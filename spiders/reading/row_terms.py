"""What the cells of a row say of all its figures: conditions, units, meters, doubts."""

from __future__ import annotations

import re

from almanac.schemas.quantity import is_missing
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.reading.cells import Row
from almanac.spiders.reading.columns import Column, is_flag, is_length, texts
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.surroundings import Surroundings
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.lengths import lengths
from almanac.spiders.vocabulary.names import Name
from almanac.spiders.vocabulary.words import means

_FIGURE = re.compile(r"[$€£¥]?\s*\d")
"""How a number or an amount begins."""


def row_of(
    grid: Grid,
    row: tuple[Cell, ...],
    columns: list[Column],
    models: list[Name],
    lines: tuple[str, ...],
    around: Surroundings,
    declared: Declared,
) -> Row:
    """Return what a row's columns of conditions, units and meters say of all its figures.

    Raises ValueError for a condition that cannot be read.
    """
    line = Row(models, dict(around.terms), around, lines)
    for column in columns:
        text = row[column.index].text
        if not is_missing(text) or column.unknown:
            _take(grid, line, column, row[column.index], declared)
    return line


def _take(grid: Grid, line: Row, column: Column, cell: Cell, declared: Declared) -> None:
    """Take what one cell says of the whole row: a unit, a meter, terms, or a doubt."""
    text, stated = cell.text, column.label
    if stated.is_role("unit"):
        line.unit = text
    elif stated.is_role("item"):
        section = line.around.section
        _take_item(line, section.rest(text, line.models[0].text) if section else text)
    elif stated.role == "condition" and not _is_attribute(grid, column):
        _take_condition(line, column, text, declared)
    elif stated.role == "field" and stated.name == "context_window":
        line.terms |= _lengths(text, stated.scale)
    elif not grid.turned and stated.role in ("", "blank") and _is_text(cell):
        line.doubt = f"a text column that may be a condition: {column.head or text!r}"


def _take_item(line: Row, text: str) -> None:
    """Take what a row's prices are of; one that nobody knows is a doubt."""
    line.item = label(text)
    line.terms |= dict(line.item.terms)
    if line.item.role not in ("price", "prose"):
        line.doubt = f"a row label that this reader does not know: {text[:60]!r}"


def _take_condition(line: Row, column: Column, text: str, declared: Declared) -> None:
    _add(line, condition_of(column, text, declared))
    if column.label.name == "terms" and label(text).role == "price":
        line.unit = text


def _add(line: Row, terms: dict[str, str]) -> None:
    """Add what a column of conditions states; kinds of two columns stand side by side.

    Raises ValueError for two values of another condition.
    """
    for name, value in terms.items():
        other = line.columns.get(name, value)
        if other != value and name != "kind":
            raise ValueError(f"two columns of one condition: {name}")
        line.columns[name] = value if other == value else f"{other}, {value}"
    line.terms |= line.columns


_SCOPES = frozenset(("region", "tier", "length", "quantisation", "terms"))


def _is_attribute(grid: Grid, column: Column) -> bool:
    """Whether a condition's name is in a turned grid one more property, and divides no price."""
    return grid.turned and column.label.name not in _SCOPES


def _is_text(cell: Cell) -> bool:
    plain = cell.text.strip().lower()
    stated = bool(texts([cell])) and plain not in _NO_CONDITION
    return stated and not _FIGURE.match(plain) and not is_flag(plain)


def _lengths(text: str, scale: int) -> dict[str, str]:
    """Return the terms of a cell that states a length where others state a context window."""
    if not is_length(text):
        return {}
    return {k: v for length in lengths(text, scale) for k, v in length.terms.items()}


_NO_CONDITION = frozenset(("不区分", "/", "all", "any", "-", "—", "无", "none"))


_TIERS = frozenset(("terms", "tier", "mode"))


def condition_of(column: Column, text: str, declared: Declared) -> dict[str, str]:
    """Return the terms that a cell of a column of conditions states; the standard case has none."""
    plain = " ".join(text.split())
    name = column.label.name
    if plain.lower() in _NO_CONDITION:
        return {}
    if name == "length":
        return {k: v for part in lengths(text, column.label.scale) for k, v in part.terms.items()}
    stated = declared.label(text)
    if name in _TIERS and stated.role in ("terms", "price"):
        return dict(stated.terms)
    if name in _TIERS and means(plain, "filler"):
        return {}
    return _as_printed(name, plain)


def _as_printed(name: str, plain: str) -> dict[str, str]:
    """Return the term of a cell whose words are its value; a mode of no known kind is none."""
    if name == "mode":
        return {}
    if name == "region":
        return {"region": "/".join(plain.split())}
    if name in ("terms", "tier"):
        return {"tier": plain.lower()}
    return {name: plain}
