"""What a page that is not there raises."""

from __future__ import annotations


class Missing(LookupError):
    """There is no such page, or nothing is known of what it is about."""
