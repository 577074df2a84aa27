"""Objects in a page to claims: a model's keys and values, as components of MDX and scripts hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid, Record
from almanac.spiders.parsers.row_checks import no_name
from almanac.spiders.reading.cells import Row, read_cell
from almanac.spiders.reading.columns import Column
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.surroundings import Surroundings
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.names import Name
from almanac.spiders.vocabulary.words import KIND, means

DEEPEST_KEY = 5
_HOLDERS = frozenset(
    (
        "specs",
        "spec",
        "specifications",
        "details",
        "limits",
        "pricing",
        "prices",
        "price",
        "costs",
        "cost",
        "model",
        "info",
        "metadata",
        "tokens",
        "context",
    )
)
"""Keys that only hold others and change nothing of what these say."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A value at the end of a path of keys."""

    path: tuple[str, ...]
    value: Any

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(words_of(key) for key in self.path)


def read_record(context: Context, record: Record) -> None:
    """Read the objects of a block that name a model by id or name and state something of it."""
    for n, model in enumerate(_models(record.value)):
        _read(context, record, model, f"{record.locator} object {n + 1}")


def words_of(key: str) -> str:
    """Return a key as words.

    >>> words_of("maxOutputTokens"), words_of("knowledge_cutoff")
    ('max output tokens', 'knowledge cutoff')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key[:80])
    return " ".join(re.split(r"[\s_\-]+", apart)).lower().strip()


def _models(value: Any, deep: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the objects that name a model; those within one belong to it."""
    if isinstance(value, list):
        for inner in value:
            yield from _models(inner, deep)
    elif isinstance(value, dict) and deep < DEEPEST_KEY:
        if _named(value) and len(value) > 1:
            yield value
        else:
            for inner in value.values():
                yield from _models(inner, deep + 1)


def _named(model: dict[str, Any]) -> str:
    """Return the id of an object's model, else its name; nothing where it has none."""
    texts = {words_of(str(key)): value for key, value in model.items() if isinstance(value, str)}
    for key in ("id", "model id", "model", "slug", "name", "model name"):
        text = texts.get(key, "").strip()
        if text and len(text) <= 100 and "\n" not in text and not no_name(text):
            return text
    return ""


def _read(context: Context, record: Record, model: dict[str, Any], at: str) -> None:
    name = _named(model)
    context.names[name] = None
    row = Row([Name(name)], {}, Surroundings(texts=tuple(record.place.headings)))
    for value in paced(_values(model)):
        where = f"{at} {'/'.join(value.path)}"
        if isinstance(value.value, list):
            _list(context, record, row, value, where)
        else:
            _one(context, record, row, value, where)


def _values(value: Any, path: tuple[str, ...] = ()) -> Iterator[_Value]:
    """Yield the values of an object with their paths; a list of words is one value."""
    if isinstance(value, dict) and len(path) < DEEPEST_KEY:
        for key, inner in value.items():
            yield from _values(inner, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(inner, (dict, list)) for inner in value):
        for n, inner in enumerate(value):
            yield from _values(inner, (*path, str(n)))
    elif path and value is not None:
        yield _Value(path, value)


def _one(context: Context, record: Record, row: Row, value: _Value, at: str) -> None:
    """Read one value by its keys; a price within a key that is not known is refused."""
    text = _text(value.value)
    stated = _label(context, value)
    if stated.role == "price" and not stated.name and _strange(context, value):
        reason = f"a price within a key that this reader does not know: {value.path[0]}"
        context.refuse(reason, text, at, row.models[0].text, "price", value.path[-1])
    elif stated.flag and isinstance(value.value, bool):
        feature = Label("flag", stated.flag)
        _cell(context, record, row, feature, value, text, at)
    elif stated.role in ("price", "field"):
        _cell(context, record, row, stated, value, text, at)
    elif re.search(r"\d", text):
        outcome = Outcome.ignored if stated.role else Outcome.left
        rule = "a key of another kind" if stated.role else ""
        context.pass_by(text[:120], at, outcome, rule, " ".join(value.words))


def _cell(
    context: Context, record: Record, row: Row, stated: Label, value: _Value, text: str, at: str
) -> None:
    cell = Cell(text)
    grid = Grid((), ((cell,),), record.place, record.locator)
    read_cell(context, grid, row, Column(0, " ".join(value.words), stated), cell, at=at)


def _label(context: Context, value: _Value) -> Label:
    """Return what the keys of a value mean: all together, else the last alone."""
    whole = context.declared.label(" ".join(value.words))
    return whole if whole.role else context.declared.label(value.words[-1])


def _strange(context: Context, value: _Value) -> bool:
    """Whether a price stands in keys that are no part of its label, which may be a condition."""
    if context.declared.label(" ".join(value.words)).role == "price":
        return False
    return any(word not in _HOLDERS for word in value.words[:-1])


def _list(context: Context, record: Record, row: Row, value: _Value, at: str) -> None:
    """Read a list of words: media, or capabilities."""
    texts = [str(inner) for inner in value.value if isinstance(inner, str)]
    stated = _label(context, value)
    if stated.role == "field" and texts:
        _cell(context, record, row, stated, value, ", ".join(texts), at)
        return
    for text in texts:
        if entry := means(words_of(text.rpartition(".")[2]), "capability"):
            _say_yes(context, row, entry.name.removesuffix(KIND), text, at)


def _say_yes(context: Context, row: Row, name: str, text: str, at: str) -> None:
    for provider in context.sides(name):
        context.say(
            name, True, printed=text, locator=at, model=row.models[0].text, provider=provider
        )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
