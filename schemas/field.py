"""What a field is: one property with one meaning and one unit, and who speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Subject = Literal["model", "offer", "evaluation"]
Kind = Literal["count", "price", "date", "flag", "text", "set", "score", "measure"]

# Who speaks with authority, best first. See `almanac.flows.reconciliation.evidence.speaks_as` for
# how a claim gets its role.
MODEL_FACT = (
    "correction",
    "maker",
    "maker_card",
    "provider",
    "catalogue",
    "marketplace",
    "comparison",
    "reseller",
    "blog",
)
OFFER_FACT = (
    "correction",
    "provider",
    "marketplace",
    "catalogue",
    "maker",
    "comparison",
    "reseller",
    "blog",
)
MEASURED = (
    "correction",
    "measurement",
    "marketplace",
    "provider",
    "catalogue",
    "comparison",
    "reseller",
    "blog",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One property with one meaning and one unit.

    `low` and `high` bound legal values in `unit` (dates as ISO text), `reason` says why;
    `stale_days` is how long a look stays good evidence, None for facts that do not change; `title`
    is the printed label.
    """

    name: str
    subject: Subject
    kind: Kind
    title: str
    meaning: str
    unit: str = ""
    low: int | str | None = None
    high: int | str | None = None
    reason: str = ""
    stale_days: int | None = None
    authority: tuple[str, ...] = MODEL_FACT
    values: tuple[str, ...] = ()
    form: str = ""
    """Pattern of a legal text, where not every text is one."""

    @property
    def group(self) -> str:
        """Fields of like nature, on which a source is right or wrong alike.

        Reliability is learned for them.
        """
        if self.kind == "count":
            return self._count_group
        return "capability" if self.kind in ("flag", "set") else self.kind

    @property
    def _count_group(self) -> str:
        if self.name == "max_output_tokens":
            return "output limit"
        return "limit" if self.unit == "tokens" else "size"
