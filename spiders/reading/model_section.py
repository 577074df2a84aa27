"""A part of a page that is of one model, or of a few: its title, ids, tabs and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from almanac.spiders.document.blocks import Line
from almanac.spiders.parsers.row_checks import no_name
from almanac.spiders.vocabulary.labels import label

_ID = re.compile(r"(?=[^\s]*\d)[A-Za-z][\w.:@/-]*-[\w.:@/-]*")
_SAME = frozenset(("preview", "generate", "standard", "latest"))
"""Words of an id that its title need not say."""
MOST_IDS = 20
"""Ids of one section: each is looked at for every row without a name."""


@dataclass
class ModelSection:
    """A heading that names a model, and the ids that stand in code between it and a table."""

    title: str
    level: int
    ids: dict[str, None] = field(default_factory=dict)
    """In their order; complete once a table has come."""
    open: bool = True
    """Whether no table has come yet, so that an id may still be the section's."""
    tabs: list[str] = field(default_factory=list)
    """What links of one line to places of the page call its tables, in their order."""
    grids: list[str] = field(default_factory=list)
    """The locators of its tables."""

    def takes(self, line: Line) -> None:
        """Take the ids and the names of tabs that a line before the first table holds."""
        if self.open:
            self.ids |= dict.fromkeys(_ids(line))
            self.tabs = self.tabs or _tabs(line)

    def tab_of(self, locator: str) -> str:
        """Return what a table is called; nothing where there are not as many names as tables."""
        return self._called.get(locator, "")

    @cached_property
    def _called(self) -> dict[str, str]:
        alike = len(self.tabs) == len(self.grids)
        return dict(zip(self.grids, self.tabs, strict=True)) if alike else {}

    @property
    def subject(self) -> str:
        """The one model of the section: its id, else its title; nothing where it has several."""
        return "" if len(self.ids) > 1 else next(iter(self.ids), self.title)

    def named_by(self, text: str) -> str:
        """Return the one of several ids whose own words a row's label says; nothing for none.

        >>> of = ModelSection("Imago 4", 2, {"imago-4-generate-1": None, "imago-4-ultra-1": None})
        >>> of.named_by("Ultra price")
        'imago-4-ultra-1'
        """
        if len(self.ids) > MOST_IDS:
            return ""
        own = self._own
        label = set(re.findall(r"[a-z]+", text.lower()))
        chosen = [i for i in own if own[i] & label] or [i for i in own if own[i] <= _SAME]
        return chosen[0] if len(chosen) == 1 else ""

    def rest(self, text: str, subject: str) -> str:
        """Return a row's label without the title and the words that say which id is meant.

        >>> of = ModelSection("Imago 4", 2, {"imago-4-generate-1": None, "imago-4-ultra-1": None})
        >>> of.rest("Imago 4 Ultra image price", "imago-4-ultra-1")
        'image price'
        """
        plain = re.sub(re.escape(self.title), " ", text, flags=re.I)
        words = self._own.get(subject, set()) if len(self.ids) > 1 else set()
        return " ".join(word for word in plain.split() if word.lower() not in words)

    @cached_property
    def _own(self) -> dict[str, set[str]]:
        """The words of each id that not all of them have."""
        words = {i: set(re.findall(r"[a-z]+", i.lower())) for i in self.ids}
        shared = set.intersection(*words.values()) if words else set()
        return {i: said - shared for i, said in words.items()}


def _tabs(line: Line) -> list[str]:
    """Return the conditions that the links of a line to places of its page name."""
    places = [link.removeprefix("#").partition("_")[0] for link in line.links]
    if len(places) < 2 or not all(link.startswith("#") for link in line.links):
        return []
    return places if all(label(place).role == "terms" for place in places) else []


def _ids(line: Line) -> Iterator[str]:
    """Yield the ids of a line that holds nothing else."""
    parts = [part.strip(" `_*") for part in re.split(r"[,、;\s]+", line.text.strip())]
    if all(_ID.fullmatch(part) and not no_name(part) for part in parts if part):
        yield from (part for part in parts if part)
