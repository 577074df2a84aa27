"""The one way YAML is read here.

Pages and files of others are hostile, and ours need nothing that these may not use.

An alias can stand for another alias, so that 500 bytes become gigabytes ("billion laughs"); nothing
we read uses one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

LARGEST = 2**20
"""Characters of a document: sixteen times the longest front matter of 860 real pages (63,000)."""
MOST_EVENTS = 100_000
"""Values, keys and brackets of a document.

They are thirteen times as many as the fullest real one has (7,500).
"""
DEEPEST = 30
"""Lists and objects within each other: four times as deep as the deepest real document (7)."""
LONGEST_NUMBER = 100
"""Digits of a number. A number of base 60 (`1:59:59`) takes time with the square of its length."""

_Base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str, *, as_printed: bool = False) -> Any:
    """Return what a YAML document holds; None for an empty one.

    `as_printed` gives every scalar as the text it is written as: a price must not pass
    through a float.

    Raises ValueError, one line, for what is not YAML, for aliases and anchors, for a key that
    stands twice in one object, and for a document too large, too full or too deep.
    """
    try:
        _check(text)
        loader = (_AsPrinted if as_printed else _Strict)(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ValueError(_line(error)) from None
    except (KeyError, AttributeError, TypeError, IndexError, OverflowError) as error:
        # Such as `!!bool maybe` or `!!int ''`.
        raise ValueError(f"a value that is not what its tag says: {str(error)[:80]}") from None


def _check(text: str) -> None:
    """Raise ValueError for what must not even be composed.

    The parser's events cost no more than the text is long.
    """
    if len(text) > LARGEST:
        raise ValueError(f"{len(text):,} characters of YAML, more than {LARGEST:,}")
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Safe)):
        if number > MOST_EVENTS:
            raise ValueError(f"more than {MOST_EVENTS:,} values and keys in YAML")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ValueError(f"aliases and anchors are refused, line {_number(event)}")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise ValueError(f"YAML nested deeper than {DEEPEST}, line {_number(event)}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _number(place: Any) -> int:
    """Return the line on which an event or node begins, counted from 1."""
    return int(place.start_mark.line) + 1


def _line(error: yaml.YAMLError) -> str:
    """Return a parser's complaint in one line, with its place."""
    mark = getattr(error, "problem_mark", None)
    words = str(getattr(error, "problem", None) or str(error).splitlines()[0])
    return f"{' '.join(words.split())[:200]}{f', line {mark.line + 1}' if mark else ''}"


class _NoTwins:
    """Refuses a key that stands twice in one object: of two values the last would win, unseen."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        if isinstance(node, yaml.MappingNode):
            keys = [
                (key.tag, key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode)
            ]
            if len(set(keys)) != len(keys):
                ((_, twin), _), *_ = Counter(keys).most_common(1)
                raise ValueError(
                    f"the key {twin[:80]!r} stands twice in one object, line {_number(node)}"
                )
        return super().construct_mapping(node, deep=deep)  # type: ignore[misc]


class _Strict(_NoTwins, _Safe):  # type: ignore[misc]
    def number(self, node: Any) -> Any:
        if len(node.value) > LONGEST_NUMBER:
            raise ValueError(f"a number of {len(node.value):,} digits, line {_number(node)}")
        return (
            self.construct_yaml_int(node)
            if node.tag.endswith(":int")
            else self.construct_yaml_float(node)
        )


for _tag in ("int", "float"):
    _Strict.add_constructor(f"tag:yaml.org,2002:{_tag}", _Strict.number)


class _AsPrinted(_NoTwins, _Base):  # type: ignore[misc]
    pass
