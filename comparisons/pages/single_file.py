"""One comparison as one file.

Style and script stand inside, the evidence at its end; no other page is needed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from almanac.comparisons.model_profile import cell
from almanac.comparisons.pages import comparison as pages
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.render import FOLDER
from almanac.comparisons.pages.site import Site
from almanac.comparisons.pricing.monthly import Traffic
from almanac.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Inside(at.Links):
    """Links that stay on the page: every figure's evidence stands at its end."""

    def figure(self, subject: str, field: str, meter: str = "", terms: str = "") -> str:
        return f"#{place(subject, field, meter, terms)}"

    def to(self, path: str, at: str = "") -> str:
        return "#main"

    def asset(self, name: str) -> str:
        return "#main"


def place(subject: str, field: str, meter: str, terms: str) -> str:
    return at.safe(f"{subject}.{field}.{meter}.{terms}")


@dataclass
class _Alone(Site):
    """A site of one page."""

    def linked(self, path: str) -> at.Links:
        return Inside(path)


def comparison(snapshot: Warehouse, models: Sequence[str], traffic: Traffic) -> str:
    """Return the page. Raises LookupError for a model without figures at the moment asked about."""
    site = _Alone(snapshot, only=frozenset())
    sides = [site.side(m) for m in models]
    figures = [
        f for s in sides for f in [*s.facts.values(), *s.offers, *s.scores.values(), *s.evals]
    ]
    style, script = (
        Markup((FOLDER / "static" / name).read_text(encoding="utf-8"))
        for name in ("site.css", "site.js")
    )
    alone = {
        "style": style,
        "script": script,
        "policy": _policy(style, script),
        "figures": [
            (place(f.subject, f.field, f.meter, f.terms), f, cell(f), f.sides()) for f in figures
        ],
        "claims": site.claims(figures),
    }
    return pages.shown(site, "comparison.html", sides, traffic, {}, alone=alone)


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy by which just this style and this script run."""
    style_hash, script_hash = (
        f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'"
        for t in (style, script)
    )
    return (
        f"default-src 'none'; style-src {style_hash}; script-src {script_hash}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
