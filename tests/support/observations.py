"""Observations to try things with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from almanac.schemas.observation import Observation

_ANY = Observation(
    id=1,
    key="",
    source="litellm",
    page="https://litellm.example",
    capture="0" * 64,
    subject_kind="model",
    subject="mistral/mistral-nemo",
    model="mistral/mistral-nemo",
    provider="",
    model_said="mistral-nemo",
    provider_said="",
    field="context_window",
    meter="",
    terms="",
    conditions="",
    value=None,
    value_integer=None,
    readings="",
    bound="",
    state="known",
    unit="",
    printed="",
    locator="",
    basis="stated",
    effective_from=None,
    link_score=1.0,
    link_reason="",
    link_status="linked",
    first_look="2026-08-01T00:00:00Z",
    last_seen="2026-08-01T00:00:00Z",
)


def observation(**fields: Any) -> Observation:
    """Return an observation of which these fields are given."""
    return replace(_ANY, **fields)
