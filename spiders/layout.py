"""The fingerprint of a page.

It is the smallest part of its structure that stays while its figures change.
"""

from __future__ import annotations

from typing import Any

from almanac.schemas.text import fit
from almanac.spiders.bounds import reading
from almanac.spiders.page import Page, Unreadable
from almanac.spiders.parsers.flat import is_html, tables

MANY = 30
"""A JSON object with more keys than this is a map from names to things, not a thing."""


def fingerprint(page: Page) -> tuple[str, ...]:
    """Return the heads of a page's tables, or the keys of its JSON, sorted.

    Names and list places are left out of the keys.

    A page with neither has an empty fingerprint, which never changes.
    """
    with reading(page.seconds):
        return tuple(fit(part, 300) for part in _parts(page))


def _parts(page: Page) -> tuple[str, ...]:
    try:
        if page.text.lstrip()[:1] in "{[":
            return tuple(sorted(_keys(page.json, "", 0)))
        if is_html(page) or "|" in page.text:
            return tuple(
                sorted(
                    {" | ".join(" ".join(h.split()) for h in t.head)[:200] for t in tables(page)}
                )
            )
    except Unreadable:
        pass
    return ()


def _keys(node: Any, path: str, depth: int) -> set[str]:
    if depth > 5:
        return set()
    if isinstance(node, list):
        return set().union(*(_keys(item, path, depth + 1) for item in node[:50])) if node else set()
    if not isinstance(node, dict):
        return set()
    if len(node) > MANY:
        return set().union(
            *(_keys(item, f"{path}/*", depth + 1) for item in list(node.values())[:50])
        )
    found = {f"{path}/{key}" for key in node}
    return found.union(*(_keys(item, f"{path}/{key}", depth + 1) for key, item in node.items()))
