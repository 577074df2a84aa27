"""The tables, storage only.

Rows are built from validated models, and CHECK constraints stand behind them.

Times are UTC text (`2026-08-18T00:00:00Z`), which sorts; money and counts are whole numbers; values
are the canonical text of `almanac.schemas.claim.canonical`, with `value_integer` beside it where
the value is whole.
"""

from __future__ import annotations

from typing import Optional

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

FOREVER = "9999-12-31T00:00:00Z"
"""The end of what has not ended."""

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _code() -> Column[str]:
    return Column(String, nullable=False, server_default="")


class PageRow(SQLModel, table=True):
    """One page of a source.

    A file of a repository is a page of that `tree`: a look at the tree is a look at
    each of its files.
    """

    __tablename__ = "page"
    source: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    tree: str = ""
    last_look: Optional[str] = None
    """The newest good look; empty for a page of a tree, which is seen whenever its tree is."""


class LookRow(SQLModel, table=True):
    """Looks at one page that found the same.

    What came, when, where the archive keeps it, and whether it could be read.

    A look that finds what the look before it found adds its moment to `again` and no row.
    """

    __tablename__ = "look"
    __table_args__ = (
        UniqueConstraint("source", "page", "fetched_at", "digest"),
        CheckConstraint("length(digest) IN (40, 64)", name="digest"),
        Index("ix_look_page", "source", "page", "good", "fetched_at"),
    )
    id: Optional[int] = Field(default=None, primary_key=True)
    source: str
    page: str
    url: str
    fetched_at: str
    """The first of these looks."""
    last_at: str
    """The last of them."""
    again: str = Field(default="", sa_column=Column(Text, nullable=False))
    """The moments of all but the first, separated by spaces."""
    status: int
    digest: str = Field(index=True)
    media_type: str = ""
    reader_version: int
    good: bool
    """Whether claims were read from it; a look that is not good changes no spell."""
    failed: str = ""
    failure: str = Field(default="", sa_column=_code())
    """Why, as a code of `almanac.schemas.codes.LookFailure`."""
    archive_file: str = ""
    archive_offset: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class MissedLookRow(SQLModel, table=True):
    """Looks at one page that gave no body and failed alike, one after the other.

    They are evidence of what was not seen.
    """

    __tablename__ = "missed_look"
    __table_args__ = (Index("ix_missed_look_page", "source", "page", "last_at"),)
    id: Optional[int] = Field(default=None, primary_key=True)
    source: str
    page: str
    """Empty where the source as a whole could not be looked at."""
    reason: str
    first_at: str
    again: str = Field(default="", sa_column=Column(Text, nullable=False))
    """The moments of all but the first, separated by spaces."""
    last_at: str


class StaleSourceRow(SQLModel, table=True):
    """A stretch of time in which nothing of a source could be believed.

    It goes from the first run that found it so to the first that did not.
    """

    __tablename__ = "stale_source"
    __table_args__ = (
        CheckConstraint("told IN ('', 'stale', 'well')", name="told"),
        Index("ix_stale_source_until", "until"),
    )
    id: Optional[int] = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    since: str
    last_at: str
    """The newest run that found it stale."""
    until: Optional[str] = None
    """The first run that found it well again; empty while it is stale."""
    reason: str
    """What the newest run said."""
    told: str = ""
    """What those who asked to be told of it know: nothing, that it is stale, that it is well again.
    """
    waiting: str = ""
    """Names of those who could not be reached to be told so, a space between them."""


class ClaimRow(SQLModel, table=True):
    """One distinct statement of one page.

    `model` and `provider` are canonical; `*_said` as the source spells them.
    """

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("subject_kind IN ('model', 'offer', 'evaluation')", name="subject_kind"),
        CheckConstraint(
            "(value IS NULL) = (state IN ('not_disclosed', 'not_applicable', 'not_found'))",
            name="state",
        ),
        CheckConstraint("(field = 'price') = (meter <> '')", name="meter"),
        CheckConstraint("field <> 'price' OR value_integer >= 0 OR value IS NULL", name="price"),
        Index("ix_claim_subject", "subject", "field", "meter", "terms"),
        Index("ix_claim_page", "source", "page"),
    )
    id: Optional[int] = Field(default=None, primary_key=True)
    key: str
    source: str
    page: str
    capture: str
    subject_kind: str
    subject: str
    model: str
    provider: str
    model_said: str
    provider_said: str
    field: str
    meter: str
    terms: str
    conditions: str = ""
    """What of the terms its page states; the rest are marks of its name."""
    value: Optional[str] = Field(default=None, sa_column=Column(Text))
    value_integer: Optional[int] = Field(default=None, sa_column=Column(BigInteger))
    readings: str
    """JSON list of [low, high, closed] for rounded text; empty for an exact value."""
    bound: str
    state: str
    unit: str
    printed: str
    locator: str
    basis: str
    effective_from: Optional[str] = None
    link_score: float
    link_reason: str
    link_status: str = Field(default="", sa_column=_code())
    """What became of its name, as a code of `almanac.schemas.codes.LinkStatus`."""


class SpellRow(SQLModel, table=True):
    """An unbroken run of good looks during which a claim stood.

    `last_look` is empty while it stands.
    """

    __tablename__ = "spell"
    __table_args__ = (
        CheckConstraint("last_look IS NULL OR last_look >= first_look", name="order"),
    )
    claim_id: int = Field(primary_key=True, foreign_key="claim.id")
    first_look: str = Field(primary_key=True)
    last_look: Optional[str] = None


class RefusalRow(SQLModel, table=True):
    """The quarantine: what was not taken, and why."""

    __tablename__ = "refusal"
    __table_args__ = (UniqueConstraint("key"), Index("ix_refusal_stage", "stage", "source"))
    id: Optional[int] = Field(default=None, primary_key=True)
    key: str
    source: str
    capture: str
    stage: str
    reason: str
    code: str = Field(default="", sa_column=_code())
    """What kind of thing, as a code of `almanac.schemas.codes.RefusalCode`."""
    printed: str
    locator: str
    model: str
    provider: str
    field: str
    candidates: str = ""


class UnresolvedRow(SQLModel, table=True):
    """A subject whose claims changed since the last release.

    It is what a killed run leaves for the next to finish.
    """

    __tablename__ = "unresolved"
    subject: str = Field(primary_key=True)
    mark: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Another with each transaction that changed its claims.

    What was resolved before that is not published.
    """


class LearnedRow(SQLModel, table=True):
    """What was learned of the sources; the newest row holds."""

    __tablename__ = "learned"
    id: Optional[int] = Field(default=None, primary_key=True)
    learned_at: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class LinkingRow(SQLModel, table=True):
    """What the names were last linked by; none where claims came since."""

    __tablename__ = "linking"
    inputs: str = Field(primary_key=True)
    """Digest of the catalogue, the rulings and how names are read."""


class ModelRow(SQLModel, table=True):
    """A model the catalogue or its maker's own page names."""

    __tablename__ = "model"
    id: str = Field(primary_key=True)
    maker: str = Field(index=True)
    name: str
    introduced_by: str = ""
    listed: bool = False
    """Whether the catalogue, or the one of models.dev on its maker's platform, lists it."""
    in_use: bool = True
    """Whether names give it."""
    successors: Optional[str] = None
    """What its names mean instead, a JSON list: its twin, or of an id that no name gives any more
    what they mean now; NULL for any other.
    """


class FigureRow(SQLModel, table=True):
    """One decision, true of the world from `valid_from` to `valid_to`.

    It is said by releases from `first_release` until before `closed_release`.

    Never updated but to be closed.
    """

    __tablename__ = "figure"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="valid"),
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
        Index("ix_figure_subject", "subject", "field", "meter", "terms", "valid_from"),
        Index("ix_figure_model", "model", "subject_kind"),
        Index("ix_figure_release", "closed_release", "first_release"),
        Index("ix_figure_conflict", "state", "valid_to"),
    )
    id: Optional[int] = Field(default=None, primary_key=True)
    subject_kind: str
    subject: str
    model: str
    provider: str
    field: str
    meter: str
    terms: str
    unit: str
    value: Optional[str] = Field(default=None, sa_column=Column(Text))
    value_integer: Optional[int] = Field(default=None, sa_column=Column(BigInteger))
    state: str
    confidence: float
    rule: str
    why: str
    support: str
    dissent: str
    valid_from: str
    valid_to: str
    first_release: int = Field(foreign_key="release.id")
    closed_release: Optional[int] = Field(default=None, foreign_key="release.id")


class ReleaseRow(SQLModel, table=True):
    """One published state. Written once, in the transaction that publishes it."""

    __tablename__ = "release"
    id: Optional[int] = Field(default=None, primary_key=True)
    created_at: str
    parent: Optional[int] = None
    code_version: str
    digest: str
    counts: str
    stale: str
    validation: str
    diff: str
    sources: str = Field(default="{}", sa_column=Column(Text, nullable=False, server_default="{}"))
    """JSON: for each source its looks, its claims and its newest good look.

    They are as of when the release was made.
    """
    retired_at: Optional[str] = None
    """When retention let go of what only this release said; its row, digest and counts stay."""
