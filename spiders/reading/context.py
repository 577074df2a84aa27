"""What is known while a document is read: the page, what its source declares, the names so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.fields import REGISTERED
from almanac.schemas.terms import Terms
from almanac.spiders.bounds import Unreadable
from almanac.spiders.page import BROKEN, Page, one_line
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.ledger import Ledger, LedgerEntry, Outcome
from almanac.spiders.reading.model_section import ModelSection
from almanac.spiders.reading.priced_lines import PricedLines

MODEL_ONLY = frozenset(
    (
        "parameters",
        "active_parameters",
        "architecture",
        "release_date",
        "announced_date",
        "knowledge_cutoff",
        "training_cutoff",
        "deprecation_date",
        "retirement_date",
        "licence",
        "open_weights",
        "lifecycle",
    )
)
"""Fields that are of a model alone, whoever serves it."""


OFFER_ONLY = frozenset(f.name for f in REGISTERED if f.subject == "offer") - frozenset(
    f.name for f in REGISTERED if f.subject == "model"
)
"""Fields that are of what a provider serves alone, whatever page states them."""


@dataclass
class Context:
    """One page being read. Claims and refusals come with the ledger's entry they belong to."""

    page: Page
    declared: Declared
    ledger: Ledger = field(default_factory=Ledger)
    claims: list[tuple[Claim, LedgerEntry]] = field(default_factory=list)
    subject: str = ""
    """The one model that the page is about, where it is about one."""
    only_id: str = ""
    """The one id that the page prints under `Model ID`, where it prints but one."""
    priced: PricedLines = field(default_factory=PricedLines)
    """Lines that speak of prices, which may print a unit for what stands under their heading."""
    sections: dict[str, ModelSection] = field(default_factory=dict)
    """The section of each grid that stands under a heading that names a model, by its locator."""
    licensed: bool = False
    """Whether its front matter says the licence, which lines then say in other words."""
    families: dict[str, None] = field(default_factory=dict)
    """The families whose sizes a table of the page lists."""
    members: dict[str, None] = field(default_factory=dict)
    """The members of the family that the page is about, of which its labelled lines speak."""
    editions: frozenset[str] = frozenset()
    """The editions of models that headings of the page say: base, instruct."""
    names: dict[str, None] = field(default_factory=dict)
    """The models named so far, in order."""
    sellers: dict[str, str] = field(default_factory=dict)
    """Whose the prices of a model are, where the source has no provider and the page says it."""

    @property
    def models(self) -> list[str]:
        """The models of which a card speaks: the members of its family, else its own."""
        return list(self.members) or ([self.subject] if self.subject else [])

    def refuse(
        self,
        reason: str,
        printed: str,
        locator: str,
        model: str = "",
        name: str = "",
        head: str = "",
    ) -> None:
        """Refuse one cell or line, in the page's refusals and in the ledger."""
        self.page.refuse(
            reason,
            printed=printed[:300],
            locator=locator,
            model=model,
            provider=self.declared.provider if name == "price" else "",
            field=name,
        )
        self.ledger.add(locator, printed, Outcome.refused, reason, head)

    def pass_by(
        self, printed: str, locator: str, outcome: Outcome, rule: str = "", head: str = ""
    ) -> None:
        """Enter what gives neither claim nor refusal."""
        self.ledger.add(locator, printed, outcome, rule, head)

    def say(self, name: str, content: Any, *, printed: str, locator: str, **of: Any) -> None:
        """Claim a field of one cell or line; what `page.say` refuses is entered as refused."""
        if name == "licence" and self.licensed:
            self.pass_by(printed, locator, Outcome.ignored, "the front matter says the licence")
            return
        if name in self.declared.opinions:
            of["basis"] = "opinion"
        refused = len(self.page.refusals) + self.page.unlisted
        try:
            claims = self.page.say(name, content, printed=printed, locator=locator, **of)
        except (Unreadable, RecursionError):
            raise
        except BROKEN as error:
            self.refuse(one_line(error), printed, locator, of.get("model", ""), name)
            return
        if claims:
            entry = self._entry(locator, printed)
            self.claims += [(claim, entry) for claim in claims]
        elif len(self.page.refusals) + self.page.unlisted > refused:
            reason = self.page.refusals[-1].reason if self.page.refusals else ""
            self.ledger.add(locator, printed, Outcome.refused, reason)
        else:
            self.ledger.add(locator, printed, Outcome.blank)

    def keep(self, first: int, kept: Sequence[Claim]) -> None:
        """Take back the claims from a place on that were refused after they were made."""
        same = {id(claim) for claim in kept}
        for claim, entry in self.claims[first:]:
            if id(claim) not in same:
                entry.outcome, entry.reason = Outcome.refused, "cells may have changed places"
        self.claims[first:] = [pair for pair in self.claims[first:] if id(pair[0]) in same]

    def _entry(self, locator: str, printed: str) -> LedgerEntry:
        """Return the open entry of the same cell, which may yield several claims."""
        last = self.ledger.entries[-1] if self.ledger.entries else None
        if last and last.locator == locator and last.outcome is Outcome.claimed:
            return last
        return self.ledger.add(locator, printed, Outcome.claimed)

    def sides(self, name: str) -> tuple[str | None, ...]:
        """Return of whom a field is claimed: None for the model itself, else a provider."""
        if name in OFFER_ONLY:
            return (self.declared.provider,)
        if name in MODEL_ONLY or self.declared.facts == "model":
            return (None,)
        offered: tuple[str | None, ...] = (self.declared.provider,)
        return (None, *offered) if self.declared.facts == "both" else offered

    def seller(self, model: str) -> str:
        """Return the provider whose the prices of a model are; nothing where none is said."""
        return self.declared.provider or self.sellers.get(model, "")

    def price(self, price: Any, meter: str, model: str, terms: Terms, **of: Any) -> None:
        """Claim a price of the provider whose it is."""
        self.say(
            "price",
            price,
            model=model,
            provider=self.seller(model),
            meter=meter,
            terms=terms,
            **of,
        )
