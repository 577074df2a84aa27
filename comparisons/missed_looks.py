"""What is said of pages that gave no body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from almanac.warehouse.read.reader import Missed


def how_many(missed: Sequence[Missed]) -> str:
    """Return how much of a source gave no body, in words; empty where nothing is missed.

    >>> day = "2026-11-21T03:15:00Z"
    >>> how_many([Missed("acme", "https://acme.example/1", "answered 503", day)])
    '1 page gave no body'
    >>> how_many([Missed("acme", "", "needs a key", day)])
    'could not be looked at'
    """
    pages = sum(bool(m.page) for m in missed)
    if not pages:
        return "could not be looked at" if missed else ""
    return f"{pages:,} page{'s' if pages > 1 else ''} gave no body"


def reasons(missed: Sequence[Missed], most: int = 3) -> str:
    """Return why, the commonest reason first.

    Each says how often it was given where that is more than once.
    """
    times = Counter(m.reason for m in missed).most_common()
    some = [f"{reason} ({n:,})" if n > 1 else reason for reason, n in times[:most]]
    more = len(times) - len(some)
    return "; ".join(
        [*some, *([f"and {more:,} other reason{'s' if more > 1 else ''}"] if more else [])]
    )


def told(missed: Sequence[Missed]) -> list[dict[str, Any]]:
    """Return each page as JSON gives it; one without an address is the source as a whole."""
    return [{"page": m.page or None, "reason": m.reason, "last": m.last_at} for m in missed]
