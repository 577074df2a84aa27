"""Objects of keys and values to claims: a key is a label, the object that names a model its row."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from almanac.schemas.money import printed_unit
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid, Place, Record
from almanac.spiders.parsers.row_checks import no_name
from almanac.spiders.reading.cells import Row, read_cell
from almanac.spiders.reading.columns import Column, is_flag, one_side
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.feature_lines import LISTED, say_feature
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.surroundings import Surroundings
from almanac.spiders.vocabulary.capabilities import capabilities_of
from almanac.spiders.vocabulary.keys import key_words, path_label
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.media import media_of
from almanac.spiders.vocabulary.names import Name, names
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import KIND, fold

DEEPEST = 12
"""Objects within objects that are looked into."""
_FIGURE = re.compile(r"\d")
_MONEY = re.compile(r"[$€£¥￥]\s*\d|\d\s*(?:元|美元|[$€£])")
_SOLD_BY = re.compile(r"\b(?:usd|eur|cny|gbp|per|dollars?)\b")
_UNITS = frozenset(("unit", "units", "currency", "per", "price unit", "pricing unit"))
LIMITS = frozenset(("context_window", "max_output_tokens", "max_input_tokens"))
"""Fields that only models have."""
_STAGES = {"deprecation_date": "deprecated", "retirement_date": "retired"}


@dataclass(slots=True)
class _Leaf:
    """One value of an object, the keys that lead to it, and what they mean."""

    path: tuple[str, ...]
    value: Any
    label: Label
    one_of_several: bool = False
    """Whether it stands in a list of objects, whose order or condition says what it is."""
    region: str = ""
    """The region that one of its keys names."""

    @property
    def text(self) -> str:
        values = self.value if isinstance(self.value, list) else [self.value]
        return ", ".join(_text(value) for value in values if value is not None)

    @property
    def words(self) -> str:
        return " ".join(key_words(key) for key in self.path)

    @property
    def is_unit(self) -> bool:
        return fold(key_words(self.path[-1])) in _UNITS

    @property
    def as_unit(self) -> str:
        """Return a unit as texts print one: a bare `1K tokens` is for so many."""
        per = fold(key_words(self.path[-1])) == "per" and not self.text.startswith(("per", "/"))
        return f"per {self.text}" if per else self.text

    @property
    def priced(self) -> bool:
        """Whether its keys or its own sign say that it is a price."""
        said = "price" in self.label.parts or _SOLD_BY.search(self.words)
        return self.label.role == "price" and bool(said or _MONEY.search(self.text))


def _depth(leaf: _Leaf) -> int:
    return len(leaf.path)


@dataclass(slots=True)
class _StatedModel:
    """An object that names a model, with its values but for those of models within it."""

    name: Name
    at: str
    leaves: list[_Leaf] = field(default_factory=list)
    by_id: bool = False

    def units(self, leaf: _Leaf) -> list[str]:
        """Return what keys of units beside a value or over it hold, nearest first."""
        told = [x for x in self.leaves if x.is_unit]
        over = [x for x in told if leaf.path[: len(x.path) - 1] == x.path[:-1]]
        by_depth = groupby(sorted(over, key=_depth, reverse=True), key=_depth)
        return [" ".join(x.as_unit for x in same) for _, same in by_depth]


def read_record(context: Context, record: Record) -> None:
    """Claim what an object says of the models that it names, or that are named within it."""
    _read(context, record.value, record.locator, (), "")


def _read(context: Context, value: Any, at: str, path: tuple[str, ...], key: str) -> None:
    """Read the models of a value; an object that names none may hold some, under their names."""
    if len(path) > DEEPEST:
        return
    if isinstance(value, list):
        for n, inner in enumerate(paced(value)):
            _read(context, inner, at, (*path, str(n)), "")
    elif isinstance(value, dict):
        _read_object(context, value, at, path, key)
    elif _FIGURE.search(_text(value)):
        rule = "an object that names no model"
        context.pass_by(_text(value)[:300], _where(at, path), Outcome.ignored, rule)


def _read_object(
    context: Context, value: Mapping[str, Any], at: str, path: tuple[str, ...], key: str
) -> None:
    """Read an object: a model, what holds models, or both."""
    within = {str(k) for k, inner in value.items() if _holds_models(context, inner)}
    model = _model(context, value, at, path, key, within)
    if model and within and not model.by_id:
        _family(context, model)
    elif model:
        _say_all(context, model)
    for k, inner in value.items():
        if model is None or str(k) in within:
            _read(context, inner, at, (*path, str(k)), str(k))


def _holds_models(context: Context, value: Any, depth: int = 0) -> bool:
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    if depth > DEEPEST:
        return False
    return any(
        isinstance(v, dict)
        and (_model(context, v, "", (), "") is not None or _holds_models(context, v, depth + 1))
        for v in inner
    )


def _model(
    context: Context,
    value: Mapping[str, Any],
    at: str,
    path: tuple[str, ...],
    key: str,
    within: Container[str] = (),
) -> _StatedModel | None:
    """Return an object as a model, if it names one and says something that is of models."""
    name, by_id = _name(value, context)
    if name is None and _FIGURE.search(key) and not no_name(key):
        name, by_id = Name(key), True
    if name is None or len(value) < 2:
        return None
    own = {k: inner for k, inner in value.items() if str(k) not in within}
    leaves = list(_leaves(own, (), context, 0))
    named = _StatedModel(name, _where(at, path), leaves, by_id)
    return named if _is_of_models(name, leaves) else None


def _is_of_models(name: Name, leaves: list[_Leaf]) -> bool:
    """Whether an object says what only models have, or anything of a name with a number."""
    fields = {x.label.name for x in leaves if x.label.role == "field"}
    parts = frozenset[str]().union(*(x.label.parts for x in leaves if x.priced))
    if fields & LIMITS or parts >= {"in", "out"}:
        return True
    return bool(_FIGURE.search(name.text) and (fields or parts))


def _name(value: Mapping[str, Any], context: Context) -> tuple[Name | None, bool]:
    """Return the model that an object names, and whether by its id, which comes before a name."""
    named: dict[str, str] = {}
    for key, inner in value.items():
        stated = context.declared.label(key_words(str(key)))
        if stated.is_role("id", "model") and isinstance(inner, str) and not no_name(inner):
            named.setdefault(stated.name, inner.strip())
    if "id" in named:
        return (Name(named["id"]) if re.fullmatch(r"\S+", named["id"]) else None), True
    try:
        stated_names = names(named.get("model", ""))
    except ValueError:
        return None, False
    return (stated_names[0] if len(stated_names) == 1 else None), False


def _leaves(
    value: Any, path: tuple[str, ...], context: Context, depth: int, several: bool = False
) -> Iterator[_Leaf]:
    if isinstance(value, dict) and depth <= DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)), context, depth + 1, several)
    elif isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value):
        for inner in value:
            yield from _leaves(inner, path, context, depth + 1, True)
    elif path:
        yield _leaf(value, path, context, several)


def _leaf(value: Any, path: tuple[str, ...], context: Context, several: bool) -> _Leaf:
    regions = [region for key in path[:-1] if (region := region_of(key))]
    telling = [key for key in path if key not in regions]
    stated = path_label(telling, context.declared.label)
    return _Leaf(path, value, stated, several, "/".join(regions))


def _say_all(context: Context, model: _StatedModel) -> None:
    context.names[model.name.text] = None
    for leaf in model.leaves:
        if leaf.value is None or leaf.value == [] or not leaf.text.strip() or leaf.is_unit:
            continue
        if not _features(context, model, leaf) and not _staged(context, model, leaf):
            _say(context, model, leaf)


def _family(context: Context, model: _StatedModel) -> None:
    """Refuse the figures that stand over several models."""
    for leaf in model.leaves:
        if leaf.label.role in ("price", "field") and _FIGURE.search(leaf.text):
            reason, at = "a figure that stands over several models", _where(model.at, leaf.path)
            context.refuse(reason, leaf.text, at, head="/".join(leaf.path))


def _features(context: Context, model: _StatedModel, leaf: _Leaf) -> bool:
    """Claim the capabilities that a list names. False for another value."""
    title = fold(key_words(leaf.path[-1]))
    listed = title in LISTED or leaf.label.is_role("features")
    if not listed or not isinstance(leaf.value, list):
        return False
    for item in leaf.value:
        for name in capabilities_of(key_words(str(item))):
            at = _where(model.at, leaf.path)
            printed, bare = _text(item), name.removesuffix(KIND)
            say_feature(context, bare, True, printed, model.name.text, at)
    return True


def _staged(context: Context, model: _StatedModel, leaf: _Leaf) -> bool:
    """Claim the stage that a yes to `deprecated` names. False for another value."""
    stage = _STAGES.get(leaf.label.name)
    if stage is None or not isinstance(leaf.value, bool):
        return False
    at, printed = _where(model.at, leaf.path), f"{leaf.path[-1]}: {leaf.text}"
    if leaf.value:
        context.say("lifecycle", stage, model=model.name.text, printed=printed, locator=at)
    return True


def _say(context: Context, model: _StatedModel, leaf: _Leaf) -> None:
    at, head, text = _where(model.at, leaf.path), "/".join(leaf.path), leaf.text
    stated = _as_meant(leaf)
    if not _is_placed(leaf, stated):
        _unplaced(context, model, leaf, at)
        return
    units = model.units(leaf)
    if doubt := _doubt(leaf, stated, units):
        context.refuse(doubt, text, at, model.name.text, "price", head)
        return
    around = Surroundings((), (*units, context.declared.object_unit))
    terms = dict(model.name.terms) | ({"region": leaf.region} if leaf.region else {})
    row = Row([Name(model.name.text)], terms, around)
    grid = Grid((), ((Cell(text),),), Place(), at)
    column = Column(0, leaf.words if stated.role == "price" else head, stated)
    read_cell(context, grid, row, column, Cell(text), at=at)


def _is_placed(leaf: _Leaf, stated: Label) -> bool:
    """Whether the keys of a value say what it is; a scale is no speed, a bare number no price."""
    if stated.is_role("speed"):
        return bool(_RATE.search(f"{leaf.words} {leaf.text.lower()}"))
    if stated.role == "price":
        return leaf.priced
    return stated.role not in ("", "blank", "terms")


_RATE = re.compile(r"tokens?|tps|/ ?s|sec")
_BY_TOKEN = frozenset(
    ("in", "out", "cache", "read", "write", "miss", "training", "reasoning", "only_audio")
)
"""Parts of which a price is by the token, where its object prints no other unit."""


def _doubt(leaf: _Leaf, stated: Label, units: list[str]) -> str:
    """Return why a value cannot be believed: its condition, or its unit, is not told."""
    if leaf.one_of_several and stated.role in ("price", "field"):
        return "one of several values, of which the condition is not read"
    if stated.role != "price":
        return ""
    if re.search(r"\bcents?\b", f"{leaf.words} {' '.join(units).lower()}"):
        return "a price in cents"
    own = any(printed_unit(text).words for text in (leaf.words, leaf.text, *units))
    return "" if own or stated.parts & _BY_TOKEN else "a price whose unit is not printed"


def _as_meant(leaf: _Leaf) -> Label:
    """Return what a value's keys mean, where the value decides between their meanings."""
    stated = leaf.label
    if stated.flag and is_flag(leaf.text):
        return Label("flag", stated.flag)
    side = one_side(stated)
    if side and not leaf.priced and media_of(leaf.text):
        return Label("field", f"{side}_modalities")
    return stated


def _unplaced(context: Context, model: _StatedModel, leaf: _Leaf, at: str) -> None:
    """Enter a value under keys that nobody knows; among prices it refuses."""
    if not _FIGURE.search(leaf.text):
        return
    head = "/".join(leaf.path)
    top = context.declared.label(key_words(leaf.path[0]))
    if "price" in top.parts or "price" in leaf.words.split():
        reason = "a price under words that this reader cannot place"
        context.refuse(reason, leaf.text, at, model.name.text, "price", head)
    else:
        context.pass_by(leaf.text, at, Outcome.left, "", head)


def _text(value: Any) -> str:
    """Return a value as a page would print it: a number without an exponent."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def _where(at: str, path: tuple[str, ...]) -> str:
    gap = "/" if " /" in at else " /"
    return f"{at}{gap}{'/'.join(path)}" if path else at
