"""Capabilities as lists of features print them: several a line, with stages beside them."""

from __future__ import annotations

import re

from almanac.spiders.vocabulary.words import Kind, fold, scan

_KINDS: frozenset[Kind] = frozenset(("capability", "notice"))
_JOINING = frozenset(("and", "&", "+", "feature", "features", "support", "supports", "supported"))
_NOT_YET = frozenset(
    ("coming soon", "waitlist", "deprecated", "retired", "discontinued", "sunset", "即将下线")
)
"""Stages in which a capability is none that a model has today."""
_LEADING = re.compile(r"^[\s•*·-]+")


def capabilities_of(text: str) -> tuple[str, ...]:
    """Return the capabilities that a whole text names; nothing where a word of it is another.

    A name that ends with `+` is of a kind of the capability. Stages beside it change nothing, but
    for those in which it is not had.

    >>> capabilities_of("Function calling (preview)"), capabilities_of("Vision and tool use")
    (('function_calling',), ('vision', 'function_calling'))
    >>> capabilities_of("Function calling (coming soon)"), capabilities_of("Tuning forks")
    ((), ())
    """
    named: dict[str, None] = {}
    for word in scan(fold(_LEADING.sub("", text)), _KINDS):
        if entry := word.get("capability"):
            named[entry.name] = None
        elif word.text in _NOT_YET or not (word.entries or word.text in _JOINING):
            return ()
    return tuple(named)
