"""What only a source knows of its pages: everything else is read from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from almanac.spiders.reading.set_phrase import SetPhrase
from almanac.spiders.vocabulary.labels import Label, label
from almanac.spiders.vocabulary.words import fold


@dataclass(frozen=True)
class Declared:
    """A source's own words: provider, whose facts they are, units that its pages print nowhere."""

    provider: str
    """In whose name its prices stand."""
    facts: Literal["offer", "model", "both"] = "offer"
    """Whether its limits and abilities are of what the provider serves, of the model, or both."""
    scores: Literal["", "own", "all"] = ""
    """Whose scores its tables state: nobody's, those of a card's own model, or all they name."""
    subject: tuple[str, ...] = ()
    """How the one model of a card is told, the surest way first: see `reading.card`."""
    titled: bool = False
    """Whether the first heading of its pages names the one model whose prices they state."""
    maker: str = ""
    """Who alone may write its cards, where others' repositories have files of the same form."""
    own_addresses: tuple[str, ...] = ()
    """How addresses begin where only that maker writes."""
    family: bool = False
    """Whether its pages are cards of a family."""
    sentences: bool = False
    """Whether set phrases in sentences speak of the card's model: sizes, a licence."""
    name_lines: bool = False
    """Whether models are named by short lines of text, neither headings nor ids."""
    yen: Literal["", "CNY", "JPY"] = ""
    """What ¥ means on its pages."""
    unit: str = ""
    """Unit of prices that print none, from its documentation, such as `USD per 1M tokens`."""
    object_unit: str = ""
    """Unit of the prices in its pages' objects, which print none."""
    points: tuple[str, ...] = ()
    """Words for a currency of the provider's own, such as `points`, the longest first."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Local meaning of a label: the label in the vocabulary that it stands for."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Labels that are not of interest here, each with the name of the rule that says so."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Paths under which its pages of one model stand, each with what comes before the rest of the
    path in the model's name."""
    links_offer: bool = False
    """Whether a link to a page of a model says that the provider offers it."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """Headings whose blocks are not of interest, each with the name of the rule."""
    phrases: tuple[SetPhrase, ...] = ()
    """Set phrases of its sentences about a model that its tables name."""
    tallies: tuple[str, str] = ("", "")
    """What evals are called of which a cell counts the prompts passed, as `73.3% (11/15)` does,
    and whose they are."""
    archived: bool = False
    """Whether its pages are saved as text: an item of a list is one line, tables stand in lines
    with bars, or with their cells glued."""
    opinions: tuple[str, ...] = ()
    """Fields of which its pages say what is no finding of anyone's."""
    gaps_shift: bool = False
    """Whether its tables as text may lose an empty cell, so that those behind it move left."""

    @property
    def is_card(self) -> bool:
        """Whether its pages are cards, of one model or of a family."""
        return self.family or bool(self.subject)

    def section(self, headings: Sequence[str]) -> str:
        """Return the rule by which what stands under headings is not of interest."""
        rules = (
            rule
            for heading in headings
            for text, rule in self.sections.items()
            if text.lower() in heading.lower()
        )
        return next(rules, "")

    def label(self, text: str) -> Label:
        """Return what a label means on the source's pages."""
        local = self._local.get(fold(text)) if self._local else None
        if local is not None:
            return Label("prose", local) if local.startswith("ignored: ") else label(local)
        return label(text)

    @cached_property
    def _local(self) -> dict[str, str]:
        ignored = {fold(text): f"ignored: {rule}" for text, rule in self.ignored.items()}
        return ignored | {fold(text): meaning for text, meaning in self.labels.items()}

    def meaning(self, text: str) -> str:
        """Return the label in the vocabulary that one stands for here: it may print a unit."""
        return self.labels.get(text, self.labels.get(fold(text), ""))

    def in_points(self, text: str) -> str:
        """Return a text with the sign of points for each word for the provider's own currency.

        >>> Declared("acme", points=("credits", "credit")).in_points("12 credits / image")
        '12 ¤ / image'
        """
        for word in self.points:
            text = re.sub(rf"(?<![a-z]){re.escape(word)}(?![a-z])", "¤", text, flags=re.I)
        return text

    def named_by(self, links: Iterable[str]) -> str:
        """Return the model that one of some addresses names; nothing where none does."""
        for link in links:
            path = urlsplit(link).path
            for under, before in self.addresses.items():
                if path.startswith(under) and len(path) > len(under):
                    return before + path.removeprefix(under).strip("/")
        return ""
