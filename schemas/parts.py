"""Long lists in parts that a database takes at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def parts(values: Sequence[T], size: int = 900) -> Iterator[Sequence[T]]:
    """Yield `values` in order, at most `size` at a time.

    SQLite takes 999 parameters a statement at the least.

    >>> [list(p) for p in parts([1, 2, 3], 2)]
    [[1, 2], [3]]
    """
    for start in range(0, len(values), size):
        yield values[start : start + size]
