"""Ids with tags, as registries of images print them: one repository, and builds of it by tag."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TAGGED = re.compile(r"[\w.-]+/[\w.-]+:[\w.-]+")


def one_of_tags(ids: Sequence[str]) -> str:
    """Return the id that names a build among tags of one repository: the last that does not move.

    >>> one_of_tags(["ai/loom:latest", "ai/loom:8B-Q4"]), one_of_tags(["ai/loom:8B", "ai/weft:8B"])
    ('ai/loom:8B-Q4', '')
    """
    if not ids or not all(_TAGGED.fullmatch(text) for text in ids):
        return ""
    if len({text.partition(":")[0] for text in ids}) > 1:
        return ""
    return next((text for text in reversed(ids) if not text.endswith(":latest")), ids[-1])


def tagged(text: str) -> str:
    """Return the id that a text names which is tags of one repository and nothing else."""
    return one_of_tags(text.split()[:20])
