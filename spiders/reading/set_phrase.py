"""A set phrase of a source's sentences, and what it says of a model."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACES = {
    "{count}": r"(?P<value>\d+(?:\.\d+)?[KMB]?)",
    "{providers}": r"(?P<providers>[^.]{1,2000}?)",
    "{day}": r"(?P<value>[A-Z][a-z]+ \d{1,2}, \d{4})",
}
"""What may stand in a phrase for the value, each with its pattern."""


@dataclass(frozen=True)
class SetPhrase:
    """Words that say of a model that a field is the value which stands in them, or the one given.

    >>> SetPhrase("release_date", "out on {day}").pattern().search("It is out on May 3, 2025.")[0]
    'out on May 3, 2025'
    """

    field: str
    words: str
    value: object = None
    """What the field is where the words have no place for it."""
    bound: str = ""
    """Words that stand before the value that is read: `up to`."""

    def pattern(self, model: str = "") -> re.Pattern[str]:
        """Return the phrase as a pattern, its value as a group, about a model if it names one."""
        parts = re.split(r"(\{\w+\})", self.words.replace("{model}", model))
        inner = "".join(_PLACES.get(part) or re.escape(part) for part in parts)
        return re.compile(rf"(?<!\w){inner}(?!\w)")
