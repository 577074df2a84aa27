"""Twins: an undated name and the only dated one of the same parts are one model.

`claude-sonnet-4-5` is what its maker also calls `claude-sonnet-4-5-20250929`. A name that has meant
several dated ones (`gpt-4o`) is a model of its own. Where both are listed, the dated one is its id;
else the one that is, or the undated.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from almanac.flows.entity_resolution.name_parser import ParsedName, near
from almanac.schemas import catalogue

_RELEASED_WITHIN = 31
"""Days between an undated name's release and the date in its twin's."""
_Kind = tuple[object, ...]


@dataclass(slots=True)
class Twins:
    """The models there are, by what they have in common but for a date."""

    _members: dict[_Kind, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """By kind, the stamps of its models."""
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _listed: set[str] = field(default_factory=set)

    def add(self, model: str, name: ParsedName, listed: bool) -> None:
        """Add a model; `listed` says that the catalogue or its maker's platform there names it."""
        kind = (
            model.split("/")[0],
            name.words,
            name.numbers,
            name.sizes,
            name.stage,
            name.tuned,
            name.pointer,
            name.marks,
        )
        self._members[kind][model] = name.stamp
        self._kinds[model] = kind
        if listed:
            self._listed.add(model)

    def is_listed(self, model: str) -> bool:
        return model in self._listed

    def of(self, model: str) -> str:
        """Return the id under which a model stands: its twin's, or its own."""
        members = self._members[self._kinds[model]]
        if len(members) != 2:
            return model
        undated, dated = sorted(members, key=lambda m: len(members[m]))
        released = catalogue.released().get(undated)
        if members[undated] or len(members[dated]) != 8:
            return model
        if released and not near(members[dated], released, _RELEASED_WITHIN):
            return model
        return dated if dated in self._listed else undated
