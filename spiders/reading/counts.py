"""Several counts in one cell or line, each of its own kind."""

from __future__ import annotations

import re

from almanac.spiders.vocabulary.labels import label

_COUNTED = re.compile(r"(?P<count>\d+(?:\.\d+)?\s?[BbMmTt])\s*\((?P<kind>[A-Za-z]+)\)")
_WINDOW = re.compile(
    r"full (?P<window>[\d,]+) tokens(?: and generation (?P<output>[\d,]+) tokens)?", re.I
)
"""A context window, and what of it may be generated."""


def counts_of(name: str, text: str) -> dict[str, str]:
    """Return the fields that a text printed under the label of one states, with their counts.

    Nothing where it states but one.
    """
    if name == "parameters":
        return counted_kinds(text)
    m = _WINDOW.fullmatch(text.strip()) if name == "context_window" else None
    if not m:
        return {}
    return {"context_window": m["window"], "max_output_tokens": m["output"] or ""}


def counted_kinds(text: str) -> dict[str, str]:
    """Return the field and text of each count that a cell prints with its kind behind it.

    >>> counted_kinds("17B (Activated) 109B (Total)")
    {'active_parameters': '17B', 'parameters': '109B'}
    """
    if _COUNTED.sub("", text).strip(" \n,;/"):
        return {}
    stated = [(label(f"{m['kind']} parameters"), m["count"]) for m in _COUNTED.finditer(text)]
    fields = {kind.name: count for kind, count in stated if kind.role == "field"}
    return fields if len(fields) == len(stated) else {}
