"""The conditions under which something holds, such as `tier=batch;above_input=200000`."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any


class Terms(tuple[tuple[str, str], ...]):
    """Conditions, each a name and a value, in an order of their own. A value: it never changes.

    >>> Terms.of(tier="batch", above_input=200000, region=None)
    Terms('above_input=200000;tier=batch')
    """

    __slots__ = ()

    @classmethod
    def of(cls, **conditions: Any) -> Terms:
        """Return conditions sorted by name; None and empty ones are left out."""
        given = {name: value for name, value in conditions.items() if value not in (None, "")}
        return cls(sorted((name, str(value)) for name, value in given.items()))

    @staticmethod
    @functools.lru_cache(50_000)
    def parse(text: str) -> Terms:
        """Return the conditions that `str` prints as this text.

        Raises ValueError for a part without a name and a value.

        >>> Terms.parse("tier=batch;window=00:30-08:30").get("window")
        '00:30-08:30'
        """
        pairs = [part.partition("=") for part in text.split(";") if part]
        if odd := [name for name, equals, _ in pairs if not equals]:
            raise ValueError(f"a condition without a value: {odd[0]!r}")
        return Terms((name, value) for name, _, value in pairs)

    def __str__(self) -> str:
        return ";".join(f"{name}={value}" for name, value in self)

    def __repr__(self) -> str:
        return f"Terms({str(self)!r})"

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a condition, or the default where there is none of that name."""
        return next((value for key, value in self if key == name), default)

    def without(self, *names: str) -> Terms:
        """Return these conditions but those of some names."""
        return type(self)(pair for pair in self if pair[0] not in names)

    def merged(self, more: Iterable[tuple[str, str]]) -> Terms:
        """Return these conditions and others, sorted by name; of two of one name, the own.

        >>> Terms.of(tier="batch").merged([("tier", "flex"), ("quantisation", "fp8")])
        Terms('quantisation=fp8;tier=batch')
        """
        return type(self)(sorted({**dict(more), **dict(self)}.items()))


STANDARD = Terms()
"""No conditions: the standard price, the figure of the model itself."""
