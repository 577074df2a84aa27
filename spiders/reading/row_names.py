"""Which models a row of a grid is about, and what is printed beside their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from almanac.schemas.quantity import is_missing
from almanac.spiders.document.blocks import Cell
from almanac.spiders.reading.columns import Column
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.surroundings import Surroundings
from almanac.spiders.vocabulary.names import Name, names
from almanac.spiders.vocabulary.tags import one_of_tags


@dataclass
class Above:
    """What a row takes from those above it."""

    names: list[Name]
    lines: tuple[str, ...] = ()
    """Texts of the group it stands in."""


def models_of(
    context: Context,
    row: tuple[Cell, ...],
    columns: list[Column],
    above: Above,
    around: Surroundings,
) -> list[Name]:
    """Return the models a row is about: by its id, else its name, the row above, the page.

    Raises ValueError for a row that names none, and for words beside a name with no place.
    """
    named = sorted(
        (c for c in columns if c.label.is_role("model", "id")), key=lambda c: c.label.name != "id"
    )
    shown = next((c for c in named if not is_missing(row[c.index].text)), None)
    if shown is not None:
        above.names = _named(context, row, columns, shown)
        context.names |= dict.fromkeys(n.text for n in above.names)
    models = above.names if named else _around(row, around)
    if not models:
        raise ValueError("a row that names no model")
    return models


def _around(row: tuple[Cell, ...], around: Surroundings) -> list[Name]:
    """Return the model that a grid stands under; of several, the one that the row's label says."""
    section = around.section
    subject = around.subject or (section.named_by(row[0].text) if section else "")
    return [Name(subject)] if subject else []


def _named(
    context: Context, row: tuple[Cell, ...], columns: list[Column], column: Column
) -> list[Name]:
    cell = row[column.index]
    stated = names(context.declared.named_by(cell.links) or _name_text(cell))
    if more := dict(column.label.terms):
        stated = [
            replace(n, terms=tuple(sorted({**more, **dict(n.terms)}.items()))) for n in stated
        ]
    titles = [c for c in columns if c.label.is_role("model", "attribute")]
    if column.label.name == "id" and titles:
        return [_with_notice(stated[0], row[titles[0].index].text)]
    return stated


def _name_text(cell: Cell) -> str:
    """Return the text of a cell that names a model: an id set as code before a title."""
    ids = [code for code in cell.codes if re.search(r"\w", code)]
    if len(ids) == 1 and not cell.text.startswith(ids[0]):
        return ids[0]
    if len(ids) > 1 and (named := one_of_tags(ids)):
        return named
    return next((tail for link in cell.links if (tail := _linked(link, cell.text))), cell.text)


def _linked(link: str, text: str) -> str:
    """Return the id with which a link's address and a cell's text end, where they are glued."""
    parts = link.partition("?")[0].partition("#")[0].rstrip("/").split("/")
    for tail in ("/".join(parts[-2:]), parts[-1]):
        telling = re.search(r"[\d-]", tail) or "/" in tail
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
