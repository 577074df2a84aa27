"""The documented SQL views, version 1.

A view of this version may gain a column at its end; it never loses or changes one.

They are plain SELECTs over the tables, so they cost nothing to keep. A change here needs a revision
(`almanac.warehouse.engine.migrate`).
"""

from __future__ import annotations

from dataclasses import dataclass

CURRENT = "f.closed_release IS NULL AND f.valid_to = '9999-12-31T00:00:00Z'"

COLUMNS = {
    "subject_kind": "`model`, `offer` or `evaluation`",
    "subject": "what it is about: a model id, or `provider:model` for an offer",
    "offer": "`provider:model`",
    "model": "the model, `maker/slug`",
    "maker": "who trained it",
    "name": "the name it is sold under",
    "provider": "who serves it; empty for facts of the model itself",
    "field": "a field of the [registry](fields.md)",
    "meter": "what a price is for: `input`, `output`, `cache_read`, …; empty for other fields",
    "terms": (
        "the conditions it holds under, as `key=value;key=value`, sorted by key;"
        " empty for the standard ones"
    ),
    "unit": "the unit of the value; for prices currency and meter, such as `usd_per_mtok`",
    "amount_nano": (
        "the price in whole billionths (1e-9) of the currency for one unit:"
        " `usd_per_mtok` 3000000000 is 3 dollars a million tokens"
    ),
    "value": (
        "the value as text: whole numbers in full, flags as `true` and `false`, sets as JSON,"
        " dates as ISO; empty where the state says why there is none"
    ),
    "value_integer": "the same where it is whole, as a number; prices in nano-units",
    "state": (
        "`known`, `approximate`, `conflicted`, `not_disclosed`, `not_applicable` or `not_found`"
    ),
    "confidence": "how likely it is right, 0 to 1",
    "rule": "the rule that decided it",
    "why": "the decision in one sentence",
    "dissent": "JSON: [claim, note] of each claim that says otherwise",
    "valid_from": "UTC: from when it was so in the world",
    "valid_to": "UTC: until when, itself not included; `9999-12-31T00:00:00Z` while it is so",
    "first_release": "the first release that said so",
    "closed_release": "the first release that no longer said so; empty while it is said",
    "claim": "the claim's number",
    "source": "who says it: a [source](sources.md)",
    "page": "the page it is said on",
    "capture": "digest of the body it was read from: SHA-256, or the id of a git blob",
    "printed": "the source's own text",
    "locator": "where in the body it stands",
    "basis": (
        "how the source comes to say it:"
        " `stated`, `inherited`, `derived`, `self_reported`, `rival`, `opinion`"
    ),
    "first_look": "UTC: the first look of an unbroken run at which it stood",
    "last_look": "UTC: the last look of that run; empty while it stands",
    "release": "the release's number",
    "created_at": "UTC: when it was made: from then on we knew what it says",
    "parent": "the release before it",
    "code_version": "the version of the code that made it",
    "digest": "SHA-256 of everything it says (`almanac releases --verify` computes it again)",
    "retired_at": "UTC: when retention let go of what only it said; empty while it can be asked",
    "event": (
        "`listed`, `withdrawn`, `lifecycle`, or the name of a date field the sources print:"
        " `deprecation_date`, `retirement_date`, `release_date`"
    ),
    "moment": "UTC: when it happened, or is announced to happen",
    "detail": "what became of it: the new lifecycle, or the printed date",
}
"""What each column means, the same in every view."""

WHOLE = frozenset(
    {
        "amount_nano",
        "value_integer",
        "claim",
        "release",
        "parent",
        "first_release",
        "closed_release",
    }
)
"""Columns that hold whole numbers of 64 bits; `confidence` is a fraction, all others are text."""


@dataclass(frozen=True, slots=True)
class View:
    """A documented view: what its rows are, its columns in order, and its SQL."""

    rows: str
    columns: tuple[str, ...]
    select: str


def _view(rows: str, columns: str, source: str) -> View:
    """Return a view; `columns` are SQL expressions.

    Each is called by what follows AS, or by the name after its dot.
    """
    names = tuple(part.split(" AS ")[-1].strip().split(".")[-1] for part in columns.split(","))
    return View(rows, names, f"SELECT {columns} FROM {source}")


_WHO = "f.subject_kind, f.subject, f.model, f.provider, f.field, f.meter, f.terms, f.unit"

VIEWS: dict[str, View] = {
    "v1_models": _view(
        "every model something is known of",
        "m.id AS model, m.maker, m.name",
        f"model m WHERE EXISTS (SELECT 1 FROM figure f WHERE f.model = m.id AND {CURRENT})",
    ),
    "v1_offers": _view(
        "every model as a provider serves it today",
        "f.subject AS offer, f.provider, f.model, min(f.valid_from) AS valid_from",
        f"figure f WHERE f.subject_kind = 'offer' AND {CURRENT}"
        " GROUP BY f.subject, f.provider, f.model",
    ),
    "v1_prices": _view(
        "today's prices",
        "f.subject AS offer, f.provider, f.model, f.meter, f.terms, f.unit,"
        " f.value_integer AS amount_nano, f.state, f.confidence, f.valid_from",
        f"figure f WHERE f.field = 'price' AND {CURRENT}",
    ),
    "v1_figures": _view(
        "everything the latest release says of today",
        f"{_WHO}, f.value, f.value_integer, f.state, f.confidence, f.rule, f.why, f.valid_from",
        f"figure f WHERE {CURRENT}",
    ),
    "v1_claims": _view(
        "every claim, once for each unbroken run of looks at which it stood",
        "c.id AS claim, c.source, c.page, c.capture, c.subject, c.model, c.provider, c.field,"
        " c.meter, c.terms, c.value, c.value_integer,"
        " c.unit, c.state, c.printed, c.locator, c.basis, s.first_look, s.last_look",
        "claim c JOIN spell s ON s.claim_id = c.id",
    ),
    "v1_conflicts": _view(
        "what is not decided today",
        "f.subject, f.model, f.provider, f.field, f.meter, f.terms, f.why, f.dissent",
        f"figure f WHERE f.state = 'conflicted' AND {CURRENT}",
    ),
    "v1_history": _view(
        "every figure every release ever said, on both axes of time",
        "f.subject, f.field, f.meter, f.terms, f.value, f.value_integer, f.unit, f.state,"
        " f.valid_from, f.valid_to, f.first_release, f.closed_release,"
        " f.subject_kind, f.model, f.provider, f.confidence, f.rule",
        "figure f",
    ),
    "v1_releases": _view(
        "the releases",
        "r.id AS release, r.created_at, r.parent, r.code_version, r.digest, r.retired_at",
        "release r",
    ),
    "v1_events": _view(
        "what happened to offers and models, on the day it did",
        "e.event, e.subject, e.model, e.provider, e.moment, e.detail",
        "(SELECT 'listed' AS event, f.subject, f.model, f.provider, min(f.valid_from) AS moment,"
        " '' AS detail FROM figure f WHERE f.closed_release IS NULL AND f.subject_kind = 'offer'"
        " GROUP BY f.subject, f.model, f.provider"
        " UNION ALL SELECT 'withdrawn', f.subject, f.model, f.provider, max(f.valid_to), ''"
        " FROM figure f WHERE f.closed_release IS NULL AND f.subject_kind = 'offer'"
        " GROUP BY f.subject, f.model, f.provider HAVING max(f.valid_to) < '9999-12-31T00:00:00Z'"
        " UNION ALL SELECT 'lifecycle', f.subject, f.model, f.provider, f.valid_from, f.value"
        " FROM figure f WHERE f.closed_release IS NULL AND f.field = 'lifecycle'"
        " AND f.value IS NOT NULL"
        " UNION ALL SELECT f.field, f.subject, f.model, f.provider, f.value || 'T00:00:00Z',"
        " f.value FROM figure f"
        " WHERE f.field IN ('deprecation_date', 'retirement_date', 'release_date', 'withdrawn')"
        f" AND length(f.value) = 10 AND {CURRENT}) e",
    ),
}

V1: dict[str, str] = {name: view.select for name, view in VIEWS.items()}


def as_of(name: str, known: int, valid: str | None) -> str:
    """Return the SELECT of a view as a release had it, of now (None) or of a moment in UTC text."""
    said = (
        f"f.first_release <= {known:d}"
        f" AND (f.closed_release IS NULL OR f.closed_release > {known:d})"
    )
    when = (
        "f.valid_to = '9999-12-31T00:00:00Z'"
        if valid is None
        else f"f.valid_from <= '{valid}' AND f.valid_to > '{valid}'"
    )
    select = (
        VIEWS[name]
        .select.replace(CURRENT, f"{said} AND {when}")
        .replace("f.closed_release IS NULL AND f.subject_kind", f"{said} AND f.subject_kind")
    )
    return select.replace("f.closed_release IS NULL AND f.field", f"{said} AND f.field")
