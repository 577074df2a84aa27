"""The documented SQL views, version 1. A view of this version never loses or changes a column."""

from __future__ import annotations

CURRENT = "f.closed_release IS NULL AND f.valid_to = '9999-12-31T00:00:00Z'"

V1: dict[str, str] = {
    "v1_models": f"SELECT m.id AS model, m.maker, m.name FROM model m WHERE EXISTS (SELECT 1 FROM figure f WHERE f.model = m.id AND {CURRENT})",
    "v1_offers": f"SELECT DISTINCT f.subject AS offer, f.provider, f.model FROM figure f WHERE f.subject_kind = 'offer' AND {CURRENT}",
    "v1_prices": "SELECT f.subject AS offer, f.provider, f.model, f.meter, f.terms, f.unit, f.value_integer AS amount_nano, f.state, f.confidence, "
    f"f.valid_from FROM figure f WHERE f.field = 'price' AND {CURRENT}",
    "v1_figures": "SELECT f.subject_kind, f.subject, f.model, f.provider, f.field, f.meter, f.terms, f.unit, f.value, f.value_integer, f.state, "
    f"f.confidence, f.rule, f.why, f.valid_from FROM figure f WHERE {CURRENT}",
    "v1_claims": "SELECT c.id AS claim, c.source, c.page, c.capture, c.subject, c.model, c.provider, c.field, c.meter, c.terms, c.value, c.value_integer, "
    "c.unit, c.state, c.printed, c.locator, c.basis, s.first_look, s.last_look FROM claim c JOIN spell s ON s.claim_id = c.id",
    "v1_conflicts": f"SELECT f.subject, f.model, f.provider, f.field, f.meter, f.terms, f.why, f.dissent FROM figure f WHERE f.state = 'conflicted' AND {CURRENT}",
    "v1_history": "SELECT f.subject, f.field, f.meter, f.terms, f.value, f.value_integer, f.unit, f.state, f.valid_from, f.valid_to, f.first_release, "
    "f.closed_release FROM figure f",
}
