"""The digest of a release.

It is SHA-256 of everything it says of every moment, in an order of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

COLUMNS = (
    "subject_kind",
    "subject",
    "field",
    "meter",
    "terms",
    "unit",
    "value",
    "state",
    "rule",
    "valid_from",
    "valid_to",
)


def digest(rows: Iterable[Sequence[str | None]]) -> str:
    """Return the digest of figures given as `COLUMNS`, in any order.

    They are sorted here, since databases sort text differently.
    """
    hashed = hashlib.sha256()
    for line in sorted("\x1f".join(x or "" for x in row) for row in rows):
        hashed.update(line.encode())
        hashed.update(b"\n")
    return hashed.hexdigest()
