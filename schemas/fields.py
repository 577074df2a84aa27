"""The field registry: every field that there is, by what it is a field of.

The resolver, the expectation suites, the SQL views, the data dictionary and the comparison tables
are derived from it, so adding a field is one entry: in `model_fields`, `offer_fields` or
`evaluation_fields`.
"""

from __future__ import annotations

from almanac.schemas.evaluation_fields import EVALUATION_FIELDS
from almanac.schemas.field import Field
from almanac.schemas.model_fields import MODEL_FIELDS
from almanac.schemas.offer_fields import OFFER_FIELDS

REGISTERED = (*MODEL_FIELDS, *OFFER_FIELDS, *EVALUATION_FIELDS)

FIELDS: dict[tuple[str, str], Field] = {(f.subject, f.name): f for f in REGISTERED}
"""Every field by (subject, name)."""

NAMES = frozenset(f.name for f in REGISTERED)
CAPABILITIES = tuple(
    f.name
    for f in REGISTERED
    if f.kind == "flag" and f.subject == "model" and f.name != "open_weights"
)

METERS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "token",
    "training",
    "input_audio",
    "output_audio",
    "cache_read_audio",
    "cache_write_audio",
    "input_image",
    "output_image",
    "cache_read_image",
    "input_video",
    "output_video",
    "image",
    "video",
    "audio",
    "second",
    "minute",
    "hour",
    "month",
    "request",
    "search",
    "page",
    "character",
    "cache_storage",
    "session",
)
"""What a price component counts. `token` stands where a page prints no direction."""
