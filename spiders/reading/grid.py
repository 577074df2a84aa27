"""A grid to claims: which axis names models, which names what is said of them, and every cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from almanac.schemas.quantity import is_missing
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.document.grids import stub_columns, turned
from almanac.spiders.reading.cells import Row, read_cell
from almanac.spiders.reading.columns import (
    Column,
    columns_of,
    head_label,
    is_flag,
    is_length,
    known_share,
    texts,
)
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.surroundings import Surroundings, surroundings
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.lengths import lengths
from almanac.spiders.vocabulary.names import Name, names

_FIGURES = re.compile(r"\d")
_STATES = ("price", "field", "flag")
_KINDS_READ = ("features", "weights", "served", "modality", "status", "speed", "both_directions")


def read_grid(context: Context, grid: Grid) -> bool:
    """Read a grid that states prices, limits or abilities. False for one of another kind."""
    told = _oriented(context, grid)
    if told is None:
        return False
    grid, columns = told
    around = surroundings(grid, context)
    if around.refused:
        _refuse_all(context, grid, columns, around.refused)
        return True
    _ragged(context, grid)
    _rows(context, grid, columns, around)
    return True


def _oriented(context: Context, grid: Grid) -> tuple[Grid, list[Column]] | None:
    """Return the grid with a model a row, and its columns; None where it states nothing known."""
    columns = columns_of(grid, context.declared)
    states = [c for c in columns if _states(c)]
    across = _row_labels(context, grid)
    share = known_share([c.label for c in columns[1:]])
    if (not states and across > 0.25) or (across > 0.5 and across >= share):
        over = turned(grid)
        return over, columns_of(over, context.declared)
    if not states:
        return None
    return grid, columns


def _states(column: Column) -> bool:
    return (
        column.label.role in _STATES
        or column.label.is_role(*_KINDS_READ)
        or (column.label.role == "terms" and bool(column.label.terms))
    )


def _row_labels(context: Context, grid: Grid) -> float:
    """Return which part of the first cells of rows are labels of what is stated, not models."""
    stubs = stub_columns(grid)
    labels = []
    for row in grid.rows:
        text = "\n".join(dict.fromkeys(c.text for c in row[:stubs] if c.text))
        labels.append(head_label(text, context.declared))
    if not any(one.role in _STATES or one.flag for one in labels):
        return 0.0
    return known_share(labels)


def _shifted(grid: Grid, column: Column, declared: Declared) -> bool:
    """Whether a cell under a property of a turned grid is a label: its row has moved."""
    if not grid.turned:
        return False
    stated = [declared.label(row[column.index].text) for row in grid.rows]
    return any(one.role == "field" or one.parts - {"price", "text"} for one in stated)


def _refuse_all(context: Context, grid: Grid, columns: list[Column], reason: str) -> None:
    for row in grid.rows:
        for column in columns:
            cell = row[column.index]
            if _states(column) and not is_missing(cell.text):
                context.refuse(reason, cell.text, grid.where(cell, column.head), head=column.head)


def _ragged(context: Context, grid: Grid) -> None:
    for row in grid.ragged:
        if any(cell.text.strip() for cell in row):
            printed = " | ".join(cell.text for cell in row)
            context.refuse("cells do not match the head", printed, grid.where(row[0]))


@dataclass
class _Above:
    """What a row takes from those above it."""

    names: list[Name]
    group: str = ""
    lines: tuple[str, ...] = ()


def _rows(context: Context, grid: Grid, columns: list[Column], around: Surroundings) -> None:
    above = _Above([])
    named = [c for c in columns if c.label.is_role("model", "id")]
    shifted = {c.index for c in columns if _states(c) and _shifted(grid, c, context.declared)}
    for row in paced(grid.rows):
        shown = [cell for cell in row if cell.text.strip()]
        if not shown:
            continue
        if _is_group(row, columns, named):
            above.lines = tuple(dict.fromkeys(cell.text for cell in shown))
            above.names = []
            continue
        try:
            models = _models(context, row, columns, named, above, around)
            line = _row(context, grid, row, columns, models, above, around)
        except ValueError as error:
            _refuse_row(context, grid, row, columns, str(error))
            continue
        _stages(context, grid, row, named, models)
        for column in columns:
            if column.index in shifted:
                _moved(context, grid, row[column.index], column)
            else:
                read_cell(context, grid, line, column, row[column.index])


_STAGES = {"deprecated": "deprecated", "retired": "retired", "preview": "preview"}


def _stages(
    context: Context, grid: Grid, row: tuple[Cell, ...], named: list[Column], models: list[Name]
) -> None:
    """Claim the stages and the day of retirement that stand beside the names of a row."""
    cells = [row[c.index] for c in named if not is_missing(row[c.index].text)]
    for name in models if cells else ():
        of = {"model": name.text, "printed": cells[0].text, "locator": grid.where(cells[0])}
        if stage := next((_STAGES[n] for n in name.notices if n in _STAGES), ""):
            context.say("lifecycle", stage, **of)
        if name.retires:
            context.say("retirement_date", name.retires, **of)


def _moved(context: Context, grid: Grid, cell: Cell, column: Column) -> None:
    if not is_missing(cell.text):
        context.refuse(
            "a label stands among the values; cells may have changed places",
            cell.text,
            grid.where(cell, column.head),
            head=column.head,
        )


def _is_group(row: tuple[Cell, ...], columns: list[Column], named: list[Column]) -> bool:
    """Whether a row is a title for those below it: one text over all, or words and no figure."""
    shown = [cell for cell in row if cell.text.strip()]
    alone = len({id(cell) for cell in shown}) == 1 or len({c.text for c in shown}) == 1
    if alone and (shown[0].across >= len(row) > 1 or len(shown) == len(row) > 1):
        return True
    stating = [c for c in columns if _states(c)]
    if any(_FIGURES.search(row[c.index].text) for c in stating if row[c.index].text) and not alone:
        return _is_unit_row(row, named)
    return (
        bool(named)
        and row[named[0].index].text.strip() != ""
        and (
            (alone and not any(row[c.index].text.strip() for c in stating))
            or _is_unit_row(row, named)
        )
    )


def _is_unit_row(row: tuple[Cell, ...], named: list[Column]) -> bool:
    """Whether all that a row says beside its title is a unit, such as `Per million tokens`."""
    first = named[0].index if named else 0
    others = [c.text for i, c in enumerate(row) if i != first and c.text.strip()]
    return bool(others) and all(
        (re.match(r"per\b|/|每", text.strip(), re.I) and label(text).role != "") or _is_per(text)
        for text in others
    )


def _is_per(text: str) -> bool:
    return bool(re.fullmatch(r"(?:per|每)\s*(?:[\d,]+\s*)?[\w\s]{2,30}", text.strip(), re.I))


def _models(
    context: Context,
    row: tuple[Cell, ...],
    columns: list[Column],
    named: list[Column],
    above: _Above,
    around: Surroundings,
) -> list[Name]:
    """Return the models a row is about: by its id, else its name, the row above, the page."""
    ids = [c for c in named if c.label.name == "id" and not is_missing(row[c.index].text)]
    shown = ids or [c for c in named if not is_missing(row[c.index].text)]
    if shown:
        stated = names(_name_text(row[shown[0].index]))
        if more := dict(shown[0].label.terms):
            stated = [
                replace(n, terms=tuple(sorted({**more, **dict(n.terms)}.items()))) for n in stated
            ]
        titles = [c for c in columns if c.label.is_role("model", "attribute")]
        if ids and titles:
            stated = [_with_notice(stated[0], row[titles[0].index].text)]
        above.names = stated
        context.names |= dict.fromkeys(n.text for n in stated)
        return stated
    if named and above.names:
        return above.names
    if not named and around.subject:
        return [Name(around.subject)]
    raise ValueError("a row that names no model")


def _name_text(cell: Cell) -> str:
    """Return the text of a cell that names a model: an id set as code before a title."""
    ids = [code for code in cell.codes if re.search(r"\w", code)]
    if len(ids) == 1 and not cell.text.startswith(ids[0]):
        return ids[0]
    return next((tail for link in cell.links if (tail := _linked(link, cell.text))), cell.text)


def _linked(link: str, text: str) -> str:
    """Return the id with which both a link's address and a cell's text end, where they are glued."""
    parts = link.partition("?")[0].partition("#")[0].rstrip("/").split("/")
    for tail in ("/".join(parts[-2:]), parts[-1]):
        telling = re.search(r"\d", tail) or "/" in tail
        if len(tail) > 3 and text.endswith(tail) and text != tail and telling:
            return tail
    return ""


def _with_notice(name: Name, title: str) -> Name:
    """Return a name with the terms that stand beside the title in the same row."""
    try:
        (other,) = names(title)
    except ValueError:
        return name
    return replace(
        name,
        terms=tuple(sorted((dict(other.terms) | dict(name.terms)).items())),
        notices=(*name.notices, *other.notices),
        effective_from=name.effective_from or other.effective_from,
        retires=name.retires or other.retires,
    )


def _row(
    context: Context,
    grid: Grid,
    row: tuple[Cell, ...],
    columns: list[Column],
    models: list[Name],
    above: _Above,
    around: Surroundings,
) -> Row:
    """Return what a row's columns of conditions, units and meters say of all its figures.

    Raises ValueError for a condition that cannot be read.
    """
    line = Row(models, dict(around.terms), around, above.lines)
    for column in columns:
        text = row[column.index].text
        if is_missing(text) and not column.unknown:
            continue
        if column.label.is_role("unit"):
            line.unit = text
        elif column.label.is_role("item"):
            line.item = label(text)
            line.terms |= dict(line.item.terms)
        elif column.label.role == "condition" and not _is_attribute(grid, column):
            line.terms |= _condition(column, text)
        elif column.label.role == "field" and column.label.name == "context_window":
            line.terms |= _lengths(text, column.label.scale)
        elif not grid.turned and column.unknown and _is_text(row[column.index]):
            line.doubt = f"a text column that may be a condition: {column.head or text!r}"
    return line


_SCOPES = frozenset(("region", "tier", "length", "quantisation", "terms"))


def _is_attribute(grid: Grid, column: Column) -> bool:
    """Whether a condition's name is in a turned grid one more property, and divides no price."""
    return grid.turned and column.label.name not in _SCOPES


def _is_text(cell: Cell) -> bool:
    return bool(texts([cell])) and not _FIGURES.match(cell.text) and not is_flag(cell.text)


def _lengths(text: str, scale: int) -> dict[str, str]:
    """Return the terms of a cell that states a length where others state a context window."""
    if not is_length(text):
        return {}
    return {k: v for length in lengths(text, scale) for k, v in length.terms.items()}


_NO_CONDITION = frozenset(("不区分", "/", "all", "any", "-", "—"))


def _condition(column: Column, text: str) -> dict[str, str]:
    """Return the terms that a cell of a column of conditions states."""
    plain = " ".join(text.split())
    name = column.label.name
    if plain.lower() in _NO_CONDITION:
        return {}
    if name == "length":
        return {k: v for one in lengths(text, column.label.scale) for k, v in one.terms.items()}
    stated = label(text)
    if name in ("terms", "tier", "mode") and stated.role in ("terms", "price"):
        return dict(stated.terms)
    if name == "mode":
        return {}
    if name == "region":
        return {"region": "/".join(text.split())}
    if name in ("terms", "tier"):
        return {"tier": plain.lower()}
    return {name: plain}


def _refuse_row(
    context: Context, grid: Grid, row: tuple[Cell, ...], columns: list[Column], reason: str
) -> None:
    for column in columns:
        cell = row[column.index]
        if _states(column) and not is_missing(cell.text):
            context.refuse(reason, cell.text, grid.where(cell, column.head), row[0].text[:120])
        elif _FIGURES.search(cell.text) and not column.label.is_role("model", "id"):
            context.pass_by(cell.text, grid.where(cell, column.head), Outcome.left, "", column.head)


def unread(context: Context, grid: Grid) -> None:
    """Enter every cell with a figure of a grid that nobody reads."""
    rule = next((r for t in grid.place.headings if (r := _section(context, t))), "")
    for cell, head in _cells(grid):
        if _FIGURES.search(cell.text):
            outcome = Outcome.ignored if rule else Outcome.left
            context.pass_by(cell.text, grid.where(cell, head), outcome, rule, head)


def _section(context: Context, heading: str) -> str:
    return next(
        (
            rule
            for text, rule in context.declared.sections.items()
            if text.lower() in heading.lower()
        ),
        "",
    )


def _cells(grid: Grid) -> Iterator[tuple[Cell, str]]:
    heads = grid.heads()
    for row in grid.rows:
        yield from zip(row, heads, strict=True)
