"""What was read from looks, and the rows of claims and looks that come of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from almanac.schemas.claim import Capture, Claim, canonical
from almanac.schemas.codes import LinkStatus, LookFailure

GONE = "0" * 40
"""The digest of a file that is no longer in its repository."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A claim with the canonical ids it was linked to; empty ids where it was not."""

    claim: Claim
    model: str
    provider: str
    terms: str
    score: float
    reason: str
    status: LinkStatus = LinkStatus.linked

    @property
    def moves(self) -> bool:
        """Whether its name moves: on another day the same words may be another claim."""
        return self.status in (LinkStatus.linked_as_of, LinkStatus.moving)

    @property
    def subject(self) -> str:
        if not self.model:
            return ""
        return f"{self.provider}:{self.model}" if self.claim.subject == "offer" else self.model


@dataclass(slots=True)
class Seen:
    """One look with what was read from it."""

    capture: Capture
    reader_version: int
    claims: Sequence[Linked] | None = ()
    """None for a file of a repository whose content was read at another look."""
    failed: str = ""
    failure: LookFailure = LookFailure.none
    archive_file: str = ""
    archive_offset: int = 0


@dataclass(slots=True)
class Added:
    """What some looks changed; `subjects` are those whose figures may be others now."""

    looks: int = 0
    claims: int = 0
    subjects: frozenset[str] = frozenset()


def claim_key(linked: Linked, page: str) -> str:
    """Return what makes a claim the same claim on another look.

    That is everything said, but not where on the page.
    """
    c = linked.claim
    said = (
        c.source,
        page,
        c.subject,
        c.provider or "",
        c.model,
        c.field,
        c.meter or "",
        str(c.terms),
        canonical(c.value) or "",
        str(c.state),
        c.bound,
        c.printed,
        c.basis,
        str(c.effective_from or ""),
        linked.model if linked.status is LinkStatus.linked_as_of else "",
    )
    return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()


def look_row(seen: Seen, page: str, moment: str) -> dict[str, Any]:
    c = seen.capture
    return {
        "source": c.source,
        "page": page,
        "url": c.url,
        "status": c.status,
        "digest": c.digest,
        "media_type": c.media_type,
        "reader_version": seen.reader_version,
        "good": not seen.failed,
        "failed": seen.failed,
        "failure": seen.failure.value,
        "archive_file": seen.archive_file,
        "archive_offset": seen.archive_offset,
        "fetched_at": moment,
        "again": "",
        "last_at": moment,
    }


def claim_row(i: int, key: str, linked: Linked, page: str) -> dict[str, Any]:
    c = linked.claim
    integer = c.value if isinstance(c.value, int) and not isinstance(c.value, bool) else None
    readings = (
        json.dumps(
            [[canonical(a), canonical(b), closed] for a, b, closed in c.readings],
            separators=(",", ":"),
        )
        if c.readings
        else ""
    )
    return {
        "id": i,
        "key": key,
        "source": c.source,
        "page": page,
        "capture": c.capture,
        "subject_kind": c.subject,
        "subject": linked.subject,
        "model": linked.model,
        "provider": linked.provider if c.subject == "offer" else "",
        "model_said": c.model,
        "provider_said": c.provider or "",
        "field": c.field,
        "meter": c.meter or "",
        "terms": linked.terms,
        "value": canonical(c.value),
        "value_integer": integer,
        "readings": readings,
        "bound": c.bound,
        "state": str(c.state),
        "unit": c.unit,
        "printed": c.printed,
        "locator": c.locator,
        "basis": c.basis,
        "effective_from": c.effective_from.isoformat() if c.effective_from else None,
        "link_score": linked.score,
        "link_reason": linked.reason,
        "link_status": linked.status.value,
    }
