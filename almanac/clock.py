"""The one place that asks the machine what time it is.

Everything below the command line is given a moment.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
