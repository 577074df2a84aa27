"""An API's answer: where it lists models, what each key says, and the table of keys for a card."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from almanac.new_source.draft import ModelList
from almanac.new_source.meaning import of_label
from almanac.new_source.met import SAMPLES, MetLabel, MetPlace
from almanac.schemas.fields import FIELDS
from almanac.schemas.money import printed_unit
from almanac.schemas.record_keys import RecordKeys, unit_of
from almanac.spiders.page import BROKEN, Page, one_line
from almanac.spiders.parsers.records import content_of, printed_of
from almanac.spiders.reading.declared import Declared
from almanac.spiders.vocabulary.capabilities import capabilities_of
from almanac.spiders.vocabulary.keys import key_words, path_label
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.meters import meter_of
from almanac.spiders.vocabulary.words import KIND

DEEPEST = 6
NAMES = "what it is named by"
_WHEN = "when its entry was made"
_USUAL = {
    "object": NAMES,
    "owned by": NAMES,
    "uuid": NAMES,
    "created": _WHEN,
    "created at": _WHEN,
    "updated at": _WHEN,
}
"""Keys that lists of models have since the first of them."""
_OPAQUE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-z]{20,}|\d+")
"""Ids that count or identify an entry, and name nothing."""
_MEDIA = frozenset(("image", "audio", "video", "search", "request", "page", "storage", "training"))
"""Parts of prices that are seldom in the unit of the others."""
_NOTHING: tuple[object, ...] = (None, "", [], {})


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


@dataclass
class _Key:
    """A path of keys: what it holds in each record that has it."""

    path: str
    values: list[Any] = field(default_factory=list)

    @property
    def samples(self) -> tuple[str, ...]:
        shown = ([*v[0]] if _is_objects(v) else v for v in self.values)
        texts = dict.fromkeys(" ".join(printed_of(value).split()) for value in shown)
        return tuple(texts)[:SAMPLES]


@dataclass
class _KeysTable:
    """The table of keys so far, and why each key that is not in it is not."""

    declared: Declared
    facts: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    prices: dict[str, dict[str, str]] = field(default_factory=dict)
    ignored: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def keys(self) -> RecordKeys:
        return RecordKeys(
            facts=self.facts, words=self.words, prices=self.prices, ignored=dict(self.ignored)
        )


def models_in(page: Page, declared: Declared) -> tuple[ModelList, MetPlace] | None:
    """Return where an answer lists models and what its keys say; None for one that lists none."""
    lists = [
        (len(records), path, named, records)
        for path, records in _lists(page.json, ())
        if (named := _naming(records, declared))
    ]
    if not lists:
        return None
    _, path, named, records = max(lists, key=lambda entry: entry[0])
    table = _KeysTable(declared)
    table.ignored[NAMES].append(named)
    others = [f"{'/'.join(other)} ({count})" for count, other, _, _ in lists if other != path]
    more = f"; not read: {', '.join(others)}" if others else ""
    where = f"under {'/'.join(path)}" if path else "in the answer"
    place = MetPlace(f"Keys of the {len(records)} models {where}{more}")
    for key in _keys_of(records):
        place.labels.append(_met(table, key, named))
    return ModelList("/".join(path), named, table.keys()), place


def _lists(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield the lists of objects in an answer, each with the keys that lead to it."""
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        yield path, value
    elif isinstance(value, dict) and len(path) < DEEPEST:
        for key, inner in value.items():
            if "/" not in key:
                yield from _lists(inner, (*path, key))


def _naming(records: Sequence[Mapping[str, Any]], declared: Declared) -> str:
    """Return the key that names the model of each record: an id before a name."""
    roles: dict[str, str] = {}
    for key in records[0]:
        stated = declared.label(key_words(key))
        texts = [record.get(key) for record in records]
        if stated.is_role("id", "model") and _tell_apart(texts):
            roles.setdefault(stated.name, key)
    return roles.get("id") or roles.get("model") or ""


def _tell_apart(values: Sequence[Any]) -> bool:
    """Whether values are names: all texts, few the same, most of them no numbers or digests."""
    texts = [value for value in values if isinstance(value, str) and value]
    opaque = sum(bool(_OPAQUE.fullmatch(text)) for text in texts)
    return len(set(texts)) * 2 > len(texts) == len(values) > 2 * opaque


def _keys_of(records: Sequence[Mapping[str, Any]]) -> list[_Key]:
    keys: dict[str, _Key] = {}
    for record in records:
        for path, value in _leaves(record, ()):
            keys.setdefault(path, _Key(path)).values.append(value)
    return list(keys.values())


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and len(path) < DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif value not in _NOTHING and path:
        yield "/".join(path), value


def _met(table: _KeysTable, key: _Key, named: str) -> MetLabel:
    """Put a key into the table by what it says; return what it is taken for."""
    met = MetLabel(key.path, "", "read", key.samples)
    stated = path_label(key.path.split("/"), table.declared.label)
    if key.path == named:
        met.meaning = "names the model"
    elif rule := _rule(key.path, stated):
        met.meaning, met.state = f"not of interest: {rule}", "ignored"
        table.ignored[rule].append(key.path)
    else:
        met.meaning, met.reason = _placed(table, key, stated)
        if not met.meaning:
            met.state, met.cells = "unknown", len(key.values)
    return met


def _rule(path: str, stated: Label) -> str:
    """Return why a key is of no interest; nothing for one that is."""
    if usual := _USUAL.get(key_words(path.rsplit("/", 1)[-1])):
        return usual
    if stated.is_role("model", "id", "provider"):
        return NAMES
    return stated.name.removeprefix("ignored: ") if stated.role == "prose" else ""


def _placed(table: _KeysTable, key: _Key, stated: Label) -> tuple[str, str]:
    """Return what a key is taken for, once it is in the table; else nothing, and why not."""
    if any(map(_is_objects, key.values)):
        return "", "objects, each under conditions: a rule of the source's own"
    if all(isinstance(value, list) for value in key.values):
        return _listed(table, key, stated)
    if all(isinstance(value, bool) for value in key.values):
        return _flag(table, key, stated)
    if stated.role == "price":
        return _priced(table, key, stated)
    name = stated.name if stated.role in ("field", "flag") else stated.flag
    return _fact(table, key, name) if name else ("", "")


def _flag(table: _KeysTable, key: _Key, stated: Label) -> tuple[str, str]:
    """Place what is true or false: a capability, never a day or a price."""
    name = stated.flag or (_capability(key.path.rsplit("/", 1)[-1]) or [""])[0]
    if not name and stated.name == "open_weights":
        name = stated.name
    if stated.role == "field" and not name:
        return "", f"true or false, and {stated.name} is neither: `stage` of parsers.records?"
    return _fact(table, key, name) if name else ("", "")


def _fact(table: _KeysTable, key: _Key, name: str) -> tuple[str, str]:
    subject = "offer" if ("offer", name) in FIELDS else "model"
    if (entry := FIELDS.get((subject, name))) is None:
        return "", ""
    for value in key.values:
        try:
            content_of(entry, value)
        except (*BROKEN, OverflowError, OSError) as error:
            return "", f"as {name}: {one_line(error)}"
    whose = " of model" if subject == "model" else ""
    table.facts[key.path] = name + whose
    return name + whose, ""


def _listed(table: _KeysTable, key: _Key, stated: Label) -> tuple[str, str]:
    """Place a list of words: a field that is a set, or what each word says yes to."""
    if stated.role == "field" and FIELDS[("offer", stated.name)].kind == "set":
        return _fact(table, key, stated.name)
    words = dict.fromkeys(item for item in chain(*key.values) if isinstance(item, str))
    yes = {word: name for word in words for name in _capability(word)[:1]}
    if not yes:
        return "", ""
    table.words[key.path] = yes
    others = [word for word in words if word not in yes]
    reason = f"words it has no field for are refused: {', '.join(others)}" if others else ""
    return f"words: {', '.join(dict.fromkeys(yes.values()))}", reason[:120]


def _capability(word: str) -> list[str]:
    names = (name.removesuffix(KIND) for name in capabilities_of(key_words(word)))
    return [name for name in names if ("offer", name) in FIELDS]


def _priced(table: _KeysTable, key: _Key, stated: Label) -> tuple[str, str]:
    """Place a price, if its unit is printed in its keys or told by the caller."""
    words = " ".join(key_words(part) for part in key.path.split("/"))
    own = printed_unit(words)
    unit = _in_table(f"{own.currency or 'USD'} {own.words}") if own.words else ""
    if not unit and not stated.parts & _MEDIA:
        unit = table.declared.unit
    if not unit:
        return "", f"{of_label(stated)}; its unit is not printed"
    try:
        meter, more = meter_of(stated.parts, unit_of(unit)[1])
    except ValueError as error:
        return "", one_line(error)
    table.prices[key.path] = {meter: unit, **dict(stated.terms), **more}
    terms = "".join(f" {{{name}={value}}}" for name, value in (*stated.terms, *more.items()))
    return f"price: {meter}{terms}, {unit}", ""


def _in_table(unit: str) -> str:
    """Return a printed unit as a table of keys writes it; nothing for one it has no words for."""
    singular = unit.removesuffix("s") if not unit.endswith("searches") else unit[:-2]
    try:
        unit_of(singular)
    except ValueError:
        return ""
    return singular
