"""Codes by which programs decide, where people read a sentence beside them."""

from __future__ import annotations

from enum import StrEnum


class LinkStatus(StrEnum):
    """What became of a name that was looked up."""

    linked = "linked"
    linked_as_of = "linked_as_of"
    """A name that moves: it meant this model on the day asked about."""
    moving = "moving"
    """A name that moves, and nobody can say what it meant on that day."""
    ambiguous = "ambiguous"
    """Several models have these parts."""
    ruled_out = "ruled_out"
    """A person ruled that it names no model."""
    unknown = "unknown"
    """No model has these parts."""


class LookFailure(StrEnum):
    """Why nothing of a look is believed; empty where it is."""

    none = ""
    damaged = "damaged"
    """The archive's copy of its body is damaged, or was never kept."""
    collapsed = "collapsed"
    """It says far less than the look before it, or than the source's card expects."""
    unread = "unread"
    """The reader found another layout, nothing it knows, or more than is read."""


class RefusalCode(StrEnum):
    """What kind of thing was refused, where that decides what happens to it."""

    none = ""
    name_waits = "name_waits"
    """A name without a model: its claims wait, and each run lists it anew."""
    no_seller = "no_seller"
    """An offer of what sells no model: a tool, a statistic, one's own machine."""
