"""A grid to claims: which axis names models, which names what is claims of them, and every cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from almanac.schemas.claim import Claim
from almanac.schemas.quantity import is_missing
from almanac.schemas.terms import Terms
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.document.grids import stub_columns, turned
from almanac.spiders.parsers.row_checks import held
from almanac.spiders.reading.cells import Row, read_cell
from almanac.spiders.reading.columns import (
    Column,
    columns_of,
    head_label,
    known_share,
    names_direction,
)
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.row_names import Above, models_of
from almanac.spiders.reading.row_terms import row_of
from almanac.spiders.reading.surroundings import Surroundings, surroundings
from almanac.spiders.vocabulary.labels import Label, label
from almanac.spiders.vocabulary.names import Name
from almanac.spiders.vocabulary.words import fold

_FIGURES = re.compile(r"\d")
_STATES = ("price", "field", "flag")
_KINDS_READ = ("features", "weights", "served", "modality", "status", "speed", "both_directions")


def read_grid(context: Context, grid: Grid) -> bool:
    """Read a grid that states prices, limits or abilities. False for one of another kind."""
    laid_out = oriented(context, grid)
    if laid_out is None:
        return False
    grid, columns = laid_out
    around = surroundings(grid, context)
    if around.refused:
        _refuse_all(context, grid, columns, around.refused)
        return True
    _ragged(context, grid)
    _rows(context, grid, columns, around)
    return True


def oriented(context: Context, grid: Grid) -> tuple[Grid, list[Column]] | None:
    """Return a grid with a model a row, and its columns; None where it states nothing known."""
    laid_out = _laid_out(context, grid)
    if laid_out is None or grid.locator not in context.sections:
        return laid_out
    over, columns = laid_out
    return over, _with_items(columns)


def _laid_out(context: Context, grid: Grid) -> tuple[Grid, list[Column]] | None:
    columns = columns_of(grid, context.declared)
    if grid.locator in context.sections and _of_tiers(columns):
        return grid, columns
    states = [c for c in columns if _states(c)]
    across = _row_labels(context, grid)
    share = known_share([c.label for c in columns[1:]])
    if (not states and across > 0.25) or (across > 0.5 and across >= share):
        over = turned(grid)
        return over, _with_names(columns_of(over, context.declared), over)
    if not states:
        return None
    return grid, columns if context.subject else _with_corner(columns, grid)


def _of_tiers(columns: list[Column]) -> bool:
    """Whether the heads are tiers, the first blank: rows are what each tier asks a price for."""
    first, *others = columns
    tiers = [c for c in others if c.label.role in ("price", "terms")]
    named = any(names_direction(c.label) for c in others)
    return first.label.role in ("blank", "role") and bool(tiers) and tiers == others and not named


_NAMED = re.compile(r"(?=.*\d)[^\W\d_]{2,}.*", re.S)


def _with_corner(columns: list[Column], grid: Grid) -> list[Column]:
    """Return columns, the first as that of names where its head is that of a turned table.

    `Property` over names of models is the head of the properties beside it.
    """
    if any(c.label.is_role("model", "id") for c in columns):
        return columns
    firsts = [row[0].text.strip() for row in grid.rows]
    named = all(_NAMED.match(text) and not label(text).role for text in firsts)
    if not columns[0].label.is_role("attribute", "group") or not named:
        return columns
    return _first_as("model", columns)


def _with_items(columns: list[Column]) -> list[Column]:
    """Return columns, a first one without a head as that of items: in the section of a model."""
    named = any(c.label.is_role("model", "id", "item") for c in columns)
    return columns if named or columns[0].label.role != "blank" else _first_as("item", columns)


def _first_as(role: str, columns: list[Column]) -> list[Column]:
    return [replace(columns[0], label=Label("role", role)), *columns[1:]]


def _with_names(columns: list[Column], grid: Grid) -> list[Column]:
    """Return the columns of a turned grid, its first as that of names where none else is.

    A head such as `Details` over the values of one model names none.
    """
    if any(c.label.is_role("model", "id") for c in columns):
        return columns
    heads = [label(row[0].text).role for row in grid.rows]
    if any(heads):
        return columns
    return _first_as("model", columns)


def _states(column: Column) -> bool:
    return (
        column.label.role in _STATES
        or column.label.is_role(*_KINDS_READ)
        or (column.label.role == "terms" and bool(column.label.terms or _measured(column.head)))
    )


_MEASURED = re.compile(r"[<>≤≥]|\d\s*[kK]")


def _measured(head: str) -> bool:
    """Whether a head states a length, be it that of the lowest tier, which is no term."""
    return _MEASURED.search(head) is not None


def _row_labels(context: Context, grid: Grid) -> float:
    """Return which part of the first cells of rows are labels of what is stated, not models."""
    stubs = stub_columns(grid)
    labels = []
    for row in grid.rows:
        text = "\n".join(dict.fromkeys(c.text for c in row[:stubs] if c.text))
        labels.append(head_label(text, context.declared))
    if not any(stated.role in _STATES or stated.flag for stated in labels):
        return 0.0
    return known_share(labels)


def _shifted(grid: Grid, column: Column, declared: Declared) -> bool:
    """Whether a cell under a property of a turned grid is a label: its row has moved."""
    if not grid.turned or column.label.name.endswith("_modalities"):
        return False
    stated = [declared.label(row[column.index].text) for row in grid.rows]
    return any(own.role == "field" or own.parts - {"price", "text"} for own in stated)


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


def _rows(context: Context, grid: Grid, columns: list[Column], around: Surroundings) -> None:
    above = Above([])
    named = [c for c in columns if c.label.is_role("model", "id")]
    shifted = {c.index for c in columns if _states(c) and _shifted(grid, c, context.declared)}
    for row in paced(grid.rows):
        shown = [cell.text for cell in row if cell.text.strip()]
        if not shown:
            continue
        if _is_group(row, columns, named):
            above.lines, above.names = tuple(dict.fromkeys(shown)), []
            continue
        try:
            models = models_of(context, row, columns, above, around)
            line = row_of(grid, row, columns, models, above.lines, around, context.declared)
        except ValueError as error:
            _refuse_row(context, grid, row, columns, str(error))
            continue
        _stages(context, grid, row, named, models)
        _versions(context, grid, row, named, line)
        first = len(context.claims)
        _cells_of(context, grid, row, line, columns, shifted)
        _held(context, grid, row, first)


def _held(context: Context, grid: Grid, row: tuple[Cell, ...], first: int) -> None:
    """Refuse of the claims of a turned grid's row those in an order that no list has.

    All claims that stand in one row of the page are held against each other when it is read; the
    cells of this row stand in as many rows of the page.
    """
    claims = [claim for claim, _ in context.claims[first:]] if grid.turned else []
    kept: list[Claim] = []
    for model in dict.fromkeys(claim.model for claim in claims):
        own = [claim for claim in claims if claim.model == model]
        kept += held(context.page, own, grid.where(row[0]))
    if len(kept) < len(claims):
        context.keep(first, kept)


def _cells_of(
    context: Context,
    grid: Grid,
    row: tuple[Cell, ...],
    line: Row,
    columns: list[Column],
    shifted: set[int],
) -> None:
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
        if notice := next((n for n in name.notices if n in _STAGES), ""):
            cell = next((c for c in row if notice in fold(c.text)), cells[0])
            of |= {"printed": cell.text, "locator": grid.where(cell)}
            context.say("lifecycle", _STAGES[notice], **of)
        if name.retires:
            context.say("retirement_date", name.retires, **of)


_VERSION = re.compile(r"(?:model |current |dated )*(?:version|snapshot)|模型版本")


def _versions(
    context: Context, grid: Grid, row: tuple[Cell, ...], named: list[Column], line: Row
) -> None:
    """Claim the dated version for which the one name of a row is claims to stand."""
    name = line.models[0]
    for column in named if len(line.models) == 1 else ():
        cell = row[column.index]
        stated = name.version
        if _VERSION.fullmatch(fold(column.head)) and re.search(r"\d{4}", cell.text):
            stated = cell.text
        if stated and fold(stated) != fold(name.text):
            context.say(
                "dated_version",
                stated,
                model=name.text,
                provider=context.declared.provider,
                terms=Terms.of(region=line.terms.get("region")),
                printed=cell.text,
                locator=grid.where(cell, column.head),
            )
            return


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
    alone = len({cell.text for cell in shown}) == 1
    if alone and max(shown[0].across, len(shown)) >= len(row) > 1:
        return True
    if not named or is_missing(row[named[0].index].text):
        return False
    stated = any(row[c.index].text.strip() for c in columns if _states(c))
    return (alone and not stated) or _is_unit_row(row, named)


def _is_unit_row(row: tuple[Cell, ...], named: list[Column]) -> bool:
    """Whether all that a row says beside its title is a unit, such as `Per million tokens`."""
    first = named[0].index if named else 0
    title = row[first].text
    others = [c.text for i, c in enumerate(row) if i != first and c.text.strip()]
    others = [text for text in others if row[first].across == 1 or text != title]
    return bool(others) and all(
        (re.match(r"per\b|/|每", text.strip(), re.I) and label(text).role != "") or is_per(text)
        for text in others
    )


def is_per(text: str) -> bool:
    return bool(re.fullmatch(r"(?:per|每)\s*(?:[\d,]+\s*)?[\w\s]{2,30}", text.strip(), re.I))


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
    section = context.declared.section(grid.place.headings)
    for cell, head in _cells(grid):
        if _FIGURES.search(cell.text) and (own := _own_rule(context, head)) != NAMES:
            outcome = Outcome.ignored if section or own else Outcome.left
            context.pass_by(cell.text, grid.where(cell, head), outcome, section or own, head)


NAMES = "names"


def _own_rule(context: Context, head: str) -> str:
    """Return why a column is of no interest by itself: its words say so, or it holds names."""
    stated = head_label(head, context.declared)
    if stated.is_role("model", "id"):
        return NAMES
    return stated.name.removeprefix("ignored: ") if stated.role == "prose" else ""


def _cells(grid: Grid) -> Iterator[tuple[Cell, str]]:
    heads = grid.heads()
    for row in grid.rows:
        yield from zip(row, heads, strict=True)
