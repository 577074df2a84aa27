"""The rewrites: each says the same of the same models, in another layout."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from tests.blind.tables import Form, Table

NOTES = (
    "Last reviewed in March 2031.",
    "Figures are rounded where invoices are not.",
    "Customers with more than 500 seats may ask for another contract.",
    "All times are in UTC.",
    "See the status page for the 3 regions that were added this year.",
)
UNIT = re.compile(r"\s*\(([^()]*(?:/|per)\s*(?:1?\s?M|million|MTok)[^()]*)\)\s*$", re.I)
CELL_UNIT = re.compile(r"\s*(/\s*(?:1?M ?(?:Tok|tokens?)|MTok))\s*$", re.I)
MODELS = re.compile(r"model|name|organi[sz]ation|provider|模型|名称")
"""Heads of columns of which each cell may title a card."""
Heads = Mapping[str, tuple[str, ...]]
Rewrite = Callable[[Table, Form, random.Random, Heads], str | None]


def transposed(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    return form.table(table.turned()) if table.named_by() == 0 and len(table.rows) > 1 else None


def heads_renamed(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    """Heads give way to words that other publishers' pages have for the same."""
    changed = table.with_heads(lambda head: rng.choice(heads.get(folded(head), (head,))))
    return form.table(changed) if changed != table else None


def as_cards(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    return _each(table, form.card)


def as_list(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    return _each(table, form.item)


def _each(table: Table, write: Callable[[str, list[tuple[str, str]]], str]) -> str | None:
    at = table.named_by()
    if at is None or not MODELS.search(folded(table.head[at])):
        return None
    return "\n".join(
        write(
            row[at],
            [(h, c) for i, (h, c) in enumerate(zip(table.head, row, strict=True)) if i != at],
        )
        for row in table.rows
    )


def cells_merged(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    written = form.table(table, merged=True)
    return written if written != form.table(table) else None


def columns_shuffled(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    order = list(range(1, len(table.head)))
    rng.shuffle(order)
    pick = (0, *order)
    return form.table(
        Table(
            tuple(table.head[i] for i in pick),
            tuple(tuple(row[i] for i in pick) for row in table.rows),
        )
    )


def unit_moved(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    """A unit that heads share is said in a line before; one of the cells stands in the head."""
    units = {m[1] for head in table.head if (m := UNIT.search(head))}
    if len(units) != 1:
        return _unit_to_heads(table, form)
    unit = units.pop()
    note = form.note(f"All prices are in {unit}{'' if 'ok' in unit.lower() else ' tokens'}.")
    return note + form.table(table.with_heads(lambda head: UNIT.sub("", head)))


def _unit_to_heads(table: Table, form: Form) -> str | None:
    columns = list(zip(*table.rows, strict=True))
    shared = [{m[1] if (m := CELL_UNIT.search(c)) else "" for c in column} for column in columns]
    moved = {i: unit.pop() for i, unit in enumerate(shared) if len(unit) == 1 and "" not in unit}
    if not moved:
        return None
    heads = tuple(f"{h} ({moved[i]})" if i in moved else h for i, h in enumerate(table.head))
    rows = [
        tuple(CELL_UNIT.sub("", c) if i in moved else c for i, c in enumerate(row))
        for row in table.rows
    ]
    return form.table(Table(heads, tuple(rows)))


def note_added(table: Table, form: Form, rng: random.Random, heads: Heads) -> str | None:
    return form.note(rng.choice(NOTES)) + form.table(table) + "\n" + form.note(rng.choice(NOTES))


def folded(head: str) -> str:
    """Return a head without markup, in lower case, its blanks one."""
    return " ".join(re.sub(r"<[^<>]*>|[*_`\\]", " ", head).lower().split())


REWRITES: tuple[Rewrite, ...] = (
    transposed,
    heads_renamed,
    as_cards,
    as_list,
    cells_merged,
    columns_shuffled,
    unit_moved,
    note_added,
)
