"""Source cards: what a source is, who publishes it, for whom it speaks, how often to look."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from almanac.schemas import safe_yaml
from almanac.schemas.record_keys import RecordKeys

Kind = Literal[
    "maker",
    "maker_card",
    "provider",
    "measurement",
    "catalogue",
    "marketplace",
    "comparison",
    "reseller",
    "blog",
]


class HistorySource(BaseModel):
    """Where a repository keeps what a source says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    files: str
    """Pattern of the paths of its files."""
    page: str = ""
    """The page that each state of the file is a copy of.

    Without it, a file is a page of the repository.
    """
    replaced_by: str = ""
    """The page that says the same today.

    From its first look on, what only the repository says has ended.
    """


class SourceCard(BaseModel):
    """The YAML beside a source. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    publisher: str
    kind: Kind
    licence: str
    cadence: Literal["hourly", "daily", "weekly", "monthly", "manual"] = "daily"
    hosts: list[str] = Field(default_factory=list)
    """The only hosts a crawl of this source may contact."""
    makers: list[str] = Field(default_factory=list)
    """Makers in whose name it speaks about models."""
    providers: list[str] = Field(default_factory=list)
    """Providers in whose name it speaks about offers."""
    imports: list[str] = Field(default_factory=list)
    """Sources whose figures it says it takes over: where both say the same, it is no second voice.
    """
    matches: list[str] = Field(default_factory=list)
    """Patterns of saved files this source reads, against `URL ORIGIN PATH NOTES` of their manifest.
    """
    repository: HistorySource | None = None
    """How a git repository keeps its history (`almanac backfill SOURCE --git`)."""
    package: tuple[str, str] | None = None
    """A package on the index whose versions carry its history, and the file in it.

    `almanac backfill SOURCE --releases` reads them.
    """
    expect: tuple[int, int] | None = None
    """Least and greatest number of models of a healthy live run.

    They are a fifth below today's, and twice it.
    """
    records: dict[str, RecordKeys] = Field(default_factory=dict)
    """What the keys of its records say, by the kind of record (`almanac.spiders.parsers.records`).
    """
    notes: str = ""

    @property
    def replaced_by(self) -> str:
        """The page that says today what the repository keeps; nothing where there is none."""
        return self.repository.replaced_by if self.repository else ""


def load_card(path: Path) -> SourceCard:
    """Return the card in a YAML file.

    Raises ValueError, one line, naming file and key, for a bad one.
    """
    try:
        return SourceCard.model_validate(safe_yaml.load(path.read_text(encoding="utf-8")))
    except ValueError as error:  # ValidationError is one
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        detail = (
            f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            if first
            else str(error).splitlines()[0]
        )
        raise ValueError(f"{path}: {detail}") from error
