"""The coverage ledger: what became of every cell, pair and line that may hold a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one cell, pair or line."""

    claimed = "claimed"
    refused = "refused"
    blank = "blank"
    """It says that there is no figure."""
    ignored = "not of interest"
    unread = "sentence: not read yet"
    left = "left over"


@dataclass(slots=True)
class LedgerEntry:
    """One cell, pair or line; `reason` is a refusal's, or the rule by which it is ignored."""

    locator: str
    text: str
    outcome: Outcome
    reason: str = ""
    label: str = ""


@dataclass(slots=True)
class Ledger:
    """The entries of a page, in the order in which they were read."""

    entries: list[LedgerEntry] = field(default_factory=list)

    def add(
        self, locator: str, text: str, outcome: Outcome, reason: str = "", label: str = ""
    ) -> LedgerEntry:
        entry = LedgerEntry(locator, text, outcome, reason, label)
        self.entries.append(entry)
        return entry

    def counts(self) -> Counter[str]:
        """Return how many entries ended how."""
        return Counter(str(entry.outcome) for entry in self.entries)

    def left(self) -> Iterable[LedgerEntry]:
        return (e for e in self.entries if e.outcome is Outcome.left)

    def unknown_labels(self) -> Counter[str]:
        """Return the labels nobody knows, by how many entries stand under each."""
        return Counter(e.label for e in self.left() if e.label)
