"""Which meter the parts of a price's label name, for the unit that the price has."""

from __future__ import annotations

from almanac.schemas.fields import METERS

_MEDIA = ("audio", "image", "video")
MEDIA_PARTS = frozenset(("text", *_MEDIA))
"""Parts of a price's label that are media."""
BY_UNIT = {
    "image": "image",
    "video": "video",
    "second": "second",
    "minute": "minute",
    "hour": "hour",
    "month": "month",
    "request": "request",
    "search": "search",
    "page": "page",
    "session": "session",
    "mchar": "character",
    "mtok_hour": "cache_storage",
}
"""The meter of each unit that is not tokens."""


def meter_of(parts: frozenset[str], per: str) -> tuple[str, dict[str, str]]:
    """Return the meter that the parts of a label name for a unit, and terms that come with it.

    >>> meter_of(frozenset({"in", "audio"}), "mtok"), meter_of(frozenset({"out"}), "second")
    (('input_audio', {}), ('second', {'side': 'output'}))

    Raises ValueError where the parts name none.
    """
    if "only_audio" in parts:
        parts = parts - {"text", "only_audio"} | {"audio"}
    if per in BY_UNIT:
        return _counted(parts, per)
    if "storage" in parts:
        raise ValueError("cache storage without a time")
    base = _base(parts)
    media = [kind for kind in _MEDIA if kind in parts]
    if not media or "text" in parts:
        return base, {}
    if len(media) > 1 and media != ["image", "video"]:
        return base, {"media": "+".join(media)}
    return _of_medium(base, media[0])


def _of_medium(base: str, medium: str) -> tuple[str, dict[str, str]]:
    named = f"{base}_{medium}"
    return (named, {}) if named in METERS else (base, {"media": medium})


def _base(parts: frozenset[str]) -> str:
    """Return the meter of tokens that parts name, whatever their medium."""
    cached = parts & {"cache", "read", "write"} if "miss" not in parts else frozenset()
    if cached:
        return _cached(parts)
    if "training" in parts:
        return "training"
    sides = parts & {"in", "out"}
    if "reasoning" in parts and "in" not in sides:
        return "reasoning"
    if len(sides) == 1:
        return "output" if "out" in sides else "input"
    return "input" if "miss" in parts and not sides else "token"


def _cached(parts: frozenset[str]) -> str:
    if "write" in parts:
        return "cache_write"
    if "out" in parts and "in" not in parts:
        raise ValueError("a cached output: no meter counts it")
    return "cache_read"


_SIDES = {frozenset(("in",)): "input", frozenset(("out",)): "output"}


def _counted(parts: frozenset[str], per: str) -> tuple[str, dict[str, str]]:
    """Return the meter of a unit that is no token, and the side and media that its label names."""
    side = _SIDES.get(parts & {"in", "out"}, "")
    if per in ("image", "mtok_hour"):
        return ("input_image" if side == "input" and per == "image" else BY_UNIT[per]), {}
    if "training" in parts:
        return BY_UNIT[per], {"use": "training"}
    media = "+".join(kind for kind in _MEDIA if kind in parts and kind != per)
    given = {"side": side, "media": media}
    return BY_UNIT[per], {name: value for name, value in given.items() if value}
