"""Capture, claim and refusal: what was fetched, what it says, what could not be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from almanac.schemas.codes import RefusalCode
from almanac.schemas.fields import FIELDS, METERS
from almanac.schemas.terms import STANDARD, Terms
from almanac.schemas.text import address, fit, unfit

LONGEST_NAME = 300
"""Characters of a model's name: four times the longest of 860 real pages (76)."""
LONGEST_PROVIDER = 100
"""Characters of a provider's name: three times the longest real one (29)."""
LONGEST_TEXT = 500
"""Characters of a printed text or of a value in words: three times the longest real one (153)."""
LONGEST_PLACE = 1000
"""Characters of a locator: the longest real one has 371."""
LONGEST_ADDRESS = 800
"""Characters of an address, and half of its bytes: an index of PostgreSQL takes 2,700 bytes."""
MOST_TERMS = 20
"""Conditions of one claim: real ones have six at most."""
LONGEST_TERMS = 1200
"""Bytes of all conditions of a claim, which an index holds beside its subject.

The longest real ones have 260.
"""
MOST_WORDS = 100
"""Members of a set, such as modalities: real ones have six at most."""


class State(StrEnum):
    """What is known of a figure. Nothing is derived from a state other than the first two."""

    known = "known"
    approximate = "approximate"
    conflicted = "conflicted"
    not_disclosed = "not_disclosed"
    not_applicable = "not_applicable"
    not_found = "not_found"


_WITHOUT_VALUE = (State.not_disclosed, State.not_applicable, State.not_found)
Basis = Literal["stated", "inherited", "derived", "self_reported", "rival", "opinion"]
"""How the source comes to say it.

`inherited` is from another record, `self_reported` by a seller about itself, `rival` by a seller
about others, `opinion` advice that is never a fact.
"""

Value = int | bool | str | Decimal | tuple[str, ...] | None
terms = Terms.of


def _made_fit(make: Callable[[str, int], str], most: int) -> BeforeValidator:
    return BeforeValidator(lambda text: make(text, most) if isinstance(text, str) else text)


Text = Annotated[str, _made_fit(fit, LONGEST_TEXT)]
Place = Annotated[str, _made_fit(fit, LONGEST_PLACE)]
Word = Annotated[str, _made_fit(fit, LONGEST_NAME)]
Address = Annotated[str, _made_fit(address, LONGEST_ADDRESS)]
Conditions = Annotated[Terms, BeforeValidator(Terms)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Capture(_Frozen):
    """One look at one URL. `digest` is the SHA-256 of the decoded body."""

    source: str
    url: Address
    page: Address
    """What stays the same from look to look; the URL, unless one URL stands for many files."""
    fetched_at: datetime
    status: int = 200
    digest: str
    media_type: Word = ""

    @model_validator(mode="after")
    def _aware(self) -> Capture:
        if self.fetched_at.tzinfo is None:
            raise ValueError("fetched_at must carry a time zone")
        return self


class Claim(_Frozen):
    """Source S, in capture C, says the FIELD of PROVIDER's MODEL is VALUE.

    A claim is a fact about a page, so it is never edited, merged or dropped; choosing is a later
    step. Prices are integer nano-units of the currency per unit of the meter
    (`almanac.schemas.money`); counts are integers; scores and measurements exact decimals; dates
    ISO text as precise as printed.
    """

    source: str
    capture: str
    """SHA-256 of the body the figure was read from."""
    subject: Literal["model", "offer", "evaluation"]
    provider: str | None = None
    """Who serves it, as the source spells it; None for a fact of the model itself."""
    model: str
    """The model as the source spells it.

    Canonical ids are assigned by `almanac.flows.entity_resolution.linker`.
    """
    field: str
    meter: str | None = None
    terms: Conditions = STANDARD
    value: Value = None
    readings: tuple[tuple[Value, Value, bool], ...] = ()
    """Intervals (low, high, whether high belongs) the printed text may stand for.

    Without any it is `value` alone.
    """
    bound: Literal["", "upper", "lower"] = ""
    state: State = State.known
    unit: str = ""
    printed: Text
    """The source's own text of the figure."""
    locator: Place
    """Where it stands in the body: CSS selector, JSON pointer, or section and row."""
    basis: Basis = "stated"
    effective_from: date | None = None
    """First day it holds, where the source says so."""

    @model_validator(mode="after")
    def _legal(self) -> Claim:
        if (self.subject, self.field) not in FIELDS:
            raise ValueError(f"no field {self.field!r} of a {self.subject}")
        if (self.subject == "offer") != (self.provider is not None):
            raise ValueError("an offer has a provider, and nothing else has")
        if (self.field == "price") != (self.meter is not None):
            raise ValueError("a price has a meter, and nothing else has")
        if self.meter is not None and self.meter not in METERS:
            raise ValueError(f"no meter {self.meter!r}")
        if not self.model.strip():
            raise ValueError("a claim about no model")
        _check_text(self)
        if (self.value is None) != (self.state in _WITHOUT_VALUE):
            raise ValueError(f"state {self.state} does not fit value {self.value!r}")
        return self

    @property
    def low(self) -> Value:
        return min((r[0] for r in self.readings), default=self.value)  # type: ignore[type-var]

    @property
    def high(self) -> Value:
        return max((r[1] for r in self.readings), default=self.value)  # type: ignore[type-var]


class RefusedItem(_Frozen):
    """Something on a page that was not taken, and why. Nothing is dropped without one."""

    source: str
    capture: str
    stage: Literal["read", "normalise", "link", "validate", "resolve"]
    reason: Text
    code: RefusalCode = RefusalCode.none
    printed: Text = ""
    locator: Place = ""
    model: Word = ""
    provider: Word = ""
    field: Word = ""


def _check_text(claim: Claim) -> None:
    """Raise ValueError for text of a claim that cannot be kept.

    That is a name, value or condition that is longer than any, or that cannot be kept as it is.

    What is only shown, printed text and locator, is made fit instead; these say what the
    claim is about.
    """
    _check("a name", claim.model, LONGEST_NAME)
    if claim.provider is not None:
        _check("a provider's name", claim.provider, LONGEST_PROVIDER)
    if isinstance(claim.value, str):
        _check("a value", claim.value, LONGEST_TEXT)
    elif isinstance(claim.value, tuple):
        if len(claim.value) > MOST_WORDS:
            raise ValueError(f"a set of {len(claim.value):,} words, more than {MOST_WORDS}")
        for word in claim.value:
            _check("a word", word, LONGEST_PROVIDER)
    if claim.terms:
        if len(claim.terms) > MOST_TERMS:
            raise ValueError(f"{len(claim.terms):,} conditions, more than {MOST_TERMS}")
        text = str(claim.terms)
        _check("conditions", text, LONGEST_TERMS)
        if not text.isascii() and len(text.encode()) > LONGEST_TERMS:
            raise ValueError(
                f"conditions of {len(text.encode()):,} bytes, more than {LONGEST_TERMS:,}"
            )


def _check(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise ValueError(f"{what} of {len(text):,} characters, more than {most:,}")
    if odd := unfit(text):
        raise ValueError(f"{what} with {odd}, which is no character to be kept")


def digest(body: bytes) -> str:
    """Return the SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def canonical(value: Value) -> str | None:
    """Return a value as the text the warehouse keys and stores; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(sorted(value), ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    return str(value)


def parse_canonical(kind: str, text: str | None) -> Value:
    """Return the value that `canonical` wrote, by the kind of its field."""
    if text is None:
        return None
    if kind in ("count", "price"):
        return int(text)
    if kind in ("score", "measure"):
        return Decimal(text)
    if kind == "flag":
        return text == "true"
    if kind == "set":
        return tuple(json.loads(text))
    return text
